/* SPDX-License-Identifier: Apache-2.0 */

#include "base/usec.h"
#include "naive_facts.h"
#include "naive_seq.h"

#include <stdlib.h>

/* Choice: nothing but illegal segments, a scan's probe say, is no connection. */
static bool
is_no_connection(const struct naive_connection *c)
{
	uint32_t ack;

	return c->state == NAIVE_MIDSTREAM && !naive_acked(c, FLOW_CLIENT, &ack) &&
			!naive_acked(c, FLOW_SERVER, &ack);
}

/* Choice: once a side has sent FIN it is closing, even if the handshake is not complete. */
static enum rst_phase
phase_of(const struct naive_connection *c)
{
	if (is_no_connection(c))
		return RST_PHASE_NO_CONNECTION;
	if (naive_has_fin(c, FLOW_CLIENT) || naive_has_fin(c, FLOW_SERVER))
		return RST_PHASE_CLOSING;
	switch (c->state) {
	case NAIVE_SYN_SENT:
	case NAIVE_SYN_CROSSED:
	case NAIVE_SYN_RECEIVED:
		return RST_PHASE_HANDSHAKE;
	default:
		return RST_PHASE_ESTABLISHED;
	}
}

static bool
answers_syn(const struct naive_connection *c, const struct naive_seen *rst)
{
	return c->state == NAIVE_SYN_SENT && rst->side == FLOW_SERVER;
}

/* It refuses a SYN inside the connection: its sender has no such connection left. */
static bool
refuses_pending_syn(const struct naive_connection *c, const struct naive_seen *rst)
{
	return c->pending != NAIVE_NEVER && c->seen[c->pending].side != rst->side &&
			(rst->tcp.tcp_flags & TCP_ACK) != 0 &&
			rst->tcp.ack == c->seen[c->pending].tcp.seq + 1;
}

/* What the receiver expects next: what it has acknowledged, or the end of what was sent to it. */
static enum rst_position
position_of(const struct naive_connection *c, const struct naive_seen *rst)
{
	enum flow_side receiver = flow_peer(rst->side);
	uint32_t sent_end, acked;
	bool has_end = naive_sent_end(c, rst->side, &sent_end);
	bool has_ack = naive_acked(c, receiver, &acked);

	if (answers_syn(c, rst) && (rst->tcp.tcp_flags & TCP_ACK) != 0 &&
			naive_acks_syn_of(c, receiver, rst->tcp.ack))
		return RST_EXACT;
	if (refuses_pending_syn(c, rst))
		return RST_EXACT;
	if ((has_end && rst->tcp.seq == sent_end) || (has_ack && rst->tcp.seq == acked))
		return RST_EXACT;
	if (!has_ack)
		return answers_syn(c, rst) ? RST_OUT : RST_POSITION_UNKNOWN;
	return naive_is_within(rst->tcp.seq, acked, naive_window(c, receiver)) ? RST_WINDOW
									       : RST_OUT;
}

static int16_t
ttl_delta_of(const struct naive_connection *c, const struct naive_seen *rst)
{
	int16_t delta = RECORD_NO_TTL_DELTA;

	for (size_t i = 0; i < c->count; i++)
		if (c->seen[i].side == rst->side && c->seen[i].taken &&
				c->seen[i].tcp.hop_limit != 0)
			delta = (int16_t)(rst->tcp.hop_limit - c->seen[i].tcp.hop_limit);
	return delta;
}

/*
 * It answers the segment before it: its number is where that side's acknowledgements
 * stand. Choice: a host that knows no connection answers without ACK, an abort bears one
 * (RFC 9293 section 3.10.7.1).
 */
static bool
is_answer(const struct naive_connection *c, const struct naive_seen *rst)
{
	uint32_t acked;

	return (rst->tcp.tcp_flags & TCP_ACK) == 0 && naive_last(c)->side != rst->side &&
			naive_acked(c, flow_peer(rst->side), &acked) && acked == rst->tcp.seq;
}

/*
 * The gap before the last segment. Choice: segments with the same time are as one; a gap
 * is not remembered under a second, nor beside an earlier RST or a pending SYN.
 */
static uint64_t
gap_before_last(const struct naive_connection *c)
{
	uint64_t gap_us = 0;

	if (c->rst != NAIVE_NEVER || c->pending != NAIVE_NEVER)
		return 0;
	for (size_t i = c->count - 1; i != 0 && gap_us == 0; i--)
		gap_us = c->seen[i].time_us - c->seen[i - 1].time_us;
	return gap_us >= USEC_PER_SEC ? gap_us : 0;
}

/* Before the RST; if it answers a segment, before that one. In tenths, rounded. */
static uint32_t
idle_ms_of(const struct naive_connection *c, const struct naive_seen *rst)
{
	uint64_t idle_us = rst->time_us - naive_last(c)->time_us;

	if (rst->rst.answered)
		idle_us += gap_before_last(c) / 100 * 100;
	return (uint32_t)((idle_us / 100 + 5) / 10);
}

static enum rst_verdict
verdict_of(const struct naive_connection *c, const struct tracker_params *params,
		const struct naive_seen *rst)
{
	bool ttl_off = rst->rst.ttl_delta != RECORD_NO_TTL_DELTA &&
			abs(rst->rst.ttl_delta) > params->rst_ttl_tolerance;

	if (rst->rst.phase == RST_PHASE_NO_CONNECTION)
		return RST_STRAY;
	/* Choice: after a FIN a RST is common and benign, wherever it lies. */
	if (rst->rst.phase == RST_PHASE_CLOSING)
		return RST_LATE;
	if (rst->rst.position == RST_OUT || ttl_off)
		return RST_SUSPECTED_INJECTION;
	if (rst->rst.phase == RST_PHASE_ESTABLISHED)
		return RST_MID_CONNECTION;
	return answers_syn(c, rst) ? RST_REFUSED : RST_ABORTED_HANDSHAKE;
}

void
naive_judge_rst(const struct naive_connection *c, const struct tracker_params *params,
		struct naive_seen *rst)
{
	rst->rst_came_in = c->state;
	rst->rst.by = rst->side;
	rst->rst.phase = phase_of(c);
	rst->rst.position = position_of(c, rst);
	rst->rst.ttl_delta = ttl_delta_of(c, rst);
	rst->rst.answered = is_answer(c, rst);
	rst->rst.idle_ms = idle_ms_of(c, rst);
	rst->rst.in_flight = naive_in_flight(c);
	rst->rst.after_fin = rst->rst.phase == RST_PHASE_CLOSING;
	rst->rst.verdict = verdict_of(c, params, rst);
	rst->rst.after = RST_AFTER_UNSET;
	rst->rst_before_fins = !naive_has_fin(c, FLOW_CLIENT) || !naive_has_fin(c, FLOW_SERVER);
	/* Choice: where too little was seen to tell, it is believed. */
	if (rst->rst.position == RST_EXACT || rst->rst.position == RST_POSITION_UNKNOWN)
		rst->belief = NAIVE_BELIEVED;
	else if (rst->rst.position == RST_OUT && !answers_syn(c, rst))
		rst->belief = NAIVE_IGNORED;
	else
		rst->belief = NAIVE_DOUBTED;
}

static bool
is_new_data(const struct naive_connection *c, const struct naive_seen *seen)
{
	uint32_t end;

	return seen->tcp.payload_len != 0 && naive_sent_end(c, seen->side, &end) &&
			naive_is_before(end, seen->tcp.seq + seen->tcp.payload_len);
}

static bool
is_new_ack(const struct naive_connection *c, const struct naive_seen *seen)
{
	uint32_t ack;

	return naive_acked(c, seen->side, &ack) && naive_is_before(ack, seen->tcp.ack);
}

/* A challenge ACK (RFC 5961 section 3.2): the receiver repeats where it stands. */
static bool
is_challenge(const struct naive_connection *c, const struct naive_seen *seen)
{
	uint32_t end, ack;

	return seen->tcp.payload_len == 0 && naive_sent_end(c, seen->side, &end) &&
			naive_acked(c, seen->side, &ack) && seen->tcp.seq == end &&
			seen->tcp.ack == ack;
}

/*
 * The handshake goes on: a SYN sent again, a first good SYN-ACK; or a SYN-ACK of the side
 * that is said to have refused the SYN.
 */
static bool
goes_on_in_handshake(const struct naive_connection *c, const struct naive_seen *rst,
		const struct naive_seen *seen)
{
	const struct naive_seen *own = naive_syn_of(c, seen->side);
	const struct naive_seen *other = naive_syn_of(c, flow_peer(seen->side));
	bool good = seen->kind == SEGMENT_SYNACK &&
			(other == NULL ||
					naive_acks_syn_of(c, flow_peer(seen->side), seen->tcp.ack));

	switch (c->state) {
	case NAIVE_RESET:
		return good && c->state_before_rst == NAIVE_SYN_SENT && seen->side == rst->side;
	case NAIVE_SYN_SENT:
		if (good && seen->side == FLOW_SERVER)
			return rst->belief == NAIVE_DOUBTED;
		break;
	case NAIVE_SYN_CROSSED:
		if (good && !naive_sent_synack(c, FLOW_CLIENT) &&
				!naive_sent_synack(c, FLOW_SERVER))
			return rst->belief == NAIVE_DOUBTED;
		break;
	case NAIVE_SYN_RECEIVED:
		break;
	default:
		return false;
	}
	return rst->belief == NAIVE_DOUBTED && seen->kind == SEGMENT_SYN && own != NULL &&
			own->tcp.seq == seen->tcp.seq;
}

enum rst_after
naive_refutes(const struct naive_connection *c, const struct naive_seen *rst,
		const struct naive_seen *seen)
{
	bool doubted = rst->belief == NAIVE_DOUBTED;
	bool challenged = rst->rst.after == RST_AFTER_CHALLENGED && !rst->rst_reported;
	bool new_data = is_new_data(c, seen);

	if (seen->kind == SEGMENT_SYN || seen->kind == SEGMENT_SYNACK)
		return goes_on_in_handshake(c, rst, seen) ? RST_AFTER_WENT_ON : RST_AFTER_UNSET;
	/* Choice: where there was no connection yet, none can go on. */
	if (seen->kind == SEGMENT_ILLEGAL || (doubted && rst->rst_came_in == NAIVE_SYN_SENT))
		return RST_AFTER_UNSET;
	if (seen->side == rst->side)
		return (new_data || is_new_ack(c, seen)) &&
						(doubted || challenged || c->state == NAIVE_RESET)
				? RST_AFTER_WENT_ON
				: RST_AFTER_UNSET;
	if (doubted && new_data)
		return RST_AFTER_WENT_ON;
	return doubted && is_challenge(c, seen) ? RST_AFTER_CHALLENGED : RST_AFTER_UNSET;
}

static bool
has_sent_rst(const struct naive_connection *c, enum flow_side side)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->seen[i].kind == SEGMENT_RST && c->seen[i].side == side)
			return true;
	return false;
}

void
naive_refute(struct naive_connection *c, struct naive_seen *rst, enum rst_after after)
{
	rst->rst.after = after;
	if (rst->rst.verdict != RST_LATE)
		rst->rst.verdict = RST_SUSPECTED_INJECTION;
	if (rst->belief == NAIVE_DOUBTED)
		rst->belief = NAIVE_REFUTED;
	if (c->state != NAIVE_RESET)
		return;
	c->state = c->state_before_rst;
	/* Choice: by now the window of who has sent RST is forgotten. */
	for (enum flow_side side = FLOW_CLIENT; side < FLOW_SIDES; side++)
		if (has_sent_rst(c, side))
			c->window_from[side] = c->count;
}

/* The receiver goes on after the sender did: then the RST had no effect at all. */
void
naive_note_progress(const struct naive_connection *c, struct naive_seen *rst,
		const struct naive_seen *seen)
{
	if ((seen->kind != SEGMENT_ACK && seen->kind != SEGMENT_FIN) ||
			(!is_new_data(c, seen) && !is_new_ack(c, seen)))
		return;
	if (rst->belief == NAIVE_IGNORED && rst->rst.after == RST_AFTER_UNSET &&
			c->state != NAIVE_RESET)
		rst->rst.after = RST_AFTER_WENT_ON;
	else if (rst->rst.after == RST_AFTER_WENT_ON && seen->side != rst->side)
		rst->rst_disobeyed = true;
}
