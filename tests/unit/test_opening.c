/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/opening.h"
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
the_shares_of_the_connect_time_are_the_server_s_and_the_client_s(void **state)
{
	struct conn conn;
	struct record record;

	(void)state;

	send_syn(&conn);
	conn_wait(&conn, 264);
	conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
	conn_wait(&conn, 30);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 0);
	conn_wait(&conn, 1000);
	conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
	record = conn_record(&conn);
	assert_int_equal(record.handshake.synack_us, 264);
	assert_int_equal(record.handshake.ack_us, 30);
	assert_false(record.handshake.implied_ack);
}

/* Of retransmissions, the first of each counts. */
static void
times_are_from_the_first_syn_and_the_first_synack(void **state)
{
	struct conn conn;
	struct record record;

	(void)state;

	send_syn(&conn);
	conn_wait(&conn, 1000000);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	assert_int_equal(conn.notes, TRACKER_NOTE_SYN_RETRANSMIT);
	conn_wait(&conn, 500);
	conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
	assert_int_equal(conn.notes, TRACKER_NOTE_SYNACK_FIRST);
	conn_wait(&conn, 1000000);
	conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
	assert_int_equal(conn.notes, TRACKER_NOTE_SYNACK_RETRANSMIT);
	conn_wait(&conn, 77);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 0);
	record = conn_record(&conn);
	assert_int_equal(record.handshake.synack_us, 1000500);
	assert_int_equal(record.handshake.ack_us, 1000077);
	assert_int_equal(record.handshake.syn, 2);
	assert_int_equal(record.handshake.syn_retransmits, 1);
	assert_int_equal(record.handshake.synack, 2);
	assert_int_equal(record.handshake.synack_retransmits, 1);
}

static void
a_synack_must_acknowledge_the_syn(void **state)
{
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(isns); i++)
		for (uint32_t data = 0; data <= 10; data += 10)
			for (uint32_t off = 0; off <= 12; off++) {
				bool good = off >= 1 && off <= 1 + data;

				conn_init(&conn);
				conn_send(&conn, C, TCP_SYN, isns[i], 0, data);
				conn_send(&conn, S, TCP_SYNACK, 5, isns[i] + off, 0);
				assert_int_equal(conn_state(&conn),
						good ? HS_SYN_RECEIVED : HS_SYN_SENT);
				assert_int_equal(conn.notes,
						good ? TRACKER_NOTE_SYNACK_FIRST
						     : TRACKER_NOTE_SYNACK_BAD);
			}
}

/* The data of a SYN and a SYN-ACK count in every number that follows. */
static void
fast_open_completes_with_data_in_both(void **state)
{
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(isns); i++) {
		uint32_t c = isns[i], s = isns[ARRAY_LEN(isns) - 1 - i];

		conn_init(&conn);
		conn_send(&conn, C, TCP_SYN, c, 0, 200);
		conn_send(&conn, S, TCP_SYNACK, s, c + 201, 100);
		conn_send(&conn, C, TCP_ACK, c + 201, s + 101, 0);
		assert_int_equal(conn_state(&conn), HS_ESTABLISHED);
		assert_true(conn_record(&conn).handshake.fast_open);
		assert_int_equal(conn_record(&conn).side[C].bytes, 200);
		assert_int_equal(conn_record(&conn).side[C].data_retransmits, 0);
		/* The server that did not take the data: the client sends it again. */
		conn_init(&conn);
		conn_send(&conn, C, TCP_SYN, c, 0, 200);
		conn_send(&conn, S, TCP_SYNACK, s, c + 1, 0);
		conn_send(&conn, C, TCP_ACK, c + 1, s + 1, 200);
		assert_int_equal(conn_state(&conn), HS_ESTABLISHED);
		assert_int_equal(conn_record(&conn).side[C].data_retransmits, 1);
	}
}

static void
syns_that_cross_establish_when_both_are_acknowledged(void **state)
{
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(isns); i++) {
		uint32_t s = isns[i];

		send_syn(&conn);
		conn_send(&conn, S, TCP_SYN, s, 0, 0);
		assert_int_equal(conn_state(&conn), HS_SYN_CROSSED);
		conn_send(&conn, S, TCP_SYNACK, s, ISN_C + 1, 0);
		assert_int_equal(conn_state(&conn), HS_SYN_CROSSED);
		conn_send(&conn, C, TCP_SYNACK, ISN_C, s + 1, 0);
		assert_int_equal(conn_state(&conn), HS_ESTABLISHED);
		assert_int_equal(result(&conn), HANDSHAKE_SIMULTANEOUS);
		assert_int_equal(conn_record(&conn).handshake.syn, 2);
		assert_int_equal(conn_record(&conn).handshake.synack, 2);
	}
}

/* The server's answer is a SYN of its own, which the client answers: RFC 9293 figure 8, split. */
static void
a_split_handshake_establishes(void **state)
{
	struct conn conn;

	(void)state;

	send_syn(&conn);
	conn_send(&conn, S, TCP_SYN, ISN_S, 0, 0);
	conn_send(&conn, C, TCP_SYNACK, ISN_C, ISN_S + 1, 0);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 0);
	assert_int_equal(conn_state(&conn), HS_ESTABLISHED);
	assert_int_equal(result(&conn), HANDSHAKE_SIMULTANEOUS);
}

static void
another_isn_before_the_handshake_is_done_begins_another(void **state)
{
	struct conn conn;

	(void)state;

	send_syn(&conn);
	assert_int_equal(conn_send(&conn, C, TCP_SYN, ISN_C + 1, 0, 0), TRACKER_RESTART);
	send_synack(&conn);
	assert_int_equal(conn_send(&conn, C, TCP_SYN, ISN_C - 1, 0, 0), TRACKER_RESTART);
	/* Nothing of it was taken in. */
	assert_int_equal(conn_record(&conn).side[C].pkts, 1);
	assert_int_equal(conn_record(&conn).handshake.syn, 1);
	assert_string_equal(conn_record(&conn).history, "Sh");
}

static void
any_syn_after_a_rst_begins_another_connection(void **state)
{
	struct conn conn;

	(void)state;

	for (uint32_t off = 0; off <= 1; off++) {
		send_syn(&conn);
		conn_send(&conn, S, TCP_RSTACK, 0, ISN_C + 1, 0);
		assert_int_equal(conn_send(&conn, C, TCP_SYN, ISN_C + off, 0, 0), TRACKER_RESTART);
		conn_init(&conn);
		conn_establish(&conn);
		conn_send(&conn, C, TCP_RST, ISN_C + 1, 0, 0);
		assert_int_equal(conn_send(&conn, C, TCP_SYN, ISN_C + off, 0, 0), TRACKER_RESTART);
	}
}

static void
a_syn_after_both_fins_begins_another_unless_it_is_the_old_one(void **state)
{
	struct conn conn;

	(void)state;

	for (int acknowledged = 0; acknowledged <= 1; acknowledged++) {
		conn_init(&conn);
		conn_establish(&conn);
		conn_send(&conn, C, TCP_FINACK, ISN_C + 1, ISN_S + 1, 0);
		conn_send(&conn, S, TCP_FINACK, ISN_S + 1, ISN_C + 2, 0);
		if (acknowledged != 0)
			conn_send(&conn, C, TCP_ACK, ISN_C + 2, ISN_S + 2, 0);
		assert_int_equal(conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0) & TRACKER_RESTART, 0);
		assert_int_equal(conn.notes, TRACKER_NOTE_SYN_RETRANSMIT);
		assert_int_equal(conn_send(&conn, C, TCP_SYN, ISN_C + 9, 0, 0), TRACKER_RESTART);
	}
}

static void
a_syn_in_a_connection_is_counted_flagged_and_changes_nothing(void **state)
{
	struct conn conn;
	struct record record;

	(void)state;

	for (enum flow_side side = C; side < FLOW_SIDES; side++) {
		conn_init(&conn);
		conn_establish(&conn);
		assert_int_equal(conn_send(&conn, side, TCP_SYN, 99999, 0, 0), 0);
		assert_int_equal(conn.notes, TRACKER_NOTE_SYN_IN_CONNECTION);
		record = conn_record(&conn);
		assert_int_equal(conn_state(&conn), HS_ESTABLISHED);
		assert_true(record.syn_in_connection);
		assert_int_equal(record.handshake.syn, 2);
		assert_int_equal(record.handshake.syn_retransmits, 0);
		/* A challenge ACK, and the connection goes on. */
		conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 0);
		conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 10);
		conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 11, 0);
		assert_int_equal(conn_state(&conn), HS_ESTABLISHED);
		assert_int_equal(result(&conn), HANDSHAKE_COMPLETE);
		assert_int_equal(conn.outcomes & (TRACKER_RST | TRACKER_INCOMPLETE), 0);
		assert_int_equal(conn_record(&conn).side[C].data_retransmits, 0);
	}
}

static void
the_answer_to_a_syn_in_a_connection_begins_another_one(void **state)
{
	struct conn conn;
	struct tracker_pending pending;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(isns); i++) {
		uint32_t isn = isns[i] + 7;

		conn_init(&conn);
		conn_establish(&conn);
		conn_wait(&conn, 1000);
		conn_send(&conn, C, TCP_SYN, isn, 0, 0);
		conn_wait(&conn, 5);
		/* Not by another number, nor by the side that sent the SYN itself. */
		assert_int_equal(conn_send(&conn, C, TCP_SYNACK, 1, isn + 1, 0) &
						TRACKER_RESTART_PENDING,
				0);
		assert_int_equal(conn_send(&conn, S, TCP_SYNACK, 1, isn + 2, 0) &
						TRACKER_RESTART_PENDING,
				0);
		assert_int_equal(conn_send(&conn, S, TCP_SYNACK, 1, isn + 1, 0),
				TRACKER_RESTART_PENDING);
		pending = tracker_take_pending(&conn.ref, conn.now_us);
		assert_int_equal(pending.isn, isn);
		assert_int_equal(pending.time_us, FIXTURE_START + 1000);
		assert_int_equal(conn_record(&conn).side[C].pkts, 3);
		assert_int_equal(conn_record(&conn).handshake.syn, 1);
	}
}

/* The SYN's time is kept in 32 bits; they wrap every 71 minutes. */
static void
a_pending_syn_s_time_is_right_over_the_wrap_of_its_low_half(void **state)
{
	struct conn conn;
	struct tracker_pending pending;

	(void)state;

	conn_init(&conn);
	conn.now_us = UINT64_C(0x5bd00ffffff00);
	conn_establish(&conn);
	conn_send(&conn, C, TCP_SYN, 99, 0, 0);
	conn_wait(&conn, 3000 * USEC_PER_SEC);
	assert_int_equal(conn_send(&conn, S, TCP_SYNACK, 1, 100, 0), TRACKER_RESTART_PENDING);
	pending = tracker_take_pending(&conn.ref, conn.now_us);
	assert_true(pending.time_us == UINT64_C(0x5bd00ffffff00));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shares_of_the_connect_time_are_the_server_s_and_the_client_s),
		cmocka_unit_test(times_are_from_the_first_syn_and_the_first_synack),
		cmocka_unit_test(a_synack_must_acknowledge_the_syn),
		cmocka_unit_test(fast_open_completes_with_data_in_both),
		cmocka_unit_test(syns_that_cross_establish_when_both_are_acknowledged),
		cmocka_unit_test(a_split_handshake_establishes),
		cmocka_unit_test(another_isn_before_the_handshake_is_done_begins_another),
		cmocka_unit_test(any_syn_after_a_rst_begins_another_connection),
		cmocka_unit_test(a_syn_after_both_fins_begins_another_unless_it_is_the_old_one),
		cmocka_unit_test(a_syn_in_a_connection_is_counted_flagged_and_changes_nothing),
		cmocka_unit_test(the_answer_to_a_syn_in_a_connection_begins_another_one),
		cmocka_unit_test(a_pending_syn_s_time_is_right_over_the_wrap_of_its_low_half),
	};

	return cmocka_run_group_tests_name("opening", tests, NULL, NULL);
}
