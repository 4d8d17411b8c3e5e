/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/deadline.h"

#include "base/usec.h"
#include "handshake/rst.h"
#include "handshake/settle.h"
#include "handshake/zeek.h"

/* Short against the time for which a kernel tries, long for a look at one cache line. */
#define LOOK_AGAIN_US (8 * USEC_PER_SEC)

/* A RST, and it is not known yet what comes after it, or not told. */
static bool
awaits_rst(const struct tracker *tracker, const struct flow_ref *flow)
{
	if (flow->entry->state != HS_RESET || (flow->entry->flags & FLOW_RST_SEEN) == 0)
		return rst_waits(flow);
	return flow->evidence->rst.after == RST_AFTER_UNSET || rst_is_unreported(tracker, flow);
}

/* Somebody goes on in a handshake of which one side is not seen: it is alive, that is all. */
static bool
goes_on(const struct flow_ref *flow)
{
	return (flow->entry->flags & FLOW_WENT_ON) != 0;
}

/* When the server sent its first SYN-ACK; if that is not kept, its last sign of life. */
static uint64_t
synack_sent_us(const struct flow_ref *flow)
{
	const struct flow_tally *tally = flow->tally;

	if (tally->synack_us != UINT32_MAX)
		return tally->start_us + tally->synack_us;
	return zeek_is_flipped(flow->evidence) ? tally->start_us : tally->last_us;
}

uint64_t
deadline_of(const struct tracker *tracker, const struct flow_ref *flow)
{
	const struct tracker_params *params = &tracker->params;
	const struct flow_tally *tally = flow->tally;

	if (awaits_rst(tracker, flow))
		return tally->last_us + params->rst_confirm_us;
	switch (flow->entry->state) {
	case HS_SYN_SENT:
	case HS_SYN_CROSSED:
		if (!goes_on(flow))
			return tally->start_us + tracker->syn_giveup_us;
		return tally->last_us + params->established_us;
	case HS_SYN_RECEIVED:
		if (!goes_on(flow))
			return synack_sent_us(flow) + tracker->synack_giveup_us;
		return tally->last_us + params->established_us;
	case HS_FIN_WAIT:
	case HS_CLOSING:
		return tally->last_us + params->closing_us;
	case HS_TIME_WAIT:
		return tally->last_us + params->time_wait_us;
	case HS_RESET:
		return tally->last_us + params->reset_us;
	default:
		return tally->last_us + params->established_us;
	}
}

uint64_t
deadline_of_new(const struct tracker *tracker, uint64_t now_us)
{
	return now_us +
			(tracker->syn_giveup_us < tracker->synack_giveup_us
							? tracker->syn_giveup_us
							: tracker->synack_giveup_us);
}

uint64_t
deadline_to_look(const struct tracker *tracker, const struct flow_ref *flow, uint64_t now_us)
{
	uint64_t deadline_us = deadline_of(tracker, flow);
	enum hs_state state = (enum hs_state)flow->entry->state;
	bool unconfirmed = state < HS_ESTABLISHED || state == HS_MIDSTREAM;

	if (unconfirmed && deadline_us > now_us + LOOK_AGAIN_US)
		return now_us + LOOK_AGAIN_US;
	return deadline_us;
}

bool
deadline_passed(const struct tracker *tracker, const struct flow_ref *flow, uint64_t now_us)
{
	/* Half-open flows are timed from their start, all others from their last segment. */
	if (flow->entry->state >= HS_ESTABLISHED &&
			usec_since(flow->tally->last_us, now_us) < tracker->shortest_us)
		return false;
	return now_us >= deadline_of(tracker, flow);
}

uint32_t
deadline_expire(const struct tracker *tracker, const struct flow_ref *flow)
{
	enum hs_state before = (enum hs_state)flow->entry->state;
	enum flow_side by = (enum flow_side)flow->evidence->rst.by;
	uint32_t outcome;

	if (!awaits_rst(tracker, flow))
		return TRACKER_RELEASE;
	outcome = rst_after_silence(tracker, flow);
	if (before != HS_RESET)
		outcome |= settle_reset(flow, before, by);
	return outcome | TRACKER_RETIME;
}
