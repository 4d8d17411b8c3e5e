/* SPDX-License-Identifier: Apache-2.0 */

#include "naive_facts.h"

/* Whether it is the SYN that opened its side, once more. */
static bool
is_syn_again(const struct naive_connection *c, const struct naive_seen *syn)
{
	const struct naive_seen *old = naive_syn_of(c, syn->side);

	return old != NULL && old->tcp.seq == syn->tcp.seq;
}

/* A SYN that its answer overtook on the way to the capture. */
static bool
is_late_syn(const struct naive_connection *c, const struct naive_seen *syn)
{
	uint32_t acked;

	return c->state == NAIVE_SYN_RECEIVED && syn->side == FLOW_CLIENT &&
			naive_syn_of(c, FLOW_CLIENT) == NULL &&
			naive_acked(c, FLOW_SERVER, &acked) && acked == syn->tcp.seq + 1;
}

bool
naive_begins_anew(const struct naive_connection *c, const struct naive_seen *syn)
{
	switch (c->state) {
	case NAIVE_RESET:
	case NAIVE_MIDSTREAM:
		return true;
	case NAIVE_SYN_SENT:
		/* Choice: a SYN that has been answered, if oddly, is not crossed by another. */
		if (syn->side == FLOW_SERVER)
			return c->odd_answer;
		return !is_syn_again(c, syn);
	case NAIVE_SYN_CROSSED:
	case NAIVE_SYN_RECEIVED:
	case NAIVE_CLOSING:
	case NAIVE_TIME_WAIT:
		return !is_syn_again(c, syn) && !is_late_syn(c, syn);
	default:
		return false;
	}
}

/*
 * A SYN inside the connection is remembered, the last of them. Choice: there is room for
 * it or for a RST, and one that ended the connection or is still to be reported goes first.
 */
static void
remember_syn(struct naive_connection *c, struct naive_seen *syn)
{
	const struct naive_seen *rst = naive_rst_of(c);
	bool ends = rst != NULL && rst->rst_before_fins &&
			(rst->belief == NAIVE_DOUBTED || rst->belief == NAIVE_BELIEVED);

	syn->in_connection = true;
	if (rst != NULL && (ends || !rst->rst_reported))
		return;
	c->rst = NAIVE_NEVER;
	if (c->pending == NAIVE_NEVER || c->seen[c->pending].side != syn->side ||
			c->seen[c->pending].tcp.seq != syn->tcp.seq)
		c->pending = c->count;
}

void
naive_take_syn(struct naive_connection *c, struct naive_seen *syn)
{
	if (is_syn_again(c, syn)) {
		syn->repeats = true;
	} else if (c->state == NAIVE_ESTABLISHED || c->state == NAIVE_FIN_WAIT) {
		remember_syn(c, syn);
	} else {
		syn->taken = syn->opens = true;
		if (c->state == NAIVE_SYN_SENT)
			c->state = NAIVE_SYN_CROSSED;
	}
}

bool
naive_is_pending_answer(const struct naive_connection *c, const struct naive_seen *seen)
{
	return seen->kind == SEGMENT_SYNACK && c->pending != NAIVE_NEVER &&
			c->seen[c->pending].side != seen->side &&
			seen->tcp.ack == c->seen[c->pending].tcp.seq + 1;
}

/* Choice: what was sent before SYNs crossed answered nothing, and is not repeated. */
bool
naive_sent_synack(const struct naive_connection *c, enum flow_side side)
{
	bool sent = false;

	for (size_t i = 0; i < c->count; i++) {
		const struct naive_seen *seen = &c->seen[i];

		if (seen->kind == SEGMENT_SYN && seen->side == FLOW_SERVER && seen->opens)
			sent = false;
		if (seen->kind == SEGMENT_SYNACK && seen->side == side && seen->taken)
			sent = true;
	}
	return sent;
}

/* Whether a SYN-ACK's number is the ISN that its side's segments so far belong to. */
static bool
has_isn_of_side(const struct naive_connection *c, const struct naive_seen *synack)
{
	const struct naive_seen *syn = naive_syn_of(c, synack->side);

	if (syn != NULL)
		return syn->tcp.seq == synack->tcp.seq;
	for (size_t i = 0; i < c->count; i++)
		if (c->seen[i].side == synack->side)
			return c->seen[i].tcp.seq - ((c->seen[i].tcp.tcp_flags & TCP_SYN) == 0) ==
					synack->tcp.seq;
	return true;
}

/*
 * Whether it is the first to answer a SYN that was seen. Choice: after another end that is
 * only counted, and so are those behind it if SYNs crossed.
 */
static bool
is_answer(const struct naive_connection *c, const struct naive_seen *synack)
{
	if (c->state == NAIVE_SYN_CROSSED)
		return !naive_sent_synack(c, FLOW_CLIENT) && !naive_sent_synack(c, FLOW_SERVER);
	return c->state == NAIVE_SYN_SENT && synack->side == FLOW_SERVER;
}

void
naive_take_synack(struct naive_connection *c, struct naive_seen *synack)
{
	enum flow_side peer = flow_peer(synack->side);

	if (naive_syn_of(c, peer) != NULL && !naive_acks_syn_of(c, peer, synack->tcp.ack))
		return; /* it changes nothing */
	synack->taken = true;
	synack->answers = is_answer(c, synack);
	synack->repeats = has_isn_of_side(c, synack) && naive_sent_synack(c, synack->side);
	if (synack->side != FLOW_SERVER)
		return;
	if (c->state != NAIVE_SYN_SENT && c->state != NAIVE_SYN_RECEIVED)
		return;
	/* Choice: a server that answers anew with another number means that one from now on. */
	synack->opens = true;
	synack->starts_over = !has_isn_of_side(c, synack);
	if (c->state == NAIVE_SYN_SENT)
		c->went_on = false;
	c->state = NAIVE_SYN_RECEIVED;
}
