/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/zeek.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#define LETTER_BITS 5
#define LETTERS_PER_WORD 6
#define LETTER_MASK ((UINT32_C(1) << LETTER_BITS) - 1)
#define EACH_LETTER UINT32_C(0x02108421) /* times a letter: one in each place of a word */

/* The originator's letters; the responder's come right behind, each by one. */
enum letter {
	LETTER_FLIP = 1,
	LETTER_SYN = ZEEK_LETTER_SYN,
	LETTER_SYNACK = 4,
	LETTER_ACK = 6,
	LETTER_DATA = 8,
	LETTER_FIN = 10,
	LETTER_RST = 12,
	LETTER_FIN_RST = 14,
	LETTER_SYN_AND = 16,
};

static const char letters[] = " ^SsHhAaDdFfRrIiQq";

/* With the letter taken from each place, is one zero? Six at a time (Mycroft 1987). */
static bool
word_has(uint32_t word, uint32_t code)
{
	const uint32_t highest = EACH_LETTER << (LETTER_BITS - 1);
	uint32_t rest = word ^ code * EACH_LETTER;

	return ((rest - EACH_LETTER) & ~rest & highest) != 0;
}

static bool
history_has(const struct flow_evidence *evidence, enum letter letter, enum flow_side side)
{
	const uint32_t code = (uint32_t)letter + side;

	static_assert(FLOW_HISTORY_WORDS == 3, "each word is looked at");
	return word_has(evidence->history[0], code) || word_has(evidence->history[1], code) ||
			word_has(evidence->history[2], code);
}

static void
history_add(const struct flow_ref *flow, enum letter letter, enum flow_side side)
{
	const uint32_t code = (uint32_t)letter + side;
	const uint32_t last = LETTER_BITS * (LETTERS_PER_WORD - 1);

	for (uint32_t i = 0; i < FLOW_HISTORY_WORDS; i++) {
		uint32_t *word = &flow->evidence->history[i];
		uint32_t at = 0;

		if (*word >> last != 0)
			continue; /* full */
		while (*word >> at != 0)
			at += LETTER_BITS;
		*word |= code << at;
		return;
	}
	flow->tally->history_cut = 1;
}

static void
history_add_once(const struct flow_ref *flow, enum letter letter, enum flow_side side)
{
	if (!history_has(flow->evidence, letter, side))
		history_add(flow, letter, side);
}

uint16_t
zeek_rst_number(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	return (uint16_t)(segment->seq - flow->tally->isn[side]);
}

bool
zeek_is_flipped(const struct flow_evidence *evidence)
{
	return (evidence->history[0] & LETTER_MASK) == LETTER_FLIP;
}

void
zeek_flip(const struct flow_ref *flow)
{
	history_add(flow, LETTER_FLIP, FLOW_CLIENT);
}

/* SYN, FIN or RST alone. */
static void
history_control(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	const struct flow_evidence *evidence = flow->evidence;

	if ((segment->tcp_flags & TCP_SYN) != 0) {
		if (!history_has(evidence, LETTER_SYN, side) &&
				!history_has(evidence, LETTER_SYNACK, side))
			history_add(flow,
					(segment->tcp_flags & TCP_ACK) != 0 ? LETTER_SYNACK
									    : LETTER_SYN,
					side);
	} else if ((segment->tcp_flags & TCP_FIN) != 0) {
		uint32_t end = segment->seq + segment->payload_len + 1;

		if (!history_has(evidence, LETTER_FIN, side) || end != flow->entry->seq_next[side])
			history_add(flow, LETTER_FIN, side);
	} else {
		if (!history_has(evidence, LETTER_RST, side) ||
				zeek_rst_number(flow, segment, side) != flow->entry->window[side])
			history_add(flow, LETTER_RST, side);
	}
}

static void
history_segment(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	uint8_t control = segment->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST);

	if ((control & (control - 1)) != 0) {
		bool fin_rst = (control & TCP_SYN) == 0;

		history_add_once(flow, fin_rst ? LETTER_FIN_RST : LETTER_SYN_AND, side);
	} else if (control != 0) {
		history_control(flow, segment, side);
	} else if (segment->payload_len != 0) {
		if ((flow->entry->flags & flow_side_flag(FLOW_HISTORY_DATA, side)) == 0)
			history_add_once(flow, LETTER_DATA, side);
		/* Data without ACK is nothing that a stack sends: see window_width(). */
		if ((segment->tcp_flags & TCP_ACK) != 0)
			flow->entry->flags |= flow_side_flag(FLOW_HISTORY_DATA, side);
	} else if ((segment->tcp_flags & TCP_ACK) != 0) {
		if ((flow->entry->flags & flow_side_flag(FLOW_HISTORY_ACK, side)) == 0)
			history_add(flow, LETTER_ACK, side);
		flow->entry->flags |= flow_side_flag(FLOW_HISTORY_ACK, side);
	}
}

static bool
is_active(enum zeek_state state)
{
	return state != ZEEK_INACTIVE && state != ZEEK_PARTIAL;
}

static bool
is_reset(enum zeek_state state)
{
	return state == ZEEK_RESET || state == ZEEK_CLOSED_RESET;
}

/* FIN and RST move an endpoint from wherever it is. */
static void
close_endpoint(enum zeek_state *own, enum zeek_state *peer, uint8_t flags)
{
	if (is_reset(*own))
		return;
	if ((flags & TCP_FIN) != 0) {
		*own = ZEEK_CLOSED;
		if (*peer == ZEEK_CLOSED_RESET)
			*peer = ZEEK_CLOSED;
	} else if (*own != ZEEK_CLOSED) {
		*own = ZEEK_RESET;
	} else if (*peer != ZEEK_CLOSED) {
		*own = ZEEK_CLOSED_RESET;
	}
}

static void
open_endpoint(enum zeek_state *own, enum zeek_state *peer, uint8_t flags)
{
	bool syn = (flags & TCP_SYN) != 0, ack = (flags & TCP_ACK) != 0;
	bool peer_sent_syn = *peer == ZEEK_SYN_SENT || *peer == ZEEK_SYN_ACK_SENT;

	if (is_reset(*own))
		return;
	if (syn && !ack && *own == ZEEK_INACTIVE) {
		*own = ZEEK_SYN_SENT;
	} else if (peer_sent_syn && ack &&
			(syn || *peer == ZEEK_SYN_ACK_SENT || *own == ZEEK_SYN_SENT)) {
		*own = ZEEK_ESTABLISHED;
		*peer = ZEEK_ESTABLISHED;
	} else if (syn && ack && *own == ZEEK_INACTIVE) {
		*own = ZEEK_SYN_ACK_SENT;
	} else if (!syn && *own == ZEEK_INACTIVE && *peer != ZEEK_SYN_SENT) {
		*own = ZEEK_PARTIAL;
	}
}

void
zeek_segment(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	struct flow_tally *tally = flow->tally;
	enum zeek_state client = (enum zeek_state)tally->zeek_client;
	enum zeek_state server = (enum zeek_state)tally->zeek_server;
	enum zeek_state own = side == FLOW_CLIENT ? client : server;
	enum zeek_state peer = side == FLOW_CLIENT ? server : client;

	if (tally->count[side].pkts == 0)
		tally->isn[side] = segment->seq - ((segment->tcp_flags & TCP_SYN) == 0);
	history_segment(flow, segment, side);
	if ((segment->tcp_flags & (TCP_FIN | TCP_RST)) != 0)
		close_endpoint(&own, &peer, segment->tcp_flags);
	else
		open_endpoint(&own, &peer, segment->tcp_flags);
	tally->zeek_client = (side == FLOW_CLIENT ? own : peer) & 7;
	tally->zeek_server = (side == FLOW_CLIENT ? peer : own) & 7;
}

void
zeek_history(const struct flow_evidence *evidence, char *out, size_t room)
{
	size_t n = 0;

	for (uint32_t i = 0; i < FLOW_HISTORY_WORDS; i++)
		for (uint32_t word = evidence->history[i]; word != 0 && n + 1 < room;
				word >>= LETTER_BITS)
			out[n++] = letters[word & LETTER_MASK];
	out[n] = '\0';
}

/* A SYN, then a RST, with no sign between them that the originator went on: ^?S[^HAFGIQ]*R */
static bool
is_syn_then_reset(const struct flow_evidence *evidence)
{
	char history[FLOW_HISTORY_LETTERS + 1];
	const char *p = history;

	zeek_history(evidence, history, sizeof(history));
	p += *p == '^';
	if (*p++ != 'S')
		return false;
	p += strcspn(p, "HAFGIQR");
	return *p == 'R';
}

const char *
zeek_conn_state(const struct flow_tally *tally, const struct flow_evidence *evidence)
{
	enum zeek_state orig = (enum zeek_state)tally->zeek_client;
	enum zeek_state resp = (enum zeek_state)tally->zeek_server;
	bool no_bytes = tally->count[FLOW_CLIENT].bytes == 0 &&
			tally->count[FLOW_SERVER].bytes == 0;

	if (is_reset(resp)) {
		if (orig == ZEEK_SYN_SENT || orig == ZEEK_SYN_ACK_SENT ||
				(is_reset(orig) && no_bytes))
			return "REJ";
		return is_active(orig) ? "RSTR" : "RSTRH";
	}
	if (is_reset(orig)) {
		if (is_active(resp))
			return "RSTO";
		return is_syn_then_reset(evidence) ? "RSTOS0" : "OTH";
	}
	if (orig == ZEEK_CLOSED && resp == ZEEK_CLOSED)
		return "SF";
	if (orig == ZEEK_CLOSED)
		return is_active(resp) ? "S2" : "SH";
	if (resp == ZEEK_CLOSED)
		return is_active(orig) ? "S3" : "SHR";
	if (orig == ZEEK_SYN_SENT && resp == ZEEK_INACTIVE)
		return "S0";
	if (orig == ZEEK_ESTABLISHED && resp == ZEEK_ESTABLISHED)
		return "S1";
	return "OTH";
}
