/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/progress.h"
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
send_synack(struct conn *conn)
{
	send_syn(conn);
	conn_send(conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
}

static void
data_or_a_fin_stand_for_a_lost_third_ack(void **state)
{
	struct conn conn;

	(void)state;

	send_synack(&conn);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 100);
	assert_int_equal(conn_state(&conn), HS_ESTABLISHED);
	assert_true(conn_record(&conn).handshake.implied_ack);
	send_synack(&conn);
	conn_send(&conn, C, TCP_FINACK, ISN_C + 1, ISN_S + 1, 0);
	assert_int_equal(conn_state(&conn), HS_FIN_WAIT);
	assert_int_equal(result(&conn), HANDSHAKE_COMPLETE);
	assert_true(conn_record(&conn).handshake.implied_ack);
}

static void
only_a_good_acknowledgement_completes_a_handshake(void **state)
{
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(isns); i++)
		for (uint32_t off = 0; off <= 3; off++) {
			conn_init(&conn);
			conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
			conn_send(&conn, S, TCP_SYNACK, isns[i], ISN_C + 1, 0);
			conn_send(&conn, C, TCP_ACK, ISN_C + 1, isns[i] + off, 0);
			assert_int_equal(conn_state(&conn),
					off == 1 ? HS_ESTABLISHED : HS_SYN_RECEIVED);
		}
	/* A number that the server would not accept. */
	send_synack(&conn);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1 + 100000, ISN_S + 1, 0);
	assert_int_equal(conn_state(&conn), HS_SYN_RECEIVED);
	/* Nor does the server confirm its own SYN-ACK, nor a RST or a SYN the client's. */
	send_synack(&conn);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 10);
	assert_int_equal(conn_state(&conn), HS_SYN_RECEIVED);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	assert_int_equal(conn_state(&conn), HS_SYN_RECEIVED);
}

static void
a_midstream_flow_is_established_when_both_sides_are_heard(void **state)
{
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(isns); i++) {
		conn_init(&conn);
		conn_send(&conn, C, TCP_ACK, isns[i], 9000, 100);
		assert_int_equal(conn_state(&conn), HS_MIDSTREAM);
		conn_send(&conn, C, TCP_ACK, isns[i] + 100, 9000, 100);
		assert_int_equal(conn_state(&conn), HS_MIDSTREAM);
		conn_send(&conn, S, TCP_ACK, 9000, isns[i] + 200, 0);
		assert_int_equal(conn_state(&conn), HS_ESTABLISHED);
		assert_int_equal(result(&conn), HANDSHAKE_MIDSTREAM);
		assert_int_equal(conn.outcomes & TRACKER_INCOMPLETE, 0);
	}
	/* One who speaks of quite other numbers confirms nothing. */
	conn_init(&conn);
	conn_send(&conn, C, TCP_ACK, 5000, 9000, 100);
	conn_send(&conn, S, TCP_ACK, 9000, 5100 + (UINT32_C(1) << 30), 0);
	assert_int_equal(conn_state(&conn), HS_MIDSTREAM);
}

static void
data_sent_again_is_noted_also_on_the_fast_path(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_establish(&conn);
	for (uint32_t n = 0; n < 5; n++) {
		conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 10);
		assert_int_equal(conn.notes, n == 0 ? 0 : TRACKER_NOTE_DATA_RETRANSMIT);
	}
	assert_int_equal(conn_record(&conn).side[C].data_retransmits, 4);
}

static void
closing_is_done_when_both_fins_are_acknowledged_whoever_begins(void **state)
{
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(isns); i++)
		for (enum flow_side a = C; a < FLOW_SIDES; a++) {
			enum flow_side b = flow_peer(a);
			uint32_t n = isns[i] + 1;

			conn_init(&conn);
			conn_establish_at(&conn, isns[i], isns[i]);
			conn_send(&conn, a, TCP_FINACK, n, n, 0);
			assert_int_equal(conn_state(&conn), HS_FIN_WAIT);
			conn_send(&conn, b, TCP_ACK, n, n + 1, 30); /* half-closed: b goes on */
			assert_int_equal(conn_state(&conn), HS_FIN_WAIT);
			conn_send(&conn, a, TCP_ACK, n + 1, n + 30, 0);
			conn_send(&conn, b, TCP_FINACK, n + 30, n + 1, 0);
			assert_int_equal(conn_state(&conn), HS_CLOSING);
			conn_send(&conn, a, TCP_ACK, n + 1, n + 30, 0);
			assert_int_equal(conn_state(&conn), HS_CLOSING);
			conn_send(&conn, a, TCP_ACK, n + 1, n + 31, 0);
			assert_int_equal(conn_state(&conn), HS_TIME_WAIT);
			assert_int_equal(conn_close(&conn, END_TIMEOUT), END_FIN_BOTH);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_or_a_fin_stand_for_a_lost_third_ack),
		cmocka_unit_test(only_a_good_acknowledgement_completes_a_handshake),
		cmocka_unit_test(a_midstream_flow_is_established_when_both_sides_are_heard),
		cmocka_unit_test(data_sent_again_is_noted_also_on_the_fast_path),
		cmocka_unit_test(closing_is_done_when_both_fins_are_acknowledged_whoever_begins),
	};

	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
