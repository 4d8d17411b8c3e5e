/* SPDX-License-Identifier: Apache-2.0 */

/* Every result of a handshake and every end, each from the segments that the manual names. */

#include "handshake/settle.h"
#include "tests/unit/conn_fixture.h"

#define BEGUN \
	{ \
		C, TCP_SYN, ISN_C, 0, 0 \
	}
#define ANSWERED \
	BEGUN, \
	{ \
		S, TCP_SYNACK, ISN_S, ISN_C + 1, 0 \
	}
#define COMPLETED \
	ANSWERED, \
	{ \
		C, TCP_ACK, ISN_C + 1, ISN_S + 1, 0 \
	}
#define CROSSED \
	BEGUN, \
	{ \
		S, TCP_SYN, ISN_S, 0, 0 \
	}

struct line {
	enum flow_side side;
	uint32_t flags, seq, ack, len;
};

struct story {
	const char *name;
	struct line lines[8];
	enum end_how why; /* it is closed for this reason */
	enum handshake_result result;
	enum end_how end;
};

static const struct story stories[] = {
	{ "complete", { COMPLETED }, END_OPEN, HANDSHAKE_COMPLETE, END_OPEN },
	{ "complete by data", { ANSWERED, { C, TCP_ACK, ISN_C + 1, ISN_S + 1, 50 } }, END_TIMEOUT,
			HANDSHAKE_COMPLETE, END_TIMEOUT },
	{ "simultaneous by SYN-ACKs",
			{ CROSSED, { C, TCP_SYNACK, ISN_C, ISN_S + 1, 0 },
					{ S, TCP_SYNACK, ISN_S, ISN_C + 1, 0 } },
			END_OPEN, HANDSHAKE_SIMULTANEOUS, END_OPEN },
	{ "simultaneous, one with an ACK",
			{ CROSSED, { C, TCP_SYNACK, ISN_C, ISN_S + 1, 0 },
					{ S, TCP_ACK, ISN_S + 1, ISN_C + 1, 0 } },
			END_OPEN, HANDSHAKE_SIMULTANEOUS, END_OPEN },
	{ "server silent", { BEGUN, BEGUN }, END_TIMEOUT, HANDSHAKE_SERVER_SILENT, END_TIMEOUT },
	{ "server silent until the end", { BEGUN }, END_OPEN, HANDSHAKE_SERVER_SILENT, END_OPEN },
	{ "client silent", { ANSWERED }, END_TIMEOUT, HANDSHAKE_CLIENT_SILENT, END_TIMEOUT },
	{ "client silent, who only repeats its SYN", { ANSWERED, BEGUN }, END_TIMEOUT,
			HANDSHAKE_CLIENT_SILENT, END_TIMEOUT },
	{ "refused", { BEGUN, { S, TCP_RSTACK, 0, ISN_C + 1, 0 } }, END_TIMEOUT, HANDSHAKE_REFUSED,
			END_RST_SERVER },
	{ "refused with a bad ack", { BEGUN, { S, TCP_RSTACK, 0, ISN_C + 2, 0 } }, END_TIMEOUT,
			HANDSHAKE_REFUSED_BADACK, END_RST_SERVER },
	{ "refused without an ack", { BEGUN, { S, TCP_RST, 5, 0, 0 } }, END_TIMEOUT,
			HANDSHAKE_REFUSED_BADACK, END_RST_SERVER },
	{ "client reset before any answer", { BEGUN, { C, TCP_RST, ISN_C + 1, 0, 0 } }, END_TIMEOUT,
			HANDSHAKE_CLIENT_RESET, END_RST_CLIENT },
	{ "half-open scan", { ANSWERED, { C, TCP_RST, ISN_C + 1, 0, 0 } }, END_TIMEOUT,
			HANDSHAKE_CLIENT_RESET, END_RST_CLIENT },
	{ "server reset", { ANSWERED, { S, TCP_RST, ISN_S + 1, 0, 0 } }, END_TIMEOUT,
			HANDSHAKE_SERVER_RESET, END_RST_SERVER },
	{ "client's FIN before any answer", { BEGUN, { C, TCP_FINACK, ISN_C + 1, 1, 0 } },
			END_TIMEOUT, HANDSHAKE_CLIENT_FIN, END_FIN_CLIENT },
	{ "SYN-ACK to another number", { BEGUN, { S, TCP_SYNACK, ISN_S, ISN_C + 2, 0 } },
			END_TIMEOUT, HANDSHAKE_BAD_SYNACK, END_TIMEOUT },
	{ "an ACK for an answer", { BEGUN, { S, TCP_ACK, ISN_S, ISN_C + 1, 0 } }, END_TIMEOUT,
			HANDSHAKE_ODD_ANSWER, END_TIMEOUT },
	{ "crossed, none acknowledged", { CROSSED }, END_TIMEOUT, HANDSHAKE_SIMULTANEOUS_INCOMPLETE,
			END_TIMEOUT },
	{ "crossed, one acknowledged", { CROSSED, { C, TCP_SYNACK, ISN_C, ISN_S + 1, 0 } },
			END_TIMEOUT, HANDSHAKE_SIMULTANEOUS_INCOMPLETE, END_TIMEOUT },
	{ "crossed, then reset", { CROSSED, { S, TCP_RST, ISN_S + 1, 0, 0 } }, END_TIMEOUT,
			HANDSHAKE_SIMULTANEOUS_INCOMPLETE, END_RST_SERVER },
	{ "SYN-ACK only", { { S, TCP_SYNACK, ISN_S, ISN_C + 1, 0 } }, END_TIMEOUT,
			HANDSHAKE_SYNACK_ONLY, END_TIMEOUT },
	{ "SYN-ACK refused",
			{ { S, TCP_SYNACK, ISN_S, ISN_C + 1, 0 }, { C, TCP_RST, ISN_C + 1, 0, 0 } },
			END_TIMEOUT, HANDSHAKE_SYNACK_REFUSED, END_RST_CLIENT },
	{ "no SYN",
			{ { S, TCP_SYNACK, ISN_S, ISN_C + 1, 0 },
					{ C, TCP_ACK, ISN_C + 1, ISN_S + 1, 0 } },
			END_OPEN, HANDSHAKE_NO_SYN, END_OPEN },
	{ "one way", { BEGUN, { C, TCP_ACK, ISN_C + 1, ISN_S + 1, 0 } }, END_TIMEOUT,
			HANDSHAKE_ONE_WAY, END_TIMEOUT },
	{ "one way, closed",
			{ BEGUN, { C, TCP_ACK, ISN_C + 1, ISN_S + 1, 10 },
					{ C, TCP_FINACK, ISN_C + 11, ISN_S + 1, 0 } },
			END_TIMEOUT, HANDSHAKE_ONE_WAY, END_FIN_CLIENT },
	{ "one way, reset",
			{ BEGUN, { C, TCP_ACK, ISN_C + 1, ISN_S + 1, 10 },
					{ C, TCP_RST, ISN_C + 11, 0, 0 } },
			END_TIMEOUT, HANDSHAKE_ONE_WAY, END_RST_CLIENT },
	{ "mid-stream", { { C, TCP_ACK, ISN_C, ISN_S, 9 } }, END_TIMEOUT, HANDSHAKE_MIDSTREAM,
			END_TIMEOUT },
	{ "mid-stream, closed",
			{ { C, TCP_ACK, ISN_C, ISN_S, 0 }, { S, TCP_FINACK, ISN_S, ISN_C, 0 } },
			END_TIMEOUT, HANDSHAKE_MIDSTREAM, END_FIN_SERVER },
	{ "evicted before any answer", { BEGUN }, END_EVICTED, HANDSHAKE_EVICTED, END_EVICTED },
	{ "evicted before the acknowledgement", { ANSWERED }, END_EVICTED, HANDSHAKE_EVICTED,
			END_EVICTED },
	{ "evicted when it was over", { BEGUN, { S, TCP_RSTACK, 0, ISN_C + 1, 0 } }, END_EVICTED,
			HANDSHAKE_REFUSED, END_RST_SERVER },
	{ "both FINs",
			{ COMPLETED, { S, TCP_FINACK, ISN_S + 1, ISN_C + 1, 0 },
					{ C, TCP_FINACK, ISN_C + 1, ISN_S + 2, 0 } },
			END_TIMEOUT, HANDSHAKE_COMPLETE, END_FIN_BOTH },
	{ "client's FIN alone", { COMPLETED, { C, TCP_FINACK, ISN_C + 1, ISN_S + 1, 0 } },
			END_TIMEOUT, HANDSHAKE_COMPLETE, END_FIN_CLIENT },
	{ "server's FIN alone", { COMPLETED, { S, TCP_FINACK, ISN_S + 1, ISN_C + 1, 0 } }, END_OPEN,
			HANDSHAKE_COMPLETE, END_FIN_SERVER },
	{ "client's RST", { COMPLETED, { C, TCP_RST, ISN_C + 1, 0, 0 } }, END_TIMEOUT,
			HANDSHAKE_COMPLETE, END_RST_CLIENT },
	{ "an answer after a bad one",
			{ BEGUN, { S, TCP_SYNACK, ISN_S, ISN_C + 2, 0 },
					{ S, TCP_SYNACK, ISN_S, ISN_C + 1, 0 } },
			END_TIMEOUT, HANDSHAKE_CLIENT_SILENT, END_TIMEOUT },
};

static void
tell(struct conn *conn, const struct story *story)
{
	conn_init(conn);
	for (const struct line *line = story->lines; line->flags != 0; line++)
		conn_send(conn, line->side, line->flags, line->seq, line->ack, line->len);
}

static void
every_story_has_its_result_and_its_end(void **state)
{
	bool told[HANDSHAKE_RESULT_COUNT] = { [HANDSHAKE_UNREACHABLE] = true };
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(stories); i++) {
		enum end_how end;

		print_message("%s\n", stories[i].name);
		tell(&conn, &stories[i]);
		/* Who is in doubt waits; then his silence settles it. */
		if ((conn.flow.entry.flags & FLOW_RST_UNCONFIRMED) != 0)
			conn_expire(&conn);
		end = conn_close(&conn, stories[i].why);
		assert_string_equal(verdict_handshake_word(
						    (enum handshake_result)conn.flow.tally.result),
				verdict_handshake_word(stories[i].result));
		assert_string_equal(verdict_end_word(end), verdict_end_word(stories[i].end));
		told[stories[i].result] = true;
	}
	for (uint32_t result = HANDSHAKE_COMPLETE; result < HANDSHAKE_RESULT_COUNT; result++)
		assert_true(told[result]);
}

/* And all others that begin with a SYN do, once; the rest have no SYN to judge. */
static void
what_begins_with_a_syn_and_does_not_complete_is_said_once(void **state)
{
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(stories); i++) {
		bool complete = stories[i].result == HANDSHAKE_COMPLETE ||
				stories[i].result == HANDSHAKE_SIMULTANEOUS;
		bool syn = stories[i].lines[0].flags == TCP_SYN;
		uint32_t said = 0;

		print_message("%s\n", stories[i].name);
		conn_init(&conn);
		for (const struct line *line = stories[i].lines; line->flags != 0; line++)
			said += (conn_send(&conn, line->side, line->flags, line->seq, line->ack,
						 line->len) &
						TRACKER_INCOMPLETE) != 0;
		if ((conn.flow.entry.flags & FLOW_RST_UNCONFIRMED) != 0)
			said += (conn_expire(&conn) & TRACKER_INCOMPLETE) != 0;
		conn_close(&conn, stories[i].why);
		said += (conn.outcome & TRACKER_INCOMPLETE) != 0;
		assert_int_equal(said, syn && !complete);
	}
}

static void
a_refusal_is_said_when_it_comes_not_when_the_entry_is_released(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	assert_int_equal(conn_send(&conn, S, TCP_RSTACK, 0, ISN_C + 1, 0) & TRACKER_INCOMPLETE,
			TRACKER_INCOMPLETE);
	conn_close(&conn, END_TIMEOUT);
	assert_int_equal(conn.outcome & TRACKER_INCOMPLETE, 0);
}

static void
an_unreachable_server_that_answers_after_all_completes(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	assert_int_equal(
			tracker_unreachable(&conn.ref, ISN_C,
					(conn.flow.entry.flags & FLOW_CLIENT_IS_SECOND) != 0, 3, 1),
			TRACKER_INCOMPLETE);
	assert_int_equal(conn.flow.tally.result, HANDSHAKE_UNREACHABLE);
	conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 0);
	assert_int_equal(conn.flow.tally.result, HANDSHAKE_COMPLETE);
	assert_false(conn_record(&conn).handshake.has_icmp);
	assert_true(conn_record(&conn).handshake.has_ack_us);
	assert_int_equal(conn_close(&conn, END_OPEN), END_OPEN);
	assert_int_equal(conn.outcome, 0);
}

static void
a_result_that_changes_is_not_said_again(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	assert_int_equal(conn_send(&conn, C, TCP_FINACK, ISN_C + 1, 1, 0) & TRACKER_INCOMPLETE,
			TRACKER_INCOMPLETE);
	assert_int_equal(settle_unreachable(&conn.ref), 0);
	conn_close(&conn, END_TIMEOUT);
	assert_int_equal(conn.outcome, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_story_has_its_result_and_its_end),
		cmocka_unit_test(what_begins_with_a_syn_and_does_not_complete_is_said_once),
		cmocka_unit_test(a_refusal_is_said_when_it_comes_not_when_the_entry_is_released),
		cmocka_unit_test(an_unreachable_server_that_answers_after_all_completes),
		cmocka_unit_test(a_result_that_changes_is_not_said_again),
	};

	return cmocka_run_group_tests_name("settle", tests, NULL, NULL);
}
