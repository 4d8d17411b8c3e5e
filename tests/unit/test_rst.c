/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/rst.h"
#include "tests/unit/conn_fixture.h"

#define SECOND USEC_PER_SEC

static const uint32_t isns[] = { ISN_S, 0, UINT32_MAX, UINT32_MAX - 1, UINT32_MAX - 2500,
	UINT32_MAX - 5001, INT32_MAX, UINT32_C(1) << 31 };

static enum rst_position
position(const struct conn *conn)
{
	assert_int_not_equal(conn->flow.entry.flags & FLOW_RST_SEEN, 0);
	return (enum rst_position)conn->flow.evidence.rst.position;
}

static enum rst_verdict
verdict(const struct conn *conn)
{
	return (enum rst_verdict)conn->flow.evidence.rst.verdict;
}

/* In an established connection, a RST @p off behind what the receiver expects. */
static enum rst_position
position_at(uint32_t isn, enum flow_side by, uint32_t off, uint8_t wscale)
{
	struct conn conn;

	conn_init(&conn);
	if (wscale != 0) {
		conn_wscale(&conn, C, wscale);
		conn_wscale(&conn, S, wscale);
	}
	conn_establish_at(&conn, isn, isn);
	/* The server too sends something beyond its SYN-ACK, whose window is not scaled. */
	conn_send(&conn, S, TCP_ACK, isn + 1, isn + 1, 0);
	conn_send(&conn, by, TCP_RST, isn + 1 + off, 0, 0);
	return position(&conn);
}

static void
a_number_is_exact_in_the_window_or_out_wherever_the_window_lies(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(isns); i++)
		for (enum flow_side by = C; by < FLOW_SIDES; by++) {
			assert_int_equal(position_at(isns[i], by, 0, 0), RST_EXACT);
			assert_int_equal(position_at(isns[i], by, 1, 0), RST_WINDOW);
			assert_int_equal(position_at(isns[i], by, 4999, 0), RST_WINDOW);
			assert_int_equal(position_at(isns[i], by, 5000, 0), RST_OUT);
			assert_int_equal(position_at(isns[i], by, UINT32_MAX, 0), RST_OUT);
			assert_int_equal(position_at(isns[i], by, UINT32_C(1) << 31, 0), RST_OUT);
		}
}

static void
the_window_is_scaled_as_both_sides_agreed(void **state)
{
	struct conn conn;

	(void)state;

	assert_int_equal(position_at(ISN_S, S, 639999, 7), RST_WINDOW);
	assert_int_equal(position_at(ISN_S, S, 640000, 7), RST_OUT);
	assert_int_equal(position_at(UINT32_MAX - 300000, C, 639999, 7), RST_WINDOW);
	assert_int_equal(position_at(UINT32_MAX - 300000, C, 640000, 7), RST_OUT);
	conn_init(&conn);
	conn_wscale(&conn, C, 7);
	conn_establish(&conn);
	conn_send(&conn, S, TCP_RST, ISN_S + 1 + 5000, 0, 0);
	assert_int_equal(position(&conn), RST_OUT);
}

static void
the_window_of_a_synack_is_not_scaled(void **state)
{
	struct conn conn;

	(void)state;

	for (uint32_t off = 4999; off <= 5000; off++) {
		conn_init(&conn);
		conn_wscale(&conn, C, 7);
		conn_wscale(&conn, S, 7);
		conn_establish(&conn);
		conn_send(&conn, C, TCP_RST, ISN_C + 1 + off, 0, 0);
		assert_int_equal(position(&conn), off == 4999 ? RST_WINDOW : RST_OUT);
	}
}

static void
the_end_of_what_the_sender_has_sent_is_exact_too(void **state)
{
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(isns); i++)
		for (uint32_t off = 0; off <= 200; off++) {
			conn_init(&conn);
			conn_establish_at(&conn, ISN_C, isns[i]);
			conn_send(&conn, S, TCP_ACK, isns[i] + 1, ISN_C + 1, 100);
			conn_send(&conn, S, TCP_RST, isns[i] + 1 + off, 0, 0);
			assert_int_equal(position(&conn),
					off == 0 || off == 100 ? RST_EXACT : RST_WINDOW);
		}
}

static void
the_window_moves_with_the_receiver_s_acknowledgement(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_establish(&conn);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 1000);
	conn.window[C] = 300;
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1001, 0);
	conn_send(&conn, S, TCP_RST, ISN_S + 1001 + 300, 0, 0);
	assert_int_equal(position(&conn), RST_OUT);
	conn_init(&conn);
	conn_establish(&conn);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 1000);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1001, 0);
	conn_send(&conn, S, TCP_RST, ISN_S + 1, 0, 0);
	assert_int_equal(position(&conn), RST_OUT);
}

static void
where_too_little_was_seen_the_position_is_unknown(void **state)
{
	struct conn conn;

	(void)state;

	/* Of the server nothing is known: not what it expects, nor what it sent. */
	conn_init(&conn);
	conn_send(&conn, C, TCP_ACK, 5000, 9000, 10);
	conn_send(&conn, C, TCP_RST, 5999, 0, 0);
	assert_int_equal(position(&conn), RST_POSITION_UNKNOWN);
	conn_init(&conn);
	conn_send(&conn, C, TCP_ACK, 5000, 9000, 10);
	conn_send(&conn, C, TCP_RST, 5010, 0, 0);
	assert_int_equal(position(&conn), RST_EXACT);
	conn_init(&conn);
	conn_send(&conn, C, TCP_ACK, 5000, 9000, 10);
	conn_send(&conn, S, TCP_RST, 9000, 0, 0);
	assert_int_equal(position(&conn), RST_EXACT);
}

static void
a_refusal_is_exact_if_it_acknowledges_the_syn(void **state)
{
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(isns); i++)
		for (uint32_t data = 0; data <= 100; data += 100)
			for (uint32_t off = 0; off <= 102; off++) {
				bool good = off >= 1 && off <= 1 + data;

				conn_init(&conn);
				conn_send(&conn, C, TCP_SYN, isns[i], 0, data);
				conn_send(&conn, S, TCP_RSTACK, 0, isns[i] + off, 0);
				assert_int_equal(position(&conn), good ? RST_EXACT : RST_OUT);
				assert_int_equal(verdict(&conn),
						good ? RST_REFUSED : RST_SUSPECTED_INJECTION);
				assert_int_equal(conn_state(&conn), good ? HS_RESET : HS_SYN_SENT);
			}
}

/* What came before, and what a good RST of either side is then. */
static const struct {
	const char *name;
	struct {
		enum flow_side side;
		uint32_t flags, seq, ack;
	} before[6];
	enum rst_phase phase;
	enum rst_verdict verdict;
} lives[] = {
	{ "SYN-ACK waits", { { C, TCP_SYN, ISN_C, 0 }, { S, TCP_SYNACK, ISN_S, ISN_C + 1 } },
			RST_PHASE_HANDSHAKE, RST_ABORTED_HANDSHAKE },
	{ "established",
			{ { C, TCP_SYN, ISN_C, 0 }, { S, TCP_SYNACK, ISN_S, ISN_C + 1 },
					{ C, TCP_ACK, ISN_C + 1, ISN_S + 1 } },
			RST_PHASE_ESTABLISHED, RST_MID_CONNECTION },
	{ "client's FIN",
			{ { C, TCP_SYN, ISN_C, 0 }, { S, TCP_SYNACK, ISN_S, ISN_C + 1 },
					{ C, TCP_ACK, ISN_C + 1, ISN_S + 1 },
					{ C, TCP_FINACK, ISN_C + 1, ISN_S + 1 } },
			RST_PHASE_CLOSING, RST_LATE },
	{ "server's FIN",
			{ { C, TCP_SYN, ISN_C, 0 }, { S, TCP_SYNACK, ISN_S, ISN_C + 1 },
					{ C, TCP_ACK, ISN_C + 1, ISN_S + 1 },
					{ S, TCP_FINACK, ISN_S + 1, ISN_C + 1 } },
			RST_PHASE_CLOSING, RST_LATE },
	{ "both FINs",
			{ { C, TCP_SYN, ISN_C, 0 }, { S, TCP_SYNACK, ISN_S, ISN_C + 1 },
					{ C, TCP_ACK, ISN_C + 1, ISN_S + 1 },
					{ C, TCP_FINACK, ISN_C + 1, ISN_S + 1 },
					{ S, TCP_FINACK, ISN_S + 1, ISN_C + 2 } },
			RST_PHASE_CLOSING, RST_LATE },
	{ "mid-stream", { { C, TCP_ACK, ISN_C, ISN_S }, { S, TCP_ACK, ISN_S, ISN_C } },
			RST_PHASE_ESTABLISHED, RST_MID_CONNECTION },
};

static void
each_phase_has_its_verdict(void **state)
{
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(lives); i++)
		for (enum flow_side by = C; by < FLOW_SIDES; by++) {
			print_message("%s\n", lives[i].name);
			conn_init(&conn);
			for (size_t n = 0; n < 6 && lives[i].before[n].flags != 0; n++)
				conn_send(&conn, lives[i].before[n].side, lives[i].before[n].flags,
						lives[i].before[n].seq, lives[i].before[n].ack, 0);
			conn_send(&conn, by, TCP_RST, conn.flow.entry.seq_next[by], 0, 0);
			assert_int_equal(conn.flow.evidence.rst.phase, lives[i].phase);
			assert_int_equal(verdict(&conn), lives[i].verdict);
			assert_int_equal(position(&conn), RST_EXACT);
			assert_int_equal(conn.flow.evidence.rst.by, by);
			assert_int_equal(conn.flow.evidence.rst.after_fin,
					lives[i].phase == RST_PHASE_CLOSING);
			assert_int_equal(conn_state(&conn), HS_RESET);
		}
}

static void
a_rst_of_no_connection_is_stray(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_RST, 77, 0, 0);
	assert_int_equal(conn.flow.evidence.rst.phase, RST_PHASE_NO_CONNECTION);
	assert_int_equal(verdict(&conn), RST_STRAY);
	assert_int_equal(position(&conn), RST_POSITION_UNKNOWN);
	assert_int_equal(conn_state(&conn), HS_RESET);
	assert_int_equal(conn_record(&conn).rst.ttl_delta, RECORD_NO_TTL_DELTA);
	assert_int_equal(conn_close(&conn, END_TIMEOUT), END_RST_CLIENT);
	assert_int_equal(conn.outcome, 0);
}

/* A mid-connection RST by the server, whose usual hop limit is @p usual. */
static void
reset_with(struct conn *conn, uint8_t usual, uint8_t hop_limit, uint8_t tolerance)
{
	conn_init(conn);
	conn->tracker.params.rst_ttl_tolerance = tolerance;
	conn->hop_limit[S] = usual;
	conn_establish(conn);
	conn->hop_limit[S] = hop_limit;
	conn_send(conn, S, TCP_RST, ISN_S + 1, 0, 0);
}

static void
a_hop_limit_within_the_tolerance_is_no_suspicion(void **state)
{
	struct conn conn;

	(void)state;

	for (uint32_t hop_limit = 1; hop_limit <= 255; hop_limit++) {
		bool near = hop_limit >= 59 && hop_limit <= 69;
		int delta = (int)hop_limit - 64;

		reset_with(&conn, 64, (uint8_t)hop_limit, 5);
		assert_int_equal(verdict(&conn),
				near ? RST_MID_CONNECTION : RST_SUSPECTED_INJECTION);
		assert_int_equal(conn_record(&conn).rst.ttl_delta, delta > 127 ? 127 : delta);
		reset_with(&conn, 64, (uint8_t)hop_limit, 0);
		assert_int_equal(verdict(&conn),
				delta == 0 ? RST_MID_CONNECTION : RST_SUSPECTED_INJECTION);
	}
}

static void
a_hop_limit_s_deviation_is_clamped_to_what_can_be_kept(void **state)
{
	struct conn conn;

	(void)state;

	reset_with(&conn, 255, 1, 5);
	assert_int_equal(conn_record(&conn).rst.ttl_delta, -127);
	reset_with(&conn, 1, 255, 5);
	assert_int_equal(conn_record(&conn).rst.ttl_delta, 127);
}

static void
without_a_usual_hop_limit_there_is_no_deviation(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	conn.hop_limit[S] = 3;
	conn_send(&conn, S, TCP_RSTACK, 0, ISN_C + 1, 0);
	assert_int_equal(conn_record(&conn).rst.ttl_delta, RECORD_NO_TTL_DELTA);
	assert_int_equal(verdict(&conn), RST_REFUSED);
}

static void
a_rst_that_answers_a_segment_says_so(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_establish(&conn);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 100);
	conn_send(&conn, S, TCP_RST, ISN_S + 1, 0, 0);
	assert_true(conn_record(&conn).rst.answered);
	assert_true(conn_record(&conn).rst.in_flight);
	/* The server spoke last: this answers nothing. */
	conn_init(&conn);
	conn_establish(&conn);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 100);
	conn_send(&conn, S, TCP_RST, ISN_S + 101, 0, 0);
	assert_false(conn_record(&conn).rst.answered);
	assert_true(conn_record(&conn).rst.in_flight);
	conn_init(&conn);
	conn_establish(&conn);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 100);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 101, 0);
	conn_send(&conn, S, TCP_RST, ISN_S + 1, 0, 0);
	assert_false(conn_record(&conn).rst.answered);
	/* An abort bears ACK, which the answer of a host without the connection does not. */
	conn_init(&conn);
	conn_establish(&conn);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 100);
	conn_send(&conn, S, TCP_RSTACK, ISN_S + 1, ISN_C + 101, 0);
	assert_false(conn_record(&conn).rst.answered);
	/* Nor does one with another number answer. */
	conn_init(&conn);
	conn_establish(&conn);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 100);
	conn_send(&conn, S, TCP_RST, ISN_S + 2, 0, 0);
	assert_false(conn_record(&conn).rst.answered);
}

static void
nothing_is_in_flight_when_all_is_acknowledged(void **state)
{
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(isns); i++) {
		conn_init(&conn);
		conn_establish_at(&conn, isns[i], isns[i]);
		conn_send(&conn, C, TCP_ACK, isns[i] + 1, isns[i] + 1, 100);
		conn_send(&conn, S, TCP_ACK, isns[i] + 1, isns[i] + 101, 0);
		conn_send(&conn, S, TCP_RST, isns[i] + 1, 0, 0);
		assert_false(conn_record(&conn).rst.in_flight);
	}
}

static void
the_idle_time_is_that_before_the_rst_or_the_segment_it_answers(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_establish(&conn);
	conn_wait(&conn, 6837 * USEC_PER_MSEC);
	conn_send(&conn, S, TCP_RST, ISN_S + 1, 0, 0);
	assert_int_equal(conn_record(&conn).rst.idle_ms, 6837);
	conn_init(&conn);
	conn_establish(&conn);
	conn_wait(&conn, 5000 * USEC_PER_MSEC);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 100);
	conn_wait(&conn, 30 * USEC_PER_MSEC);
	conn_send(&conn, S, TCP_RST, ISN_S + 1, 0, 0);
	assert_int_equal(conn_record(&conn).rst.idle_ms, 5030);
	/* A RST that answers nothing: the data before it ended the silence. */
	conn_init(&conn);
	conn_establish(&conn);
	conn_wait(&conn, 5000 * USEC_PER_MSEC);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 100);
	conn_wait(&conn, 30 * USEC_PER_MSEC);
	conn_send(&conn, S, TCP_RST, ISN_S + 101, 0, 0);
	assert_int_equal(conn_record(&conn).rst.idle_ms, 30);
}

/* RFC 5961: one that is dropped tells nothing, neither of the connection nor of the window. */
static void
an_ignored_rst_does_not_change_what_is_known_of_its_sender(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_establish(&conn);
	conn_send(&conn, C, TCP_RST, ISN_C + 1 + 65536, 0, 0);
	assert_int_equal(position(&conn), RST_OUT);
	conn_send(&conn, S, TCP_RST, ISN_S + 1 + 4000, 0, 0);
	assert_int_equal(position(&conn), RST_WINDOW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_exact_in_the_window_or_out_wherever_the_window_lies),
		cmocka_unit_test(the_window_is_scaled_as_both_sides_agreed),
		cmocka_unit_test(the_window_of_a_synack_is_not_scaled),
		cmocka_unit_test(the_end_of_what_the_sender_has_sent_is_exact_too),
		cmocka_unit_test(the_window_moves_with_the_receiver_s_acknowledgement),
		cmocka_unit_test(where_too_little_was_seen_the_position_is_unknown),
		cmocka_unit_test(a_refusal_is_exact_if_it_acknowledges_the_syn),
		cmocka_unit_test(each_phase_has_its_verdict),
		cmocka_unit_test(a_rst_of_no_connection_is_stray),
		cmocka_unit_test(a_hop_limit_within_the_tolerance_is_no_suspicion),
		cmocka_unit_test(a_hop_limit_s_deviation_is_clamped_to_what_can_be_kept),
		cmocka_unit_test(without_a_usual_hop_limit_there_is_no_deviation),
		cmocka_unit_test(a_rst_that_answers_a_segment_says_so),
		cmocka_unit_test(nothing_is_in_flight_when_all_is_acknowledged),
		cmocka_unit_test(the_idle_time_is_that_before_the_rst_or_the_segment_it_answers),
		cmocka_unit_test(an_ignored_rst_does_not_change_what_is_known_of_its_sender),
	};

	return cmocka_run_group_tests_name("rst", tests, NULL, NULL);
}
