/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The life of a TCP connection as a table: what one segment from one side does to it.
 *
 * The table is total: every (state, event, side) has a cell, because the one nobody
 * thought of is the one an attacker sends; test_hs_fsm.c fails on a cell left out. The
 * functions keep no state and read no clock.
 *
 * Sequence and acknowledgement numbers are judged before, in tracker.c: which event a
 * segment is depends on them. The states are those of RFC 9293 section 3.3.2, for the
 * connection as a whole, as a box in the middle can tell them.
 */

#ifndef HANDSHAKE_HS_FSM_H
#define HANDSHAKE_HS_FSM_H

#include "flow/flow_entry.h"

/* X(id, word) */
#define HS_STATES(X) \
	X(HS_SYN_SENT, "SYN_SENT") /* a SYN, and no good answer */ \
	X(HS_SYN_CROSSED, "SYN_CROSSED") /* both sent SYN: simultaneous open */ \
	X(HS_SYN_RECEIVED, "SYN_RECEIVED") /* a SYN-ACK awaits its acknowledgement */ \
	X(HS_ESTABLISHED, "ESTABLISHED") \
	X(HS_FIN_WAIT, "FIN_WAIT") /* one side has sent FIN */ \
	X(HS_CLOSING, "CLOSING") /* both have */ \
	X(HS_TIME_WAIT, "TIME_WAIT") /* both FINs are acknowledged */ \
	X(HS_RESET, "RESET") \
	X(HS_MIDSTREAM, "MIDSTREAM") /* picked up in the middle, and only one side heard so far */

/* X(id, word) */
#define HS_EVENTS(X) \
	X(HS_EV_SYN, "SYN") /* without ACK, with an ISN that this side has not used */ \
	X(HS_EV_SYN_AGAIN, "SYN again") /* the ISN that this side has used */ \
	X(HS_EV_SYNACK, "SYN-ACK") /* acknowledges the SYN, if that was seen */ \
	X(HS_EV_SYNACK_BAD, "bad SYN-ACK") /* acknowledges something else */ \
	X(HS_EV_SYNACK_PENDING, "SYN-ACK to the pending SYN") \
	X(HS_EV_ACK, "ACK") /* with or without data */ \
	X(HS_EV_CONFIRM, "confirming ACK") /* the last acknowledgement that was wanting */ \
	X(HS_EV_FIN, "FIN") /* the first side's */ \
	X(HS_EV_FIN_BOTH, "second FIN") /* now both sides have sent one */ \
	X(HS_EV_FINS_ACKED, "FINs acknowledged") /* both */ \
	X(HS_EV_RST, "RST") /* one that the receiver will believe */ \
	X(HS_EV_RST_DOUBTED, \
			"doubted RST") /* out of window, or awaiting the receiver's silence */ \
	X(HS_EV_ILLEGAL, "illegal flags")

/* Zero is not a state, so that a cell left out of the table cannot pass for one. */
enum hs_state {
	HS_STATE_UNSET,
#define X(id, word) id,
	HS_STATES(X)
#undef X
	HS_STATE_COUNT,

	/* What else may stand in a cell. */
	HS_KEEP = HS_STATE_COUNT, /* the state stays; the segment is counted */
	HS_RESTART, /* a new connection begins with this segment; the old one is reported */
	HS_RESTART_PENDING, /* a new connection began with the pending SYN */
	HS_PENDING, /* remember this SYN: its answer will tell (RFC 5961 section 4) */
	HS_IMPOSSIBLE, /* no segment can be this event here; nothing changes */
};

enum hs_event {
#define X(id, word) id,
	HS_EVENTS(X)
#undef X
	HS_EVENT_COUNT
};

/**
 * What an event does.
 *
 * @param state
 *   Where the connection is; a state proper.
 * @param side
 *   Who sent the segment.
 * @return
 *   The next state, or one of the values behind HS_STATE_COUNT.
 */
enum hs_state hs_fsm_next(enum hs_state state, enum hs_event event, enum flow_side side);

/** The word of a state, "unset" for a value that is none. */
const char *hs_fsm_state_word(enum hs_state state);

#endif /* HANDSHAKE_HS_FSM_H */
