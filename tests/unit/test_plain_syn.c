/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The short way for a SYN that comes again, against tracker_segment(): what it takes must come
 * out the same to the last bit, with no word to say but that; what it leaves must be as it was.
 */

#include "handshake/plain.h"
#include "tests/unit/conn_fixture.h"

#define ROUNDS 1000000
#define SEED UINT64_C(0x616761696e)
#define GIVEUP_US (131 * USEC_PER_SEC) /* by the default parameters, see retry.h */

/* A SYN that nobody has answered yet. */
static void
begin(struct conn *conn)
{
	conn_init(conn);
	conn_wscale(conn, C, 7);
	conn_send(conn, C, TCP_SYN, ISN_C, 0, 0);
	conn_wait(conn, USEC_PER_SEC);
	assert_int_equal(conn_state(conn), HS_SYN_SENT);
}

static void
own_ref(struct conn *conn)
{
	conn->ref = (struct flow_ref){ &conn->flow.entry, &conn->flow.tally, &conn->flow.evidence };
}

/* By both ways, from the same place; whether the short one took it. */
static bool
take_both(const struct conn *from, const struct segment *segment)
{
	struct conn plain = *from, truth = *from;
	const uint8_t no_options[1] = { 0 };
	struct flow_key key;
	bool second = flow_key_of(segment, false, &key);

	own_ref(&plain);
	own_ref(&truth);
	if (!plain_syn_again(&plain.tracker, &plain.ref, segment, second, plain.now_us)) {
		assert_memory_equal(&plain.flow, &from->flow, sizeof(from->flow));
		return false;
	}
	assert_false(from->tracker.params.timeouts &&
			deadline_passed(&truth.tracker, &truth.ref, truth.now_us));
	assert_int_equal(conn_take(&truth, segment, no_options), 0);
	assert_int_equal(truth.notes, TRACKER_NOTE_SYN_RETRANSMIT);
	assert_memory_equal(&plain.flow, &truth.flow, sizeof(truth.flow));
	return true;
}

static bool
sent(const struct conn *conn, enum flow_side side, uint8_t flags, uint32_t seq, uint32_t len)
{
	struct segment segment = fixture_segment(side, flags, seq, 0, len);

	return take_both(conn, &segment);
}

static bool
comes_again(const struct conn *conn)
{
	return sent(conn, C, TCP_SYN, ISN_C, 0);
}

static void
a_syn_that_comes_again_is_taken(void **state)
{
	struct conn conn;

	(void)state;

	begin(&conn);
	assert_true(comes_again(&conn));
	assert_true(sent(&conn, C, TCP_SYN, ISN_C, 100)); /* with data */
	conn.flow.evidence.syn = conn.flow.evidence.syn_retransmits = UINT8_MAX;
	assert_true(comes_again(&conn));
}

static void
another_one_is_left(void **state)
{
	struct conn conn;

	(void)state;

	begin(&conn);
	assert_false(sent(&conn, C, TCP_SYN, ISN_C + 1, 0));
	assert_false(sent(
			&conn, S, TCP_SYN, ISN_C, 0)); /* the other side's, with the same number */
	assert_false(sent(&conn, S, TCP_SYN, 0, 0)); /* as its own stands in the tally */
}

static void
other_flags_are_left(void **state)
{
	struct conn conn;

	(void)state;

	begin(&conn);
	for (uint32_t flags = 0; flags <= UINT8_MAX; flags++)
		assert_int_equal(sent(&conn, C, (uint8_t)flags, ISN_C, 0),
				(flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) == TCP_SYN);
}

static void
no_other_state_is_taken(void **state)
{
	struct conn conn;

	(void)state;

	begin(&conn);
	for (uint32_t other = 0; other < HS_STATE_COUNT; other++) {
		conn.flow.entry.state = (uint8_t)other;
		assert_int_equal(comes_again(&conn), other == HS_SYN_SENT);
	}
}

static void
what_a_syn_would_change_is_left(void **state)
{
	struct conn conn;

	(void)state;

	begin(&conn);
	conn.flow.entry.flags |= FLOW_RST_SEEN | FLOW_RST_UNCONFIRMED; /* it had no effect */
	assert_false(comes_again(&conn));
	begin(&conn);
	conn.flow.entry.flags |= FLOW_RST_SEEN; /* settled before */
	assert_true(comes_again(&conn));
	begin(&conn);
	conn.flow.entry.flags |= FLOW_WENT_ON; /* another deadline */
	assert_false(comes_again(&conn));
}

static void
one_that_comes_when_the_client_must_have_given_up_is_left(void **state)
{
	struct tracker_params params;
	struct conn conn;

	(void)state;

	begin(&conn);
	conn.now_us = conn.flow.tally.start_us + GIVEUP_US - 1;
	assert_true(comes_again(&conn));
	conn.now_us++;
	assert_false(comes_again(&conn));
	conn.now_us = conn.flow.tally.start_us - 1; /* a step back */
	assert_false(comes_again(&conn));
	tracker_params_default(&params);
	params.timeouts = false;
	tracker_init(&conn.tracker, &params);
	conn.now_us = conn.flow.tally.start_us + GIVEUP_US;
	assert_true(comes_again(&conn));
}

static void
roll_flow(struct dice *dice, struct conn *conn)
{
	struct flow_entry *entry = &conn->flow.entry;
	struct flow_tally *tally = &conn->flow.tally;
	struct flow_evidence *evidence = &conn->flow.evidence;
	const uint32_t half = (uint32_t)dice_roll(dice);

	entry->flags |= half & (uint32_t)dice_roll(dice); /* a quarter of them */
	if (dice_below(dice, 4) != 0)
		entry->flags &= ~(uint32_t)PLAIN_SYN_ATTENTION;
	if (dice_below(dice, 8) == 0)
		entry->state = (uint8_t)(HS_SYN_SENT +
				dice_below(dice, HS_STATE_COUNT - HS_SYN_SENT));
	tally->idle_before = dice_roll(dice) & 1;
	tally->last_side = dice_roll(dice) & 1;
	tally->zeek_server = dice_below(dice, 8) & 7;
	tally->last_us = (tally->last_us - dice_below(dice, 3) * USEC_PER_SEC) & TAKE_TIME_MASK;
	for (uint32_t side = 0; side < FLOW_SIDES; side++) {
		tally->count[side].pkts = (dice_roll(dice) | 1) & ((UINT64_C(1) << 40) - 1);
		tally->count[side].bytes = dice_roll(dice) & ((UINT64_C(1) << 48) - 1);
	}
	evidence->syn = (uint8_t)(UINT8_MAX - dice_below(dice, 3));
	evidence->syn_retransmits = (uint8_t)(UINT8_MAX - dice_below(dice, 3));
	evidence->rst.idle_100us = (uint32_t)dice_roll(dice);
	evidence->history[0] |= (uint32_t)dice_below(dice, 32) << 5;
}

/* Around the moments at which something else is to be done. */
static uint64_t
roll_time(struct dice *dice, const struct flow_tally *tally)
{
	const uint64_t moments[] = { tally->last_us, tally->last_us + USEC_PER_SEC, tally->start_us,
		tally->start_us + GIVEUP_US };

	return moments[dice_below(dice, ARRAY_LEN(moments))] + dice_below(dice, 3) - 1;
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
		struct segment segment = fixture_segment(dice_below(&dice, 2) == 0 ? C : S, TCP_SYN,
				ISN_C + (dice_below(&dice, 8) == 0), 0,
				(uint32_t)dice_below(&dice, 2) * 100);

		roll_flow(&dice, &conn);
		conn.now_us = roll_time(&dice, &conn.flow.tally);
		segment.window = (uint16_t)dice_roll(&dice);
		segment.hop_limit = (uint8_t)dice_roll(&dice);
		if (dice_below(&dice, 8) == 0)
			segment.tcp_flags = (uint8_t)dice_roll(&dice);
		taken += take_both(&conn, &segment);
	}
	assert_true(taken > ROUNDS / 20);
	assert_true(taken < ROUNDS / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_syn_that_comes_again_is_taken),
		cmocka_unit_test(another_one_is_left),
		cmocka_unit_test(other_flags_are_left),
		cmocka_unit_test(no_other_state_is_taken),
		cmocka_unit_test(what_a_syn_would_change_is_left),
		cmocka_unit_test(one_that_comes_when_the_client_must_have_given_up_is_left),
		cmocka_unit_test(whatever_is_taken_comes_out_the_same),
	};

	return cmocka_run_group_tests_name("plain_syn", tests, NULL, NULL);
}
