/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/zeek.h"

#include <stdbool.h>
#include <string.h>

#define LETTER_BITS 5
#define LETTERS_PER_WORD 6
#define LETTER_MASK ((UINT32_C(1) << LETTER_BITS) - 1)

/* A letter's code is its place here, from 1; the responder's are the second of each pair. */
static const char letters[] = " ^SsHhAaDdFfRrIiQq";

static uint32_t
letter_code(char letter, enum flow_side side)
{
	const char *upper = strchr(letters + 1, letter);

	return (uint32_t)(upper - letters) + (side == FLOW_SERVER && letter != '^');
}

static uint32_t
history_code(const struct flow_evidence *evidence, uint32_t n)
{
	return evidence->history[n / LETTERS_PER_WORD] >> n % LETTERS_PER_WORD * LETTER_BITS &
			LETTER_MASK;
}

static bool
history_has(const struct flow_evidence *evidence, char letter, enum flow_side side)
{
	uint32_t code = letter_code(letter, side);

	for (uint32_t n = 0; n < FLOW_HISTORY_LETTERS; n++)
		if (history_code(evidence, n) == code)
			return true;
	return false;
}

static void
history_add(const struct flow_ref *flow, char letter, enum flow_side side)
{
	for (uint32_t n = 0; n < FLOW_HISTORY_LETTERS; n++)
		if (history_code(flow->evidence, n) == 0) {
			flow->evidence->history[n / LETTERS_PER_WORD] |= letter_code(letter, side)
					<< n % LETTERS_PER_WORD * LETTER_BITS;
			return;
		}
	flow->tally->history_cut = 1;
}

static void
history_add_once(const struct flow_ref *flow, char letter, enum flow_side side)
{
	if (!history_has(flow->evidence, letter, side))
		history_add(flow, letter, side);
}

uint16_t
zeek_rst_number(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	return (uint16_t)(segment->seq - flow->tally->isn[side]);
}

void
zeek_flip(const struct flow_ref *flow)
{
	history_add(flow, '^', FLOW_CLIENT);
}

/* SYN, FIN or RST alone. */
static void
history_control(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	const struct flow_evidence *evidence = flow->evidence;

	if ((segment->tcp_flags & TCP_SYN) != 0) {
		if (!history_has(evidence, 'S', side) && !history_has(evidence, 'H', side))
			history_add(flow, (segment->tcp_flags & TCP_ACK) != 0 ? 'H' : 'S', side);
	} else if ((segment->tcp_flags & TCP_FIN) != 0) {
		uint32_t end = segment->seq + segment->payload_len + 1;

		if (!history_has(evidence, 'F', side) || end != flow->entry->seq_next[side])
			history_add(flow, 'F', side);
	} else {
		if (!history_has(evidence, 'R', side) ||
				zeek_rst_number(flow, segment, side) != flow->entry->window[side])
			history_add(flow, 'R', side);
	}
}

static void
history_segment(const struct flow_ref *flow, const struct segment *segment, enum flow_side side)
{
	uint8_t control = segment->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST);

	if ((control & (control - 1)) != 0) {
		bool fin_rst = (control & TCP_SYN) == 0;

		history_add_once(flow, fin_rst ? 'I' : 'Q', side);
	} else if (control != 0) {
		history_control(flow, segment, side);
	} else if (segment->payload_len != 0) {
		if ((flow->entry->flags & flow_side_flag(FLOW_HISTORY_DATA, side)) == 0)
			history_add(flow, 'D', side);
		flow->entry->flags |= flow_side_flag(FLOW_HISTORY_DATA, side);
	} else if ((segment->tcp_flags & TCP_ACK) != 0) {
		if ((flow->entry->flags & flow_side_flag(FLOW_HISTORY_ACK, side)) == 0)
			history_add(flow, 'A', side);
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
	enum zeek_state state[FLOW_SIDES] = {
		[FLOW_CLIENT] = (enum zeek_state)flow->tally->zeek_client,
		[FLOW_SERVER] = (enum zeek_state)flow->tally->zeek_server,
	};
	enum zeek_state *own = &state[side], *peer = &state[flow_peer(side)];

	if (flow->tally->count[side].pkts == 0)
		flow->tally->isn[side] = segment->seq - ((segment->tcp_flags & TCP_SYN) == 0);
	history_segment(flow, segment, side);
	if ((segment->tcp_flags & (TCP_FIN | TCP_RST)) != 0)
		close_endpoint(own, peer, segment->tcp_flags);
	else
		open_endpoint(own, peer, segment->tcp_flags);
	flow->tally->zeek_client = state[FLOW_CLIENT] & 7;
	flow->tally->zeek_server = state[FLOW_SERVER] & 7;
}

void
zeek_history(const struct flow_evidence *evidence, char *out, size_t room)
{
	size_t n = 0;

	for (; n < FLOW_HISTORY_LETTERS && n + 1 < room && history_code(evidence, (uint32_t)n) != 0;
			n++)
		out[n] = letters[history_code(evidence, (uint32_t)n)];
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
