/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/rst.h"

#include "base/usec.h"
#include "handshake/hs_fsm.h"
#include "handshake/take.h"

static bool
has_rst(const struct flow_ref *flow)
{
	return (flow->entry->flags & FLOW_RST_SEEN) != 0;
}

static bool
is_answer_to_syn(const struct flow_ref *flow, enum flow_side by)
{
	return flow->entry->state == HS_SYN_SENT && by == FLOW_SERVER;
}

static enum rst_phase
phase_of(const struct flow_entry *entry)
{
	/* Nothing but what no stack sends: a scan's probe, say, and this is the answer to it. */
	if (entry->state == HS_MIDSTREAM && !window_ack_known(entry, FLOW_CLIENT) &&
			!window_ack_known(entry, FLOW_SERVER))
		return RST_PHASE_NO_CONNECTION;
	if ((entry->flags &
			    (flow_side_flag(FLOW_FIN, FLOW_CLIENT) |
					    flow_side_flag(FLOW_FIN, FLOW_SERVER))) != 0)
		return RST_PHASE_CLOSING;
	switch (entry->state) {
	case HS_SYN_SENT:
	case HS_SYN_CROSSED:
	case HS_SYN_RECEIVED:
		return RST_PHASE_HANDSHAKE;
	default:
		return RST_PHASE_ESTABLISHED;
	}
}

/* It refuses a SYN inside the connection: the host that says so has no such connection left. */
static bool
refuses_pending_syn(const struct flow_ref *flow, const struct segment *segment, enum flow_side by)
{
	return (flow->entry->flags & FLOW_SYN_PENDING) != 0 &&
			flow->tally->pending_side == (unsigned)flow_peer(by) &&
			(segment->tcp_flags & TCP_ACK) != 0 &&
			segment->ack == flow->evidence->pending_syn.isn + 1;
}

static enum rst_position
position_of(const struct flow_ref *flow, const struct segment *segment, enum flow_side by)
{
	const struct flow_entry *entry = flow->entry;
	enum flow_side receiver = flow_peer(by);

	/* A SYN's sender expects no number yet: there the ACK must be right (RFC 9293 3.10.7.3). */
	if (is_answer_to_syn(flow, by) && (segment->tcp_flags & TCP_ACK) != 0 &&
			seq_between(segment->ack, flow->tally->isn[receiver] + 1,
					entry->seq_next[receiver]))
		return RST_EXACT;
	if (refuses_pending_syn(flow, segment, by))
		return RST_EXACT;
	if (window_ack_known(entry, receiver) && segment->seq == entry->ack[receiver])
		return RST_EXACT;
	if (window_seq_known(entry, by) && segment->seq == entry->seq_next[by])
		return RST_EXACT;
	if (window_ack_known(entry, receiver))
		return seq_in_window(segment->seq, entry->ack[receiver],
				       window_width(entry, receiver))
				? RST_WINDOW
				: RST_OUT;
	return is_answer_to_syn(flow, by) ? RST_OUT : RST_POSITION_UNKNOWN;
}

static enum rst_verdict
verdict_of(const struct tracker *tracker, const struct flow_ref *flow, enum flow_side by,
		enum rst_phase phase, enum rst_position position, int32_t ttl_delta)
{
	bool other_machine = ttl_delta != FLOW_NO_TTL_DELTA &&
			(ttl_delta > tracker->params.rst_ttl_tolerance ||
					-ttl_delta > tracker->params.rst_ttl_tolerance);

	if (phase == RST_PHASE_NO_CONNECTION)
		return RST_STRAY;
	if (phase == RST_PHASE_CLOSING)
		return RST_LATE;
	if (position == RST_OUT || other_machine)
		return RST_SUSPECTED_INJECTION;
	if (phase == RST_PHASE_ESTABLISHED)
		return RST_MID_CONNECTION;
	return is_answer_to_syn(flow, by) ? RST_REFUSED : RST_ABORTED_HANDSHAKE;
}

/* Hop limit against the side's usual one, clamped to what the evidence holds. */
static int32_t
ttl_delta_of(const struct flow_entry *entry, const struct segment *segment, enum flow_side by)
{
	int32_t delta = segment->hop_limit - entry->hop_limit[by];

	if (entry->hop_limit[by] == 0)
		return FLOW_NO_TTL_DELTA;
	if (delta > INT8_MAX)
		return INT8_MAX;
	return delta <= FLOW_NO_TTL_DELTA ? FLOW_NO_TTL_DELTA + 1 : delta;
}

/*
 * The peer spoke last, and this is what a host without that connection answers it:
 * <SEQ=SEG.ACK><CTL=RST>, without ACK, while an abort bears one (RFC 9293 section 3.10.7.1).
 */
static bool
answers_last(const struct flow_ref *flow, const struct segment *segment, enum flow_side by)
{
	enum flow_side receiver = flow_peer(by);

	return (segment->tcp_flags & TCP_ACK) == 0 && flow->tally->last_side == receiver &&
			window_ack_known(flow->entry, receiver) &&
			segment->seq == flow->entry->ack[receiver];
}

/* Since when the connection was not used: the segment that the RST answers is no use of it. */
static uint32_t
idle_before(const struct flow_ref *flow, bool answered, uint64_t now_us)
{
	uint64_t idle_us = usec_since(flow->tally->last_us, now_us);

	if (answered && flow->tally->idle_before)
		idle_us += (uint64_t)flow->evidence->rst.idle_100us * 100;
	return take_idle(idle_us);
}

static void
keep_evidence(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, enum flow_side by, enum rst_position position,
		uint64_t now_us)
{
	struct flow_evidence *evidence = flow->evidence;
	enum rst_phase phase = phase_of(flow->entry);
	int32_t ttl_delta = ttl_delta_of(flow->entry, segment, by);
	bool answered = answers_last(flow, segment, by);
	/* A RST after a challenge ACK is the second try of the same reset. */
	uint8_t after = has_rst(flow) && evidence->rst.after == RST_AFTER_CHALLENGED
			? RST_AFTER_CHALLENGED
			: RST_AFTER_UNSET;

	evidence->rst.idle_100us = idle_before(flow, answered, now_us);
	evidence->rst.ttl_delta = (int8_t)ttl_delta;
	evidence->rst.phase = (unsigned)phase & 7u;
	evidence->rst.of_syn = is_answer_to_syn(flow, by);
	evidence->rst.position = (unsigned)position & 0xfu;
	evidence->rst.verdict = (unsigned)verdict_of(
						tracker, flow, by, phase, position, ttl_delta) &
			0xfu;
	evidence->rst.after = (unsigned)after & 0xfu;
	evidence->rst.by = (unsigned)by & 1u;
	evidence->rst.in_flight = window_in_flight(flow->entry, FLOW_CLIENT) ||
			window_in_flight(flow->entry, FLOW_SERVER);
	evidence->rst.answered = answered;
	evidence->rst.after_fin = phase == RST_PHASE_CLOSING;
	evidence->rst.old_state = (unsigned)flow->entry->state & 0xfu;
	flow->tally->idle_before = 0;
	flow->entry->flags &= ~(
			uint32_t)(FLOW_SYN_PENDING | FLOW_RST_REPORTED | FLOW_RST_UNCONFIRMED);
	flow->entry->flags |= FLOW_RST_SEEN;
}

static bool
both_fins(const struct flow_entry *entry)
{
	uint32_t both = flow_side_flag(FLOW_FIN, FLOW_CLIENT) |
			flow_side_flag(FLOW_FIN, FLOW_SERVER);

	return (entry->flags & both) == both;
}

static enum rst_belief
belief_of(const struct flow_ref *flow, enum flow_side by, enum rst_position position)
{
	/* A SYN is refused all the same as far as its sender hears of nothing else. */
	if (position == RST_OUT)
		return is_answer_to_syn(flow, by) ? RST_DOUBTFUL : RST_NOTED;
	return position == RST_WINDOW ? RST_DOUBTFUL : RST_BELIEVED;
}

enum rst_belief
rst_judge(const struct tracker *tracker, const struct flow_ref *flow, const struct segment *segment,
		enum flow_side by, uint64_t now_us)
{
	enum rst_position position = position_of(flow, segment, by);
	enum rst_belief belief = belief_of(flow, by, position);
	bool counts = flow->tally->rst_is_end && !flow->tally->rst_refuted;

	/* The first that counts is kept, unless it is in doubt and this one is not. */
	if (flow->entry->state == HS_RESET)
		return RST_IGNORED;
	if (belief == RST_DOUBTFUL && rst_waits(flow))
		return belief;
	if (counts && !rst_waits(flow)) {
		if (belief == RST_BELIEVED)
			flow->evidence->rst.old_state = (unsigned)flow->entry->state & 0xfu;
		return belief;
	}
	/* Of those that change nothing, the first; there is room for one thing. */
	if (belief == RST_NOTED && (flow->entry->flags & (FLOW_RST_SEEN | FLOW_SYN_PENDING)) != 0)
		return RST_IGNORED;
	keep_evidence(tracker, flow, segment, by, position, now_us);
	flow->tally->rst_is_end = belief != RST_NOTED && !both_fins(flow->entry);
	flow->tally->rst_refuted = 0;
	if (belief == RST_DOUBTFUL)
		flow->entry->flags |= FLOW_RST_UNCONFIRMED;
	return belief;
}

void
rst_judge_stray(const struct flow_ref *flow)
{
	struct flow_evidence *evidence = flow->evidence;

	evidence->rst.ttl_delta = FLOW_NO_TTL_DELTA;
	evidence->rst.phase = RST_PHASE_NO_CONNECTION;
	evidence->rst.position = RST_POSITION_UNKNOWN;
	evidence->rst.verdict = RST_STRAY;
	evidence->rst.by = FLOW_CLIENT;
	evidence->rst.old_state = HS_MIDSTREAM;
	flow->entry->flags |= FLOW_RST_SEEN;
	flow->tally->rst_is_end = 1;
}

uint32_t
rst_report(const struct flow_ref *flow)
{
	flow->entry->flags |= FLOW_RST_REPORTED;
	return TRACKER_RST;
}

bool
rst_is_unreported(const struct tracker *tracker, const struct flow_ref *flow)
{
	enum rst_verdict verdict = (enum rst_verdict)flow->evidence->rst.verdict;

	if ((flow->entry->flags & (FLOW_RST_SEEN | FLOW_RST_REPORTED)) != FLOW_RST_SEEN)
		return false;
	return tracker->params.rst_events_all || verdict == RST_MID_CONNECTION ||
			verdict == RST_SUSPECTED_INJECTION;
}
