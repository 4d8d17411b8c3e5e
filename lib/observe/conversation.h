/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One connection's segments, one by one, each with what it did: the states that the two
 * ends are in behind it, and what is remarkable about it.
 *
 * It judges nothing: what a segment did is read off the tracker's state before and after
 * it, and the verdict off the record. So what is drawn cannot differ from what is written
 * as events. Only what the tracker does not keep (keep-alives, duplicate ACKs, gaps) is
 * found here, and told apart by seq, ack and window alone.
 *
 * Memory is bounded: of a long connection the first and the last CONVERSATION_HALF
 * segments are kept. One owner; not for the data path.
 */

#ifndef OBSERVE_CONVERSATION_H
#define OBSERVE_CONVERSATION_H

#include "flow/flow_entry.h"
#include "handshake/record.h"
#include "observe/ladder.h"
#include "packet/frame.h"
#include "packet/segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CONVERSATION_HALF 16384
#define CONVERSATION_OPTIONS_MAX 40

/* X(id, name): the states of an end (RFC 9293 section 3.3.2), as far as the wire proves them. */
#define CONVERSATION_STATES(X) \
	X(CONVERSATION_CLOSED, "CLOSED") \
	X(CONVERSATION_SYN_SENT, "SYN_SENT") \
	X(CONVERSATION_SYN_RECEIVED, "SYN_RECEIVED") \
	X(CONVERSATION_ESTABLISHED, "ESTABLISHED") \
	X(CONVERSATION_FIN_WAIT_1, "FIN_WAIT_1") \
	X(CONVERSATION_FIN_WAIT_2, "FIN_WAIT_2") \
	X(CONVERSATION_CLOSING, "CLOSING") \
	X(CONVERSATION_TIME_WAIT, "TIME_WAIT") \
	X(CONVERSATION_CLOSE_WAIT, "CLOSE_WAIT") \
	X(CONVERSATION_LAST_ACK, "LAST_ACK")

enum conversation_state {
	CONVERSATION_UNPROVEN, /* nothing seen tells */
#define X(id, name) id,
	CONVERSATION_STATES(X)
#undef X
	CONVERSATION_STATE_COUNT
};

/* X(id, tone, text): what is remarkable about a segment. */
#define CONVERSATION_MARKS(X) \
	X(MARK_SYN_AGAIN, LADDER_NOTICE, "retransmission of the SYN") \
	X(MARK_SYNACK_AGAIN, LADDER_NOTICE, "retransmission of the SYN-ACK") \
	X(MARK_DATA_AGAIN, LADDER_NOTICE, "retransmission") \
	X(MARK_FIN_AGAIN, LADDER_NOTICE, "retransmission of the FIN") \
	X(MARK_FAST_OPEN, LADDER_MUTED, "Fast Open: data before the handshake is complete") \
	X(MARK_IMPLIED_ACK, LADDER_NOTICE, "stands for the third ACK, which was not seen") \
	X(MARK_BAD_SYNACK, LADDER_NOTICE, "acknowledges another number than the SYN's") \
	X(MARK_SYN_INSIDE, LADDER_NOTICE, "SYN inside the connection") \
	X(MARK_CHALLENGE_ACK, LADDER_NOTICE, "challenge ACK: the connection lives on") \
	X(MARK_KEEP_ALIVE, LADDER_MUTED, "keep-alive") \
	X(MARK_KEEP_ALIVE_ACK, LADDER_MUTED, "answers the keep-alive") \
	X(MARK_DUPLICATE_ACK, LADDER_MUTED, "duplicate ACK") \
	X(MARK_GAP, LADDER_NOTICE, "bytes before these were not seen") \
	X(MARK_OUT_OF_WINDOW, LADDER_NOTICE, "outside the window that the receiver offered") \
	X(MARK_WINDOW_PROBE, LADDER_MUTED, "probes the closed window") \
	X(MARK_ZERO_WINDOW, LADDER_NOTICE, "zero window: asks the other side to wait") \
	X(MARK_ODD_FLAGS, LADDER_NOTICE, "impossible flags") \
	X(MARK_RST, LADDER_ALARM, "RST") \
	X(MARK_RST_MORE, LADDER_ALARM, "another RST")

enum conversation_mark_bit {
#define X(id, tone, text) id##_BIT,
	CONVERSATION_MARKS(X)
#undef X
	CONVERSATION_MARK_COUNT
};

enum conversation_mark {
#define X(id, tone, text) CONVERSATION_##id = 1 << id##_BIT,
	CONVERSATION_MARKS(X)
#undef X
};

struct conversation_segment {
	uint64_t time_us;
	uint64_t number; /* of its frame in the capture, from 1 */
	uint32_t seq;
	uint32_t ack;
	uint32_t payload_len;
	uint32_t marks; /* enum conversation_mark */
	uint16_t window;
	uint16_t urgent;
	uint8_t kind; /* PACKET_TCP or PACKET_ICMP_TCP; of the latter seq and icmp_* hold */
	uint8_t from; /* enum flow_side; of an ICMP error, the side it came to */
	uint8_t tcp_flags;
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint8_t state[FLOW_SIDES]; /* enum conversation_state, behind this segment */
	bool elsewhere; /* the next connection on the same key began with it: not drawn */
	uint8_t options_len;
	uint8_t options[CONVERSATION_OPTIONS_MAX]; /* as on the wire */
	struct record_rst rst; /* with MARK_RST: as judged when it passed */
};

struct conversation {
	struct conversation_segment *first; /* grows up to CONVERSATION_HALF */
	struct conversation_segment *last; /* a ring of as many, once first is full */
	uint64_t count; /* of all that came, also of those no longer kept */
	size_t room; /* in first */
	uint32_t base[FLOW_SIDES]; /* relative numbers count from here: the ISN, if it was seen */
	uint64_t base_since[FLOW_SIDES]; /* the frame that told it; 0: it is not known */
	bool closed_first[FLOW_SIDES]; /* its FIN came before it had acknowledged the other's */
	struct flow_snapshot before; /* what the tracker had behind the last segment */
	struct record record; /* by conversation_finish() */
};

/** @return NULL when there is no memory. */
struct conversation *conversation_create(void);

void conversation_destroy(struct conversation *conversation);

/**
 * Take the next segment.
 *
 * @param frame
 *   It lies in; for the options.
 * @param number
 *   The frame's in the capture.
 * @param now
 *   What the tracker has of the connection behind it. NULL for a SYN that turned out only
 *   later to have opened the connection.
 * @return
 *   0, or -ENOMEM.
 */
int conversation_add(struct conversation *conversation, const struct frame *frame,
		const struct segment *segment, uint64_t number, const struct flow_snapshot *now);

/** The SYN with this number, among the last segments, opened the next connection. */
void conversation_give_syn(struct conversation *conversation, uint32_t seq);

/** Nothing more comes; @p record is what is said of the connection. */
void conversation_finish(struct conversation *conversation, const struct record *record);

/** How many segments are kept. */
size_t conversation_kept(const struct conversation *conversation);

/** The kept one at @p index; those left out lie behind the first CONVERSATION_HALF. */
const struct conversation_segment *conversation_at(
		const struct conversation *conversation, size_t index);

/** The index of the kept RST that the record is about; SIZE_MAX if there is none. */
size_t conversation_last_rst(const struct conversation *conversation);

/**
 * Whether the record's RST ended the connection, as the record says, and nothing was heard of
 * its receiver that speaks against it. Nothing else may have ended it: where both sides were
 * heard going on and no FIN came, the record still names the RST.
 */
bool conversation_obeyed_rst(const struct conversation *conversation);

/** A side's number as it stands at a segment: relative, if the base was known by then. */
uint32_t conversation_relative(const struct conversation *conversation,
		const struct conversation_segment *segment, enum flow_side side, uint32_t seq);

/** "SYN_SENT"; NULL for CONVERSATION_UNPROVEN. */
const char *conversation_state_name(enum conversation_state state);

/* The parts of conversation_add(). */

/** Fill segment->state and keep who closed first. */
void conversation_state_step(struct conversation *conversation,
		const struct conversation_segment *previous, struct conversation_segment *segment,
		const struct flow_snapshot *now);

/** The marks of a segment; segment->rst too if it is a RST. */
void conversation_mark_segment(const struct conversation *conversation,
		const struct conversation_segment *previous, struct conversation_segment *segment,
		const struct flow_snapshot *now);

#endif /* OBSERVE_CONVERSATION_H */
