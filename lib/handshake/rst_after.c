/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What comes after a RST tells whether it was genuine, and whether it had an effect. These
 * are two questions: a side that goes on did not send it; a side that goes on after it was
 * told to stop did not obey it.
 */

#include "handshake/hs_fsm.h"
#include "handshake/rst.h"
#include "handshake/window.h"

/* A RST's number took the place of its sender's window: until that is told anew, any will do. */
static void
forget_windows(const struct flow_ref *flow)
{
	for (enum flow_side side = FLOW_CLIENT; side < FLOW_SIDES; side++)
		if (flow->tally->count[side].rst != 0)
			flow->entry->window[side] = UINT16_MAX;
}

/*
 * The connection went on. If the receiver had to believe the RST, then it did end the
 * connection as far as we know, unless the receiver too is heard of again: one whose
 * connection is gone answers with RST.
 */
static uint32_t
refute(const struct tracker *tracker, const struct flow_ref *flow, enum rst_after after)
{
	struct flow_evidence *evidence = flow->evidence;
	bool known = evidence->rst.after == RST_AFTER_WENT_ON;
	uint32_t outcome = 0;

	evidence->rst.after = (unsigned)after & 0xfu;
	if (evidence->rst.verdict != RST_LATE)
		evidence->rst.verdict = RST_SUSPECTED_INJECTION;
	if (rst_waits(flow))
		flow->tally->rst_is_end = 0;
	flow->entry->flags &= ~(uint32_t)FLOW_RST_UNCONFIRMED;
	if (flow->entry->state == HS_RESET) {
		flow->entry->state = evidence->rst.old_state;
		forget_windows(flow);
		outcome |= TRACKER_RETIME;
	}
	if (after != RST_AFTER_WENT_ON || known)
		return outcome;
	/* If it was told before, then as something else. */
	flow->entry->flags &= ~(uint32_t)FLOW_RST_REPORTED;
	return rst_is_unreported(tracker, flow) ? outcome | rst_report(flow) : outcome;
}

static bool
has_new_data(const struct flow_entry *entry, const struct segment *segment, enum flow_side side)
{
	return segment->payload_len != 0 && window_seq_known(entry, side) &&
			seq_lt(entry->seq_next[side], segment->seq + segment->payload_len);
}

static bool
has_new_ack(const struct flow_entry *entry, const struct segment *segment, enum flow_side side)
{
	return (segment->tcp_flags & TCP_ACK) != 0 && window_ack_known(entry, side) &&
			seq_lt(entry->ack[side], segment->ack);
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

static bool
has_news(const struct flow_entry *entry, const struct segment *segment, enum flow_side side)
{
	return has_new_data(entry, segment, side) || has_new_ack(entry, segment, side);
}

/* The side that is said to have sent the RST: it has nothing more to say, if it did. */
static uint32_t
after_from_sender(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, enum flow_side side)
{
	bool in_question = rst_waits(flow) || is_challenged(flow) || flow->entry->state == HS_RESET;

	return in_question && has_news(flow->entry, segment, side)
			? refute(tracker, flow, RST_AFTER_WENT_ON)
			: 0;
}

/* The side that it was for; what it sends may have been on its way when the RST passed. */
static uint32_t
after_from_receiver(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, enum flow_side side)
{
	const struct flow_entry *entry = flow->entry;

	if (rst_waits(flow) && has_new_data(entry, segment, side))
		return refute(tracker, flow, RST_AFTER_WENT_ON);
	if (rst_waits(flow) && is_challenge_ack(entry, segment, side))
		return refute(tracker, flow, RST_AFTER_CHALLENGED);
	if (flow->evidence->rst.after == RST_AFTER_WENT_ON && has_news(entry, segment, side))
		flow->tally->rst_refuted = 1;
	return 0;
}

/* One that changed nothing and was told of at once: only the record waits for this. */
static bool
was_only_noted(const struct flow_ref *flow)
{
	return flow->evidence->rst.after == RST_AFTER_UNSET && !flow->tally->rst_is_end &&
			!rst_waits(flow) && flow->entry->state != HS_RESET;
}

uint32_t
rst_after(const struct tracker *tracker, const struct flow_ref *flow, const struct segment *segment,
		enum flow_side side)
{
	/* Where there was no connection yet, none can go on; see rst_after_retry(). */
	if (rst_waits(flow) && flow->evidence->rst.old_state == HS_SYN_SENT)
		return 0;
	if (was_only_noted(flow)) {
		if (has_news(flow->entry, segment, side))
			flow->evidence->rst.after = RST_AFTER_WENT_ON;
		return 0;
	}
	if (flow->evidence->rst.by == (unsigned)side)
		return after_from_sender(tracker, flow, segment, side);
	return after_from_receiver(tracker, flow, segment, side);
}

uint32_t
rst_after_retry(const struct tracker *tracker, const struct flow_ref *flow)
{
	return rst_waits(flow) ? refute(tracker, flow, RST_AFTER_WENT_ON) : 0;
}

uint32_t
rst_after_synack(const struct tracker *tracker, const struct flow_ref *flow, enum flow_side side)
{
	bool had_refused = flow->entry->state == HS_RESET && flow->tally->rst_is_end &&
			flow->evidence->rst.old_state == HS_SYN_SENT &&
			flow->evidence->rst.by == (unsigned)side;

	return had_refused ? refute(tracker, flow, RST_AFTER_WENT_ON) : 0;
}

uint32_t
rst_after_silence(const struct tracker *tracker, const struct flow_ref *flow)
{
	uint32_t outcome = 0;

	if (rst_waits(flow)) {
		flow->evidence->rst.old_state = (unsigned)flow->entry->state & 0xfu;
		flow->entry->flags &= ~(uint32_t)FLOW_RST_UNCONFIRMED;
		flow->entry->state = HS_RESET;
		outcome |= TRACKER_RETIME;
	}
	if (flow->evidence->rst.after == RST_AFTER_UNSET)
		flow->evidence->rst.after = RST_AFTER_SILENT;
	return rst_is_unreported(tracker, flow) ? outcome | rst_report(flow) : outcome;
}
