/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The short way against tracker_segment(): what it takes must come out the same to the last
 * bit, without a word to say; what it leaves must be as it was.
 */

#include "handshake/plain.h"
#include "tests/unit/conn_fixture.h"

#define ROUNDS 2000000
#define SEED UINT64_C(0x706c61696e)
#define FAR (UINT32_C(1) << 30)

/* An established connection on which each side has sent ten bytes and a bare ACK. */
static void
begin(struct conn *conn)
{
	conn_init(conn);
	conn_establish(conn);
	conn_wait(conn, 100);
	conn_send(conn, C, TCP_ACK | TCP_PSH, ISN_C + 1, ISN_S + 1, 10);
	conn_send(conn, S, TCP_ACK, ISN_S + 1, ISN_C + 11, 0);
	conn_send(conn, S, TCP_ACK | TCP_PSH, ISN_S + 1, ISN_C + 11, 10);
	conn_send(conn, C, TCP_ACK, ISN_C + 11, ISN_S + 11, 0);
	conn_wait(conn, 100);
}

static bool
take(struct conn *conn, const struct segment *segment)
{
	struct flow_key key;
	bool second = flow_key_of(segment, false, &key);

	return plain_segment(&conn->tracker, &conn->flow.entry, &conn->flow.tally, segment, second,
			conn->now_us);
}

/* By both ways, from the same place; whether the short one took it. */
static bool
take_both(const struct conn *from, const struct segment *segment)
{
	struct conn plain = *from, truth = *from;
	bool late = deadline_passed(&from->tracker, &from->ref, from->now_us);
	const uint8_t no_options[1] = { 0 };
	bool taken;

	plain.ref = (struct flow_ref){ &plain.flow.entry, &plain.flow.tally, &plain.flow.evidence };
	truth.ref = (struct flow_ref){ &truth.flow.entry, &truth.flow.tally, &truth.flow.evidence };
	taken = take(&plain, segment);
	if (!taken) {
		assert_memory_equal(&plain.flow, &from->flow, sizeof(from->flow));
		return false;
	}
	assert_false(from->tracker.params.timeouts && late);
	assert_int_equal(conn_take(&truth, segment, no_options), 0);
	assert_int_equal(truth.notes, 0);
	assert_memory_equal(&plain.flow, &truth.flow, sizeof(truth.flow));
	return true;
}

static bool
sent(struct conn *conn, enum flow_side side, uint8_t flags, uint32_t seq, uint32_t ack,
		uint32_t len)
{
	struct segment segment = fixture_segment(side, flags, seq, ack, len);

	conn->ref = (struct flow_ref){ &conn->flow.entry, &conn->flow.tally, &conn->flow.evidence };
	return take_both(conn, &segment);
}

static void
what_goes_on_is_taken(void **state)
{
	struct conn conn;

	(void)state;

	begin(&conn);
	assert_true(sent(&conn, C, TCP_ACK, ISN_C + 11, ISN_S + 11, 0));
	assert_true(sent(&conn, S, TCP_ACK, ISN_S + 11, ISN_C + 11, 0));
	assert_true(sent(&conn, C, TCP_ACK | TCP_PSH, ISN_C + 11, ISN_S + 11, 1460));
	assert_true(sent(&conn, S, TCP_ACK | TCP_URG | TCP_ECE | TCP_CWR, ISN_S + 11, ISN_C + 11,
			1));
	assert_true(sent(&conn, C, TCP_ACK, ISN_C + 5000, ISN_S + 5000,
			0)); /* with a hole before it */
	assert_true(sent(&conn, C, TCP_ACK, ISN_C + 10 + FAR, ISN_S + 10 + FAR, 0));
}

static void
what_came_before_is_left(void **state)
{
	struct conn conn;

	(void)state;

	begin(&conn);
	assert_false(sent(&conn, C, TCP_ACK, ISN_C + 10, ISN_S + 11, 0)); /* a keep-alive */
	assert_false(sent(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 11, 10));
	assert_false(sent(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 11, 20)); /* half of it is new */
	assert_false(sent(
			&conn, C, TCP_ACK, ISN_C + 11, ISN_S + 10, 0)); /* an old acknowledgement */
	assert_false(sent(&conn, C, TCP_ACK, ISN_C + 11 + FAR, ISN_S + 11, 0));
	assert_false(sent(&conn, C, TCP_ACK, ISN_C + 11, ISN_S + 11 + FAR, 0));
	assert_false(sent(&conn, C, TCP_ACK, ISN_C + 11, ISN_S + 11, UINT32_MAX));
}

static void
other_flags_are_left(void **state)
{
	struct conn conn;

	(void)state;

	begin(&conn);
	for (uint32_t flags = 0; flags <= UINT8_MAX; flags++)
		assert_int_equal(sent(&conn, C, (uint8_t)flags, ISN_C + 11, ISN_S + 11, 0),
				(flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) == TCP_ACK);
}

static void
no_other_state_is_taken(void **state)
{
	struct conn conn;

	(void)state;

	begin(&conn);
	for (uint32_t other = 0; other < HS_STATE_COUNT; other++) {
		conn.flow.entry.state = (uint8_t)other;
		assert_int_equal(sent(&conn, C, TCP_ACK, ISN_C + 11, ISN_S + 11, 0),
				other == HS_ESTABLISHED);
	}
}

/* Its letter is missing in the history, or its side has not been heard, or there was a RST. */
static void
a_side_of_which_something_is_wanting_is_left(void **state)
{
	static const uint32_t of_client[] = { FLOW_SEQ_KNOWN, FLOW_ACK_KNOWN, FLOW_HISTORY_ACK };
	struct conn conn;

	(void)state;

	for (uint32_t i = 0; i < ARRAY_LEN(of_client); i++) {
		begin(&conn);
		conn.flow.entry.flags &= ~of_client[i];
		assert_false(sent(&conn, C, TCP_ACK, ISN_C + 11, ISN_S + 11, 0));
		assert_true(sent(&conn, S, TCP_ACK, ISN_S + 11, ISN_C + 11, 0));
	}
	begin(&conn);
	conn.flow.entry.flags &= ~flow_side_flag(FLOW_HISTORY_DATA, FLOW_SERVER);
	assert_false(sent(&conn, S, TCP_ACK, ISN_S + 11, ISN_C + 11, 5));
	assert_true(sent(&conn, S, TCP_ACK, ISN_S + 11, ISN_C + 11, 0));
	for (uint32_t flag = FLOW_RST_SEEN; flag <= FLOW_RST_UNCONFIRMED; flag <<= 1) {
		begin(&conn);
		conn.flow.entry.flags |= flag;
		assert_false(sent(&conn, C, TCP_ACK, ISN_C + 11, ISN_S + 11, 0));
	}
}

static bool
after(struct conn *conn, uint64_t us)
{
	struct conn later = *conn;

	conn_wait(&later, us);
	return sent(&later, C, TCP_ACK, ISN_C + 11, ISN_S + 11, 0);
}

static void
a_gap_is_left_and_so_is_what_comes_behind_it(void **state)
{
	struct conn conn;

	(void)state;

	begin(&conn);
	conn.now_us = conn.flow.tally.last_us;
	assert_true(after(&conn, 0));
	assert_true(after(&conn, USEC_PER_SEC - 1));
	assert_false(after(&conn, USEC_PER_SEC));
	conn.now_us--; /* a step back */
	assert_false(after(&conn, 0));
	conn.now_us++;
	conn.flow.tally.idle_before = 1;
	assert_false(after(&conn, 1));
}

static void
no_timer_runs_out_unseen(void **state)
{
	struct tracker_params params;
	struct conn conn;

	(void)state;

	begin(&conn);
	conn.now_us = conn.flow.tally.last_us;
	tracker_params_default(&params);
	params.established_us = 1000;
	tracker_init(&conn.tracker, &params);
	assert_true(after(&conn, 999));
	assert_false(after(&conn, 1000));
	params.timeouts = false;
	tracker_init(&conn.tracker, &params);
	assert_true(after(&conn, 1000));
}

/* A number that is near another, or near the end of what is near. */
static uint32_t
near(struct dice *dice, uint32_t number)
{
	static const uint32_t far[] = { 0, 0, 0, FAR, 0 - FAR, UINT32_C(1) << 31 };

	return number + far[dice_below(dice, ARRAY_LEN(far))] + (uint32_t)dice_below(dice, 5) - 2;
}

static void
roll_flow(struct dice *dice, struct conn *conn)
{
	struct flow_entry *entry = &conn->flow.entry;
	struct flow_tally *tally = &conn->flow.tally;

	/* All that a side does has been done, but for a few flags. */
	entry->flags |= (uint32_t)dice_roll(dice);
	entry->flags |= (uint32_t)dice_roll(dice);
	if (dice_below(dice, 8) != 0)
		entry->flags &= ~(uint32_t)(FLOW_RST_SEEN | FLOW_RST_UNCONFIRMED);
	if (dice_below(dice, 8) == 0)
		entry->state = (uint8_t)(HS_SYN_SENT +
				dice_below(dice, HS_STATE_COUNT - HS_SYN_SENT));
	tally->idle_before = dice_below(dice, 8) == 0;
	tally->last_side = dice_roll(dice) & 1;
	for (uint32_t side = 0; side < FLOW_SIDES; side++) {
		entry->seq_next[side] = (uint32_t)dice_roll(dice);
		entry->ack[side] = (uint32_t)dice_roll(dice);
		tally->count[side].pkts = dice_roll(dice) & ((UINT64_C(1) << 40) - 1);
		tally->count[side].bytes = dice_roll(dice) & ((UINT64_C(1) << 48) - 1);
		tally->count[side].mss = dice_roll(dice) & 0xffff;
	}
}

static void
whatever_is_taken_comes_out_the_same(void **state)
{
	struct dice dice = { SEED };
	struct conn begun;
	uint32_t taken = 0;

	(void)state;

	begin(&begun);
	for (uint32_t n = 0; n < ROUNDS; n++) {
		struct conn conn = begun;
		enum flow_side side = dice_roll(&dice) & 1 ? FLOW_CLIENT : FLOW_SERVER;
		enum flow_side of = side;
		uint32_t len = dice_below(&dice, 2) == 0 ? 0 : (uint32_t)dice_below(&dice, 4);
		struct segment segment;

		roll_flow(&dice, &conn);
		if ((conn.flow.entry.flags & FLOW_CLIENT_IS_SECOND) !=
				(begun.flow.entry.flags & FLOW_CLIENT_IS_SECOND))
			of = flow_peer(side);
		conn.now_us = conn.flow.tally.last_us + dice_below(&dice, 3) +
				dice_below(&dice, 2) * (USEC_PER_SEC - 1) - dice_below(&dice, 2);
		segment = fixture_segment(side, TCP_ACK, near(&dice, conn.flow.entry.seq_next[of]),
				near(&dice, conn.flow.entry.ack[of]), len);
		segment.window = (uint16_t)dice_roll(&dice);
		segment.hop_limit = (uint8_t)dice_roll(&dice);
		if (dice_below(&dice, 8) == 0)
			segment.tcp_flags = (uint8_t)dice_roll(&dice);
		conn.ref = (struct flow_ref){ &conn.flow.entry, &conn.flow.tally,
			&conn.flow.evidence };
		taken += take_both(&conn, &segment);
	}
	assert_true(taken > ROUNDS / 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_on_is_taken),
		cmocka_unit_test(what_came_before_is_left),
		cmocka_unit_test(other_flags_are_left),
		cmocka_unit_test(no_other_state_is_taken),
		cmocka_unit_test(a_side_of_which_something_is_wanting_is_left),
		cmocka_unit_test(a_gap_is_left_and_so_is_what_comes_behind_it),
		cmocka_unit_test(no_timer_runs_out_unseen),
		cmocka_unit_test(whatever_is_taken_comes_out_the_same),
	};

	return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
