/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/zeek.h"
#include "tests/unit/conn_fixture.h"

/* Zeek's own table, row by row: the first that fits. RESET has two forms here. */
static const struct {
	enum zeek_state client, server;
	bool bytes;
	const char *conn_state;
} rows[] = {
	{ ZEEK_SYN_SENT, ZEEK_RESET, false, "REJ" },
	{ ZEEK_SYN_SENT, ZEEK_RESET, true, "REJ" },
	{ ZEEK_SYN_ACK_SENT, ZEEK_RESET, false, "REJ" },
	{ ZEEK_RESET, ZEEK_RESET, false, "REJ" },
	{ ZEEK_CLOSED_RESET, ZEEK_RESET, false, "REJ" },
	{ ZEEK_RESET, ZEEK_RESET, true, "RSTR" },
	{ ZEEK_INACTIVE, ZEEK_RESET, false, "RSTRH" },
	{ ZEEK_PARTIAL, ZEEK_RESET, true, "RSTRH" },
	{ ZEEK_INACTIVE, ZEEK_CLOSED_RESET, false, "RSTRH" },
	{ ZEEK_ESTABLISHED, ZEEK_RESET, true, "RSTR" },
	{ ZEEK_CLOSED, ZEEK_RESET, true, "RSTR" },
	{ ZEEK_ESTABLISHED, ZEEK_CLOSED_RESET, true, "RSTR" },
	{ ZEEK_RESET, ZEEK_INACTIVE, false, "OTH" }, /* without a SYN in the history */
	{ ZEEK_RESET, ZEEK_PARTIAL, true, "OTH" },
	{ ZEEK_RESET, ZEEK_ESTABLISHED, true, "RSTO" },
	{ ZEEK_RESET, ZEEK_SYN_ACK_SENT, false, "RSTO" },
	{ ZEEK_RESET, ZEEK_SYN_SENT, false, "RSTO" },
	{ ZEEK_RESET, ZEEK_CLOSED, true, "RSTO" },
	{ ZEEK_CLOSED_RESET, ZEEK_ESTABLISHED, true, "RSTO" },
	{ ZEEK_CLOSED, ZEEK_CLOSED, true, "SF" },
	{ ZEEK_CLOSED, ZEEK_INACTIVE, false, "SH" },
	{ ZEEK_CLOSED, ZEEK_PARTIAL, true, "SH" },
	{ ZEEK_CLOSED, ZEEK_ESTABLISHED, true, "S2" },
	{ ZEEK_CLOSED, ZEEK_SYN_ACK_SENT, false, "S2" },
	{ ZEEK_INACTIVE, ZEEK_CLOSED, false, "SHR" },
	{ ZEEK_PARTIAL, ZEEK_CLOSED, true, "SHR" },
	{ ZEEK_ESTABLISHED, ZEEK_CLOSED, true, "S3" },
	{ ZEEK_SYN_SENT, ZEEK_CLOSED, false, "S3" },
	{ ZEEK_SYN_SENT, ZEEK_INACTIVE, false, "S0" },
	{ ZEEK_SYN_SENT, ZEEK_INACTIVE, true, "S0" },
	{ ZEEK_ESTABLISHED, ZEEK_ESTABLISHED, false, "S1" },
	{ ZEEK_SYN_SENT, ZEEK_SYN_ACK_SENT, false, "OTH" },
	{ ZEEK_SYN_SENT, ZEEK_PARTIAL, false, "OTH" },
	{ ZEEK_SYN_SENT, ZEEK_SYN_SENT, false, "OTH" },
	{ ZEEK_PARTIAL, ZEEK_PARTIAL, true, "OTH" },
	{ ZEEK_PARTIAL, ZEEK_INACTIVE, true, "OTH" },
	{ ZEEK_INACTIVE, ZEEK_SYN_ACK_SENT, false, "OTH" },
	{ ZEEK_INACTIVE, ZEEK_INACTIVE, false, "OTH" },
};

static void
conn_state_is_zeek_s_table_row_by_row(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct flow_tally tally = { .zeek_client = (unsigned)rows[i].client & 7u,
			.zeek_server = (unsigned)rows[i].server & 7u };
		struct flow_evidence evidence = { 0 };

		/* Whose bytes they are does not matter. */
		tally.count[i % 2].bytes = rows[i].bytes;
		print_message("%d %d\n", (int)rows[i].client, (int)rows[i].server);
		assert_string_equal(zeek_conn_state(&tally, &evidence), rows[i].conn_state);
	}
}

/* A conversation, and what Zeek says of it. A SYN-ACK establishes both ends for Zeek. */
struct line {
	enum flow_side side;
	uint32_t flags, seq, ack, len;
};

#define HANDSHAKE_LINES \
	{ C, TCP_SYN, ISN_C, 0, 0 }, { S, TCP_SYNACK, ISN_S, ISN_C + 1, 0 }, \
	{ \
		C, TCP_ACK, ISN_C + 1, ISN_S + 1, 0 \
	}

/* Three that are far from the window, each with a number of its own. */
#define STRAY_RST_LINES(n) \
	{ C, TCP_RST, ISN_C + 50000000 + (n), 0, 0 }, \
			{ C, TCP_RST, ISN_C + 50000001 + (n), 0, 0 }, \
	{ \
		C, TCP_RST, ISN_C + 50000002 + (n), 0, 0 \
	}

static const struct {
	struct line lines[24];
	const char *conn_state, *history;
} stories[] = {
	{ { { C, TCP_SYN, ISN_C, 0, 0 } }, "S0", "S" },
	{ { { C, TCP_SYN, ISN_C, 0, 0 }, { C, TCP_SYN, ISN_C, 0, 0 } }, "S0", "S" },
	{ { { C, TCP_SYN, ISN_C, 0, 0 }, { S, TCP_RSTACK, 0, ISN_C + 1, 0 } }, "REJ", "Sr" },
	{ { { C, TCP_SYN, ISN_C, 0, 0 }, { S, TCP_ACK, ISN_S, ISN_C + 1, 0 } }, "S0", "Sa" },
	{ { { C, TCP_SYN, ISN_C, 0, 0 }, { C, TCP_RST, ISN_C + 1, 0, 0 } }, "RSTOS0", "SR" },
	{ { { C, TCP_SYN, ISN_C, 0, 0 }, { C, TCP_FINACK, ISN_C + 1, 1, 0 } }, "SH", "SF" },
	{ { { C, TCP_SYN, ISN_C, 0, 0 }, { S, TCP_SYNACK, ISN_S, ISN_C + 1, 0 } }, "S1", "Sh" },
	{ { { C, TCP_SYN, ISN_C, 0, 0 }, { S, TCP_SYNACK, ISN_S, ISN_C + 1, 0 },
			  { C, TCP_RST, ISN_C + 1, 0, 0 } },
			"RSTO", "ShR" },
	{ { HANDSHAKE_LINES }, "S1", "ShA" },
	/* The conversation of the manual's example. */
	{ { HANDSHAKE_LINES, { C, TCP_ACK, ISN_C + 1, ISN_S + 1, 76 },
			  { S, TCP_ACK, ISN_S + 1, ISN_C + 77, 0 },
			  { S, TCP_ACK, ISN_S + 1, ISN_C + 77, 850 },
			  { C, TCP_ACK, ISN_C + 77, ISN_S + 851, 0 },
			  { C, TCP_FINACK, ISN_C + 77, ISN_S + 851, 0 },
			  { S, TCP_ACK, ISN_S + 851, ISN_C + 78, 0 },
			  { S, TCP_FINACK, ISN_S + 851, ISN_C + 78, 0 },
			  { C, TCP_ACK, ISN_C + 78, ISN_S + 852, 0 } },
			"SF", "ShADadFf" },
	{ { HANDSHAKE_LINES, { C, TCP_FINACK, ISN_C + 1, ISN_S + 1, 0 } }, "S2", "ShAF" },
	{ { HANDSHAKE_LINES, { S, TCP_FINACK, ISN_S + 1, ISN_C + 1, 0 } }, "S3", "ShAf" },
	{ { HANDSHAKE_LINES, { C, TCP_RST, ISN_C + 1, 0, 0 } }, "RSTO", "ShAR" },
	{ { HANDSHAKE_LINES, { C, TCP_ACK, ISN_C + 1, ISN_S + 1, 9 },
			  { S, TCP_RST, ISN_S + 1, 0, 0 } },
			"RSTR", "ShADr" },
	{ { { S, TCP_SYNACK, ISN_S, ISN_C + 1, 0 } }, "OTH", "^h" },
	{ { { S, TCP_SYNACK, ISN_S, ISN_C + 1, 0 }, { S, TCP_RST, ISN_S + 1, 0, 0 } }, "RSTRH",
			"^hr" },
	{ { { S, TCP_SYNACK, ISN_S, ISN_C + 1, 0 }, { S, TCP_FINACK, ISN_S + 1, ISN_C + 1, 0 } },
			"SHR", "^hf" },
	{ { { C, TCP_ACK, ISN_C, ISN_S, 10 }, { S, TCP_ACK, ISN_S, ISN_C + 10, 0 } }, "OTH", "Da" },
	{ { { C, TCP_RST, 5, 0, 0 } }, "OTH", "R" },
	/* FIN and RST come again with another number, not with the same. */
	{ { HANDSHAKE_LINES, { C, TCP_FINACK, ISN_C + 1, ISN_S + 1, 0 },
			  { C, TCP_FINACK, ISN_C + 1, ISN_S + 1, 0 } },
			"S2", "ShAF" },
	{ { HANDSHAKE_LINES, { C, TCP_RST, ISN_C + 1, 0, 0 }, { C, TCP_RST, ISN_C + 1, 0, 0 } },
			"RSTO", "ShAR" },
	{ { HANDSHAKE_LINES, { C, TCP_RST, ISN_C + 1, 0, 0 }, { C, TCP_RST, ISN_C + 9, 0, 0 } },
			"RSTO", "ShARR" },
	/* Impossible flags: i for FIN+RST, q with SYN, once a side. */
	{ { HANDSHAKE_LINES, { C, TCP_FIN | TCP_RST, 77777777, 0, 0 },
			  { C, TCP_SYN | TCP_FIN, 9, 0, 0 }, { C, TCP_SYN | TCP_RST, 9, 0, 0 },
			  { S, TCP_SYN | TCP_FIN, 9, 0, 0 } },
			NULL, "ShAIQq" },
	/* A letter is found again in whichever word it lies. */
	{ { HANDSHAKE_LINES, STRAY_RST_LINES(1), { C, TCP_FIN | TCP_RST, 77777777, 0, 0 },
			  { C, TCP_FIN | TCP_RST, 77777777, 0, 0 } },
			NULL, "ShARRRI" },
	{ { HANDSHAKE_LINES, STRAY_RST_LINES(1), STRAY_RST_LINES(4), STRAY_RST_LINES(7),
			  { C, TCP_FIN | TCP_RST, 77777777, 0, 0 },
			  { C, TCP_FIN | TCP_RST, 77777777, 0, 0 } },
			NULL, "ShARRRRRRRRRI" },
	/* Data of a SYN has no letter of its own. */
	{ { { C, TCP_SYN, ISN_C, 0, 50 }, { S, TCP_SYNACK, ISN_S, ISN_C + 51, 0 },
			  { C, TCP_ACK, ISN_C + 51, ISN_S + 1, 0 } },
			"S1", "ShA" },
};

static void
conversations_have_zeek_s_state_and_history(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(stories); i++) {
		struct conn conn;
		struct record record;

		conn_init(&conn);
		for (const struct line *line = stories[i].lines; line->flags != 0; line++)
			conn_send(&conn, line->side, line->flags, line->seq, line->ack, line->len);
		record = conn_record(&conn);
		print_message("%s\n", stories[i].history);
		assert_string_equal(record.history, stories[i].history);
		if (stories[i].conn_state != NULL)
			assert_string_equal(record.conn_state, stories[i].conn_state);
		assert_false(record.history_cut);
	}
}

static void
a_history_longer_than_is_kept_is_cut_and_says_so(void **state)
{
	struct conn conn;
	struct record record;

	(void)state;

	conn_init(&conn);
	conn_establish(&conn);
	for (uint32_t n = 3; n < FLOW_HISTORY_LETTERS; n++)
		conn_send(&conn, n % 2 == 0 ? C : S, TCP_RST, ISN_S + 50000000 + n, 0, 0);
	record = conn_record(&conn);
	assert_string_equal(record.history, "ShArRrRrRrRrRrRrRr");
	assert_int_equal(strlen(record.history), FLOW_HISTORY_LETTERS);
	assert_false(record.history_cut);
	conn_send(&conn, C, TCP_RST, ISN_S + 60000000, 0, 0);
	record = conn_record(&conn);
	assert_string_equal(record.history, "ShArRrRrRrRrRrRrRr");
	assert_true(record.history_cut);
}

static void
a_history_fits_the_room_that_there_is(void **state)
{
	struct conn conn;
	char text[FLOW_HISTORY_LETTERS + 1];

	(void)state;

	conn_init(&conn);
	conn_establish(&conn);
	for (size_t room = 1; room <= sizeof(text); room++) {
		memset(text, '#', sizeof(text));
		zeek_history(&conn.flow.evidence, text, room);
		assert_int_equal(strlen(text), room - 1 < 3 ? room - 1 : 3);
		assert_int_equal(strncmp(text, "ShA", strlen(text)), 0);
		if (room < sizeof(text))
			assert_int_equal(text[room], '#');
	}
}

static void
every_letter_can_be_said_of_either_side(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 0);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 0);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1, 5);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 6, 5);
	conn_send(&conn, C, TCP_FINACK, ISN_C + 6, ISN_S + 6, 0);
	conn_send(&conn, S, TCP_FINACK, ISN_S + 6, ISN_C + 7, 0);
	conn_send(&conn, C, TCP_SYN | TCP_RST, 1, 0, 0);
	conn_send(&conn, S, TCP_SYN | TCP_RST, 1, 0, 0);
	conn_send(&conn, C, TCP_FIN | TCP_RST, 1, 0, 0);
	conn_send(&conn, S, TCP_FIN | TCP_RST, 1, 0, 0);
	conn_send(&conn, C, TCP_RST, 2, 0, 0);
	conn_send(&conn, S, TCP_RST, 2, 0, 0);
	assert_string_equal(conn_record(&conn).history, "^hSAaDdFfQqIiRr");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conn_state_is_zeek_s_table_row_by_row),
		cmocka_unit_test(conversations_have_zeek_s_state_and_history),
		cmocka_unit_test(a_history_longer_than_is_kept_is_cut_and_says_so),
		cmocka_unit_test(a_history_fits_the_room_that_there_is),
		cmocka_unit_test(every_letter_can_be_said_of_either_side),
	};

	return cmocka_run_group_tests_name("zeek", tests, NULL, NULL);
}
