/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/deadline.h"
#include "tests/unit/conn_fixture.h"

#define SECOND USEC_PER_SEC
#define START FIXTURE_START

static uint64_t
due(const struct conn *conn)
{
	return deadline_of(&conn->tracker, &conn->ref);
}

/* It passes then, not a microsecond earlier, and releases the flow. */
static void
assert_released_at(struct conn *conn, uint64_t time_us)
{
	assert_int_equal(due(conn), time_us);
	assert_false(deadline_passed(&conn->tracker, &conn->ref, time_us - 1));
	assert_true(deadline_passed(&conn->tracker, &conn->ref, time_us));
	assert_true(deadline_passed(&conn->tracker, &conn->ref, time_us + 1000 * SECOND));
	assert_int_equal(deadline_expire(&conn->tracker, &conn->ref), TRACKER_RELEASE);
}

static void
a_syn_is_timed_from_the_first_whatever_is_sent_again(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	conn_wait(&conn, 67 * SECOND);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	assert_released_at(&conn, START + 131 * SECOND);
}

static void
an_older_kernel_gives_up_at_127_s(void **state)
{
	struct conn conn;
	struct tracker_params params;

	(void)state;

	conn_init(&conn);
	tracker_params_default(&params);
	params.syn_linear_timeouts = 0;
	tracker_init(&conn.tracker, &params);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	assert_released_at(&conn, START + 127 * SECOND);
}

static void
a_synack_is_timed_from_the_first_whatever_is_sent_again(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	conn_wait(&conn, 5 * SECOND);
	conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
	conn_wait(&conn, 31 * SECOND);
	conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
	assert_released_at(&conn, START + 68 * SECOND);
	conn_init(&conn);
	conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
	assert_released_at(&conn, START + 63 * SECOND);
}

static void
crossed_syns_are_timed_as_syns(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	conn_wait(&conn, SECOND);
	conn_send(&conn, S, TCP_SYN, ISN_S, 0, 0);
	assert_released_at(&conn, START + 131 * SECOND);
}

static void
an_established_connection_is_timed_from_its_last_segment(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_establish(&conn);
	conn_wait(&conn, 1000 * SECOND);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 10);
	assert_released_at(&conn, START + 8200 * SECOND);
	conn_wait(&conn, 10 * SECOND);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 10);
	assert_int_equal(due(&conn), START + 8210 * SECOND);
}

static void
a_midstream_flow_is_timed_as_an_established_one(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_ACK, ISN_C, ISN_S, 10);
	assert_released_at(&conn, START + 7200 * SECOND);
}

static void
each_step_of_the_closing_has_its_time(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_establish(&conn);
	conn_wait(&conn, SECOND);
	conn_send(&conn, C, TCP_FINACK, ISN_C + 1, ISN_S + 1, 0);
	assert_released_at(&conn, START + 121 * SECOND);
	conn_wait(&conn, SECOND);
	conn_send(&conn, S, TCP_FINACK, ISN_S + 1, ISN_C + 2, 0);
	assert_int_equal(conn_state(&conn), HS_CLOSING);
	assert_released_at(&conn, START + 122 * SECOND);
	conn_wait(&conn, SECOND);
	conn_send(&conn, C, TCP_ACK, ISN_C + 2, ISN_S + 2, 0);
	assert_int_equal(conn_state(&conn), HS_TIME_WAIT);
	assert_released_at(&conn, START + 63 * SECOND);
}

/* In between it may be looked at for signs that the connection goes on. */
static void
a_refused_attempt_is_kept_for_ten_seconds(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	conn_wait(&conn, SECOND);
	conn_send(&conn, S, TCP_RSTACK, 0, ISN_C + 1, 0);
	while ((conn_expire(&conn) & TRACKER_RELEASE) == 0)
		assert_int_equal(conn.now_us, START + 2 * SECOND);
	assert_int_equal(conn.now_us, START + 11 * SECOND);
}

static void
a_rst_in_doubt_waits_for_a_second_and_is_not_released_then(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_establish(&conn);
	conn_send(&conn, S, TCP_RST, ISN_S + 100, 0, 0);
	assert_int_equal(due(&conn), START + SECOND);
	assert_true(deadline_passed(&conn.tracker, &conn.ref, START + SECOND));
	assert_int_equal(deadline_expire(&conn.tracker, &conn.ref) & TRACKER_RELEASE, 0);
	assert_released_at(&conn, START + 10 * SECOND);
}

/* All that is known of a one-way flow is that somebody is alive. */
static void
one_who_goes_on_unanswered_is_timed_from_his_last_segment(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	conn_wait(&conn, SECOND);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 10);
	assert_released_at(&conn, START + 7201 * SECOND);
}

static void
the_bound_of_a_new_flow_is_never_too_late(void **state)
{
	static const uint32_t first_flags[] = { TCP_SYN, TCP_SYNACK };
	struct conn conn;

	(void)state;

	for (uint32_t retries = 0; retries < 8; retries++)
		for (size_t i = 0; i < ARRAY_LEN(first_flags); i++) {
			struct tracker_params params;

			conn_init(&conn);
			tracker_params_default(&params);
			params.syn_retries = retries;
			params.synack_retries = 7 - retries;
			tracker_init(&conn.tracker, &params);
			conn_send(&conn, i == 0 ? C : S, first_flags[i], ISN_C, ISN_S, 0);
			assert_true(deadline_of_new(&conn.tracker, START) <= due(&conn));
		}
}

static void
the_defaults_are_the_kernel_s_own(void **state)
{
	struct tracker_params params;
	struct tracker tracker;

	(void)state;

	tracker_params_default(&params);
	tracker_init(&tracker, &params);
	assert_true(params.timeouts);
	assert_int_equal(params.syn_retries, 6);
	assert_int_equal(params.syn_linear_timeouts, 4);
	assert_int_equal(params.synack_retries, 5);
	assert_int_equal(params.initial_rto_us, SECOND);
	assert_int_equal(params.established_us, 7200 * SECOND);
	assert_int_equal(params.closing_us, 120 * SECOND);
	assert_int_equal(params.time_wait_us, 60 * SECOND);
	assert_int_equal(params.reset_us, 10 * SECOND);
	assert_int_equal(tracker.syn_giveup_us, 131 * SECOND);
	assert_int_equal(tracker.synack_giveup_us, 63 * SECOND);
}

/* deadline_passed() takes a short cut by the shortest; it must not cut anything off. */
static void
the_shortest_timer_is_not_overlooked_whichever_it_is(void **state)
{
	(void)state;

	for (uint32_t shortest = 0; shortest < 5; shortest++) {
		struct tracker_params params;
		struct conn conn;
		uint64_t *times[] = { &params.established_us, &params.closing_us,
			&params.time_wait_us, &params.reset_us, &params.rst_confirm_us };

		conn_init(&conn);
		tracker_params_default(&params);
		*times[shortest] = 1000;
		tracker_init(&conn.tracker, &params);
		conn_establish(&conn);
		if (shortest == 3 || shortest == 4)
			conn_send(&conn, S, TCP_RST, ISN_S + 1, 0, 0);
		else if (shortest != 0)
			conn_send(&conn, S, TCP_FINACK, ISN_S + 1, ISN_C + 1, 0);
		if (shortest == 2) {
			conn_send(&conn, C, TCP_FINACK, ISN_C + 1, ISN_S + 2, 0);
			conn_send(&conn, S, TCP_ACK, ISN_S + 2, ISN_C + 2, 0);
		}
		if (shortest == 3) {
			conn.flow.evidence.rst.after = RST_AFTER_SILENT;
			conn.flow.entry.flags |= FLOW_RST_REPORTED;
		}
		assert_int_equal(due(&conn), START + 1000);
		assert_false(deadline_passed(&conn.tracker, &conn.ref, START + 999));
		assert_true(deadline_passed(&conn.tracker, &conn.ref, START + 1000));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_syn_is_timed_from_the_first_whatever_is_sent_again),
		cmocka_unit_test(an_older_kernel_gives_up_at_127_s),
		cmocka_unit_test(a_synack_is_timed_from_the_first_whatever_is_sent_again),
		cmocka_unit_test(crossed_syns_are_timed_as_syns),
		cmocka_unit_test(an_established_connection_is_timed_from_its_last_segment),
		cmocka_unit_test(a_midstream_flow_is_timed_as_an_established_one),
		cmocka_unit_test(each_step_of_the_closing_has_its_time),
		cmocka_unit_test(a_refused_attempt_is_kept_for_ten_seconds),
		cmocka_unit_test(a_rst_in_doubt_waits_for_a_second_and_is_not_released_then),
		cmocka_unit_test(one_who_goes_on_unanswered_is_timed_from_his_last_segment),
		cmocka_unit_test(the_bound_of_a_new_flow_is_never_too_late),
		cmocka_unit_test(the_defaults_are_the_kernel_s_own),
		cmocka_unit_test(the_shortest_timer_is_not_overlooked_whichever_it_is),
	};

	return cmocka_run_group_tests_name("deadline", tests, NULL, NULL);
}
