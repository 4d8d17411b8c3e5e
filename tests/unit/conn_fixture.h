/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One connection without a table: its segments go straight to the tracker.
 */

#ifndef TESTS_CONN_FIXTURE_H
#define TESTS_CONN_FIXTURE_H

#include "handshake/deadline.h"
#include "handshake/record.h"
#include "handshake/settle.h"
#include "tests/unit/flow_fixture.h"

#define ISN_C FIXTURE_CLIENT_ISN
#define ISN_S FIXTURE_SERVER_ISN
#define C FLOW_CLIENT
#define S FLOW_SERVER

#define TCP_SYNACK (TCP_SYN | TCP_ACK)
#define TCP_FINACK (TCP_FIN | TCP_ACK)
#define TCP_RSTACK (TCP_RST | TCP_ACK)

struct conn {
	struct tracker tracker;
	struct flow_snapshot flow;
	struct flow_ref ref;
	uint64_t now_us;
	bool open;
	/* Of segments to come, by side. */
	uint8_t hop_limit[FLOW_SIDES];
	uint16_t window[FLOW_SIDES];
	uint8_t options[FLOW_SIDES][40];
	uint8_t options_len[FLOW_SIDES];
	/* What the last segment gave, and what all did. */
	uint32_t outcome, notes;
	uint32_t outcomes;
};

static inline void
conn_init(struct conn *conn)
{
	struct tracker_params params;

	memset(conn, 0, sizeof(*conn));
	tracker_params_default(&params);
	tracker_init(&conn->tracker, &params);
	conn->ref = (struct flow_ref){ &conn->flow.entry, &conn->flow.tally, &conn->flow.evidence };
	conn->now_us = FIXTURE_START;
	for (enum flow_side side = C; side < FLOW_SIDES; side++) {
		conn->hop_limit[side] = 64;
		conn->window[side] = FIXTURE_WINDOW;
	}
}

static inline uint32_t
conn_take(struct conn *conn, const struct segment *segment, const uint8_t *options)
{
	struct flow_key key;
	bool second = flow_key_of(segment, false, &key);

	conn->notes = 0;
	if (conn->open) {
		conn->outcome = tracker_segment(&conn->tracker, &conn->ref, segment, options,
				second, conn->now_us, &conn->notes);
	} else {
		memset(&conn->flow, 0, sizeof(conn->flow));
		memcpy(conn->flow.entry.addr, key.addr, sizeof(key.addr));
		memcpy(conn->flow.entry.port, key.port, sizeof(key.port));
		conn->outcome = tracker_open(&conn->ref, segment, options, second, conn->now_us);
		conn->open = true;
	}
	conn->outcomes |= conn->outcome;
	return conn->outcome;
}

static inline uint32_t
conn_send(struct conn *conn, enum flow_side side, uint32_t flags, uint32_t seq, uint32_t ack,
		uint32_t len)
{
	struct segment segment = fixture_segment(side, (uint8_t)flags, seq, ack, len);

	segment.hop_limit = conn->hop_limit[side];
	segment.window = conn->window[side];
	if ((flags & TCP_SYN) != 0)
		segment.tcp_header_len = (uint8_t)(20 + conn->options_len[side]);
	return conn_take(conn, &segment, conn->options[side]);
}

static inline void
conn_wscale(struct conn *conn, enum flow_side side, uint8_t shift)
{
	const uint8_t option[] = { 3, 3, shift, 1 };

	memcpy(conn->options[side], option, sizeof(option));
	conn->options_len[side] = sizeof(option);
}

/* A handshake with any ISNs. */
static inline void
conn_establish_at(struct conn *conn, uint32_t isn_c, uint32_t isn_s)
{
	conn_send(conn, C, TCP_SYN, isn_c, 0, 0);
	conn_send(conn, S, TCP_SYNACK, isn_s, isn_c + 1, 0);
	conn_send(conn, C, TCP_ACK, isn_c + 1, isn_s + 1, 0);
	assert_int_equal(conn->flow.entry.state, HS_ESTABLISHED);
}

static inline void
conn_establish(struct conn *conn)
{
	conn_establish_at(conn, ISN_C, ISN_S);
}

static inline void
conn_wait(struct conn *conn, uint64_t us)
{
	conn->now_us += us;
}

/* The flow's timer runs out at its time; gives what that means. */
static inline uint32_t
conn_expire(struct conn *conn)
{
	conn->now_us = deadline_of(&conn->tracker, &conn->ref);
	assert_true(deadline_passed(&conn->tracker, &conn->ref, conn->now_us));
	conn->outcome = deadline_expire(&conn->tracker, &conn->ref);
	conn->outcomes |= conn->outcome;
	return conn->outcome;
}

static inline enum end_how
conn_close(struct conn *conn, enum end_how why)
{
	enum end_how end;

	conn->outcome = settle_close(&conn->tracker, &conn->ref, why, &end);
	conn->outcomes |= conn->outcome;
	return end;
}

static inline struct record
conn_record(const struct conn *conn)
{
	struct record record;

	record_unpack(&conn->flow, &record);
	return record;
}

static inline enum hs_state
conn_state(const struct conn *conn)
{
	return (enum hs_state)conn->flow.entry.state;
}

#endif /* TESTS_CONN_FIXTURE_H */
