/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/tracker.h"
#include "tests/unit/conn_fixture.h"

static const uint32_t isns[] = { ISN_S, 0, UINT32_MAX, UINT32_MAX - 50, INT32_MAX,
	UINT32_C(1) << 31 };

static enum handshake_result
result(const struct conn *conn)
{
	return (enum handshake_result)conn->flow.tally.result;
}

static void
send_syn(struct conn *conn)
{
	conn_init(conn);
	conn_send(conn, C, TCP_SYN, ISN_C, 0, 0);
}

static void
three_segments_establish_wherever_their_numbers_lie(void **state)
{
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(isns); i++)
		for (size_t k = 0; k < ARRAY_LEN(isns); k++) {
			conn_init(&conn);
			conn_establish_at(&conn, isns[i], isns[k]);
			assert_int_equal(result(&conn), HANDSHAKE_COMPLETE);
			assert_int_equal(conn.outcomes & TRACKER_INCOMPLETE, 0);
		}
}

static void
the_client_is_who_sent_the_syn_or_received_the_synack(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, S, TCP_SYN, ISN_S, 0, 0);
	assert_int_equal(conn_record(&conn).side[FLOW_CLIENT].port, FIXTURE_SERVER_PORT);
	conn_init(&conn);
	conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
	assert_int_equal(conn_record(&conn).side[FLOW_CLIENT].port, FIXTURE_CLIENT_PORT);
	assert_true(conn_record(&conn).side[FLOW_SERVER].seen);
	conn_init(&conn);
	conn_send(&conn, S, TCP_ACK, ISN_S, ISN_C + 1, 1);
	assert_int_equal(conn_record(&conn).side[FLOW_CLIENT].port, FIXTURE_SERVER_PORT);
}

static void
illegal_flags_are_counted_and_change_no_state(void **state)
{
	static const uint32_t flags[] = { 0, TCP_SYN | TCP_FIN, TCP_SYN | TCP_RST, TCP_FIN,
		TCP_SYN | TCP_FIN | TCP_ACK, TCP_SYN | TCP_RST | TCP_ACK, 0xff, TCP_PSH | TCP_URG };
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		for (uint32_t before = 0; before < 3; before++) {
			enum hs_state was;

			send_syn(&conn);
			if (before >= 1)
				conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
			if (before >= 2)
				conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 0);
			was = conn_state(&conn);
			conn_send(&conn, C, flags[i], ISN_C + 1, ISN_S + 1, 0);
			assert_int_equal(conn.outcome, 0);
			assert_int_equal(conn.notes, TRACKER_NOTE_ILLEGAL);
			assert_int_equal(conn_state(&conn), was);
			assert_int_equal(conn_close(&conn, END_OPEN), END_OPEN);
		}
}

static void
an_icmp_error_counts_only_for_the_syn_of_the_client(void **state)
{
	struct conn conn;
	bool second;

	(void)state;

	send_syn(&conn);
	second = (conn.flow.entry.flags & FLOW_CLIENT_IS_SECOND) != 0;
	assert_int_equal(tracker_unreachable(&conn.ref, ISN_C + 1, second, 3, 1), 0);
	assert_int_equal(tracker_unreachable(&conn.ref, ISN_C, !second, 3, 1), 0);
	assert_int_equal(result(&conn), HANDSHAKE_UNSET);
	assert_int_equal(tracker_unreachable(&conn.ref, ISN_C, second, 3, 1), TRACKER_INCOMPLETE);
	assert_int_equal(result(&conn), HANDSHAKE_UNREACHABLE);
	/* Once; the first's code stays. */
	assert_int_equal(tracker_unreachable(&conn.ref, ISN_C, second, 3, 13), 0);
	assert_int_equal(conn_record(&conn).handshake.icmp_code, 1);
	conn_init(&conn);
	conn_establish(&conn);
	assert_int_equal(tracker_unreachable(&conn.ref, ISN_C, second, 3, 1), 0);
	assert_int_equal(result(&conn), HANDSHAKE_COMPLETE);
}

static void
what_a_flood_can_make_may_be_evicted_and_nothing_else(void **state)
{
	uint32_t evictable = tracker_evictable_states();

	(void)state;

	assert_int_equal(evictable >> HS_ESTABLISHED & 1, 0);
	assert_int_equal(evictable >> HS_FIN_WAIT & 1, 0);
	assert_int_equal(evictable >> HS_CLOSING & 1, 0);
	assert_int_equal(evictable >> HS_SYN_SENT & 1, 1);
	assert_int_equal(evictable >> HS_SYN_CROSSED & 1, 1);
	assert_int_equal(evictable >> HS_SYN_RECEIVED & 1, 1);
	assert_int_equal(evictable >> HS_MIDSTREAM & 1, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_segments_establish_wherever_their_numbers_lie),
		cmocka_unit_test(the_client_is_who_sent_the_syn_or_received_the_synack),
		cmocka_unit_test(illegal_flags_are_counted_and_change_no_state),
		cmocka_unit_test(an_icmp_error_counts_only_for_the_syn_of_the_client),
		cmocka_unit_test(what_a_flood_can_make_may_be_evicted_and_nothing_else),
	};

	return cmocka_run_group_tests_name("tracker", tests, NULL, NULL);
}
