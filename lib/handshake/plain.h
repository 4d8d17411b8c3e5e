/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The short ways for what nearly all segments are: one that takes an established connection
 * on from where it stands; and of those that open none, a SYN that nobody has answered, again.
 *
 * tracker_segment() is the truth, and knows these segments as well. What is passed over
 * here is what it would find nothing to do for: each condition names a case in which it
 * would do more than move the numbers on and count. Whatever is in doubt is left to it.
 */

#ifndef HANDSHAKE_PLAIN_H
#define HANDSHAKE_PLAIN_H

#include "handshake/hs_fsm.h"
#include "handshake/take.h"
#include "handshake/tracker.h"

#include <stdbool.h>
#include <stdint.h>

/* Flags of a connection whose plain segments may mean more: see rst_after(). */
#define PLAIN_ATTENTION (FLOW_RST_SEEN | FLOW_RST_UNCONFIRMED)

/* What a side that goes on has done before, its letter in the history among it. */
static inline uint32_t
plain_flags(const struct segment *segment, enum flow_side side)
{
	uint32_t letter = segment->payload_len != 0 ? FLOW_HISTORY_DATA : FLOW_HISTORY_ACK;

	return flow_side_flag(FLOW_SEQ_KNOWN | FLOW_ACK_KNOWN | letter, side);
}

/**
 * Take a segment in, if that is all there is to do.
 *
 * @param src_is_second
 *   Whether the sender is the key's second endpoint.
 * @return
 *   Whether it was taken: no outcome, no note, and no timer has run out before it. If not,
 *   nothing has changed.
 */
static inline bool
plain_segment(const struct tracker *tracker, struct flow_entry *entry, struct flow_tally *tally,
		const struct segment *segment, bool src_is_second, uint64_t now_us)
{
	bool client_is_second = (entry->flags & FLOW_CLIENT_IS_SECOND) != 0;
	enum flow_side side = src_is_second == client_is_second ? FLOW_CLIENT : FLOW_SERVER;
	uint32_t flags = plain_flags(segment, side);
	uint32_t end = segment->seq + segment->payload_len;
	uint32_t ahead = end - entry->seq_next[side];

	if (entry->state != HS_ESTABLISHED ||
			(segment->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) != TCP_ACK ||
			(entry->flags & (flags | PLAIN_ATTENTION)) != flags)
		return false;
	/* Sent before, or far from where its side stands. */
	if (ahead >= TAKE_WINDOW_MAX || segment->payload_len > ahead)
		return false;
	/* An old acknowledgement. */
	if (segment->ack - entry->ack[side] >= TAKE_WINDOW_MAX)
		return false;
	/* After a gap, or time stepped back. */
	if (now_us - tally->last_us >= tracker->plain_idle_us || tally->idle_before)
		return false;
	entry->seq_next[side] = end;
	entry->ack[side] = segment->ack;
	entry->window[side] = segment->window;
	entry->hop_limit[side] = segment->hop_limit;
	tally->last_us = now_us & TAKE_TIME_MASK;
	tally->last_side = (unsigned)side & 1u;
	tally->count[side].bytes += segment->payload_len;
	tally->count[side].pkts++;
	return true;
}

/* Flags of a handshake whose SYN may mean more when it comes again: see deadline.h, rst_after_retry(). */
#define PLAIN_SYN_ATTENTION (FLOW_RST_UNCONFIRMED | FLOW_WENT_ON)

/**
 * Take a SYN in that came before, if that is all there is to do.
 *
 * @param src_is_second
 *   Whether the sender is the key's second endpoint.
 * @return
 *   Whether it was taken: no outcome, the note TRACKER_NOTE_SYN_RETRANSMIT, and no timer has run
 *   out before it. If not, nothing has changed.
 */
static inline bool
plain_syn_again(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, bool src_is_second, uint64_t now_us)
{
	const struct flow_entry *entry = flow->entry;
	bool client_is_second = (entry->flags & FLOW_CLIENT_IS_SECOND) != 0;

	/* With this state a SYN of the client began the flow: number, letter and endpoint are there. */
	if (entry->state != HS_SYN_SENT || (entry->flags & PLAIN_SYN_ATTENTION) != 0 ||
			(segment->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) != TCP_SYN)
		return false;
	/* The other side's, or another attempt. */
	if (src_is_second != client_is_second || segment->seq != flow->tally->isn[FLOW_CLIENT])
		return false;
	/* The client must have given up, or time stepped back. */
	if (now_us - flow->tally->start_us >= tracker->plain_syn_us)
		return false;
	take_count_small(&flow->evidence->syn);
	take_count_small(&flow->evidence->syn_retransmits);
	take_counts(flow, segment, FLOW_CLIENT, now_us);
	return true;
}

#endif /* HANDSHAKE_PLAIN_H */
