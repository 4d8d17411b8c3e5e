/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/tracker.h"

#include "base/usec.h"
#include "handshake/hs_fsm.h"
#include "handshake/retry.h"
#include "handshake/rst.h"
#include "handshake/segment_kind.h"
#include "handshake/settle.h"
#include "handshake/take.h"
#include "handshake/window.h"
#include "handshake/zeek.h"

#include <stddef.h>

/* Flags that plain segments of an established connection need not look behind. */
#define NEEDS_ATTENTION (FLOW_RST_SEEN | FLOW_RST_UNCONFIRMED)

void
tracker_params_default(struct tracker_params *params)
{
	*params = (struct tracker_params){
		.timeouts = true,
		.syn_retries = 6,
		.syn_linear_timeouts = 4,
		.synack_retries = 5,
		.initial_rto_us = USEC_PER_SEC,
		.established_us = 7200 * USEC_PER_SEC,
		.closing_us = 120 * USEC_PER_SEC,
		.time_wait_us = 60 * USEC_PER_SEC,
		.reset_us = 10 * USEC_PER_SEC,
		.rst_confirm_us = USEC_PER_SEC,
		.rst_ttl_tolerance = 5,
		.rst_events_all = false,
	};
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void
tracker_init(struct tracker *tracker, const struct tracker_params *params)
{
	struct retry syn = { params->syn_linear_timeouts, params->syn_retries,
		params->initial_rto_us };
	struct retry synack = { 0, params->synack_retries, params->initial_rto_us };

	tracker->params = *params;
	tracker->syn_giveup_us = retry_giveup_us(&syn);
	tracker->synack_giveup_us = retry_giveup_us(&synack);
	tracker->shortest_us = least(least(least(params->established_us, params->closing_us),
						     least(params->time_wait_us, params->reset_us)),
			params->rst_confirm_us);
}

static enum flow_side
side_of(const struct flow_entry *entry, bool src_is_second)
{
	bool client_is_second = (entry->flags & FLOW_CLIENT_IS_SECOND) != 0;

	return src_is_second == client_is_second ? FLOW_CLIENT : FLOW_SERVER;
}

/* Which event a SYN without ACK is; see "A new connection on the same key" in the manual. */
static enum hs_event
syn_event(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	const struct flow_entry *entry = flow->entry;

	if ((entry->flags & FLOW_SYN << side) != 0)
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
	if ((flow->entry->flags & FLOW_SYN << peer) != 0 &&
			!seq_between(segment->ack, isn + 1, flow->entry->seq_next[peer]))
		return HS_EV_SYNACK_BAD;
	return HS_EV_SYNACK;
}

static uint32_t
note_retransmit(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	if (!take_is_retransmit(flow->entry, segment, side))
		return 0;
	take_count_retransmit(&flow->tally->count[side]);
	return TRACKER_NOTE_DATA_RETRANSMIT;
}

static void
move(const struct flow_ref *flow, enum hs_state next, uint32_t *outcome)
{
	if (next >= HS_STATE_COUNT || next == flow->entry->state)
		return;
	flow->entry->state = (uint8_t)next;
	/* Half-open flows keep the bound of their start, which gives them their order of age. */
	if (next >= HS_ESTABLISHED)
		*outcome |= TRACKER_RETIME;
}

static uint32_t
take_syn_segment(const struct flow_ref *flow, const struct segment *segment, const uint8_t *options,
		enum hs_state next, enum flow_side side, uint64_t now_us, uint32_t *notes)
{
	struct flow_evidence *evidence = flow->evidence;
	uint32_t outcome = 0;

	if (next == HS_PENDING) {
		*notes |= TRACKER_NOTE_SYN_IN_CONNECTION;
		evidence->pending_syn.isn = segment->seq;
		evidence->pending_syn.time_us = (uint32_t)now_us;
		flow->tally->pending_side = (unsigned)side & 1u;
		flow->tally->idle_before = 0;
		flow->entry->flags &= ~(uint32_t)(FLOW_RST_SEEN | FLOW_RST_UNCONFIRMED);
		flow->entry->flags |= FLOW_SYN_PENDING | FLOW_SYN_IN_CONNECTION;
		take_count_small(&evidence->syn);
		return 0;
	}
	if ((flow->entry->flags & FLOW_SYN << side) != 0) {
		*notes |= TRACKER_NOTE_SYN_RETRANSMIT;
		take_count_small(&evidence->syn);
		take_count_small(&evidence->syn_retransmits);
		return rst_after_retry(flow);
	}
	flow->tally->crossed = next == HS_SYN_CROSSED;
	take_syn(flow, segment, options, side);
	take_numbers(flow->entry, segment, side);
	move(flow, next, &outcome);
	return outcome;
}

static uint32_t
take_synack_segment(const struct flow_ref *flow, const struct segment *segment,
		const uint8_t *options, enum hs_event event, enum hs_state next,
		enum flow_side side, uint64_t now_us, uint32_t *notes)
{
	struct flow_evidence *evidence = flow->evidence;
	uint32_t outcome = 0;

	if (event == HS_EV_SYNACK_BAD) {
		*notes |= TRACKER_NOTE_SYNACK_BAD;
		take_count_small(&evidence->synack);
		flow->entry->flags |= FLOW_BAD_SYNACK;
		return 0;
	}
	if ((flow->entry->flags & FLOW_SYN << side) != 0 &&
			segment->seq == flow->tally->isn[side] && evidence->synack != 0) {
		*notes |= TRACKER_NOTE_SYNACK_RETRANSMIT;
		take_count_small(&evidence->synack_retransmits);
	}
	if (next == HS_SYN_RECEIVED ||
			(flow->entry->state == HS_SYN_CROSSED && evidence->synack == 0)) {
		uint64_t took_us = usec_since(flow->tally->start_us, now_us);

		flow->tally->synack_us = took_us < UINT32_MAX ? (uint32_t)took_us : UINT32_MAX - 1;
		outcome |= rst_after_retry(flow);
	}
	/* A server that answers anew with another number means that one from now on. */
	if (side == FLOW_SERVER &&
			(next == HS_SYN_RECEIVED || flow->entry->state == HS_SYN_RECEIVED)) {
		if (segment->seq != flow->tally->isn[side])
			flow->entry->flags &= ~(uint32_t)(FLOW_SEQ_KNOWN << side);
		take_syn(flow, segment, options, side);
	} else {
		take_count_small(&evidence->synack);
	}
	take_numbers(flow->entry, segment, side);
	move(flow, next, &outcome);
	return outcome;
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

static void
confirm(const struct flow_ref *flow, const struct segment *segment, enum flow_side side,
		uint64_t now_us, uint32_t *outcome)
{
	enum hs_state before = (enum hs_state)flow->entry->state;
	uint64_t took_us;

	move(flow, hs_fsm_next(before, HS_EV_CONFIRM, side), outcome);
	if (before == HS_MIDSTREAM)
		return;
	flow->tally->result = settle_complete(flow) & 0x1fu;
	if (flow->tally->rst_is_end && flow->evidence->rst.by != (unsigned)side)
		flow->tally->rst_refuted = 1; /* its receiver goes on */
	flow->entry->flags &= ~(uint32_t)FLOW_UNREACHABLE; /* its place is the ack_us's */
	took_us = usec_since(flow->tally->start_us +
					(flow->tally->synack_us != UINT32_MAX
									? flow->tally->synack_us
									: 0),
			now_us);
	flow->tally->ack_us = took_us < UINT32_MAX ? (uint32_t)took_us : UINT32_MAX - 1;
	if (segment->payload_len != 0 || (segment->tcp_flags & TCP_FIN) != 0)
		flow->entry->flags |= FLOW_IMPLIED_ACK;
	/* The server may have said FIN before it heard the last of the handshake. */
	if ((flow->entry->flags & FLOW_FIN << flow_peer(side)) != 0)
		move(flow, hs_fsm_next(HS_ESTABLISHED, HS_EV_FIN, side), outcome);
}

static void
note_unanswered(const struct flow_ref *flow, enum flow_side side)
{
	struct flow_entry *entry = flow->entry;
	bool server_heard = window_seq_known(entry, FLOW_SERVER);

	if (entry->state == HS_SYN_SENT && side == FLOW_SERVER)
		entry->flags |= FLOW_ODD_ANSWER;
	else if (entry->state == HS_SYN_SENT && !server_heard)
		entry->flags |= FLOW_WENT_ON;
	else if (entry->state == HS_SYN_RECEIVED && side == FLOW_SERVER)
		entry->flags |= FLOW_WENT_ON;
}

static uint32_t
take_fin(const struct flow_ref *flow, enum flow_side side)
{
	struct flow_entry *entry = flow->entry;
	bool first = (entry->flags & FLOW_FIN << side) == 0;
	bool both = first && (entry->flags & FLOW_FIN << flow_peer(side)) != 0;
	bool unanswered = entry->state == HS_SYN_SENT && side == FLOW_CLIENT &&
			(entry->flags & FLOW_WENT_ON) == 0 && !window_seq_known(entry, FLOW_SERVER);
	uint32_t outcome = 0;

	take_count_fin(&flow->tally->count[side]);
	if (entry->state == HS_RESET)
		return 0; /* it closes nothing any more */
	entry->flags |= FLOW_FIN << side;
	move(flow,
			hs_fsm_next((enum hs_state)entry->state, both ? HS_EV_FIN_BOTH : HS_EV_FIN,
					side),
			&outcome);
	if (unanswered && first)
		outcome |= settle_client_fin(flow);
	return outcome;
}

/*
 * FIN without ACK, which is illegal and which receivers drop. Where it is all that is
 * known, as in a scan, it is still what the connection ended with.
 */
static void
take_lone_fin(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	bool fin_only = (segment->tcp_flags & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK)) == TCP_FIN;

	if (!fin_only || flow->entry->state != HS_MIDSTREAM ||
			window_seq_known(flow->entry, flow_peer(side)))
		return;
	take_fin(flow, side);
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

/* ACK, data or FIN. */
static uint32_t
take_ack_segment(const struct flow_ref *flow, const struct segment *segment, enum flow_side side,
		uint64_t now_us, uint32_t *notes)
{
	struct flow_entry *entry = flow->entry;
	bool fin = (segment->tcp_flags & TCP_FIN) != 0;
	uint32_t outcome = 0;

	if ((entry->flags & FLOW_RST_SEEN) != 0)
		outcome |= rst_after(flow, segment, side);
	if (entry->state == HS_SYN_RECEIVED && confirms(flow, segment, side))
		confirm(flow, segment, side, now_us, &outcome);
	else if (!fin)
		note_unanswered(flow, side);
	if (fin)
		outcome |= take_fin(flow, side);
	*notes |= note_retransmit(flow, segment, side);
	take_numbers(entry, segment, side);
	if ((entry->state == HS_SYN_CROSSED || entry->state == HS_MIDSTREAM) &&
			confirms(flow, segment, side))
		confirm(flow, segment, side, now_us, &outcome);
	if (entry->state == HS_CLOSING && fins_acknowledged(entry))
		move(flow, hs_fsm_next(HS_CLOSING, HS_EV_FINS_ACKED, side), &outcome);
	return outcome;
}

static uint32_t
take_rst_segment(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, enum flow_side side, uint64_t now_us)
{
	enum rst_belief belief = rst_judge(tracker, flow, segment, side, now_us);
	enum hs_state before = (enum hs_state)flow->entry->state;
	enum hs_event event = belief == RST_BELIEVED ? HS_EV_RST : HS_EV_RST_DOUBTED;
	uint32_t outcome = 0;

	move(flow, hs_fsm_next(before, event, side), &outcome);
	if (belief == RST_BELIEVED && before != HS_RESET)
		outcome |= settle_reset(flow, before, side);
	if (belief == RST_DOUBTFUL)
		outcome |= TRACKER_RETIME;
	/* What the receiver ignores needs no waiting for. */
	if (belief == RST_IGNORED && before != HS_RESET && rst_is_unreported(tracker, flow))
		outcome |= rst_report(flow);
	take_count_rst(&flow->tally->count[side]);
	/* Where zeek.c looks for it; a side that has sent RST advertises no window any more. */
	flow->entry->window[side] = zeek_rst_number(flow, segment, side);
	return outcome;
}

uint32_t
tracker_open(const struct flow_ref *flow, const struct segment *segment, const uint8_t *options,
		bool src_is_second, uint64_t now_us)
{
	enum segment_kind kind = segment_kind(segment);
	bool from_server = kind == SEGMENT_SYNACK;
	enum flow_side side = from_server ? FLOW_SERVER : FLOW_CLIENT;

	if (src_is_second != from_server)
		flow->entry->flags |= FLOW_CLIENT_IS_SECOND;
	take_start(flow, segment, now_us);
	if (from_server)
		zeek_flip(flow);
	zeek_segment(flow, segment, side);
	switch (kind) {
	case SEGMENT_SYN:
	case SEGMENT_SYNACK:
		flow->entry->state = from_server ? HS_SYN_RECEIVED : HS_SYN_SENT;
		take_syn(flow, segment, options, side);
		break;
	case SEGMENT_RST:
		flow->entry->state = HS_RESET;
		flow->tally->result = HANDSHAKE_MIDSTREAM;
		rst_judge_stray(flow);
		take_count_rst(&flow->tally->count[side]);
		flow->entry->window[side] = zeek_rst_number(flow, segment, side);
		break;
	default:
		flow->entry->state = HS_MIDSTREAM;
		flow->tally->result = HANDSHAKE_MIDSTREAM;
		if (kind == SEGMENT_FIN)
			take_fin(flow, side);
		break;
	}
	if (kind == SEGMENT_ILLEGAL)
		take_lone_fin(flow, segment, side);
	else if (kind != SEGMENT_RST)
		take_numbers(flow->entry, segment, side);
	take_counts(flow, segment, side, now_us);
	return TRACKER_RETIME;
}

static bool
is_plain(const struct flow_entry *entry, const struct segment *segment, enum flow_side side)
{
	uint32_t letter = segment->payload_len != 0 ? FLOW_HISTORY_DATA : FLOW_HISTORY_ACK;

	return entry->state == HS_ESTABLISHED && (entry->flags & NEEDS_ATTENTION) == 0 &&
			(entry->flags & letter << side) != 0 &&
			(segment->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) == TCP_ACK;
}

/* SYN and SYN-ACK: the event decides first whether the segment belongs to this flow at all. */
static uint32_t
take_opening(const struct flow_ref *flow, const struct segment *segment, const uint8_t *options,
		enum flow_side side, uint64_t now_us, uint32_t *notes)
{
	bool synack = (segment->tcp_flags & TCP_ACK) != 0;
	enum hs_event event = synack ? synack_event(flow, segment, side)
				     : syn_event(flow, segment, side);
	uint32_t outcome = 0;
	enum hs_state next;

	if (synack && event == HS_EV_SYNACK && rst_refuted_by_synack(flow, side))
		outcome |= rst_after_retry(flow);
	next = hs_fsm_next((enum hs_state)flow->entry->state, event, side);
	/* A SYN that has been answered, if oddly, is not crossed by another. */
	if (next == HS_SYN_CROSSED && (flow->entry->flags & FLOW_ODD_ANSWER) != 0)
		return TRACKER_RESTART;
	if (next == HS_RESTART)
		return TRACKER_RESTART;
	if (next == HS_RESTART_PENDING)
		return TRACKER_RESTART_PENDING;
	zeek_segment(flow, segment, side);
	outcome |= synack ? take_synack_segment(flow, segment, options, event, next, side, now_us,
					    notes)
			  : take_syn_segment(flow, segment, options, next, side, now_us, notes);
	if (flow->entry->state == HS_SYN_CROSSED && confirms(flow, segment, side))
		confirm(flow, segment, side, now_us, &outcome);
	return outcome;
}

uint32_t
tracker_segment(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, const uint8_t *options, bool src_is_second,
		uint64_t now_us, uint32_t *notes)
{
	struct flow_entry *entry = flow->entry;
	enum flow_side side = side_of(entry, src_is_second);
	uint32_t outcome = 0;

	*notes = 0;
	if (is_plain(entry, segment, side)) {
		*notes |= note_retransmit(flow, segment, side);
		take_numbers(entry, segment, side);
		take_counts(flow, segment, side, now_us);
		return 0;
	}
	switch (segment_kind(segment)) {
	case SEGMENT_SYN:
	case SEGMENT_SYNACK:
		outcome = take_opening(flow, segment, options, side, now_us, notes);
		if ((outcome & (TRACKER_RESTART | TRACKER_RESTART_PENDING)) != 0)
			return outcome;
		break;
	case SEGMENT_RST:
		zeek_segment(flow, segment, side);
		outcome = take_rst_segment(tracker, flow, segment, side, now_us);
		break;
	case SEGMENT_ACK:
	case SEGMENT_FIN:
		zeek_segment(flow, segment, side);
		outcome = take_ack_segment(flow, segment, side, now_us, notes);
		break;
	default:
		*notes |= TRACKER_NOTE_ILLEGAL;
		zeek_segment(flow, segment, side);
		take_lone_fin(flow, segment, side);
		break;
	}
	take_counts(flow, segment, side, now_us);
	return outcome;
}

struct tracker_pending
tracker_take_pending(const struct flow_ref *flow, uint64_t now_us)
{
	enum flow_side side = (enum flow_side)flow->tally->pending_side;
	bool client_is_second = (flow->entry->flags & FLOW_CLIENT_IS_SECOND) != 0;
	uint32_t ago_us = (uint32_t)now_us - flow->evidence->pending_syn.time_us;

	/* It was counted here, but it belongs to the flow that it began. */
	flow->tally->count[side].pkts--;
	flow->evidence->syn--;
	flow->entry->flags &= ~(uint32_t)FLOW_SYN_PENDING;
	return (struct tracker_pending){
		.isn = flow->evidence->pending_syn.isn,
		.time_us = now_us - ago_us,
		.src_is_second = client_is_second == (side == FLOW_CLIENT),
	};
}

void
tracker_open_pending(const struct flow_ref *flow, const struct tracker_pending *pending,
		const struct segment *synack)
{
	/* All that was kept of it; its options are not known. */
	struct segment syn = {
		.seq = pending->isn,
		.tcp_flags = TCP_SYN,
		.tcp_header_len = 20,
		.vlan_count = synack->vlan_count,
		.vlan = { synack->vlan[0], synack->vlan[1] },
	};
	const uint8_t no_options[1] = { 0 };

	tracker_open(flow, &syn, no_options, pending->src_is_second, pending->time_us);
}

uint32_t
tracker_unreachable(const struct flow_ref *flow, uint32_t seq, bool from_second, uint8_t type,
		uint8_t code)
{
	struct flow_entry *entry = flow->entry;

	if (side_of(entry, from_second) != FLOW_CLIENT || entry->state != HS_SYN_SENT ||
			seq != flow->tally->isn[FLOW_CLIENT] ||
			(entry->flags & FLOW_UNREACHABLE) != 0)
		return 0;
	entry->flags |= FLOW_UNREACHABLE;
	flow->tally->icmp.type = type;
	flow->tally->icmp.code = code;
	return settle_unreachable(flow);
}

uint32_t
tracker_evictable_states(void)
{
	/*
	 * What is over, and what no second party has confirmed: a flood can make no others.
	 */
	return UINT32_C(1) << HS_SYN_SENT | UINT32_C(1) << HS_SYN_CROSSED |
			UINT32_C(1) << HS_SYN_RECEIVED | UINT32_C(1) << HS_MIDSTREAM |
			UINT32_C(1) << HS_RESET | UINT32_C(1) << HS_TIME_WAIT;
}
