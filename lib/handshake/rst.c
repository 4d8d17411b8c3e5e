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
waits(const struct flow_ref *flow)
{
	return (flow->entry->flags & FLOW_RST_UNCONFIRMED) != 0;
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

/* How long the connection was idle before this RST, or before the segment it answers. */
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
	evidence->rst.phase = (unsigned)phase & 0xfu;
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
		return is_answer_to_syn(flow, by) ? RST_DOUBTFUL : RST_IGNORED;
	return position == RST_WINDOW ? RST_DOUBTFUL : RST_BELIEVED;
}

enum rst_belief
rst_judge(const struct tracker *tracker, const struct flow_ref *flow, const struct segment *segment,
		enum flow_side by, uint64_t now_us)
{
	enum rst_position position = position_of(flow, segment, by);
	enum rst_belief belief = belief_of(flow, by, position);

	/* The first that counts is kept; of those that do not, the first. */
	if (flow->entry->state == HS_RESET)
		return RST_IGNORED;
	if (flow->tally->rst_is_end && !flow->tally->rst_refuted && !waits(flow))
		return belief;
	if (belief == RST_IGNORED && (flow->entry->flags & (FLOW_RST_SEEN | FLOW_SYN_PENDING)) != 0)
		return RST_IGNORED;
	keep_evidence(tracker, flow, segment, by, position, now_us);
	flow->tally->rst_is_end = belief != RST_IGNORED && !both_fins(flow->entry);
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

/*
 * The connection went on. If the receiver had to believe the RST, then it did end the
 * connection as far as we know, unless the receiver too is heard of again: one whose
 * connection is gone answers with RST.
 */
static uint32_t
refute(const struct flow_ref *flow, enum rst_after after)
{
	uint32_t outcome = 0;

	flow->evidence->rst.after = (unsigned)after & 0xfu;
	if (flow->evidence->rst.verdict != RST_LATE)
		flow->evidence->rst.verdict = RST_SUSPECTED_INJECTION;
	if (waits(flow))
		flow->tally->rst_is_end = 0;
	flow->entry->flags &= ~(uint32_t)FLOW_RST_UNCONFIRMED;
	if (flow->entry->state == HS_RESET) {
		flow->entry->state = flow->evidence->rst.old_state;
		outcome |= TRACKER_RETIME;
	}
	return after == RST_AFTER_WENT_ON ? outcome | rst_report(flow) : outcome;
}

static bool
carries_news(const struct flow_entry *entry, const struct segment *segment, enum flow_side side)
{
	bool new_data = segment->payload_len != 0 && window_seq_known(entry, side) &&
			seq_lt(entry->seq_next[side], segment->seq + segment->payload_len);
	bool new_ack = (segment->tcp_flags & TCP_ACK) != 0 && window_ack_known(entry, side) &&
			seq_lt(entry->ack[side], segment->ack);

	return new_data || new_ack;
}

/* Challenged, and what became of it is not known yet. */
static bool
is_challenged(const struct flow_ref *flow)
{
	return flow->evidence->rst.after == RST_AFTER_CHALLENGED &&
			(flow->entry->flags & FLOW_RST_REPORTED) == 0;
}

/* A pure ACK that only repeats where the receiver stands (RFC 5961 section 3.2). */
static bool
is_challenge_ack(const struct flow_entry *entry, const struct segment *segment, enum flow_side side)
{
	return segment->payload_len == 0 && window_seq_known(entry, side) &&
			window_ack_known(entry, side) && segment->seq == entry->seq_next[side] &&
			segment->ack == entry->ack[side];
}

uint32_t
rst_after(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	enum flow_side by = (enum flow_side)flow->evidence->rst.by;
	bool news = carries_news(flow->entry, segment, side);

	/* Where there was no connection yet, none can go on; see rst_after_retry(). */
	if (waits(flow) && flow->evidence->rst.old_state == HS_SYN_SENT)
		return 0;
	/*
	 * The receiver's own segments may have been on their way when the RST passed; those
	 * of the side that is said to have sent it can not.
	 */
	if (side == by)
		return news &&
						(waits(flow) || is_challenged(flow) ||
								flow->entry->state == HS_RESET)
				? refute(flow, RST_AFTER_WENT_ON)
				: 0;
	if (waits(flow) && news && segment->payload_len != 0)
		return refute(flow, RST_AFTER_WENT_ON);
	if (waits(flow) && is_challenge_ack(flow->entry, segment, side))
		return refute(flow, RST_AFTER_CHALLENGED);
	if (news && flow->evidence->rst.after == RST_AFTER_WENT_ON)
		flow->tally->rst_refuted = 1;
	return 0;
}

bool
rst_refuted_by_synack(const struct flow_ref *flow, enum flow_side side)
{
	return flow->entry->state == HS_RESET && flow->tally->rst_is_end &&
			flow->evidence->rst.old_state == HS_SYN_SENT &&
			flow->evidence->rst.by == (unsigned)side;
}

uint32_t
rst_after_retry(const struct flow_ref *flow)
{
	bool refused = flow->entry->state == HS_RESET || waits(flow);

	return refused ? refute(flow, RST_AFTER_WENT_ON) : 0;
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

uint32_t
rst_confirm(const struct tracker *tracker, const struct flow_ref *flow)
{
	uint32_t outcome = 0;

	if (waits(flow)) {
		flow->entry->flags &= ~(uint32_t)FLOW_RST_UNCONFIRMED;
		flow->entry->state = HS_RESET;
		outcome |= TRACKER_RETIME;
	}
	if (flow->evidence->rst.after == RST_AFTER_UNSET)
		flow->evidence->rst.after = RST_AFTER_SILENT;
	if (rst_is_unreported(tracker, flow))
		outcome |= rst_report(flow);
	return outcome;
}
