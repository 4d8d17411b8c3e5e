/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/conversation_label.h"
#include "talk.h"

static void
assert_label(const struct talk *talk, size_t index, const char *expected)
{
	char label[LADDER_LABEL_MAX + 1];

	conversation_label_write(
			talk->conversation, conversation_at(talk->conversation, index), label);
	assert_string_equal(label, expected);
}

/* As middleboxes refuse a SYN, and the server behind them answers the next. */
static struct talk
talk_after_refusal(void)
{
	struct talk talk = talk_begin();

	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	talk_say(&talk, 233, FLOW_SERVER, TCP_RST | TCP_ACK, 0, 100, 16384, 0);
	talk_say(&talk, 1266, FLOW_SERVER, TCP_SYN | TCP_ACK, 1616457233, 101, 65535, 0);
	talk_say(&talk, 1267, FLOW_CLIENT, TCP_ACK, 101, 1616457234, 502, 0);
	talk_say(&talk, 2853, FLOW_SERVER, TCP_RST | TCP_ACK, 1616457234, 101, 0, 0);
	talk_end(&talk);
	return talk;
}

static void
a_number_before_its_sides_isn_is_absolute(void **state)
{
	struct talk talk = talk_after_refusal();

	(void)state;
	assert_label(&talk, 1, "[R.] seq 0 ack 0 win 16384");
	assert_label(&talk, 2, "[S.] seq 1616457233 ack 101 win 65535");
	assert_label(&talk, 3, "[.] ack 1 win 502");
	assert_label(&talk, 4, "[R.] seq 1 ack 1 win 0");
	talk_free(&talk);
}

static void
a_line_like_tcpdumps_has_it_absolute_too(void **state)
{
	struct talk talk = talk_after_refusal();
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	conversation_packets_print(talk.conversation, out);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, "Flags [R.], seq 0, ack 100, win 16384"));
	assert_non_null(strstr(text, "Flags [S.], seq 1616457233, ack 101, win 65535"));
	assert_non_null(strstr(text, "Flags [R.], seq 1, ack 1, win 0"));
	free(text);
	talk_free(&talk);
}

/* A server that still has an older connection answers the SYN with where that one stands. */
static void
what_was_seen_first_of_a_side_is_no_base_when_its_isn_comes(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	talk_say(&talk, 233, FLOW_SERVER, TCP_ACK | TCP_PSH, 70000, 101, 502, 10);
	talk_say(&talk, 1266, FLOW_SERVER, TCP_SYN | TCP_ACK, 200, 101, 65535, 0);
	talk_say(&talk, 1267, FLOW_CLIENT, TCP_ACK, 101, 201, 502, 0);
	talk_say(&talk, 1268, FLOW_SERVER, TCP_ACK | TCP_PSH, 201, 101, 502, 10);
	talk_end(&talk);
	assert_label(&talk, 1, "[P.] seq 70000:70010 ack 1 win 502 len 10");
	assert_label(&talk, 4, "[P.] seq 1:11 ack 1 win 502 len 10");
	talk_free(&talk);
}

/* The first of them stands for the ISN, also for what is acknowledged of the other side. */
static void
a_rst_before_all_else_of_a_side_without_syn_is_absolute(void **state)
{
	struct talk talk = talk_begin();

	(void)state;
	talk_say(&talk, 0, FLOW_CLIENT, TCP_RST, 26216, 0, 0, 0);
	talk_say(&talk, 741, FLOW_CLIENT, TCP_PSH | TCP_ACK, 26216, 124345, 501, 44);
	talk_say(&talk, 742, FLOW_SERVER, TCP_PSH | TCP_ACK, 124345, 26260, 501, 324);
	talk_end(&talk);
	assert_label(&talk, 0, "[R] seq 26216 win 0");
	assert_label(&talk, 1, "[P.] seq 1:45 ack 1 win 501 len 44");
	assert_label(&talk, 2, "[P.] seq 1:325 ack 45 win 501 len 324");
	talk_free(&talk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_before_its_sides_isn_is_absolute),
		cmocka_unit_test(a_line_like_tcpdumps_has_it_absolute_too),
		cmocka_unit_test(what_was_seen_first_of_a_side_is_no_base_when_its_isn_comes),
		cmocka_unit_test(a_rst_before_all_else_of_a_side_without_syn_is_absolute),
	};

	return cmocka_run_group_tests_name("conversation_label", tests, NULL, NULL);
}
