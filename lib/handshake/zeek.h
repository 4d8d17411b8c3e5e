/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The connection as Zeek would put it: conn_state and history, since so many tools read
 * those. Zeek's endpoint states are followed beside our own, without Zeek's timers.
 *
 * The letters are those of Zeek's conn.log: s SYN, h SYN-ACK, a pure ACK, d data, f FIN,
 * r RST, i and q for segments with more than one of SYN, FIN and RST, ^ where the first
 * segment shows that its sender is the responder; in upper case from the originator,
 * which is our client. A letter comes once a side (s and h count as one), but f and r again
 * for another sequence number, counted from the side's start.
 */

#ifndef HANDSHAKE_ZEEK_H
#define HANDSHAKE_ZEEK_H

#include "flow/flow_entry.h"
#include "packet/segment.h"

#include <stdbool.h>
#include <stddef.h>

/* Zeek's endpoint states. */
enum zeek_state {
	ZEEK_INACTIVE,
	ZEEK_SYN_SENT,
	ZEEK_SYN_ACK_SENT,
	ZEEK_PARTIAL,
	ZEEK_ESTABLISHED,
	ZEEK_CLOSED,
	ZEEK_RESET,
	ZEEK_CLOSED_RESET, /* RESET after CLOSED, which the peer's FIN turns back */
};

/* The history of a flow that a SYN began: zeek_segment() would come to this, and to ZEEK_SYN_SENT. */
#define ZEEK_LETTER_SYN 2

/** A new flow whose first segment comes from the responder. */
void zeek_flip(const struct flow_ref *flow);

/**
 * What is kept of a RST to know it again: a few bits of its number, counted from the
 * side's start. The tracker keeps it in place of the window, which ended with the RST.
 */
uint16_t zeek_rst_number(
		const struct flow_ref *flow, const struct segment *segment, enum flow_side side);

/** Whether a flow was: a SYN-ACK began it. */
bool zeek_is_flipped(const struct flow_evidence *evidence);

/** Take in one segment, before it changes anything else of the flow. */
void zeek_segment(const struct flow_ref *flow, const struct segment *segment, enum flow_side side);

/** The text of a history; @p room bytes, FLOW_HISTORY_LETTERS + 1 suffice. */
void zeek_history(const struct flow_evidence *evidence, char *out, size_t room);

/** Zeek's conn_state, of its endpoint states, the bytes sent and the history. */
const char *zeek_conn_state(const struct flow_tally *tally, const struct flow_evidence *evidence);

#endif /* HANDSHAKE_ZEEK_H */
