/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/progress.h"

#include "handshake/rst.h"
#include "handshake/settle.h"
#include "handshake/take.h"
#include "handshake/zeek.h"

/* How far a FIN may lie from where its side is known to stand, for segments that were missed. */
#define FIN_REACH (INT32_C(1) << 22)

uint32_t
progress_move(const struct flow_ref *flow, enum hs_state next)
{
	if (next >= HS_STATE_COUNT || next == flow->entry->state)
		return 0;
	flow->entry->state = (uint8_t)next;
	/* Half-open flows keep the bound of their start, which gives them their order of age. */
	return next >= HS_ESTABLISHED ? TRACKER_RETIME : 0;
}

uint32_t
progress_note_retransmit(
		const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	if (!take_is_retransmit(flow->entry, segment, side))
		return 0;
	take_count_retransmit(&flow->tally->count[side]);
	return TRACKER_NOTE_DATA_RETRANSMIT;
}

/* Whether a segment with ACK is the one that was wanting; of SYN_CROSSED, after its numbers. */
static bool
confirms(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	const struct flow_entry *entry = flow->entry;
	enum flow_side peer = flow_peer(side);

	switch (entry->state) {
	case HS_SYN_RECEIVED:
		return side == FLOW_CLIENT &&
				seq_between(segment->ack, flow->tally->isn[peer] + 1,
						entry->seq_next[peer]) &&
				take_is_acceptable(entry, segment, peer);
	case HS_SYN_CROSSED:
		return take_acknowledges_syn(flow, FLOW_CLIENT) &&
				take_acknowledges_syn(flow, FLOW_SERVER);
	case HS_MIDSTREAM:
		return window_seq_known(entry, peer) &&
				take_is_near(segment->ack, entry->seq_next[peer]);
	default:
		return false;
	}
}

/* The client's share of the connect latency, from the SYN-ACK, which may have come first. */
static uint32_t
ack_took_us(const struct flow_ref *flow, uint64_t now_us)
{
	const struct flow_tally *tally = flow->tally;

	if (tally->synack_us != UINT32_MAX)
		return take_elapsed_us(tally->start_us + tally->synack_us, now_us);
	return zeek_is_flipped(flow->evidence) ? take_elapsed_us(tally->start_us, now_us)
					       : UINT32_MAX;
}

/* A side may have said FIN before the connection was confirmed. */
static uint32_t
close_early(const struct flow_ref *flow, enum flow_side side)
{
	uint32_t fins = flow_side_flag(FLOW_FIN, FLOW_CLIENT) |
			flow_side_flag(FLOW_FIN, FLOW_SERVER);

	if ((flow->entry->flags & fins) == 0 || flow->entry->state != HS_ESTABLISHED)
		return 0;
	return progress_move(flow, hs_fsm_next(HS_ESTABLISHED, HS_EV_FIN, side));
}

static uint32_t
confirm(const struct flow_ref *flow, const struct segment *segment, enum flow_side side,
		uint64_t now_us)
{
	struct flow_entry *entry = flow->entry;
	struct flow_tally *tally = flow->tally;
	enum hs_state before = (enum hs_state)entry->state;
	uint32_t outcome = progress_move(flow, hs_fsm_next(before, HS_EV_CONFIRM, side));

	if (before == HS_MIDSTREAM)
		return outcome | TRACKER_ANSWERED | close_early(flow, side);
	tally->result = settle_complete(flow) & 0x1fu;
	if (tally->rst_is_end && flow->evidence->rst.by != (unsigned)side)
		tally->rst_refuted = 1; /* its receiver goes on */
	entry->flags &= ~(uint32_t)FLOW_UNREACHABLE; /* its code lies where the time goes */
	tally->ack_us = ack_took_us(flow, now_us);
	if (segment->payload_len != 0 || (segment->tcp_flags & TCP_FIN) != 0)
		entry->flags |= FLOW_IMPLIED_ACK;
	return outcome | TRACKER_CONFIRMED | close_early(flow, side);
}

uint32_t
progress_crossed(const struct flow_ref *flow, const struct segment *segment, enum flow_side side,
		uint64_t now_us)
{
	if (flow->entry->state != HS_SYN_CROSSED || !confirms(flow, segment, side))
		return 0;
	return confirm(flow, segment, side, now_us);
}

/* Gives TRACKER_NOTE_WENT_ON where that is new. */
static uint32_t
note_unanswered(const struct flow_ref *flow, enum flow_side side)
{
	struct flow_entry *entry = flow->entry;
	bool server_heard = window_seq_known(entry, FLOW_SERVER);
	uint32_t before = entry->flags;

	if (entry->state == HS_SYN_SENT && side == FLOW_SERVER)
		entry->flags |= FLOW_ODD_ANSWER;
	else if (entry->state == HS_SYN_SENT && !server_heard)
		entry->flags |= FLOW_WENT_ON;
	else if (entry->state == HS_SYN_RECEIVED && side == FLOW_SERVER &&
			!window_seq_known(entry, FLOW_CLIENT))
		entry->flags |= FLOW_WENT_ON;
	return (entry->flags & ~before & FLOW_WENT_ON) != 0 ? TRACKER_NOTE_WENT_ON : 0;
}

/* Only the sender knows where its stream ends: a FIN from elsewhere is somebody else's. */
static bool
fin_is_plausible(const struct flow_entry *entry, const struct segment *segment, enum flow_side side)
{
	int32_t ahead = seq_diff(segment->seq, entry->seq_next[side]);

	return !window_seq_known(entry, side) || (ahead > -FIN_REACH && ahead < FIN_REACH);
}

uint32_t
progress_fin(const struct flow_ref *flow, enum flow_side side)
{
	struct flow_entry *entry = flow->entry;
	bool first = (entry->flags & flow_side_flag(FLOW_FIN, side)) == 0;
	bool both = first && (entry->flags & flow_side_flag(FLOW_FIN, flow_peer(side))) != 0;
	bool unanswered = entry->state == HS_SYN_SENT && side == FLOW_CLIENT &&
			(entry->flags & FLOW_WENT_ON) == 0 && !window_seq_known(entry, FLOW_SERVER);
	uint32_t outcome;

	take_count_fin(&flow->tally->count[side]);
	if (entry->state == HS_RESET)
		return 0; /* it closes nothing any more */
	entry->flags |= flow_side_flag(FLOW_FIN, side);
	outcome = progress_move(flow,
			hs_fsm_next((enum hs_state)entry->state, both ? HS_EV_FIN_BOTH : HS_EV_FIN,
					side));
	return unanswered && first ? outcome | settle_client_fin(flow) : outcome;
}

void
progress_lone_fin(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	bool fin_only = (segment->tcp_flags & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK)) == TCP_FIN;

	if (!fin_only || flow->entry->state != HS_MIDSTREAM ||
			window_seq_known(flow->entry, flow_peer(side)))
		return;
	progress_fin(flow, side);
	take_numbers(flow->entry, segment, side);
}

static bool
fins_acknowledged(const struct flow_entry *entry)
{
	for (enum flow_side side = FLOW_CLIENT; side < FLOW_SIDES; side++)
		if (!window_ack_known(entry, side) ||
				seq_lt(entry->ack[side], entry->seq_next[flow_peer(side)]))
			return false;
	return true;
}

uint32_t
progress_segment(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, enum flow_side side, uint64_t now_us,
		uint32_t *notes)
{
	struct flow_entry *entry = flow->entry;
	bool fin = (segment->tcp_flags & TCP_FIN) != 0;
	uint32_t outcome = 0;

	if ((entry->flags & FLOW_RST_SEEN) != 0)
		outcome |= rst_after(tracker, flow, segment, side);
	if (entry->state == HS_SYN_RECEIVED && confirms(flow, segment, side))
		outcome |= confirm(flow, segment, side, now_us);
	else if (!fin || side == FLOW_SERVER)
		*notes |= note_unanswered(flow, side);
	if (fin && fin_is_plausible(entry, segment, side))
		outcome |= progress_fin(flow, side);
	*notes |= progress_note_retransmit(flow, segment, side);
	take_numbers(entry, segment, side);
	if (entry->state == HS_MIDSTREAM && confirms(flow, segment, side))
		outcome |= confirm(flow, segment, side, now_us);
	outcome |= progress_crossed(flow, segment, side, now_us);
	if (entry->state == HS_CLOSING && fins_acknowledged(entry))
		outcome |= progress_move(flow, hs_fsm_next(HS_CLOSING, HS_EV_FINS_ACKED, side));
	return outcome;
}
