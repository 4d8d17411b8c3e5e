/* SPDX-License-Identifier: Apache-2.0 */

#include "naive_facts.h"

#include "naive_seq.h"

/*
 * Numbers that lie further ahead than any window reaches (RFC 7323 section 2.3) are not
 * ahead but strange.
 */
static bool
is_ahead(uint32_t a, uint32_t b)
{
	return naive_is_before(b, a) && naive_is_near(a, b, INT64_C(1) << 30);
}

enum segment_kind
naive_kind(const struct build_tcp *tcp)
{
	bool syn = (tcp->tcp_flags & TCP_SYN) != 0;
	bool ack = (tcp->tcp_flags & TCP_ACK) != 0;
	bool fin = (tcp->tcp_flags & TCP_FIN) != 0;
	bool rst = (tcp->tcp_flags & TCP_RST) != 0;

	if (syn && (rst || fin))
		return SEGMENT_ILLEGAL;
	if (rst)
		return SEGMENT_RST;
	if (syn)
		return ack ? SEGMENT_SYNACK : SEGMENT_SYN;
	if (!ack)
		return SEGMENT_ILLEGAL;
	return fin ? SEGMENT_FIN : SEGMENT_ACK;
}

uint32_t
naive_len(const struct build_tcp *tcp)
{
	return tcp->payload_len + ((tcp->tcp_flags & TCP_SYN) != 0) +
			((tcp->tcp_flags & TCP_FIN) != 0);
}

bool
naive_sent_end(const struct naive_connection *c, enum flow_side side, uint32_t *end)
{
	bool known = false;

	*end = 0;
	for (size_t i = 0; i < c->count; i++) {
		const struct naive_seen *seen = &c->seen[i];
		uint32_t this_end = seen->tcp.seq + naive_len(&seen->tcp);

		if (seen->side != side || !seen->taken)
			continue;
		if (!known || seen->starts_over || is_ahead(this_end, *end))
			*end = this_end;
		known = true;
	}
	return known;
}

bool
naive_acked(const struct naive_connection *c, enum flow_side side, uint32_t *ack)
{
	bool known = false;

	*ack = 0;
	for (size_t i = 0; i < c->count; i++) {
		const struct naive_seen *seen = &c->seen[i];

		if (seen->side != side || !seen->taken || (seen->tcp.tcp_flags & TCP_ACK) == 0)
			continue;
		if (!known || is_ahead(seen->tcp.ack, *ack))
			*ack = seen->tcp.ack;
		known = true;
	}
	return known;
}

/* Both sides must offer window scaling for either to use it (RFC 7323 section 2.2). */
static uint32_t
shift_of(const struct naive_connection *c, enum flow_side side)
{
	const struct naive_seen *mine = naive_syn_of(c, side);
	const struct naive_seen *other = naive_syn_of(c, flow_peer(side));

	if (mine == NULL || other == NULL || !mine->tcp.options.has_wscale ||
			!other->tcp.options.has_wscale)
		return 0;
	return mine->tcp.options.wscale < 14 ? mine->tcp.options.wscale : 14;
}

/* Choice: scaled as soon as the side has sent more than its SYN. */
static bool
has_sent_more(const struct naive_connection *c, enum flow_side side)
{
	return naive_first(c, SEGMENT_ACK, side) != NULL || naive_has_fin(c, side);
}

uint32_t
naive_window(const struct naive_connection *c, enum flow_side side)
{
	bool known = false;
	uint32_t ack = 0;
	uint32_t window = c->window_from[side] != 0 ? UINT16_MAX : 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct naive_seen *seen = &c->seen[i];
		bool has_ack = (seen->tcp.tcp_flags & TCP_ACK) != 0;

		if (seen->side != side || !seen->taken)
			continue;
		if (has_ack && known && seen->tcp.ack != ack && !is_ahead(seen->tcp.ack, ack))
			continue; /* an old acknowledgement's window is old too */
		if (i >= c->window_from[side])
			window = seen->tcp.window;
		if (has_ack) {
			ack = seen->tcp.ack;
			known = true;
		}
	}
	return window << (has_sent_more(c, side) ? shift_of(c, side) : 0);
}

const struct naive_seen *
naive_first(const struct naive_connection *c, enum segment_kind kind, enum flow_side side)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->seen[i].kind == kind && c->seen[i].side == side && c->seen[i].taken)
			return &c->seen[i];
	return NULL;
}

const struct naive_seen *
naive_syn_of(const struct naive_connection *c, enum flow_side side)
{
	for (size_t i = c->count; i-- != 0;)
		if (c->seen[i].side == side && c->seen[i].opens)
			return &c->seen[i];
	return NULL;
}

const struct naive_seen *
naive_good_synack(const struct naive_connection *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->seen[i].answers)
			return &c->seen[i];
	return NULL;
}

bool
naive_acks_syn_of(const struct naive_connection *c, enum flow_side side, uint32_t ack)
{
	const struct naive_seen *syn = naive_syn_of(c, side);
	uint32_t end;

	return syn != NULL && naive_sent_end(c, side, &end) &&
			naive_steps(syn->tcp.seq + 1, ack) <= naive_steps(syn->tcp.seq + 1, end);
}

bool
naive_syn_acked(const struct naive_connection *c, enum flow_side by)
{
	uint32_t ack;

	return naive_acked(c, by, &ack) && naive_acks_syn_of(c, flow_peer(by), ack);
}

bool
naive_has_fin(const struct naive_connection *c, enum flow_side side)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->seen[i].side == side && c->seen[i].closes)
			return true;
	return false;
}

/* Choice: with its FIN, all that the other side has sent. */
bool
naive_fin_acked(const struct naive_connection *c, enum flow_side by)
{
	uint32_t ack, end;

	return naive_acked(c, by, &ack) && naive_sent_end(c, flow_peer(by), &end) &&
			!naive_is_before(ack, end);
}

bool
naive_in_flight(const struct naive_connection *c)
{
	for (enum flow_side side = FLOW_CLIENT; side < FLOW_SIDES; side++) {
		uint32_t end, ack;

		if (naive_sent_end(c, side, &end) && naive_acked(c, flow_peer(side), &ack) &&
				naive_is_before(ack, end))
			return true;
	}
	return false;
}

bool
naive_heard(const struct naive_connection *c, enum flow_side side)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->seen[i].side == side && c->seen[i].taken)
			return true;
	return false;
}

const struct naive_seen *
naive_last(const struct naive_connection *c)
{
	return &c->seen[c->count - 1];
}

struct naive_seen *
naive_rst_of(const struct naive_connection *c)
{
	return c->rst != NAIVE_NEVER ? &c->seen[c->rst] : NULL;
}

/*
 * The first RST counts unless both FINs came before it. Choice: so does one whose sender
 * went on, as its receiver had to believe it; if the receiver went on as well, any other
 * end that was seen comes before it.
 */
bool
naive_rst_ends(const struct naive_connection *c)
{
	const struct naive_seen *rst = naive_rst_of(c);
	bool fin = naive_has_fin(c, FLOW_CLIENT) || naive_has_fin(c, FLOW_SERVER);

	return rst != NULL && rst->rst_before_fins &&
			(rst->belief == NAIVE_DOUBTED || rst->belief == NAIVE_BELIEVED) &&
			!(rst->rst_disobeyed && fin);
}
