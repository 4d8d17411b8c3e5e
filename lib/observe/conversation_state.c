/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Which state each end is in, by what it has sent itself and by what it waited for and has
 * passed here. A client is ESTABLISHED when it acknowledges the SYN-ACK, not when the
 * SYN-ACK flies by: of a spoofed client nothing more is ever proven.
 */

#include "handshake/hs_fsm.h"
#include "handshake/window.h"
#include "observe/conversation.h"

#include <string.h>

#define X(id, name) [id] = name,
static const char *const names[CONVERSATION_STATE_COUNT] = { CONVERSATION_STATES(X) };
#undef X

const char *
conversation_state_name(enum conversation_state state)
{
	return state < CONVERSATION_STATE_COUNT ? names[state] : NULL;
}

static bool
has(const struct flow_snapshot *snapshot, enum flow_flag flag, enum flow_side side)
{
	return (snapshot->entry.flags & (uint32_t)flag << side) != 0;
}

/* Whether the side's FIN was acknowledged: its end lies below the peer's acknowledgement. */
static bool
fin_acked(const struct flow_snapshot *snapshot, enum flow_side side)
{
	return has(snapshot, FLOW_FIN, side) &&
			window_ack_known(&snapshot->entry, flow_peer(side)) &&
			!window_in_flight(&snapshot->entry, side);
}

/* Behind its FIN: RFC 9293 figure 5, the lower half. */
static enum conversation_state
closing_state(bool closed_first, bool acked, bool peer_acked)
{
	if (!closed_first)
		return acked ? CONVERSATION_CLOSED : CONVERSATION_LAST_ACK;
	if (acked)
		return peer_acked ? CONVERSATION_TIME_WAIT : CONVERSATION_FIN_WAIT_2;
	return peer_acked ? CONVERSATION_CLOSING : CONVERSATION_FIN_WAIT_1;
}

static enum conversation_state
synchronized_state(const struct conversation *conversation, enum flow_side side,
		const struct flow_snapshot *now)
{
	bool peer_acked = fin_acked(now, flow_peer(side)); /* it has acked the peer's */

	if (!has(now, FLOW_SEQ_KNOWN, side))
		return CONVERSATION_UNPROVEN;
	if (has(now, FLOW_FIN, side))
		return closing_state(
				conversation->closed_first[side], fin_acked(now, side), peer_acked);
	return peer_acked ? CONVERSATION_CLOSE_WAIT : CONVERSATION_ESTABLISHED;
}

static enum conversation_state
opening_state(enum conversation_state state, enum flow_side side,
		const struct conversation_segment *segment, const struct flow_snapshot *now)
{
	bool went_on = side == FLOW_CLIENT && now->entry.state == HS_SYN_SENT &&
			(now->entry.flags & FLOW_WENT_ON) != 0;

	if (went_on)
		return CONVERSATION_ESTABLISHED;
	if (segment->from != side || segment->kind != PACKET_TCP ||
			(segment->tcp_flags & TCP_SYN) == 0 || state == CONVERSATION_SYN_RECEIVED)
		return state;
	if ((segment->tcp_flags & TCP_ACK) == 0)
		return CONVERSATION_SYN_SENT;
	/* A SYN-ACK to another number is of another connection. */
	return now->entry.state == HS_SYN_SENT ? state : CONVERSATION_SYN_RECEIVED;
}

/*
 * A doubted RST is believed when its receiver keeps silent, and then nothing passes that
 * could show it. Of an end that never showed itself a RST to it proves nothing.
 */
static enum conversation_state
reset_state(enum conversation_state state, enum flow_side side,
		const struct conversation_segment *segment, const struct flow_snapshot *now)
{
	bool showed = state != CONVERSATION_UNPROVEN || segment->from == side;

	if ((now->entry.flags & FLOW_RST_UNCONFIRMED) != 0 || !showed)
		return state;
	return CONVERSATION_CLOSED;
}

static enum conversation_state
state_of(const struct conversation *conversation, enum conversation_state state,
		enum flow_side side, const struct conversation_segment *segment,
		const struct flow_snapshot *now)
{
	switch (now->entry.state) {
	case HS_RESET:
		return reset_state(state, side, segment, now);
	case HS_SYN_SENT:
	case HS_SYN_CROSSED:
	case HS_SYN_RECEIVED:
		return opening_state(state, side, segment, now);
	default:
		return synchronized_state(conversation, side, now);
	}
}

static void
note_fin(struct conversation *conversation, const struct conversation_segment *segment,
		const struct flow_snapshot *now)
{
	enum flow_side from = segment->from;

	if (has(now, FLOW_FIN, from) && !has(&conversation->before, FLOW_FIN, from))
		conversation->closed_first[from] = !fin_acked(now, flow_peer(from));
}

void
conversation_state_step(struct conversation *conversation,
		const struct conversation_segment *previous, struct conversation_segment *segment,
		const struct flow_snapshot *now)
{
	if (now == NULL) {
		segment->state[FLOW_CLIENT] = CONVERSATION_SYN_SENT;
		return;
	}
	if ((segment->marks & CONVERSATION_MARK_ODD_FLAGS) != 0) { /* no TCP says so: no proof */
		memcpy(segment->state, previous->state, sizeof(segment->state));
		return;
	}
	note_fin(conversation, segment, now);
	for (enum flow_side side = FLOW_CLIENT; side < FLOW_SIDES; side++)
		segment->state[side] = (uint8_t)state_of(
				conversation, previous->state[side], side, segment, now);
}
