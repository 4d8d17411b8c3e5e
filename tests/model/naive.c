/* SPDX-License-Identifier: Apache-2.0 */

#include "naive.h"

#include "base/usec.h"
#include "naive_facts.h"

#include <stdlib.h>
#include <string.h>

/* --- growing lists --- */

static void *
grown(void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	*room = *room == 0 ? 8 : 2 * *room;
	list = realloc(list, *room * size);
	if (list == NULL)
		abort();
	return list;
}

void
said_add(struct said_list *list, enum event_kind kind, uint64_t time_us,
		const struct record *record)
{
	list->said = grown(list->said, list->count, &list->room, sizeof(*list->said));
	list->said[list->count++] = (struct said){
		.kind = kind, .time_us = time_us, .record = *record
	};
}

void
said_free(struct said_list *list)
{
	free(list->said);
	*list = (struct said_list){ 0 };
}

struct naive *
naive_create(const struct tracker_params *params)
{
	struct naive *naive = calloc(1, sizeof(*naive));

	if (naive == NULL)
		abort();
	naive->params = *params;
	return naive;
}

void
naive_destroy(struct naive *naive)
{
	for (size_t i = 0; i < naive->count; i++)
		free(naive->connections[i].seen);
	free(naive->connections);
	said_free(&naive->said);
	free(naive);
}

const struct said_list *
naive_said(const struct naive *naive)
{
	return &naive->said;
}

struct naive_seen *
naive_append(struct naive_connection *c, const struct naive_seen *seen)
{
	c->seen = grown(c->seen, c->count, &c->room, sizeof(*c->seen));
	c->seen[c->count] = *seen;
	return &c->seen[c->count++];
}

/* --- connections --- */

static bool
is_between(const struct naive_connection *c, const struct build_tcp *tcp, enum flow_side *side)
{
	if (c->first.ip_version != tcp->ip_version)
		return false;
	for (*side = FLOW_CLIENT; *side < FLOW_SIDES; (*side)++)
		if (memcmp(tcp->src_addr, c->addr[*side], sizeof(tcp->src_addr)) == 0 &&
				memcmp(tcp->dst_addr, c->addr[flow_peer(*side)],
						sizeof(tcp->dst_addr)) == 0 &&
				tcp->src_port == c->port[*side] &&
				tcp->dst_port == c->port[flow_peer(*side)])
			return true;
	return false;
}

static struct naive_connection *
find(struct naive *naive, const struct build_tcp *tcp, enum flow_side *side)
{
	for (size_t i = 0; i < naive->count; i++)
		if (naive->connections[i].open && is_between(&naive->connections[i], tcp, side))
			return &naive->connections[i];
	return NULL;
}

static struct naive_connection *
add_connection(struct naive *naive, const struct build_tcp *tcp, enum flow_side side)
{
	struct naive_connection *c;

	naive->connections = grown(naive->connections, naive->count, &naive->room, sizeof(*c));
	c = &naive->connections[naive->count++];
	*c = (struct naive_connection){ .open = true,
		.first = *tcp,
		.established_by = NAIVE_NEVER,
		.rst = NAIVE_NEVER,
		.pending = NAIVE_NEVER };
	memcpy(c->addr[side], tcp->src_addr, sizeof(c->addr[0]));
	memcpy(c->addr[flow_peer(side)], tcp->dst_addr, sizeof(c->addr[0]));
	c->port[side] = tcp->src_port;
	c->port[flow_peer(side)] = tcp->dst_port;
	return c;
}

/* A RST of no connection that was seen. */
static void
judge_stray(struct naive_connection *c, struct naive_seen *rst)
{
	c->state = NAIVE_RESET;
	c->state_before_rst = NAIVE_MIDSTREAM;
	c->rst = 0;
	rst->belief = NAIVE_BELIEVED;
	rst->rst_before_fins = true;
	rst->rst = (struct record_rst){ .by = FLOW_CLIENT,
		.phase = RST_PHASE_NO_CONNECTION,
		.position = RST_POSITION_UNKNOWN,
		.verdict = RST_STRAY,
		.ttl_delta = RECORD_NO_TTL_DELTA };
}

/*
 * Choice: FIN without ACK is illegal, but where it is all that is known, as in a scan,
 * it is still what the connection ended with.
 */
static bool
is_lone_fin(const struct naive_connection *c, const struct naive_seen *seen)
{
	uint8_t others = TCP_SYN | TCP_RST | TCP_ACK;

	return (seen->tcp.tcp_flags & TCP_FIN) != 0 && (seen->tcp.tcp_flags & others) == 0 &&
			c->state == NAIVE_MIDSTREAM && !naive_heard(c, flow_peer(seen->side));
}

static void
take_illegal(struct naive_connection *c, struct naive_seen *seen)
{
	if (is_lone_fin(c, seen))
		seen->taken = seen->closes = seen->fin_counts = true;
	naive_append(c, seen);
}

static void
open_connection(struct naive *naive, const struct step *step)
{
	struct naive_seen seen = {
		.time_us = step->time_us, .kind = naive_kind(&step->tcp), .tcp = step->tcp
	};
	struct naive_connection *c;

	seen.side = seen.kind == SEGMENT_SYNACK ? FLOW_SERVER : FLOW_CLIENT;
	seen.taken = seen.kind != SEGMENT_RST && seen.kind != SEGMENT_ILLEGAL;
	c = add_connection(naive, &step->tcp, seen.side);
	switch (seen.kind) {
	case SEGMENT_SYN:
		c->state = NAIVE_SYN_SENT;
		seen.opens = true;
		break;
	case SEGMENT_SYNACK:
		c->state = NAIVE_SYN_RECEIVED;
		seen.opens = seen.answers = true;
		break;
	case SEGMENT_RST:
		judge_stray(c, &seen);
		break;
	default:
		/* Choice: with FIN too, as one side proves nothing. */
		c->state = NAIVE_MIDSTREAM;
		seen.closes = seen.fin_counts = seen.kind == SEGMENT_FIN || is_lone_fin(c, &seen);
		seen.taken |= seen.closes;
		break;
	}
	naive_append(c, &seen);
}

/* --- segments --- */

/* The client says this before the server has said anything. */
static bool
is_unanswered(const struct naive_connection *c, const struct naive_seen *seen)
{
	return c->state == NAIVE_SYN_SENT && seen->side == FLOW_CLIENT && !c->went_on &&
			!naive_heard(c, FLOW_SERVER) && !naive_has_fin(c, FLOW_CLIENT);
}

static void
take_segment(struct naive *naive, struct naive_connection *c, struct naive_seen *seen)
{
	struct naive_seen *rst = naive_rst_of(c);
	enum rst_after after = rst != NULL ? naive_refutes(c, rst, seen) : RST_AFTER_UNSET;
	enum rst_after before = rst != NULL ? rst->rst.after : RST_AFTER_UNSET;
	bool unanswered;

	if (after != RST_AFTER_UNSET)
		naive_refute(c, rst, after);
	else if (rst != NULL)
		naive_note_progress(c, rst, seen);
	unanswered = is_unanswered(c, seen);
	if (seen->kind == SEGMENT_SYN)
		naive_take_syn(c, seen);
	else if (seen->kind == SEGMENT_SYNACK)
		naive_take_synack(c, seen);
	else
		naive_take_ack(c, seen);
	naive_append(c, seen);
	naive_settle_state(c);
	if (seen->closes && unanswered)
		naive_judge_handshake(naive, c, HANDSHAKE_CLIENT_FIN, seen->time_us);
	/* Choice: what became of a challenged one is waited for. */
	if (after == RST_AFTER_WENT_ON && before != RST_AFTER_WENT_ON) {
		naive_rst_of(c)->rst_reported = false; /* it is told anew */
		naive_say_rst(naive, c, naive_rst_of(c), seen->time_us);
	}
}

/* Choice: that a packet is too big ends no hope (ICMP type 3 code 4, ICMPv6 type 2). */
static bool
is_end_of_hope(const struct step *step)
{
	return step->tcp.ip_version == 4 ? step->icmp_type != 3 || step->icmp_code != 4
					 : step->icmp_type != 2;
}

/* Choice: it is judged at once, and the first one counts. */
static void
take_unreachable(struct naive *naive, struct naive_connection *c, const struct step *step,
		enum flow_side side)
{
	const struct naive_seen *syn = naive_syn_of(c, FLOW_CLIENT);

	if (c->state != NAIVE_SYN_SENT || side != FLOW_CLIENT || c->unreachable ||
			!is_end_of_hope(step) || syn->tcp.seq != step->tcp.seq)
		return;
	c->unreachable = true;
	c->icmp_type = step->icmp_type;
	c->icmp_code = step->icmp_code;
	naive_judge_handshake(naive, c, HANDSHAKE_UNREACHABLE, step->time_us);
}

/*
 * The SYN in the connection turns out to have begun another: at that SYN. Choice: all
 * that is kept of it is its number and time; the tags are those of its answer, and it no
 * longer counts in the old connection.
 */
static void
restart_at_pending(struct naive *naive, struct naive_connection *c, const struct build_tcp *answer)
{
	struct step first = { .time_us = c->seen[c->pending].time_us,
		.tcp = c->seen[c->pending].tcp };

	first.tcp.vlan_count = answer->vlan_count;
	memcpy(first.tcp.vlan, answer->vlan, sizeof(first.tcp.vlan));
	first.tcp.options = (struct build_options){ 0 };
	first.tcp.hop_limit = 0;
	first.tcp.window = 0;
	first.tcp.payload_len = 0;
	c->seen[c->pending].moved = true;
	naive_release(naive, c, END_OPEN, first.time_us);
	open_connection(naive, &first);
}

static void
take_step(struct naive *naive, struct naive_connection *c, const struct step *step,
		struct naive_seen *seen)
{
	if (seen->kind == SEGMENT_ILLEGAL) {
		take_illegal(c, seen);
	} else if (seen->kind == SEGMENT_RST) {
		naive_take_rst(naive, c, seen);
	} else if (seen->kind == SEGMENT_SYN && naive_begins_anew(c, seen)) {
		/* Choice: an attempt that another one replaces was open until then. */
		naive_release(naive, c, END_OPEN, step->time_us);
		open_connection(naive, step);
	} else if (naive_is_pending_answer(c, seen)) {
		restart_at_pending(naive, c, &step->tcp);
		c = find(naive, &step->tcp, &seen->side);
		take_segment(naive, c, seen);
	} else {
		take_segment(naive, c, seen);
	}
}

void
naive_step(struct naive *naive, const struct step *step)
{
	struct naive_seen seen = {
		.time_us = step->time_us, .kind = naive_kind(&step->tcp), .tcp = step->tcp
	};
	struct naive_connection *c;

	for (size_t i = 0; i < naive->count; i++)
		naive_run_timers(naive, &naive->connections[i], step->time_us);
	c = find(naive, &step->tcp, &seen.side);
	if (step->is_icmp) {
		if (c != NULL)
			take_unreachable(naive, c, step, seen.side);
	} else if (c == NULL) {
		open_connection(naive, step);
	} else {
		take_step(naive, c, step, &seen);
	}
}

void
naive_finish(struct naive *naive, uint64_t now_us)
{
	for (size_t i = 0; i < naive->count; i++) {
		naive_run_timers(naive, &naive->connections[i], now_us);
		if (naive->connections[i].open)
			naive_release(naive, &naive->connections[i], END_OPEN, now_us);
	}
}
