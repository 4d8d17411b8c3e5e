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
			"segments, and the connection went on all the same."));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_silent_party_is_named),
		cmocka_unit_test(a_forged_rst_is_given_away_by_its_number_its_hops_or_what_follows),
		cmocka_unit_test(whether_a_connection_outlived_a_rst_out_of_window_is_said),
		cmocka_unit_test(who_closed_first_is_said),
	};

	return cmocka_run_group_tests_name("conversation_verdict", tests, NULL, NULL);
}
