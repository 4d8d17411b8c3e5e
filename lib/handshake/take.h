/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Taking a segment's numbers, options and counts into its flow.
 */

#ifndef HANDSHAKE_TAKE_H
#define HANDSHAKE_TAKE_H

#include "base/usec.h"
#include "flow/flow_key.h"
#include "handshake/window.h"

#include <stdbool.h>
#include <stdint.h>

/* No two numbers of one connection that matter lie further apart (RFC 7323 section 2.3). */
#define TAKE_WINDOW_MAX (INT32_C(1) << 30)

/* Times are kept in 52 bits, which last until the year 2112. */
#define TAKE_TIME_MASK ((UINT64_C(1) << 52) - 1)

/* The gap between two segments that is remembered for a RST that answers the second. */
#define TAKE_IDLE_US USEC_PER_SEC

/** A number that one side has just acknowledged, against where the other stands. */
static inline bool
take_is_near(uint32_t a, uint32_t b)
{
	int32_t diff = seq_diff(a, b);

	return diff > -TAKE_WINDOW_MAX && diff < TAKE_WINDOW_MAX;
}

/** Add one to a small count that sticks at its largest value. */
static inline void
take_count_small(uint8_t *count)
{
	if (*count != UINT8_MAX)
		(*count)++;
}

/**
 * Whether the receiver accepts a segment's sequence number (RFC 9293 section 3.4): it
 * begins in the window behind the receiver's acknowledgement, or exactly there, or one
 * before, as keep-alives and some closing stacks do.
 */
static inline bool
take_is_acceptable(const struct flow_entry *entry, const struct segment *segment,
		enum flow_side receiver)
{
	uint32_t width = window_width(entry, receiver);

	return !window_ack_known(entry, receiver) ||
			seq_in_window(segment->seq, entry->ack[receiver] - 1,
					(width != 0 ? width : 1) + 1);
}

/**
 * Whether data was sent before. A keep-alive is no retransmission: it repeats the last
 * number, with a byte or none (RFC 9293 section 3.8.4).
 */
static inline bool
take_is_retransmit(
		const struct flow_entry *entry, const struct segment *segment, enum flow_side side)
{
	return segment->payload_len != 0 && window_seq_known(entry, side) &&
			seq_lt(segment->seq, entry->seq_next[side]) &&
			!(segment->payload_len == 1 && segment->seq + 1 == entry->seq_next[side]);
}

/** Whether a side has acknowledged the SYN of its peer, who is known to have sent one. */
static inline bool
take_acknowledges_syn(const struct flow_ref *flow, enum flow_side side)
{
	enum flow_side peer = flow_peer(side);

	return window_ack_known(flow->entry, side) &&
			seq_between(flow->entry->ack[side], flow->tally->isn[peer] + 1,
					flow->entry->seq_next[peer]);
}

/** Sequence number, acknowledgement and window of a segment that is not a RST. */
static inline void
take_numbers(struct flow_entry *entry, const struct segment *segment, enum flow_side side)
{
	uint32_t end = segment->seq + window_segment_len(segment);
	int32_t ahead = seq_diff(end, entry->seq_next[side]);

	if (!window_seq_known(entry, side)) {
		entry->flags |= flow_side_flag(FLOW_SEQ_KNOWN, side);
		entry->seq_next[side] = end;
	} else if (ahead > 0 && ahead < TAKE_WINDOW_MAX) {
		entry->seq_next[side] = end;
	}
	if (entry->hop_limit[side] != segment->hop_limit)
		entry->hop_limit[side] = segment->hop_limit;
	if ((segment->tcp_flags & TCP_ACK) == 0) {
		if (entry->window[side] != segment->window)
			entry->window[side] = segment->window;
		return;
	}
	ahead = seq_diff(segment->ack, entry->ack[side]);
	if (!window_ack_known(entry, side)) {
		entry->flags |= flow_side_flag(FLOW_ACK_KNOWN, side);
		entry->ack[side] = segment->ack;
	} else if (ahead > 0 && ahead < TAKE_WINDOW_MAX) {
		entry->ack[side] = segment->ack;
	} else if (ahead != 0) {
		return; /* an old acknowledgement's window is old too */
	}
	if (entry->window[side] != segment->window)
		entry->window[side] = segment->window;
}

/** An idle time as the evidence keeps it. */
static inline uint32_t
take_idle(uint64_t idle_us)
{
	uint64_t idle_100us = idle_us / 100;

	return idle_100us < UINT32_MAX ? (uint32_t)idle_100us : UINT32_MAX;
}

/** Packets, bytes and time: the last of a segment's effects. */
static inline void
take_counts(const struct flow_ref *flow, const struct segment *segment, enum flow_side side,
		uint64_t now_us)
{
	struct flow_tally *tally = flow->tally;
	struct flow_count *count = &tally->count[side];
	uint64_t idle_us = usec_since(tally->last_us, now_us);

	count->pkts++;
	count->bytes += segment->payload_len;
	tally->last_side = (unsigned)side & 1u;
	if (idle_us == 0)
		return;
	tally->last_us = now_us & TAKE_TIME_MASK;
	/* Only a long gap is worth another cache line; the RST's own and a SYN lie in its place. */
	if (idle_us >= TAKE_IDLE_US &&
			(flow->entry->flags & (FLOW_RST_SEEN | FLOW_SYN_PENDING)) == 0) {
		flow->evidence->rst.idle_100us = take_idle(idle_us);
		tally->idle_before = 1;
	} else if (tally->idle_before) {
		tally->idle_before = 0;
	}
}

/** From one step of the handshake to the next; what the tally has no room for is not known. */
static inline uint32_t
take_elapsed_us(uint64_t from_us, uint64_t to_us)
{
	uint64_t elapsed_us = usec_since(from_us, to_us);

	return elapsed_us < UINT32_MAX ? (uint32_t)elapsed_us : UINT32_MAX;
}

/** Count a FIN, a RST, or a retransmission of data. */
void take_count_fin(struct flow_count *count);
void take_count_rst(struct flow_count *count);
void take_count_retransmit(struct flow_count *count);

/** The VLAN tags of a new flow. */
static inline void
take_vlan(const struct flow_ref *flow, const struct segment *segment)
{
	for (uint32_t i = 0; i < segment->vlan_count; i++)
		flow->evidence->vlan[i] = flow_vlan_of(segment, i);
}

/** The times of a new flow. */
static inline void
take_start(const struct flow_ref *flow, uint64_t now_us)
{
	flow->tally->start_us = now_us & TAKE_TIME_MASK;
	flow->tally->last_us = now_us & TAKE_TIME_MASK;
	flow->tally->synack_us = UINT32_MAX;
	flow->tally->ack_us = UINT32_MAX;
}

#define TAKE_TCP_HEADER_LEN 20 /* without options */

/** What a side offers, of which nothing is known yet. */
void take_options(const struct flow_ref *flow, const struct segment *segment,
		const uint8_t *options, enum flow_side side);

/** A SYN or SYN-ACK's number and options. */
void take_syn(const struct flow_ref *flow, const struct segment *segment, const uint8_t *options,
		enum flow_side side);

#endif /* HANDSHAKE_TAKE_H */
