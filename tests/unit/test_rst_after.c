/* SPDX-License-Identifier: Apache-2.0 */

/* What becomes of a RST: who goes on, who objects, who keeps silent. */

#include "handshake/rst.h"
#include "tests/unit/conn_fixture.h"

static enum rst_verdict
verdict(const struct conn *conn)
{
	return (enum rst_verdict)conn->flow.evidence.rst.verdict;
}

static enum rst_after
after(const struct conn *conn)
{
	return (enum rst_after)conn->flow.evidence.rst.after;
}

/* An established connection, and a RST of the server @p off behind what is expected next. */
static void
reset_at(struct conn *conn, uint32_t off)
{
	conn_init(conn);
	conn_establish(conn);
	conn_send(conn, S, TCP_RST, ISN_S + 1 + off, 0, 0);
}

static void
an_exact_rst_is_believed_at_once_and_told_of_when_nobody_objects(void **state)
{
	struct conn conn;
	uint64_t rst_us;

	(void)state;

	reset_at(&conn, 0);
	rst_us = conn.now_us;
	assert_int_equal(conn_state(&conn), HS_RESET);
	assert_int_equal(conn.outcome & TRACKER_RST, 0);
	assert_int_equal(conn.outcome & TRACKER_RETIME, TRACKER_RETIME);
	assert_int_equal(conn_expire(&conn) & TRACKER_RST, TRACKER_RST);
	assert_int_equal(conn.now_us, rst_us + conn.tracker.params.rst_confirm_us);
	assert_int_equal(after(&conn), RST_AFTER_SILENT);
	assert_int_equal(verdict(&conn), RST_MID_CONNECTION);
	assert_int_equal(conn_expire(&conn), TRACKER_RELEASE);
	assert_int_equal(conn.now_us, rst_us + conn.tracker.params.reset_us);
	assert_int_equal(conn_close(&conn, END_TIMEOUT), END_RST_SERVER);
	assert_int_equal(conn.outcome, 0);
}

static void
one_in_the_window_waits_for_the_receiver_s_silence(void **state)
{
	struct conn conn;

	(void)state;

	reset_at(&conn, 100);
	assert_int_equal(conn_state(&conn), HS_ESTABLISHED);
	assert_int_equal(conn.outcome, TRACKER_RETIME);
	assert_int_equal(conn_expire(&conn) & TRACKER_RST, TRACKER_RST);
	assert_int_equal(conn_state(&conn), HS_RESET);
	assert_int_equal(after(&conn), RST_AFTER_SILENT);
	assert_int_equal(verdict(&conn), RST_MID_CONNECTION);
	assert_int_equal(conn_close(&conn, END_TIMEOUT), END_RST_SERVER);
}

static void
a_challenge_ack_refutes_one_in_the_window(void **state)
{
	struct conn conn;

	(void)state;

	reset_at(&conn, 100);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 0);
	assert_int_equal(conn_state(&conn), HS_ESTABLISHED);
	assert_int_equal(after(&conn), RST_AFTER_CHALLENGED);
	assert_int_equal(verdict(&conn), RST_SUSPECTED_INJECTION);
	assert_int_equal(conn_close(&conn, END_OPEN), END_OPEN);
	assert_int_equal(conn.outcome & TRACKER_RST, TRACKER_RST);
}

static void
more_data_of_the_receiver_refutes_one_in_the_window(void **state)
{
	struct conn conn;

	(void)state;

	reset_at(&conn, 100);
	assert_int_equal(conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 10) & TRACKER_RST,
			TRACKER_RST);
	assert_int_equal(conn_state(&conn), HS_ESTABLISHED);
	assert_int_equal(after(&conn), RST_AFTER_WENT_ON);
	assert_int_equal(verdict(&conn), RST_SUSPECTED_INJECTION);
	assert_int_equal(conn_close(&conn, END_OPEN), END_OPEN);
	assert_int_equal(conn.outcome, 0);
}

static void
more_data_of_its_sender_refutes_one_in_the_window(void **state)
{
	struct conn conn;

	(void)state;

	reset_at(&conn, 100);
	assert_int_equal(conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 10) & TRACKER_RST,
			TRACKER_RST);
	assert_int_equal(after(&conn), RST_AFTER_WENT_ON);
	assert_int_equal(conn_close(&conn, END_OPEN), END_OPEN);
}

static void
a_challenge_then_an_exact_rst_ends_the_connection(void **state)
{
	struct conn conn;

	(void)state;

	reset_at(&conn, 100);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 0);
	conn_send(&conn, S, TCP_RST, ISN_S + 1, 0, 0);
	assert_int_equal(conn_state(&conn), HS_RESET);
	assert_int_equal(after(&conn), RST_AFTER_CHALLENGED);
	assert_int_equal(verdict(&conn), RST_MID_CONNECTION);
	assert_int_equal(conn.flow.evidence.rst.position, RST_EXACT);
	assert_int_equal(conn_expire(&conn) & TRACKER_RST, TRACKER_RST);
	assert_int_equal(conn_close(&conn, END_TIMEOUT), END_RST_SERVER);
}

static void
one_out_of_the_window_changes_nothing_and_is_told_of_at_once(void **state)
{
	struct conn conn;

	(void)state;

	reset_at(&conn, 5000);
	assert_int_equal(conn.outcome, TRACKER_RST);
	assert_int_equal(conn_state(&conn), HS_ESTABLISHED);
	assert_int_equal(verdict(&conn), RST_SUSPECTED_INJECTION);
	assert_int_equal(deadline_of(&conn.tracker, &conn.ref),
			conn.now_us + conn.tracker.params.established_us);
	/* A second like it is counted, not told of again. */
	assert_int_equal(conn_send(&conn, S, TCP_RST, ISN_S + 7000, 0, 0), 0);
	assert_int_equal(conn.flow.tally.count[S].rst, 2);
	assert_int_equal(conn_close(&conn, END_OPEN), END_OPEN);
	assert_int_equal(conn.outcome, 0);
}

static void
a_genuine_rst_after_an_ignored_one_is_the_one_that_counts(void **state)
{
	struct conn conn;

	(void)state;

	reset_at(&conn, 5000);
	conn_send(&conn, C, TCP_RST, ISN_C + 1, 0, 0);
	assert_int_equal(conn_state(&conn), HS_RESET);
	assert_int_equal(conn.flow.evidence.rst.by, C);
	assert_int_equal(verdict(&conn), RST_MID_CONNECTION);
	assert_int_equal(conn_expire(&conn) & TRACKER_RST, TRACKER_RST);
	assert_int_equal(conn_close(&conn, END_TIMEOUT), END_RST_CLIENT);
}

static void
the_first_rst_counts_of_several(void **state)
{
	struct conn conn;

	(void)state;

	reset_at(&conn, 0);
	conn_send(&conn, C, TCP_RST, ISN_C + 1, 0, 0);
	conn_send(&conn, S, TCP_RST, ISN_S + 1, 0, 0);
	assert_int_equal(conn.flow.evidence.rst.by, S);
	assert_int_equal(conn.flow.tally.count[C].rst, 1);
	assert_int_equal(conn.flow.tally.count[S].rst, 2);
	assert_int_equal(conn_close(&conn, END_TIMEOUT), END_RST_SERVER);
}

/* What the receiver sent may have been on its way; what the sender sends can not. */
static void
data_that_was_on_its_way_does_not_refute_an_exact_rst(void **state)
{
	struct conn conn;

	(void)state;

	reset_at(&conn, 0);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 500);
	assert_int_equal(conn_state(&conn), HS_RESET);
	assert_int_equal(verdict(&conn), RST_MID_CONNECTION);
	conn_expire(&conn);
	assert_int_equal(after(&conn), RST_AFTER_SILENT);
}

static void
a_sender_that_goes_on_did_not_send_that_rst(void **state)
{
	struct conn conn;

	(void)state;

	reset_at(&conn, 0);
	assert_int_equal(conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 500) & TRACKER_RST,
			TRACKER_RST);
	assert_int_equal(conn_state(&conn), HS_ESTABLISHED);
	assert_int_equal(after(&conn), RST_AFTER_WENT_ON);
	assert_int_equal(verdict(&conn), RST_SUSPECTED_INJECTION);
}

static void
an_old_copy_of_the_sender_s_data_does_not_refute_a_rst(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_establish(&conn);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 500);
	conn_send(&conn, S, TCP_RST, ISN_S + 501, 0, 0);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 500);
	assert_int_equal(conn_state(&conn), HS_RESET);
	assert_int_equal(verdict(&conn), RST_MID_CONNECTION);
}

static void
a_rst_after_one_fin_is_late_and_still_the_end(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_establish(&conn);
	conn_send(&conn, C, TCP_FINACK, ISN_C + 1, ISN_S + 1, 0);
	conn_send(&conn, S, TCP_RST, ISN_S + 1, 0, 0);
	assert_int_equal(verdict(&conn), RST_LATE);
	assert_true(conn_record(&conn).rst.after_fin);
	assert_int_equal(conn_close(&conn, END_TIMEOUT), END_RST_SERVER);
	assert_int_equal(conn.outcomes & TRACKER_RST, 0);
}

static void
a_rst_after_both_fins_is_late_and_not_the_end(void **state)
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
		assert_int_equal(conn_state(&conn), acknowledged != 0 ? HS_TIME_WAIT : HS_CLOSING);
		conn_send(&conn, C, TCP_RST, ISN_C + 2, 0, 0);
		assert_int_equal(verdict(&conn), RST_LATE);
		assert_int_equal(conn_close(&conn, END_TIMEOUT), END_FIN_BOTH);
		assert_int_equal(conn.outcomes & TRACKER_RST, 0);
	}
}

static void
with_all_rst_events_on_every_rst_is_told_of_once(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn.tracker.params.rst_events_all = true;
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	conn_send(&conn, S, TCP_RSTACK, 0, ISN_C + 1, 0);
	assert_int_equal(conn.outcomes & TRACKER_RST, 0);
	assert_int_equal(conn_expire(&conn) & TRACKER_RST, TRACKER_RST);
	conn_close(&conn, END_TIMEOUT);
	assert_int_equal(conn.outcome & TRACKER_RST, 0);
	conn_init(&conn);
	conn.tracker.params.rst_events_all = true;
	conn_send(&conn, C, TCP_RST, 5, 0, 0);
	conn_close(&conn, END_OPEN);
	assert_int_equal(conn.outcome & TRACKER_RST, TRACKER_RST);
}

static void
by_default_a_refusal_or_an_aborted_handshake_is_no_rst_event(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	conn_send(&conn, S, TCP_RSTACK, 0, ISN_C + 1, 0);
	conn_close(&conn, END_TIMEOUT);
	assert_int_equal(conn.outcomes & TRACKER_RST, 0);
	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
	conn_send(&conn, C, TCP_RST, ISN_C + 1, 0, 0);
	assert_int_equal(verdict(&conn), RST_ABORTED_HANDSHAKE);
	conn_close(&conn, END_TIMEOUT);
	assert_int_equal(conn.outcomes & TRACKER_RST, 0);
}

/* The RST was an injected one: the client heard nothing of it, or did not believe it. */
static void
a_syn_that_is_sent_again_refutes_a_bad_refusal(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	conn_send(&conn, S, TCP_RSTACK, 0, ISN_C + 7, 0);
	assert_int_equal(conn_state(&conn), HS_SYN_SENT);
	conn_wait(&conn, 500000);
	assert_int_equal(conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0) & TRACKER_RST, TRACKER_RST);
	assert_int_equal(after(&conn), RST_AFTER_WENT_ON);
	conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 0);
	assert_int_equal(conn_state(&conn), HS_ESTABLISHED);
	assert_int_equal(conn.flow.tally.result, HANDSHAKE_COMPLETE);
	assert_int_equal(conn_close(&conn, END_OPEN), END_OPEN);
}

static void
a_bad_refusal_that_nobody_refutes_is_one_all_the_same(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	conn_send(&conn, S, TCP_RSTACK, 0, ISN_C + 7, 0);
	assert_int_equal(conn_expire(&conn) & (TRACKER_RST | TRACKER_INCOMPLETE),
			TRACKER_RST | TRACKER_INCOMPLETE);
	assert_int_equal(conn_state(&conn), HS_RESET);
	assert_int_equal(conn.flow.tally.result, HANDSHAKE_REFUSED_BADACK);
	assert_int_equal(conn_close(&conn, END_TIMEOUT), END_RST_SERVER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exact_rst_is_believed_at_once_and_told_of_when_nobody_objects),
		cmocka_unit_test(one_in_the_window_waits_for_the_receiver_s_silence),
		cmocka_unit_test(a_challenge_ack_refutes_one_in_the_window),
		cmocka_unit_test(more_data_of_the_receiver_refutes_one_in_the_window),
		cmocka_unit_test(more_data_of_its_sender_refutes_one_in_the_window),
		cmocka_unit_test(a_challenge_then_an_exact_rst_ends_the_connection),
		cmocka_unit_test(one_out_of_the_window_changes_nothing_and_is_told_of_at_once),
		cmocka_unit_test(a_genuine_rst_after_an_ignored_one_is_the_one_that_counts),
		cmocka_unit_test(the_first_rst_counts_of_several),
		cmocka_unit_test(data_that_was_on_its_way_does_not_refute_an_exact_rst),
		cmocka_unit_test(a_sender_that_goes_on_did_not_send_that_rst),
		cmocka_unit_test(an_old_copy_of_the_sender_s_data_does_not_refute_a_rst),
		cmocka_unit_test(a_rst_after_one_fin_is_late_and_still_the_end),
		cmocka_unit_test(a_rst_after_both_fins_is_late_and_not_the_end),
		cmocka_unit_test(with_all_rst_events_on_every_rst_is_told_of_once),
		cmocka_unit_test(by_default_a_refusal_or_an_aborted_handshake_is_no_rst_event),
		cmocka_unit_test(a_syn_that_is_sent_again_refutes_a_bad_refusal),
		cmocka_unit_test(a_bad_refusal_that_nobody_refutes_is_one_all_the_same),
	};

	return cmocka_run_group_tests_name("rst_after", tests, NULL, NULL);
}
