/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/tracker.h"

#include "base/usec.h"
#include "handshake/opening.h"
#include "handshake/plain.h"
#include "handshake/progress.h"
#include "handshake/retry.h"
#include "handshake/rst.h"
#include "handshake/segment_kind.h"
#include "handshake/settle.h"
#include "handshake/take.h"
#include "handshake/zeek.h"

#include <stddef.h>

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
	tracker->plain_syn_us = params->timeouts ? tracker->syn_giveup_us : UINT64_MAX;
	tracker->plain_idle_us = TAKE_IDLE_US;
	if (params->timeouts)
		tracker->plain_idle_us = least(TAKE_IDLE_US, tracker->shortest_us);
}

static enum flow_side
side_of(const struct flow_entry *entry, bool src_is_second)
{
	bool client_is_second = (entry->flags & FLOW_CLIENT_IS_SECOND) != 0;

	return src_is_second == client_is_second ? FLOW_CLIENT : FLOW_SERVER;
}

static uint32_t
take_rst_segment(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, enum flow_side side, uint64_t now_us,
		uint32_t *notes)
{
	enum rst_belief belief = rst_judge(tracker, flow, segment, side, now_us);
	enum hs_state before = (enum hs_state)flow->entry->state;
	enum hs_event event = belief == RST_BELIEVED ? HS_EV_RST : HS_EV_RST_DOUBTED;
	uint32_t outcome = 0;

	outcome |= progress_move(flow, hs_fsm_next(before, event, side));
	if (belief == RST_BELIEVED && before != HS_RESET)
		outcome |= settle_reset(flow, before, side);
	if (belief == RST_DOUBTFUL)
		outcome |= TRACKER_RETIME;
	if (belief < RST_DOUBTFUL)
		*notes |= TRACKER_NOTE_RST_IDLE;
	/* What the receiver ignores needs no waiting for. */
	if (belief == RST_NOTED && rst_is_unreported(tracker, flow))
		outcome |= rst_report(flow);
	take_count_rst(&flow->tally->count[side]);
	/* Where zeek.c looks for it; once all is over, no window matters any more. */
	if (flow->entry->state >= HS_CLOSING && flow->entry->state <= HS_RESET)
		flow->entry->window[side] = zeek_rst_number(flow, segment, side);
	return outcome;
}

/* Nearly all flows begin with a SYN. Of a flow that is all zero it settles each field. */
static inline void
open_with_syn(const struct flow_ref *flow, const struct segment *segment, const uint8_t *options,
		uint64_t now_us)
{
	struct flow_entry *entry = flow->entry;

	entry->flags |= flow_side_flag(FLOW_SYN | FLOW_SEQ_KNOWN, FLOW_CLIENT) |
			(segment->payload_len != 0 ? FLOW_FAST_OPEN : 0);
	entry->state = HS_SYN_SENT;
	entry->seq_next[FLOW_CLIENT] = segment->seq + window_segment_len(segment);
	entry->window[FLOW_CLIENT] = segment->window;
	entry->hop_limit[FLOW_CLIENT] = segment->hop_limit;
	*flow->tally = (struct flow_tally){
		.start_us = now_us & TAKE_TIME_MASK,
		.last_us = now_us & TAKE_TIME_MASK,
		.count[FLOW_CLIENT] = { .bytes = segment->payload_len, .pkts = 1 },
		.isn[FLOW_CLIENT] = segment->seq,
		.synack_us = UINT32_MAX,
		.ack_us = UINT32_MAX,
	};
	/* Last: before its word is whole, that would have to wait for this byte. */
	flow->tally->zeek_client = ZEEK_SYN_SENT;
	flow->evidence->history[0] = ZEEK_LETTER_SYN;
	flow->evidence->syn = 1;
	if (segment->tcp_header_len > TAKE_TCP_HEADER_LEN)
		take_options(flow, segment, options, FLOW_CLIENT);
}

static void
open_with_synack(const struct flow_ref *flow, const struct segment *segment, const uint8_t *options)
{
	flow->entry->state = HS_SYN_RECEIVED;
	flow->tally->synack_sent = 1u << FLOW_SERVER & 3u;
	take_syn(flow, segment, options, FLOW_SERVER);
	take_numbers(flow->entry, segment, FLOW_SERVER);
}

static void
open_with_rst(const struct flow_ref *flow, const struct segment *segment)
{
	flow->entry->state = HS_RESET;
	flow->tally->result = HANDSHAKE_MIDSTREAM;
	rst_judge_stray(flow);
	take_count_rst(&flow->tally->count[FLOW_CLIENT]);
	flow->entry->window[FLOW_CLIENT] = zeek_rst_number(flow, segment, FLOW_CLIENT);
}

static void
open_midstream(const struct flow_ref *flow, const struct segment *segment, enum segment_kind kind)
{
	flow->entry->state = HS_MIDSTREAM;
	flow->tally->result = HANDSHAKE_MIDSTREAM;
	if (kind == SEGMENT_FIN)
		progress_fin(flow, FLOW_CLIENT);
	if (kind == SEGMENT_ILLEGAL)
		progress_lone_fin(flow, segment, FLOW_CLIENT);
	else
		take_numbers(flow->entry, segment, FLOW_CLIENT);
}

/* On its own, so that no registers are saved for it where a SYN comes. */
static __attribute__((noinline)) void
open_otherwise(const struct flow_ref *flow, const struct segment *segment, const uint8_t *options,
		uint64_t now_us)
{
	enum segment_kind kind = segment_kind(segment);
	enum flow_side side = kind == SEGMENT_SYNACK ? FLOW_SERVER : FLOW_CLIENT;

	take_start(flow, now_us);
	if (side == FLOW_SERVER)
		zeek_flip(flow);
	zeek_segment(flow, segment, side);
	if (side == FLOW_SERVER)
		open_with_synack(flow, segment, options);
	else if (kind == SEGMENT_RST)
		open_with_rst(flow, segment);
	else
		open_midstream(flow, segment, kind);
	take_counts(flow, segment, side, now_us);
}

uint32_t
tracker_open(const struct flow_ref *flow, const struct segment *segment, const uint8_t *options,
		bool src_is_second, uint64_t now_us)
{
	enum segment_kind kind = segment_kind(segment);

	if (src_is_second != (kind == SEGMENT_SYNACK))
		flow->entry->flags |= FLOW_CLIENT_IS_SECOND;
	flow->entry->wscale = FLOW_WSCALE_NONE << 4 | FLOW_WSCALE_NONE;
	take_vlan(flow, segment);
	if (kind == SEGMENT_SYN)
		open_with_syn(flow, segment, options, now_us);
	else
		open_otherwise(flow, segment, options, now_us);
	return TRACKER_RETIME;
}

static bool
is_plain(const struct flow_entry *entry, const struct segment *segment, enum flow_side side)
{
	uint32_t letter = segment->payload_len != 0 ? FLOW_HISTORY_DATA : FLOW_HISTORY_ACK;

	return entry->state == HS_ESTABLISHED && (entry->flags & PLAIN_ATTENTION) == 0 &&
			(entry->flags & letter << side) != 0 &&
			(segment->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) == TCP_ACK;
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
		*notes |= progress_note_retransmit(flow, segment, side);
		take_numbers(entry, segment, side);
		take_counts(flow, segment, side, now_us);
		return 0;
	}
	switch (segment_kind(segment)) {
	case SEGMENT_SYN:
	case SEGMENT_SYNACK:
		outcome = opening_segment(tracker, flow, segment, options, side, now_us, notes);
		if ((outcome & (TRACKER_RESTART | TRACKER_RESTART_PENDING)) != 0)
			return outcome;
		break;
	case SEGMENT_RST:
		zeek_segment(flow, segment, side);
		outcome = take_rst_segment(tracker, flow, segment, side, now_us, notes);
		break;
	case SEGMENT_ACK:
	case SEGMENT_FIN:
		zeek_segment(flow, segment, side);
		outcome = progress_segment(tracker, flow, segment, side, now_us, notes);
		break;
	default:
		*notes |= TRACKER_NOTE_ILLEGAL;
		zeek_segment(flow, segment, side);
		progress_lone_fin(flow, segment, side);
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
	uint64_t kept_us = (uint64_t)flow->tally->pending_time_high << 32 |
			flow->evidence->pending_syn.time_us;
	uint64_t ago_us = (now_us - kept_us) & ((UINT64_C(1) << 35) - 1);

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
