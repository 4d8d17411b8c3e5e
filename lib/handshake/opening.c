/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/opening.h"

#include "handshake/hs_fsm.h"
#include "handshake/progress.h"
#include "handshake/rst.h"
#include "handshake/take.h"
#include "handshake/zeek.h"

/* Which event a SYN without ACK is; docs/tracker.md tells when it begins a new connection. */
static enum hs_event
syn_event(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	const struct flow_entry *entry = flow->entry;

	if ((entry->flags & flow_side_flag(FLOW_SYN, side)) != 0)
		return segment->seq == flow->tally->isn[side] ? HS_EV_SYN_AGAIN : HS_EV_SYN;
	/* Its own SYN-ACK overtook it on the way to the capture. */
	if (entry->state == HS_SYN_RECEIVED && side == FLOW_CLIENT &&
			segment->seq + 1 == entry->ack[FLOW_SERVER])
		return HS_EV_SYN_AGAIN;
	return HS_EV_SYN;
}

static enum hs_event
synack_event(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	enum flow_side peer = flow_peer(side);
	uint32_t isn = flow->tally->isn[peer];

	if ((flow->entry->flags & FLOW_SYN_PENDING) != 0 && flow->tally->pending_side == peer &&
			segment->ack == flow->evidence->pending_syn.isn + 1)
		return HS_EV_SYNACK_PENDING;
	if ((flow->entry->flags & flow_side_flag(FLOW_SYN, peer)) != 0 &&
			!seq_between(segment->ack, isn + 1, flow->entry->seq_next[peer]))
		return HS_EV_SYNACK_BAD;
	return HS_EV_SYNACK;
}

static bool
is_pending_syn(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	return (flow->entry->flags & FLOW_SYN_PENDING) != 0 &&
			flow->tally->pending_side == (unsigned)side &&
			flow->evidence->pending_syn.isn == segment->seq;
}

/* A SYN inside the connection: its answer will tell what it was (RFC 5961 section 4). */
static uint32_t
remember_syn(const struct flow_ref *flow, const struct segment *segment, enum flow_side side,
		uint64_t now_us)
{
	struct flow_entry *entry = flow->entry;
	bool rst_in_question = (entry->flags & FLOW_RST_SEEN) != 0 &&
			((entry->flags & FLOW_RST_REPORTED) == 0 || flow->tally->rst_is_end);

	entry->flags |= FLOW_SYN_IN_CONNECTION;
	take_count_small(&flow->evidence->syn);
	if (rst_in_question || is_pending_syn(flow, segment, side))
		return TRACKER_NOTE_SYN_IN_CONNECTION; /* there is room for one; the first counts */
	entry->flags &= ~(uint32_t)FLOW_RST_SEEN;
	entry->flags |= FLOW_SYN_PENDING;
	flow->evidence->pending_syn.isn = segment->seq;
	flow->evidence->pending_syn.time_us = (uint32_t)now_us;
	flow->tally->pending_time_high = now_us >> 32 & 7;
	flow->tally->pending_side = (unsigned)side & 1u;
	flow->tally->idle_before = 0;
	return TRACKER_NOTE_SYN_IN_CONNECTION;
}

static uint32_t
take_syn_segment(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, const uint8_t *options, enum hs_state next,
		enum flow_side side, uint64_t now_us, uint32_t *notes)
{
	if (next == HS_PENDING) {
		*notes |= remember_syn(flow, segment, side, now_us);
		return 0;
	}
	if ((flow->entry->flags & flow_side_flag(FLOW_SYN, side)) != 0) {
		*notes |= TRACKER_NOTE_SYN_RETRANSMIT;
		take_count_small(&flow->evidence->syn);
		take_count_small(&flow->evidence->syn_retransmits);
		return flow->entry->state < HS_ESTABLISHED ? rst_after_retry(tracker, flow) : 0;
	}
	if (next == HS_SYN_CROSSED) {
		flow->tally->crossed = 1;
		flow->tally->synack_sent = 0; /* there was nothing to answer before */
	}
	take_syn(flow, segment, options, side);
	take_numbers(flow->entry, segment, side);
	return progress_move(flow, next);
}

static bool
is_first_answer(const struct flow_ref *flow, enum hs_state next)
{
	return next == HS_SYN_RECEIVED ||
			(flow->entry->state == HS_SYN_CROSSED && flow->tally->synack_sent == 0);
}

static uint32_t
note_synack(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	bool again = (flow->tally->synack_sent >> side & 1) != 0 &&
			segment->seq == flow->tally->isn[side];

	flow->tally->synack_sent |= 1u << side & 3u;
	if (!again)
		return 0;
	take_count_small(&flow->evidence->synack_retransmits);
	return TRACKER_NOTE_SYNACK_RETRANSMIT;
}

static uint32_t
take_synack_segment(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, const uint8_t *options, enum hs_state next,
		enum flow_side side, uint64_t now_us, uint32_t *notes)
{
	struct flow_entry *entry = flow->entry;
	struct flow_tally *tally = flow->tally;
	bool opens = side == FLOW_SERVER &&
			(next == HS_SYN_RECEIVED || entry->state == HS_SYN_RECEIVED);
	uint32_t outcome = 0;

	if (is_first_answer(flow, next)) {
		tally->synack_us = take_elapsed_us(tally->start_us, now_us);
		outcome |= rst_after_retry(tracker, flow);
		*notes |= TRACKER_NOTE_SYNACK_FIRST;
	}
	if (next == HS_SYN_RECEIVED)
		entry->flags &= ~(uint32_t)FLOW_WENT_ON; /* from now on both sides are seen */
	*notes |= note_synack(flow, segment, side);
	/* A server that answers anew with another number means that one from now on. */
	if (opens && segment->seq != tally->isn[side])
		entry->flags &= ~flow_side_flag(FLOW_SEQ_KNOWN, side);
	if (opens)
		take_syn(flow, segment, options, side);
	else
		take_count_small(&flow->evidence->synack);
	take_numbers(entry, segment, side);
	return outcome | progress_move(flow, next);
}

static uint32_t
take_bad_synack(const struct flow_ref *flow)
{
	take_count_small(&flow->evidence->synack);
	flow->entry->flags |= FLOW_BAD_SYNACK;
	return TRACKER_NOTE_SYNACK_BAD;
}

uint32_t
opening_segment(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, const uint8_t *options, enum flow_side side,
		uint64_t now_us, uint32_t *notes)
{
	bool synack = (segment->tcp_flags & TCP_ACK) != 0;
	enum hs_event event = synack ? synack_event(flow, segment, side)
				     : syn_event(flow, segment, side);
	uint32_t outcome = 0;
	enum hs_state next;

	if (event == HS_EV_SYNACK)
		outcome |= rst_after_synack(tracker, flow, side);
	next = hs_fsm_next((enum hs_state)flow->entry->state, event, side);
	/* A SYN that has been answered, if oddly, is not crossed by another. */
	if (next == HS_SYN_CROSSED && (flow->entry->flags & FLOW_ODD_ANSWER) != 0)
		next = HS_RESTART;
	if (next == HS_RESTART || next == HS_RESTART_PENDING)
		return next == HS_RESTART ? TRACKER_RESTART : TRACKER_RESTART_PENDING;
	zeek_segment(flow, segment, side);
	if (event == HS_EV_SYNACK_BAD)
		*notes |= take_bad_synack(flow);
	else if (synack)
		outcome |= take_synack_segment(
				tracker, flow, segment, options, next, side, now_us, notes);
	else
		outcome |= take_syn_segment(
				tracker, flow, segment, options, next, side, now_us, notes);
	return outcome | progress_crossed(flow, segment, side, now_us);
}
