/* SPDX-License-Identifier: Apache-2.0 */

#include "naive_facts.h"
#include "naive_seq.h"

/* --- acknowledgements, data and FINs --- */

/*
 * Sequence number acceptable to the receiver (RFC 9293 section 3.4). Choice: or one
 * before, as of a keep-alive, which it answers.
 */
static bool
is_acceptable(const struct naive_connection *c, const struct naive_seen *seen)
{
	enum flow_side receiver = flow_peer(seen->side);
	uint32_t acked;

	return !naive_acked(c, receiver, &acked) || seen->tcp.seq == acked ||
			seen->tcp.seq + 1 == acked ||
			naive_is_within(seen->tcp.seq, acked, naive_window(c, receiver));
}

static void
establish(struct naive_connection *c, size_t by)
{
	c->established_by = by;
	c->state = NAIVE_ESTABLISHED;
	c->unreachable = false;
}

/* The receiver of a RST that would end the connection completes the handshake. */
static void
note_disobeyed(struct naive_connection *c, enum flow_side side)
{
	struct naive_seen *rst = naive_rst_of(c);

	if (rst != NULL && rst->rst_before_fins && rst->side != side &&
			(rst->belief == NAIVE_DOUBTED || rst->belief == NAIVE_BELIEVED))
		rst->rst_disobeyed = true;
}

/* What is no answer to a SYN; or who goes on alone, as if there had been one. */
static void
note_unanswered(struct naive_connection *c, const struct naive_seen *seen)
{
	if (c->state == NAIVE_SYN_SENT && seen->side == FLOW_SERVER)
		c->odd_answer = true;
	else if (c->state == NAIVE_SYN_SENT && seen->kind == SEGMENT_ACK &&
			!naive_heard(c, FLOW_SERVER))
		c->went_on = true;
	else if (c->state == NAIVE_SYN_RECEIVED && seen->side == FLOW_SERVER &&
			!naive_heard(c, FLOW_CLIENT))
		c->went_on = true;
}

/*
 * Choice: a FIN far from where its side stands is somebody else's; after a RST that was
 * obeyed it closes nothing any more.
 */
static void
take_fin(struct naive_connection *c, struct naive_seen *fin)
{
	uint32_t end;

	fin->fin_counts = !naive_sent_end(c, fin->side, &end) ||
			naive_is_near(fin->tcp.seq, end, 1 << 22);
	fin->closes = fin->fin_counts && c->state != NAIVE_RESET;
}

/* A keep-alive repeats the last number, with a byte or none (RFC 9293 section 3.8.4). */
static bool
is_data_again(const struct naive_connection *c, const struct naive_seen *seen)
{
	uint32_t end;

	return seen->tcp.payload_len != 0 && naive_sent_end(c, seen->side, &end) &&
			naive_is_before(seen->tcp.seq, end) &&
			!(seen->tcp.payload_len == 1 && seen->tcp.seq + 1 == end);
}

/* Choice: numbers are taken wherever they lie, unless further than any window reaches. */
void
naive_take_ack(struct naive_connection *c, struct naive_seen *seen)
{
	if (c->state == NAIVE_SYN_RECEIVED && seen->side == FLOW_CLIENT &&
			naive_acks_syn_of(c, FLOW_SERVER, seen->tcp.ack) &&
			is_acceptable(c, seen)) {
		note_disobeyed(c, seen->side);
		establish(c, c->count);
	} else {
		note_unanswered(c, seen);
	}
	if (seen->kind == SEGMENT_FIN)
		take_fin(c, seen);
	seen->repeats = is_data_again(c, seen);
	seen->taken = true;
}

/* What all segments so far, the last with them, come to. */
void
naive_settle_state(struct naive_connection *c)
{
	bool fin_client = naive_has_fin(c, FLOW_CLIENT);
	bool fin_server = naive_has_fin(c, FLOW_SERVER);
	const struct naive_seen *last = naive_last(c);
	uint32_t end;

	if (c->state == NAIVE_RESET)
		return;
	if (fin_client && fin_server && c->state != NAIVE_TIME_WAIT)
		c->state = NAIVE_CLOSING;
	if (c->state == NAIVE_MIDSTREAM && naive_sent_end(c, flow_peer(last->side), &end) &&
			(last->kind == SEGMENT_ACK || last->kind == SEGMENT_FIN) &&
			naive_is_near(last->tcp.ack, end, 1 << 30))
		c->state = NAIVE_ESTABLISHED;
	if (c->state == NAIVE_SYN_CROSSED && naive_syn_acked(c, FLOW_CLIENT) &&
			naive_syn_acked(c, FLOW_SERVER)) {
		note_disobeyed(c, last->side);
		establish(c, c->count - 1);
	}
	if (c->state == NAIVE_ESTABLISHED && (fin_client || fin_server))
		c->state = NAIVE_FIN_WAIT;
	if (c->state == NAIVE_CLOSING && naive_fin_acked(c, FLOW_CLIENT) &&
			naive_fin_acked(c, FLOW_SERVER) &&
			(last->kind == SEGMENT_ACK || last->kind == SEGMENT_FIN))
		c->state = NAIVE_TIME_WAIT;
}

/* --- RSTs --- */

/*
 * Which RST is told of: the one that ends the connection or, if none does, the first.
 * Choice: of those that do not, one that might have takes the place of one that could not.
 */
static bool
takes_its_place(const struct naive_connection *c, const struct naive_seen *rst)
{
	const struct naive_seen *old = naive_rst_of(c);

	if (rst->belief == NAIVE_IGNORED)
		return old == NULL && c->pending == NAIVE_NEVER;
	if (old == NULL)
		return true;
	if (old->belief == NAIVE_DOUBTED)
		return rst->belief == NAIVE_BELIEVED;
	return old->belief != NAIVE_BELIEVED || old->rst_disobeyed || !old->rst_before_fins;
}

void
naive_take_rst(struct naive *naive, struct naive_connection *c, struct naive_seen *rst)
{
	const struct naive_seen *old = naive_rst_of(c);
	bool told;

	if (c->state == NAIVE_RESET) {
		naive_append(c, rst);
		return;
	}
	naive_judge_rst(c, &naive->params, rst);
	told = takes_its_place(c, rst);
	/* Choice: the RST after a challenge ACK is the second try of the same reset. */
	if (told && old != NULL && old->rst.after == RST_AFTER_CHALLENGED)
		rst->rst.after = RST_AFTER_CHALLENGED;
	if (told) {
		c->rst = c->count;
		c->pending = NAIVE_NEVER;
	}
	rst = naive_append(c, rst);
	if (told && rst->belief == NAIVE_IGNORED)
		naive_say_rst(naive, c, rst, rst->time_us);
	if (rst->belief == NAIVE_BELIEVED)
		naive_reset(naive, c, rst, rst->time_us);
}
