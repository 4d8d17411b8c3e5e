/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/settle.h"

#include "handshake/rst.h"
#include "handshake/window.h"

static bool
has_flag(const struct flow_ref *flow, uint32_t flag)
{
	return (flow->entry->flags & flag) != 0;
}

static bool
client_sent_syn(const struct flow_ref *flow)
{
	return has_flag(flow, flow_side_flag(FLOW_SYN, FLOW_CLIENT));
}

/* Settle the result, and say so once if a SYN began it and it did not complete. */
static uint32_t
settle(const struct flow_ref *flow, enum handshake_result result)
{
	flow->tally->result = (unsigned)result & 0x1fu;
	if (!client_sent_syn(flow) || flow->tally->result_reported ||
			result == HANDSHAKE_COMPLETE || result == HANDSHAKE_SIMULTANEOUS ||
			result == HANDSHAKE_MIDSTREAM)
		return 0;
	flow->tally->result_reported = 1;
	return TRACKER_INCOMPLETE;
}

enum handshake_result
settle_complete(const struct flow_ref *flow)
{
	if (flow->tally->crossed)
		return HANDSHAKE_SIMULTANEOUS;
	return client_sent_syn(flow) ? HANDSHAKE_COMPLETE : HANDSHAKE_NO_SYN;
}

static enum handshake_result
reset_result(const struct flow_ref *flow, enum hs_state before, enum flow_side by)
{
	bool one_way = has_flag(flow, FLOW_WENT_ON) && !window_seq_known(flow->entry, FLOW_SERVER);

	switch (before) {
	case HS_SYN_SENT:
		if (by == FLOW_SERVER)
			return flow->evidence->rst.position != RST_EXACT ? HANDSHAKE_REFUSED_BADACK
									 : HANDSHAKE_REFUSED;
		return one_way ? HANDSHAKE_ONE_WAY : HANDSHAKE_CLIENT_RESET;
	case HS_SYN_CROSSED:
		return HANDSHAKE_SIMULTANEOUS_INCOMPLETE;
	case HS_SYN_RECEIVED:
		if (client_sent_syn(flow))
			return by == FLOW_CLIENT ? HANDSHAKE_CLIENT_RESET : HANDSHAKE_SERVER_RESET;
		return by == FLOW_CLIENT ? HANDSHAKE_SYNACK_REFUSED : HANDSHAKE_SYNACK_ONLY;
	default:
		return HANDSHAKE_UNSET;
	}
}

uint32_t
settle_reset(const struct flow_ref *flow, enum hs_state before, enum flow_side by)
{
	enum handshake_result result = reset_result(flow, before, by);

	if (result == HANDSHAKE_UNSET || flow->tally->result != HANDSHAKE_UNSET)
		return 0;
	return settle(flow, result);
}

uint32_t
settle_client_fin(const struct flow_ref *flow)
{
	return settle(flow, HANDSHAKE_CLIENT_FIN);
}

uint32_t
settle_unreachable(const struct flow_ref *flow)
{
	return settle(flow, HANDSHAKE_UNREACHABLE);
}

static bool
was_refused_badack(const struct flow_ref *flow)
{
	return has_flag(flow, FLOW_RST_SEEN) && flow->evidence->rst.by == FLOW_SERVER &&
			flow->evidence->rst.of_syn && flow->evidence->rst.position != RST_EXACT;
}

/* No SYN-ACK to the SYN was seen: what came instead? */
static enum handshake_result
unanswered_result(const struct flow_ref *flow, enum end_how why)
{
	if (was_refused_badack(flow))
		return HANDSHAKE_REFUSED_BADACK;
	if (has_flag(flow, FLOW_BAD_SYNACK))
		return HANDSHAKE_BAD_SYNACK;
	if (has_flag(flow, FLOW_ODD_ANSWER))
		return HANDSHAKE_ODD_ANSWER;
	if (has_flag(flow, FLOW_WENT_ON))
		return HANDSHAKE_ONE_WAY;
	return why == END_EVICTED ? HANDSHAKE_EVICTED : HANDSHAKE_SERVER_SILENT;
}

/* The handshake stays as it is: what does that mean? */
static enum handshake_result
open_result(const struct flow_ref *flow, enum end_how why)
{
	if (flow->tally->crossed)
		return HANDSHAKE_SIMULTANEOUS_INCOMPLETE;
	if (!has_flag(flow, flow_side_flag(FLOW_SYN, FLOW_SERVER)))
		return unanswered_result(flow, why);
	if (why == END_EVICTED)
		return HANDSHAKE_EVICTED;
	return client_sent_syn(flow) ? HANDSHAKE_CLIENT_SILENT : HANDSHAKE_SYNACK_ONLY;
}

static enum end_how
end_of(const struct flow_ref *flow, enum end_how why)
{
	bool fin_client = has_flag(flow, flow_side_flag(FLOW_FIN, FLOW_CLIENT));
	bool fin_server = has_flag(flow, flow_side_flag(FLOW_FIN, FLOW_SERVER));

	/* One that had no effect yields to any other end that was seen. */
	if (flow->tally->rst_is_end && !(flow->tally->rst_refuted && (fin_client || fin_server)))
		return flow->evidence->rst.by == FLOW_CLIENT ? END_RST_CLIENT : END_RST_SERVER;
	if (fin_client && fin_server)
		return END_FIN_BOTH;
	if (fin_client || fin_server)
		return fin_client ? END_FIN_CLIENT : END_FIN_SERVER;
	return why;
}

uint32_t
settle_close(const struct tracker *tracker, const struct flow_ref *flow, enum end_how why,
		enum end_how *end)
{
	uint32_t outcome = 0;

	if (flow->tally->result == HANDSHAKE_UNSET)
		outcome |= settle(flow, open_result(flow, why));
	*end = end_of(flow, why);
	if (rst_is_unreported(tracker, flow))
		outcome |= rst_report(flow);
	return outcome;
}
