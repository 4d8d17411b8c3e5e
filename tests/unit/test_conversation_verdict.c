/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "observe/conversation_text.h"
#include "talk.h"

static const char *
verdict_of(struct talk *talk, char *out)
{
	talk_end(talk);
	conversation_verdict_write(talk->conversation, talk->last_us + 1500000, out);
	return out;
}

static void
the_silent_party_is_named(void **state)
{
	char verdict[CONVERSATION_VERDICT_MAX];
	struct talk talk = talk_begin();

	(void)state;
	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	talk_say(&talk, 1000000, FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	assert_string_equal(verdict_of(&talk, verdict),
			"The server never answered: 2 SYNs within 1.00 s, and nothing more came in "
			"the 1.50 s until the capture ended.");
	talk_free(&talk);
	talk = talk_begin();
	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	talk_say(&talk, 200, FLOW_SERVER, TCP_SYN | TCP_ACK, 200, 101, 65160, 0);
	assert_string_equal(verdict_of(&talk, verdict),
			"The client fell silent: the server answered with 1 SYN-ACK that it never "
			"acknowledged, and nothing more came in the 1.50 s until the capture ended. "
			"Either its address is forged, or it vanished.");
	talk_free(&talk);
}

static void
a_forged_rst_is_given_away_by_its_number_its_hops_or_what_follows(void **state)
{
	char verdict[CONVERSATION_VERDICT_MAX];
	struct talk talk = talk_begin();

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_SERVER, TCP_ACK, 201, 101, 509, 10);
	talk.server_hop_limit = 51;
	talk_say(&talk, 1100, FLOW_SERVER, TCP_RST, 211, 0, 0, 0);
	talk.server_hop_limit = 64;
	talk_say(&talk, 1200, FLOW_SERVER, TCP_ACK, 211, 101, 509, 10);
	verdict_of(&talk, verdict);
	assert_non_null(strstr(verdict,
			"A RST came in the server's name that is suspected to be "
			"forged: its sequence number is exactly the one expected, its "
			"hop limit is 13 lower than that of the server's other "
			"segments, and the server went on as if it had sent none."));
	talk_free(&talk);
}

static void
whether_a_connection_outlived_a_rst_out_of_window_is_said(void **state)
{
	static const char *const expected[] = {
		"its sequence number lies outside the receiver's window, its hop limit is that of "
		"the server's other segments, and nothing after it tells more.",
		"its sequence number lies outside the receiver's window, its hop limit is that of "
		"the server's other segments, and the connection went on all the same.",
	};
	char verdict[CONVERSATION_VERDICT_MAX];

	(void)state;
	for (size_t went_on = 0; went_on < ARRAY_LEN(expected); went_on++) {
		struct talk talk = talk_begin();

		talk_handshake(&talk, 100, 200);
		talk_say(&talk, 1000, FLOW_SERVER, TCP_RST, 50000080, 0, 0, 0);
		if (went_on != 0)
			talk_say(&talk, 1100, FLOW_CLIENT, TCP_PSH | TCP_ACK, 101, 201, 502, 74);
		verdict_of(&talk, verdict);
		assert_non_null(strstr(verdict, expected[went_on]));
		talk_free(&talk);
	}
}

/* The receiver of a forged RST obeyed it, and so the connection did not go on. */
static void
that_a_forged_rst_was_obeyed_is_said(void **state)
{
	static const char *const expected[] = {
		"higher than that of the server's other segments, and the server went on as if it "
		"had sent none. The client was not heard to go on, so it counts as obeyed: the "
		"connection was cut.",
		"higher than that of the server's other segments, and the server went on as if it "
		"had sent none. The client obeyed it and answered what came later with a RST: the "
		"connection was cut.",
		"and both sides went on, though no other end was seen.",
	};
	char verdict[CONVERSATION_VERDICT_MAX];

	(void)state;
	for (size_t answer = 0; answer < ARRAY_LEN(expected); answer++) {
		struct talk talk = talk_begin();
		bool obeyed = answer < 2;

		talk_handshake(&talk, 100, 200);
		talk.server_hop_limit = 119;
		talk_say(&talk, 1000, FLOW_SERVER, TCP_RST, 201, 0, 0, 0);
		talk.server_hop_limit = 64;
		talk_say(&talk, 1100, FLOW_SERVER, TCP_ACK, 201, 101, 509, 79);
		if (answer == 1)
			talk_say(&talk, 1200, FLOW_CLIENT, TCP_RST, 101, 0, 0, 0);
		if (answer == 2)
			talk_say(&talk, 1200, FLOW_CLIENT, TCP_ACK, 101, 280, 502, 0);
		assert_non_null(strstr(verdict_of(&talk, verdict), expected[answer]));
		assert_int_equal(talk.conversation->record.end, END_RST_SERVER);
		for (size_t i = 3; i < conversation_kept(talk.conversation); i++)
			assert_int_equal(conversation_at(talk.conversation, i)->state[FLOW_CLIENT],
					obeyed ? CONVERSATION_CLOSED : CONVERSATION_ESTABLISHED);
		assert_int_equal(conversation_at(talk.conversation, 4)->state[FLOW_SERVER],
				CONVERSATION_ESTABLISHED);
		talk_free(&talk);
	}
}

static bool
says(const char *verdict, const char *words)
{
	return strstr(verdict, words) != NULL;
}

static void
check_words(const struct conversation *conversation, const char *verdict)
{
	const struct record *record = &conversation->record;
	bool forged = record->rst.verdict == RST_SUSPECTED_INJECTION;
	bool weighed = forged || record->rst.verdict == RST_MID_CONNECTION;
	bool by_rst = record->end == END_RST_CLIENT || record->end == END_RST_SERVER;
	bool refuted = conversation->before.tally.rst_refuted;
	bool went_on = weighed && record->rst.after == RST_AFTER_WENT_ON;

	assert_int_equal(says(verdict, "the connection went on all the same"), went_on && !by_rst);
	assert_int_equal(says(verdict, "both sides went on"), went_on && by_rst && refuted);
	assert_int_equal(says(verdict, "went on as if it had sent none"),
			went_on && by_rst && !refuted);
	assert_int_equal(says(verdict, "the connection was cut"), forged && by_rst && !refuted);
	assert_int_equal(says(verdict, "its receiver challenged it"),
			weighed && !by_rst && record->rst.after == RST_AFTER_CHALLENGED);
	assert_int_equal(says(verdict, "suspected to be forged"), forged);
}

/* Whatever the record holds, what came after a RST is told so that it fits the end. */
static void
the_words_about_a_rst_fit_the_end(void **state)
{
	struct conversation *conversation = conversation_create();
	struct record *record = &conversation->record;
	char verdict[CONVERSATION_VERDICT_MAX];

	(void)state;
	assert_non_null(conversation);
	record->has_rst = true;
	record->rst.position = RST_EXACT;
	record->handshake.result = HANDSHAKE_COMPLETE;
	for (int all = 0; all < END_HOW_COUNT * RST_AFTER_COUNT * RST_VERDICT_COUNT * 4; all++) {
		record->end = (enum end_how)(all / 4 % END_HOW_COUNT);
		record->rst.after = (enum rst_after)(all / 4 / END_HOW_COUNT % RST_AFTER_COUNT);
		record->rst.verdict = (enum rst_verdict)(all / 4 / END_HOW_COUNT / RST_AFTER_COUNT);
		record->rst.by = (all & 1) != 0 ? FLOW_SERVER : FLOW_CLIENT;
		conversation->before.tally.rst_refuted = (all & 2) != 0;
		conversation_verdict_write(conversation, 0, verdict);
		check_words(conversation, verdict);
	}
	conversation_destroy(conversation);
}

static void
how_long_before_a_rst_the_connection_was_used_is_said(void **state)
{
	char verdict[CONVERSATION_VERDICT_MAX];
	struct talk talk = talk_begin();

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 6836294, FLOW_CLIENT, TCP_PSH | TCP_ACK, 101, 201, 502, 2);
	talk_say(&talk, 8837294, FLOW_SERVER, TCP_RST, 201, 0, 0, 0);
	verdict_of(&talk, verdict);
	assert_int_equal(talk.conversation->record.rst.idle_ms, 8837);
	assert_non_null(strstr(verdict,
			"The server reset the connection in its middle, 8.84 s after it had last been "
			"used, in answer to a segment of the client's: the server's socket was already "
			"gone."));
	assert_null(strstr(verdict, "silence"));
	talk_free(&talk);
}

static void
who_closed_first_is_said(void **state)
{
	char verdict[CONVERSATION_VERDICT_MAX];
	struct talk talk = talk_begin();

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_SERVER, TCP_FIN | TCP_ACK, 201, 101, 509, 0);
	talk_say(&talk, 1001, FLOW_CLIENT, TCP_FIN | TCP_ACK, 101, 202, 502, 0);
	talk_say(&talk, 1002, FLOW_SERVER, TCP_ACK, 202, 102, 509, 0);
	verdict_of(&talk, verdict);
	assert_non_null(strstr(verdict, "The server closed first and the client followed"));
	talk_free(&talk);
}

static void
both_sides_may_close_at_once(void **state)
{
	char verdict[CONVERSATION_VERDICT_MAX];
	struct talk talk = talk_begin();

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_CLIENT, TCP_FIN | TCP_ACK, 101, 201, 502, 0);
	talk_say(&talk, 1001, FLOW_SERVER, TCP_FIN | TCP_ACK, 201, 101, 509, 0);
	talk_say(&talk, 1002, FLOW_CLIENT, TCP_ACK, 102, 202, 502, 0);
	talk_say(&talk, 1003, FLOW_SERVER, TCP_ACK, 202, 102, 509, 0);
	assert_non_null(strstr(verdict_of(&talk, verdict), "Both sides closed at the same time."));
	talk_free(&talk);
}

static void
what_was_not_seen_is_not_made_up(void **state)
{
	char verdict[CONVERSATION_VERDICT_MAX];
	struct talk talk = talk_begin();

	(void)state;
	talk_say(&talk, 0, FLOW_SERVER, TCP_SYN | TCP_ACK, 200, 101, 65160, 0);
	talk_say(&talk, 100, FLOW_CLIENT, TCP_RST, 101, 0, 0, 0);
	assert_non_null(strstr(verdict_of(&talk, verdict),
			"A SYN-ACK came to a client that had sent no SYN here, and it answered "
			"with a RST: somebody used its address."));
	talk_free(&talk);
	talk = talk_begin();
	talk_say(&talk, 0, FLOW_SERVER, TCP_SYN | TCP_ACK, 200, 101, 65160, 0);
	talk_say(&talk, 100, FLOW_CLIENT, TCP_ACK, 101, 201, 502, 0);
	assert_non_null(strstr(verdict_of(&talk, verdict),
			"The SYN is not in the capture; from the SYN-ACK on all is as it should "
			"be."));
	talk_free(&talk);
	talk = talk_begin();
	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	talk_say(&talk, 100, FLOW_CLIENT, TCP_ACK, 101, 201, 502, 0);
	talk_say(&talk, 200, FLOW_CLIENT, TCP_PSH | TCP_ACK, 101, 201, 502, 10);
	assert_non_null(strstr(verdict_of(&talk, verdict), "nothing can be said of the server"));
	talk_free(&talk);
}

static void
fast_open_is_said(void **state)
{
	char verdict[CONVERSATION_VERDICT_MAX];
	struct talk talk = talk_begin();

	(void)state;
	talk.options.fast_open_len = 10;
	talk_handshake(&talk, 100, 200);
	assert_non_null(strstr(verdict_of(&talk, verdict), "It used Fast Open."));
	talk_free(&talk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_silent_party_is_named),
		cmocka_unit_test(a_forged_rst_is_given_away_by_its_number_its_hops_or_what_follows),
		cmocka_unit_test(whether_a_connection_outlived_a_rst_out_of_window_is_said),
		cmocka_unit_test(that_a_forged_rst_was_obeyed_is_said),
		cmocka_unit_test(the_words_about_a_rst_fit_the_end),
		cmocka_unit_test(how_long_before_a_rst_the_connection_was_used_is_said),
		cmocka_unit_test(who_closed_first_is_said),
		cmocka_unit_test(both_sides_may_close_at_once),
		cmocka_unit_test(what_was_not_seen_is_not_made_up),
		cmocka_unit_test(fast_open_is_said),
	};

	return cmocka_run_group_tests_name("conversation_verdict", tests, NULL, NULL);
}
