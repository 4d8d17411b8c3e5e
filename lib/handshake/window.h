/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a flow's entry knows of a side's sequence numbers and receive window.
 */

#ifndef HANDSHAKE_WINDOW_H
#define HANDSHAKE_WINDOW_H

#include "base/seq.h"
#include "flow/flow_entry.h"
#include "packet/segment.h"

#include <stdbool.h>
#include <stdint.h>

/* Sequence numbers a segment takes up: payload, SYN and FIN (RFC 9293 section 3.4). */
static inline uint32_t
window_segment_len(const struct segment *segment)
{
	return segment->payload_len + ((segment->tcp_flags & TCP_SYN) != 0) +
			((segment->tcp_flags & TCP_FIN) != 0);
}

static inline uint32_t
window_shift(const struct flow_entry *entry, enum flow_side side)
{
	return entry->wscale >> (side == FLOW_SERVER ? 4 : 0) & 0xf;
}

/**
 * The last window that a side advertised, in bytes. Scaled only if both sides offered to
 * (RFC 7323 section 2.2), and not while all it has sent is its SYN.
 */
static inline uint32_t
window_width(const struct flow_entry *entry, enum flow_side side)
{
	uint32_t shift = window_shift(entry, side);
	uint32_t sent_more = FLOW_HISTORY_ACK | FLOW_HISTORY_DATA | FLOW_FIN;

	if (shift == FLOW_WSCALE_NONE || window_shift(entry, flow_peer(side)) == FLOW_WSCALE_NONE ||
			(entry->flags & sent_more << side) == 0)
		shift = 0;
	return (uint32_t)entry->window[side] << shift;
}

/* Whether a side has said anything, or acknowledged anything. */
static inline bool
window_seq_known(const struct flow_entry *entry, enum flow_side side)
{
	return (entry->flags & flow_side_flag(FLOW_SEQ_KNOWN, side)) != 0;
}

static inline bool
window_ack_known(const struct flow_entry *entry, enum flow_side side)
{
	return (entry->flags & flow_side_flag(FLOW_ACK_KNOWN, side)) != 0;
}

/** Whether a side has sent bytes that its peer has not acknowledged. */
static inline bool
window_in_flight(const struct flow_entry *entry, enum flow_side side)
{
	enum flow_side peer = flow_peer(side);

	return window_seq_known(entry, side) && window_ack_known(entry, peer) &&
			seq_lt(entry->ack[peer], entry->seq_next[side]);
}

#endif /* HANDSHAKE_WINDOW_H */
