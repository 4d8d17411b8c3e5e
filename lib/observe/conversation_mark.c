/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What is remarkable about one segment: what it changed in the tracker's counts and flags,
 * and what its numbers say against what both sides had sent before.
 */

#include "base/seq.h"
#include "handshake/hs_fsm.h"
#include "handshake/window.h"
#include "observe/conversation.h"
#include "pipeline/event.h"

#include <string.h>

/* Where the tracker's small counts stick; a segment that repeats another then counts by its
 * numbers alone. */
#define DATA_RETRANSMITS_MAX ((1u << 14) - 1)

struct view {
	const struct conversation_segment *segment;
	const struct conversation_segment *previous;
	const struct flow_snapshot *before;
	const struct flow_snapshot *now;
	enum flow_side from;
	enum flow_side peer;
	uint8_t flags; /* SYN, FIN, RST and ACK of them */
};

static bool
had(const struct view *view, enum flow_flag flag, enum flow_side side)
{
	return (view->before->entry.flags & (uint32_t)flag << side) != 0;
}

/* A flag that this segment set. */
static bool
newly(const struct view *view, enum flow_flag flag)
{
	return (view->now->entry.flags & ~view->before->entry.flags & (uint32_t)flag) != 0;
}

static uint32_t
handshake_marks(const struct view *view)
{
	const struct flow_evidence *before = &view->before->evidence;
	const struct flow_evidence *now = &view->now->evidence;
	uint32_t marks = 0;
	bool syn = view->flags == TCP_SYN;
	bool synack = view->flags == (TCP_SYN | TCP_ACK);

	if (syn &&
			(now->syn_retransmits > before->syn_retransmits ||
					now->syn_retransmits == UINT8_MAX))
		marks |= CONVERSATION_MARK_SYN_AGAIN;
	if (synack &&
			(now->synack_retransmits > before->synack_retransmits ||
					now->synack_retransmits == UINT8_MAX))
		marks |= CONVERSATION_MARK_SYNACK_AGAIN;
	if ((syn || synack) && view->segment->payload_len > 0)
		marks |= CONVERSATION_MARK_FAST_OPEN;
	if (newly(view, FLOW_BAD_SYNACK))
		marks |= CONVERSATION_MARK_BAD_SYNACK;
	if (newly(view, FLOW_IMPLIED_ACK))
		marks |= CONVERSATION_MARK_IMPLIED_ACK;
	if (syn && (view->now->entry.flags & FLOW_SYN_PENDING) != 0)
		marks |= CONVERSATION_MARK_SYN_INSIDE;
	return marks;
}

/* The right edge of what the other side accepts; false where its scale is not known, or where
 * it was reset and accepts nothing. */
static bool
right_edge(const struct view *view, uint32_t *edge)
{
	const struct flow_entry *before = &view->before->entry;

	if (before->state == HS_RESET || !had(view, FLOW_ACK_KNOWN, view->peer) ||
			!had(view, FLOW_SYN, FLOW_CLIENT) || !had(view, FLOW_SYN, FLOW_SERVER))
		return false;
	*edge = before->ack[view->peer] + window_width(before, view->peer);
	return true;
}

static bool
is_keep_alive(const struct view *view)
{
	const struct flow_entry *before = &view->before->entry;

	return view->flags == TCP_ACK && view->segment->payload_len <= 1 &&
			had(view, FLOW_SEQ_KNOWN, view->from) &&
			had(view, FLOW_ACK_KNOWN, view->peer) &&
			view->segment->seq == before->seq_next[view->from] - 1 &&
			before->ack[view->peer] == before->seq_next[view->from];
}

static bool
is_duplicate_ack(const struct view *view)
{
	const struct flow_entry *before = &view->before->entry;

	return view->flags == TCP_ACK && view->segment->payload_len == 0 &&
			had(view, FLOW_ACK_KNOWN, view->from) &&
			had(view, FLOW_SEQ_KNOWN, view->peer) &&
			view->segment->ack == before->ack[view->from] &&
			view->segment->window == before->window[view->from] &&
			seq_lt(view->segment->ack, before->seq_next[view->peer]);
}

static uint32_t
data_marks(const struct view *view)
{
	const struct conversation_segment *segment = view->segment;
	const struct flow_entry *before = &view->before->entry;
	uint64_t again = view->now->tally.count[view->from].data_retransmits;
	bool old = had(view, FLOW_SEQ_KNOWN, view->from) &&
			seq_lt(segment->seq, before->seq_next[view->from]);
	uint32_t end = segment->seq + segment->payload_len;
	uint32_t marks = 0;
	uint32_t edge;

	if (again > view->before->tally.count[view->from].data_retransmits ||
			(again == DATA_RETRANSMITS_MAX && old && segment->payload_len > 0))
		marks |= CONVERSATION_MARK_DATA_AGAIN;
	if (segment->payload_len == 0 && (view->flags & TCP_FIN) != 0 &&
			had(view, FLOW_FIN, view->from))
		marks |= CONVERSATION_MARK_FIN_AGAIN;
	if (view->flags == TCP_ACK && had(view, FLOW_SEQ_KNOWN, view->from) &&
			segment->payload_len > 0 &&
			seq_lt(before->seq_next[view->from], segment->seq))
		marks |= CONVERSATION_MARK_GAP;
	if (segment->payload_len > 0 && right_edge(view, &edge) && seq_lt(edge, end))
		marks |= segment->payload_len == 1 && segment->seq == edge
				? CONVERSATION_MARK_WINDOW_PROBE
				: CONVERSATION_MARK_OUT_OF_WINDOW;
	return marks;
}

/* By the tracker's word of a RST; of a SYN, that the very next segment answers it. */
static bool
is_challenge_ack(const struct view *view)
{
	const struct flow_evidence *now = &view->now->evidence;
	bool answers_syn = (view->previous->marks & CONVERSATION_MARK_SYN_INSIDE) != 0 &&
			view->previous->from == view->peer;
	bool answers_rst = (view->now->entry.flags & FLOW_RST_SEEN) != 0 &&
			now->rst.after == RST_AFTER_CHALLENGED &&
			view->before->evidence.rst.after != RST_AFTER_CHALLENGED;

	return answers_syn || answers_rst;
}

static uint32_t
ack_marks(const struct view *view)
{
	const struct conversation_segment *previous = view->previous;
	bool bare = view->flags == TCP_ACK && view->segment->payload_len == 0;
	bool probed = (previous->marks & CONVERSATION_MARK_KEEP_ALIVE) != 0 &&
			previous->from == view->peer;

	if (bare && is_challenge_ack(view))
		return CONVERSATION_MARK_CHALLENGE_ACK;
	if (is_keep_alive(view))
		return CONVERSATION_MARK_KEEP_ALIVE;
	if (bare && probed)
		return CONVERSATION_MARK_KEEP_ALIVE_ACK;
	return is_duplicate_ack(view) ? CONVERSATION_MARK_DUPLICATE_ACK : 0;
}

static uint32_t
window_marks(const struct view *view)
{
	bool open = !had(view, FLOW_ACK_KNOWN, view->from) ||
			view->before->entry.window[view->from] != 0;

	if (view->segment->window != 0 || (view->flags & TCP_ACK) == 0 ||
			(view->flags & (TCP_SYN | TCP_RST)) != 0)
		return 0;
	return open ? CONVERSATION_MARK_ZERO_WINDOW : 0;
}

/* RFC 9293 leaves these without a meaning; scanners send them. */
static bool
is_odd(uint8_t flags)
{
	bool syn = (flags & TCP_SYN) != 0;

	return flags == 0 || flags == TCP_FIN || (syn && (flags & (TCP_FIN | TCP_RST)) != 0);
}

/* The class of a RST that the tracker took down as evidence; it keeps one. */
static uint32_t
rst_marks(const struct view *view, struct conversation_segment *segment)
{
	struct event event = { .flow = *view->now };
	struct record record;
	struct flow_evidence before = view->before->evidence;
	bool seen = (view->now->entry.flags & FLOW_RST_SEEN) != 0;
	bool same;

	/* Where to go back to is noted at later RSTs too. */
	before.rst.old_state = view->now->evidence.rst.old_state;
	same = (view->before->entry.flags & FLOW_RST_SEEN) != 0 &&
			memcmp(&before.rst, &view->now->evidence.rst, sizeof(before.rst)) == 0;
	if (!seen || same)
		return CONVERSATION_MARK_RST_MORE;
	event_to_record(&event, &record);
	segment->rst = record.rst;
	return CONVERSATION_MARK_RST;
}

void
conversation_mark_segment(const struct conversation *conversation,
		const struct conversation_segment *previous, struct conversation_segment *segment,
		const struct flow_snapshot *now)
{
	const struct view view = { .segment = segment,
		.previous = previous,
		.before = &conversation->before,
		.now = now,
		.from = segment->from,
		.peer = flow_peer(segment->from),
		.flags = segment->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK) };

	if (now == NULL || segment->kind != PACKET_TCP)
		return;
	if (is_odd(view.flags))
		segment->marks = CONVERSATION_MARK_ODD_FLAGS;
	else if ((view.flags & TCP_RST) != 0)
		segment->marks = rst_marks(&view, segment);
	else
		segment->marks = handshake_marks(&view) | data_marks(&view) | ack_marks(&view) |
				window_marks(&view);
	if ((segment->marks & CONVERSATION_MARK_KEEP_ALIVE) != 0)
		segment->marks &= ~(uint32_t)CONVERSATION_MARK_DATA_AGAIN;
}
