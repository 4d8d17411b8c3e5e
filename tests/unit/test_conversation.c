/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/conversation.h"
#include "talk.h"

static const struct conversation_segment *
last_of(const struct talk *talk)
{
	return conversation_at(talk->conversation, conversation_kept(talk->conversation) - 1);
}

static void
assert_states(const struct talk *talk, enum conversation_state client,
		enum conversation_state server)
{
	assert_int_equal(last_of(talk)->state[FLOW_CLIENT], client);
	assert_int_equal(last_of(talk)->state[FLOW_SERVER], server);
}

static void
assert_marks(const struct talk *talk, uint32_t marks)
{
	assert_int_equal(last_of(talk)->marks, marks);
}

static void
each_end_is_in_the_state_that_it_has_proven(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	assert_states(&talk, CONVERSATION_SYN_SENT, CONVERSATION_UNPROVEN);
	talk_say(&talk, 1, FLOW_SERVER, TCP_SYN | TCP_ACK, 200, 101, 65160, 0);
	assert_states(&talk, CONVERSATION_SYN_SENT, CONVERSATION_SYN_RECEIVED);
	talk_say(&talk, 2, FLOW_CLIENT, TCP_ACK, 101, 201, 502, 0);
	assert_states(&talk, CONVERSATION_ESTABLISHED, CONVERSATION_ESTABLISHED);
	talk_say(&talk, 3, FLOW_CLIENT, TCP_FIN | TCP_ACK, 101, 201, 502, 0);
	assert_states(&talk, CONVERSATION_FIN_WAIT_1, CONVERSATION_ESTABLISHED);
	talk_say(&talk, 4, FLOW_SERVER, TCP_ACK, 201, 102, 509, 0);
	assert_states(&talk, CONVERSATION_FIN_WAIT_2, CONVERSATION_CLOSE_WAIT);
	talk_say(&talk, 5, FLOW_SERVER, TCP_FIN | TCP_ACK, 201, 102, 509, 0);
	assert_states(&talk, CONVERSATION_FIN_WAIT_2, CONVERSATION_LAST_ACK);
	talk_say(&talk, 6, FLOW_CLIENT, TCP_ACK, 102, 202, 502, 0);
	assert_states(&talk, CONVERSATION_TIME_WAIT, CONVERSATION_CLOSED);
	talk_free(&talk);
}

static void
a_close_from_both_sides_at_once_passes_through_closing(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_CLIENT, TCP_FIN | TCP_ACK, 101, 201, 502, 0);
	talk_say(&talk, 1001, FLOW_SERVER, TCP_FIN | TCP_ACK, 201, 101, 509, 0);
	assert_states(&talk, CONVERSATION_FIN_WAIT_1, CONVERSATION_FIN_WAIT_1);
	talk_say(&talk, 1002, FLOW_CLIENT, TCP_ACK, 102, 202, 502, 0);
	assert_states(&talk, CONVERSATION_CLOSING, CONVERSATION_FIN_WAIT_2);
	talk_say(&talk, 1003, FLOW_SERVER, TCP_ACK, 202, 102, 509, 0);
	assert_states(&talk, CONVERSATION_TIME_WAIT, CONVERSATION_TIME_WAIT);
	talk_free(&talk);
}

static void
syns_that_cross_open_both_ends(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	talk_say(&talk, 1, FLOW_SERVER, TCP_SYN, 200, 0, 64240, 0);
	assert_states(&talk, CONVERSATION_SYN_SENT, CONVERSATION_SYN_SENT);
	talk_say(&talk, 2, FLOW_CLIENT, TCP_SYN | TCP_ACK, 100, 201, 64240, 0);
	assert_states(&talk, CONVERSATION_SYN_RECEIVED, CONVERSATION_SYN_SENT);
	talk_say(&talk, 3, FLOW_SERVER, TCP_SYN | TCP_ACK, 200, 101, 64240, 0);
	assert_states(&talk, CONVERSATION_ESTABLISHED, CONVERSATION_ESTABLISHED);
	talk_free(&talk);
}

static void
of_a_client_that_never_answers_nothing_is_proven(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	talk_say(&talk, 1, FLOW_SERVER, TCP_SYN | TCP_ACK, 200, 101, 65160, 0);
	talk_say(&talk, 1000001, FLOW_SERVER, TCP_SYN | TCP_ACK, 200, 101, 65160, 0);
	assert_states(&talk, CONVERSATION_SYN_SENT, CONVERSATION_SYN_RECEIVED);
	assert_marks(&talk, CONVERSATION_MARK_SYNACK_AGAIN);
	talk_free(&talk);
}

static void
a_segment_in_the_middle_proves_its_sender_established(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_say(&talk, 0, FLOW_CLIENT, TCP_ACK, 5000, 9000, 502, 10);
	assert_states(&talk, CONVERSATION_ESTABLISHED, CONVERSATION_UNPROVEN);
	talk_say(&talk, 1, FLOW_SERVER, TCP_ACK, 9000, 5010, 502, 0);
	assert_states(&talk, CONVERSATION_ESTABLISHED, CONVERSATION_ESTABLISHED);
	talk_free(&talk);
}

static void
a_rst_out_of_window_closes_neither_end(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_SERVER, TCP_RST, 4000000000, 0, 0, 0);
	assert_states(&talk, CONVERSATION_ESTABLISHED, CONVERSATION_ESTABLISHED);
	assert_marks(&talk, CONVERSATION_MARK_RST);
	assert_int_equal(last_of(&talk)->rst.position, RST_OUT);
	talk_free(&talk);
}

static void
an_exact_rst_closes_both_ends(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_SERVER, TCP_RST, 201, 0, 0, 0);
	assert_states(&talk, CONVERSATION_CLOSED, CONVERSATION_CLOSED);
	assert_int_equal(last_of(&talk)->rst.position, RST_EXACT);
	talk_say(&talk, 1001, FLOW_SERVER, TCP_RST, 201, 0, 0, 0);
	assert_marks(&talk, CONVERSATION_MARK_RST_MORE);
	talk_free(&talk);
}

static void
a_rst_that_the_connection_outlived_has_closed_nothing(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_SERVER, TCP_RST, 201, 0, 0, 0);
	talk_say(&talk, 1001, FLOW_SERVER, TCP_ACK, 201, 101, 509, 70);
	talk_say(&talk, 1002, FLOW_CLIENT, TCP_ACK, 101, 271, 502, 0);
	talk_end(&talk);
	assert_int_equal(talk.conversation->record.rst.after, RST_AFTER_WENT_ON);
	assert_int_equal(conversation_at(talk.conversation, 3)->state[FLOW_CLIENT],
			CONVERSATION_ESTABLISHED);
	assert_int_equal(conversation_at(talk.conversation, 3)->state[FLOW_SERVER],
			CONVERSATION_ESTABLISHED);
	talk_free(&talk);
}

/* The server went on to its end before the client, which had obeyed, could say so. */
static void
the_answer_to_what_came_after_a_forged_rst_is_not_that_rst(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_SERVER, TCP_RST, 201, 0, 0, 0);
	talk_say(&talk, 1001, FLOW_SERVER, TCP_ACK, 201, 101, 509, 70);
	talk_say(&talk, 1002, FLOW_SERVER, TCP_ACK | TCP_FIN, 271, 101, 509, 0);
	talk_say(&talk, 1003, FLOW_CLIENT, TCP_RST, 101, 0, 0, 0);
	assert_marks(&talk, CONVERSATION_MARK_RST_MORE);
	talk_end(&talk);
	assert_int_equal(conversation_last_rst(talk.conversation), 3);
	assert_int_equal(conversation_at(talk.conversation, 3)->state[FLOW_CLIENT],
			CONVERSATION_CLOSED);
	talk_free(&talk);
}

static void
what_is_sent_again_is_marked(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	talk_say(&talk, 1000000, FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	assert_marks(&talk, CONVERSATION_MARK_SYN_AGAIN);
	talk_say(&talk, 1000001, FLOW_SERVER, TCP_SYN | TCP_ACK, 200, 101, 65160, 0);
	assert_marks(&talk, 0);
	talk_say(&talk, 1000002, FLOW_CLIENT, TCP_ACK, 101, 201, 502, 0);
	talk_say(&talk, 1000003, FLOW_CLIENT, TCP_ACK | TCP_PSH, 101, 201, 502, 70);
	assert_marks(&talk, 0);
	talk_say(&talk, 1300003, FLOW_CLIENT, TCP_ACK | TCP_PSH, 101, 201, 502, 70);
	assert_marks(&talk, CONVERSATION_MARK_DATA_AGAIN);
	talk_say(&talk, 1300004, FLOW_CLIENT, TCP_ACK | TCP_FIN, 171, 201, 502, 0);
	assert_marks(&talk, 0);
	talk_say(&talk, 1600004, FLOW_CLIENT, TCP_ACK | TCP_FIN, 171, 201, 502, 0);
	assert_marks(&talk, CONVERSATION_MARK_FIN_AGAIN);
	talk_free(&talk);
}

static void
data_that_stands_for_the_third_ack_is_marked(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	talk_say(&talk, 1, FLOW_SERVER, TCP_SYN | TCP_ACK, 200, 101, 65160, 0);
	talk_say(&talk, 2, FLOW_CLIENT, TCP_ACK | TCP_PSH, 101, 201, 502, 10);
	assert_marks(&talk, CONVERSATION_MARK_IMPLIED_ACK);
	assert_states(&talk, CONVERSATION_ESTABLISHED, CONVERSATION_ESTABLISHED);
	talk_free(&talk);
}

static void
a_keep_alive_and_its_answer_are_told_from_data(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_CLIENT, TCP_ACK, 101, 201, 502, 10);
	talk_say(&talk, 1001, FLOW_SERVER, TCP_ACK, 201, 111, 509, 0);
	for (uint32_t garbage = 0; garbage < 2; garbage++) {
		talk_say(&talk, 7200000000 + garbage, FLOW_CLIENT, TCP_ACK, 110, 201, 502, garbage);
		assert_marks(&talk, CONVERSATION_MARK_KEEP_ALIVE);
		talk_say(&talk, 7200000100 + garbage, FLOW_SERVER, TCP_ACK, 201, 111, 509, 0);
		assert_marks(&talk, CONVERSATION_MARK_KEEP_ALIVE_ACK);
	}
	talk_free(&talk);
}

static void
an_ack_said_twice_is_a_duplicate_only_while_data_is_on_its_way(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_CLIENT, TCP_ACK, 101, 201, 502, 0);
	assert_marks(&talk, 0);
	talk_say(&talk, 1001, FLOW_SERVER, TCP_ACK, 1201, 101, 509, 1000);
	assert_marks(&talk, CONVERSATION_MARK_GAP);
	talk_say(&talk, 1002, FLOW_CLIENT, TCP_ACK, 101, 201, 502, 0);
	assert_marks(&talk, CONVERSATION_MARK_DUPLICATE_ACK);
	talk_say(&talk, 1003, FLOW_SERVER, TCP_ACK, 201, 101, 509, 500);
	talk_say(&talk, 1004, FLOW_CLIENT, TCP_ACK, 101, 701, 502, 0);
	assert_marks(&talk, 0); /* it says something new, with more on its way */
	talk_free(&talk);
}

static void
data_beyond_the_window_is_marked_and_a_probe_is_not_that(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk.options.has_wscale = false;
	talk_handshake(&talk, 100, 200); /* the client takes 502 bytes */
	talk_say(&talk, 1000, FLOW_SERVER, TCP_ACK, 201, 101, 509, 502);
	assert_marks(&talk, 0);
	talk_say(&talk, 1001, FLOW_CLIENT, TCP_ACK, 101, 703, 0, 0);
	assert_marks(&talk, CONVERSATION_MARK_ZERO_WINDOW);
	talk_say(&talk, 1002, FLOW_SERVER, TCP_ACK, 703, 101, 509, 1);
	assert_marks(&talk, CONVERSATION_MARK_WINDOW_PROBE);
	talk_say(&talk, 1003, FLOW_SERVER, TCP_ACK, 703, 101, 509, 2);
	assert_int_equal(last_of(&talk)->marks & CONVERSATION_MARK_OUT_OF_WINDOW,
			CONVERSATION_MARK_OUT_OF_WINDOW);
	talk_free(&talk);
}

static void
data_for_an_end_that_was_reset_has_no_window_to_be_outside_of(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_SERVER, TCP_RST | TCP_ACK, 201, 101, 0, 0);
	talk_say(&talk, 1001, FLOW_CLIENT, TCP_ACK, 101, 201, 502, 150);
	assert_marks(&talk, 0);
	talk_free(&talk);
}

static void
a_challenge_ack_is_told_from_an_ordinary_one(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_CLIENT, TCP_SYN, 70000, 0, 64240, 0);
	assert_marks(&talk, CONVERSATION_MARK_SYN_INSIDE);
	talk_say(&talk, 1001, FLOW_SERVER, TCP_ACK, 201, 101, 509, 0);
	assert_marks(&talk, CONVERSATION_MARK_CHALLENGE_ACK);
	talk_free(&talk);
	talk = talk_begin();
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_SERVER, TCP_RST, 231, 0, 0, 0); /* in the window */
	assert_int_equal(last_of(&talk)->rst.position, RST_WINDOW);
	talk_say(&talk, 1001, FLOW_CLIENT, TCP_ACK, 101, 201, 502, 0);
	assert_marks(&talk, CONVERSATION_MARK_CHALLENGE_ACK);
	assert_states(&talk, CONVERSATION_ESTABLISHED, CONVERSATION_ESTABLISHED);
	talk_free(&talk);
}

static void
flags_without_a_meaning_are_marked(void **state)
{
	static const uint8_t odd[] = { 0, TCP_PSH, TCP_FIN, TCP_SYN | TCP_FIN, TCP_SYN | TCP_RST };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		struct talk talk = talk_begin();

		talk_handshake(&talk, 100, 200);
		talk_say(&talk, 1000, FLOW_CLIENT, odd[i], 101, 0, 502, 0);
		assert_marks(&talk, CONVERSATION_MARK_ODD_FLAGS);
		assert_states(&talk, CONVERSATION_ESTABLISHED, CONVERSATION_ESTABLISHED);
		talk_free(&talk);
	}
}

static void
a_scanners_segment_proves_no_state(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_say(&talk, 0, FLOW_CLIENT, TCP_FIN | TCP_PSH | TCP_URG, 100, 0, 1024, 0);
	assert_marks(&talk, CONVERSATION_MARK_ODD_FLAGS);
	assert_states(&talk, CONVERSATION_UNPROVEN, CONVERSATION_UNPROVEN);
	talk_free(&talk);
}

/* The counts that the tracker keeps stick at their largest value; marks must not. */
static void
marks_go_on_when_the_trackers_counts_stick(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	for (uint32_t i = 0; i < 300; i++)
		talk_say(&talk, i * UINT64_C(1000000), FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	assert_marks(&talk, CONVERSATION_MARK_SYN_AGAIN);
	talk_free(&talk);
}

static void
of_a_long_conversation_both_ends_are_kept(void **state)
{
	struct talk talk = talk_begin();
	uint32_t total = 2 * CONVERSATION_HALF + 100;

	(void)state;
	talk_handshake(&talk, 100, 200);
	for (uint32_t i = 3; i < total; i++)
		talk_say(&talk, i * 1000, FLOW_CLIENT, TCP_ACK, 101 + i - 3, 201, 502, 1);
	assert_int_equal(talk.conversation->count, total);
	assert_int_equal(conversation_kept(talk.conversation), 2 * CONVERSATION_HALF);
	assert_int_equal(conversation_at(talk.conversation, 0)->number, 1);
	assert_int_equal(conversation_at(talk.conversation, CONVERSATION_HALF - 1)->number,
			CONVERSATION_HALF);
	assert_int_equal(conversation_at(talk.conversation, CONVERSATION_HALF)->number,
			CONVERSATION_HALF + 100 + 1);
	assert_int_equal(last_of(&talk)->number, total);
	talk_free(&talk);
}

static void
a_syn_that_opened_the_next_connection_is_given_away(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_CLIENT, TCP_SYN, 70000, 0, 64240, 0);
	conversation_give_syn(talk.conversation, 70000);
	assert_true(last_of(&talk)->elsewhere);
	assert_false(conversation_at(talk.conversation, 0)->elsewhere);
	talk_free(&talk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_end_is_in_the_state_that_it_has_proven),
		cmocka_unit_test(a_close_from_both_sides_at_once_passes_through_closing),
		cmocka_unit_test(syns_that_cross_open_both_ends),
		cmocka_unit_test(of_a_client_that_never_answers_nothing_is_proven),
		cmocka_unit_test(a_segment_in_the_middle_proves_its_sender_established),
		cmocka_unit_test(a_rst_out_of_window_closes_neither_end),
		cmocka_unit_test(an_exact_rst_closes_both_ends),
		cmocka_unit_test(a_rst_that_the_connection_outlived_has_closed_nothing),
		cmocka_unit_test(the_answer_to_what_came_after_a_forged_rst_is_not_that_rst),
		cmocka_unit_test(what_is_sent_again_is_marked),
		cmocka_unit_test(data_that_stands_for_the_third_ack_is_marked),
		cmocka_unit_test(a_keep_alive_and_its_answer_are_told_from_data),
		cmocka_unit_test(an_ack_said_twice_is_a_duplicate_only_while_data_is_on_its_way),
		cmocka_unit_test(data_beyond_the_window_is_marked_and_a_probe_is_not_that),
		cmocka_unit_test(data_for_an_end_that_was_reset_has_no_window_to_be_outside_of),
		cmocka_unit_test(a_challenge_ack_is_told_from_an_ordinary_one),
		cmocka_unit_test(flags_without_a_meaning_are_marked),
		cmocka_unit_test(a_scanners_segment_proves_no_state),
		cmocka_unit_test(marks_go_on_when_the_trackers_counts_stick),
		cmocka_unit_test(of_a_long_conversation_both_ends_are_kept),
		cmocka_unit_test(a_syn_that_opened_the_next_connection_is_given_away),
	};

	return cmocka_run_group_tests_name("conversation", tests, NULL, NULL);
}
