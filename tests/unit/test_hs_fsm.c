/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/hs_fsm.h"
#include "tests/unit/flow_fixture.h"

#define FOR_EACH_STATE(s) for (enum hs_state s = HS_STATE_UNSET + 1; s < HS_STATE_COUNT; s++)
#define FOR_EACH_EVENT(e) for (enum hs_event e = HS_EV_SYN; e < HS_EVENT_COUNT; e++)
#define FOR_EACH_SIDE(side) for (enum flow_side side = FLOW_CLIENT; side < FLOW_SIDES; side++)

static void
assert_both_sides(enum hs_state state, enum hs_event event, enum hs_state next)
{
	FOR_EACH_SIDE(side)
	assert_int_equal(hs_fsm_next(state, event, side), next);
}

static void
every_cell_is_a_decision(void **state)
{
	(void)state;

	FOR_EACH_STATE(s)
	FOR_EACH_EVENT(e)
	FOR_EACH_SIDE(side)
	if (hs_fsm_next(s, e, side) == HS_STATE_UNSET || hs_fsm_next(s, e, side) > HS_IMPOSSIBLE)
		fail_msg("%s, event %d, side %d", hs_fsm_state_word(s), (int)e, (int)side);
}

static void
every_state_has_a_word_of_its_own(void **state)
{
	(void)state;

	FOR_EACH_STATE(a)
	{
		assert_string_not_equal(hs_fsm_state_word(a), "");
		assert_string_not_equal(hs_fsm_state_word(a), "unset");
		for (enum hs_state b = HS_STATE_UNSET + 1; b < a; b++)
			assert_string_not_equal(hs_fsm_state_word(a), hs_fsm_state_word(b));
	}
}

static void
what_is_no_state_has_no_word(void **state)
{
	(void)state;

	assert_string_equal(hs_fsm_state_word(HS_STATE_UNSET), "unset");
	assert_string_equal(hs_fsm_state_word(HS_STATE_COUNT), "unset");
	assert_string_equal(hs_fsm_state_word(HS_IMPOSSIBLE), "unset");
	assert_string_equal(hs_fsm_state_word((enum hs_state)200), "unset");
}

static void
the_words_are_the_classic_names(void **state)
{
	(void)state;

	assert_string_equal(hs_fsm_state_word(HS_SYN_SENT), "SYN_SENT");
	assert_string_equal(hs_fsm_state_word(HS_SYN_RECEIVED), "SYN_RECEIVED");
	assert_string_equal(hs_fsm_state_word(HS_ESTABLISHED), "ESTABLISHED");
	assert_string_equal(hs_fsm_state_word(HS_FIN_WAIT), "FIN_WAIT");
	assert_string_equal(hs_fsm_state_word(HS_CLOSING), "CLOSING");
	assert_string_equal(hs_fsm_state_word(HS_TIME_WAIT), "TIME_WAIT");
	assert_string_equal(hs_fsm_state_word(HS_RESET), "RESET");
	assert_string_equal(hs_fsm_state_word(HS_MIDSTREAM), "MIDSTREAM");
}

static void
three_segments_establish(void **state)
{
	enum hs_state s = HS_SYN_SENT;

	(void)state;

	s = hs_fsm_next(s, HS_EV_SYNACK, FLOW_SERVER);
	assert_int_equal(s, HS_SYN_RECEIVED);
	s = hs_fsm_next(s, HS_EV_CONFIRM, FLOW_CLIENT);
	assert_int_equal(s, HS_ESTABLISHED);
}

static void
four_segments_close(void **state)
{
	enum hs_state s = HS_ESTABLISHED;

	(void)state;

	s = hs_fsm_next(s, HS_EV_FIN, FLOW_SERVER);
	assert_int_equal(s, HS_FIN_WAIT);
	assert_int_equal(hs_fsm_next(s, HS_EV_ACK, FLOW_CLIENT), HS_KEEP);
	s = hs_fsm_next(s, HS_EV_FIN_BOTH, FLOW_CLIENT);
	assert_int_equal(s, HS_CLOSING);
	s = hs_fsm_next(s, HS_EV_FINS_ACKED, FLOW_SERVER);
	assert_int_equal(s, HS_TIME_WAIT);
}

static void
a_synack_to_another_number_changes_nothing(void **state)
{
	(void)state;

	FOR_EACH_STATE(s)
	assert_both_sides(s, HS_EV_SYNACK_BAD, HS_KEEP);
}

static void
illegal_flags_change_nothing_anywhere(void **state)
{
	(void)state;

	FOR_EACH_STATE(s)
	assert_both_sides(s, HS_EV_ILLEGAL, HS_KEEP);
}

static void
a_doubted_rst_changes_nothing_anywhere(void **state)
{
	(void)state;

	FOR_EACH_STATE(s)
	assert_both_sides(s, HS_EV_RST_DOUBTED, HS_KEEP);
}

static void
a_believed_rst_ends_whatever_was_open(void **state)
{
	(void)state;

	FOR_EACH_STATE(s)
	assert_both_sides(s, HS_EV_RST, s == HS_RESET ? HS_KEEP : HS_RESET);
}

static void
only_a_syn_means_something_after_a_rst(void **state)
{
	(void)state;

	assert_both_sides(HS_RESET, HS_EV_SYN, HS_RESTART);
	assert_both_sides(HS_RESET, HS_EV_SYN_AGAIN, HS_RESTART);
	assert_both_sides(HS_RESET, HS_EV_ACK, HS_KEEP);
	assert_both_sides(HS_RESET, HS_EV_FIN, HS_KEEP);
	assert_both_sides(HS_RESET, HS_EV_FIN_BOTH, HS_KEEP);
	assert_both_sides(HS_RESET, HS_EV_SYNACK, HS_KEEP);
}

static void
a_syn_in_a_connection_does_not_end_it(void **state)
{
	(void)state;

	assert_both_sides(HS_ESTABLISHED, HS_EV_SYN, HS_PENDING);
	assert_both_sides(HS_FIN_WAIT, HS_EV_SYN, HS_PENDING);
}

static void
a_synack_to_the_syn_in_a_connection_begins_another(void **state)
{
	(void)state;

	assert_both_sides(HS_ESTABLISHED, HS_EV_SYNACK_PENDING, HS_RESTART_PENDING);
	assert_both_sides(HS_FIN_WAIT, HS_EV_SYNACK_PENDING, HS_RESTART_PENDING);
}

static void
a_syn_after_both_fins_begins_another_unless_it_is_the_old_one(void **state)
{
	(void)state;

	assert_both_sides(HS_CLOSING, HS_EV_SYN, HS_RESTART);
	assert_both_sides(HS_TIME_WAIT, HS_EV_SYN, HS_RESTART);
	assert_both_sides(HS_CLOSING, HS_EV_SYN_AGAIN, HS_KEEP);
	assert_both_sides(HS_TIME_WAIT, HS_EV_SYN_AGAIN, HS_KEEP);
}

static void
the_same_syn_again_is_the_same_attempt(void **state)
{
	(void)state;

	assert_int_equal(hs_fsm_next(HS_SYN_SENT, HS_EV_SYN_AGAIN, FLOW_CLIENT), HS_KEEP);
	assert_both_sides(HS_SYN_CROSSED, HS_EV_SYN_AGAIN, HS_KEEP);
	assert_both_sides(HS_SYN_RECEIVED, HS_EV_SYN_AGAIN, HS_KEEP);
	assert_both_sides(HS_ESTABLISHED, HS_EV_SYN_AGAIN, HS_KEEP);
	assert_both_sides(HS_FIN_WAIT, HS_EV_SYN_AGAIN, HS_KEEP);
}

static void
another_isn_before_the_handshake_is_done_is_another_attempt(void **state)
{
	(void)state;

	assert_int_equal(hs_fsm_next(HS_SYN_SENT, HS_EV_SYN, FLOW_CLIENT), HS_RESTART);
	assert_int_equal(hs_fsm_next(HS_SYN_RECEIVED, HS_EV_SYN, FLOW_CLIENT), HS_RESTART);
	assert_both_sides(HS_SYN_CROSSED, HS_EV_SYN, HS_RESTART);
}

static void
syns_that_cross_open_together(void **state)
{
	(void)state;

	assert_int_equal(hs_fsm_next(HS_SYN_SENT, HS_EV_SYN, FLOW_SERVER), HS_SYN_CROSSED);
	assert_both_sides(HS_SYN_CROSSED, HS_EV_SYNACK, HS_KEEP);
	assert_both_sides(HS_SYN_CROSSED, HS_EV_CONFIRM, HS_ESTABLISHED);
}

static void
only_the_client_confirms_a_synack(void **state)
{
	(void)state;

	assert_int_equal(hs_fsm_next(HS_SYN_RECEIVED, HS_EV_CONFIRM, FLOW_CLIENT), HS_ESTABLISHED);
	assert_int_equal(hs_fsm_next(HS_SYN_RECEIVED, HS_EV_CONFIRM, FLOW_SERVER), HS_IMPOSSIBLE);
}

static void
an_unanswered_client_does_not_establish_by_going_on(void **state)
{
	(void)state;

	assert_both_sides(HS_SYN_SENT, HS_EV_ACK, HS_KEEP);
	assert_both_sides(HS_SYN_SENT, HS_EV_FIN, HS_KEEP);
	assert_both_sides(HS_SYN_RECEIVED, HS_EV_ACK, HS_KEEP);
}

static void
a_midstream_flow_is_established_once_both_sides_are_heard(void **state)
{
	(void)state;

	assert_both_sides(HS_MIDSTREAM, HS_EV_CONFIRM, HS_ESTABLISHED);
	assert_both_sides(HS_MIDSTREAM, HS_EV_ACK, HS_KEEP);
	assert_both_sides(HS_MIDSTREAM, HS_EV_SYN, HS_RESTART);
}

static void
repeated_fins_do_not_close_twice(void **state)
{
	(void)state;

	assert_both_sides(HS_FIN_WAIT, HS_EV_FIN, HS_KEEP);
	assert_both_sides(HS_CLOSING, HS_EV_FIN, HS_KEEP);
	assert_both_sides(HS_TIME_WAIT, HS_EV_FIN, HS_KEEP);
	assert_both_sides(HS_TIME_WAIT, HS_EV_ACK, HS_KEEP);
}

static bool
is_over(enum hs_state state)
{
	return state == HS_CLOSING || state == HS_TIME_WAIT || state == HS_RESET;
}

static void
nothing_leads_back_from_an_ended_connection_but_a_new_one(void **state)
{
	(void)state;

	FOR_EACH_STATE(s)
	FOR_EACH_EVENT(e)
	FOR_EACH_SIDE(side)
	{
		enum hs_state next = hs_fsm_next(s, e, side);

		if (is_over(s) && next < HS_STATE_COUNT)
			assert_true(is_over(next));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_is_a_decision),
		cmocka_unit_test(every_state_has_a_word_of_its_own),
		cmocka_unit_test(what_is_no_state_has_no_word),
		cmocka_unit_test(the_words_are_the_classic_names),
		cmocka_unit_test(three_segments_establish),
		cmocka_unit_test(four_segments_close),
		cmocka_unit_test(a_synack_to_another_number_changes_nothing),
		cmocka_unit_test(illegal_flags_change_nothing_anywhere),
		cmocka_unit_test(a_doubted_rst_changes_nothing_anywhere),
		cmocka_unit_test(a_believed_rst_ends_whatever_was_open),
		cmocka_unit_test(only_a_syn_means_something_after_a_rst),
		cmocka_unit_test(a_syn_in_a_connection_does_not_end_it),
		cmocka_unit_test(a_synack_to_the_syn_in_a_connection_begins_another),
		cmocka_unit_test(a_syn_after_both_fins_begins_another_unless_it_is_the_old_one),
		cmocka_unit_test(the_same_syn_again_is_the_same_attempt),
		cmocka_unit_test(another_isn_before_the_handshake_is_done_is_another_attempt),
		cmocka_unit_test(syns_that_cross_open_together),
		cmocka_unit_test(only_the_client_confirms_a_synack),
		cmocka_unit_test(an_unanswered_client_does_not_establish_by_going_on),
		cmocka_unit_test(a_midstream_flow_is_established_once_both_sides_are_heard),
		cmocka_unit_test(repeated_fins_do_not_close_twice),
		cmocka_unit_test(nothing_leads_back_from_an_ended_connection_but_a_new_one),
	};

	return cmocka_run_group_tests_name("hs_fsm", tests, NULL, NULL);
}
