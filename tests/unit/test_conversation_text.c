/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/conversation_text.h"
#include "talk.h"

static char *
ladder_of(const struct talk *talk, bool all)
{
	const struct ladder_look look = { 0 };
	char verdict[CONVERSATION_VERDICT_MAX];
	struct ladder ladder;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(conversation_ladder_make(talk->conversation, 1, all, &ladder), 0);
	conversation_verdict_write(talk->conversation, talk->last_us + 1500000, verdict);
	ladder.verdict = verdict;
	ladder_text(&ladder, &look, out);
	conversation_ladder_free(&ladder);
	assert_int_equal(fclose(out), 0);
	return text;
}

static char *
packets_of(const struct talk *talk)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	conversation_packets_print(talk->conversation, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* What Linux sends in a SYN: the numbers are those of the timestamps. */
static void
offer(struct talk *talk, uint32_t ts_val, uint32_t ts_ecr)
{
	talk->options.timestamps = true;
	talk->options.ts_val = ts_val;
	talk->options.ts_ecr = ts_ecr;
}

static struct talk
graceful_talk(void)
{
	struct talk talk = talk_begin();

	offer(&talk, 2670079469, 0);
	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 284972257, 0, 64240, 0);
	offer(&talk, 1699876837, 2670079469);
	talk_say(&talk, 264, FLOW_SERVER, TCP_SYN | TCP_ACK, 1986854381, 284972258, 65160, 0);
	talk_say(&talk, 294, FLOW_CLIENT, TCP_ACK, 284972258, 1986854382, 502, 0);
	talk_say(&talk, 318, FLOW_CLIENT, TCP_PSH | TCP_ACK, 284972258, 1986854382, 502, 76);
	talk_say(&talk, 537, FLOW_SERVER, TCP_ACK, 1986854382, 284972334, 509, 0);
	talk_say(&talk, 600, FLOW_SERVER, TCP_PSH | TCP_ACK, 1986854382, 284972334, 509, 238);
	talk_say(&talk, 670, FLOW_SERVER, TCP_PSH | TCP_ACK, 1986854620, 284972334, 509, 612);
	talk_say(&talk, 674, FLOW_CLIENT, TCP_ACK, 284972334, 1986855232, 501, 0);
	talk_say(&talk, 844, FLOW_CLIENT, TCP_FIN | TCP_ACK, 284972334, 1986855232, 501, 0);
	talk_say(&talk, 1099, FLOW_SERVER, TCP_FIN | TCP_ACK, 1986855232, 284972335, 509, 0);
	talk_say(&talk, 1123, FLOW_CLIENT, TCP_ACK, 284972335, 1986855233, 501, 0);
	talk_end(&talk);
	return talk;
}

static struct talk
refused_talk(void)
{
	struct talk talk = talk_begin();

	offer(&talk, 2672676949, 0);
	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 292716723, 0, 64240, 0);
	talk_say(&talk, 219, FLOW_SERVER, TCP_RST | TCP_ACK, 0, 292716724, 0, 0);
	talk_end(&talk);
	return talk;
}

static struct talk
reset_talk(void)
{
	struct talk talk = talk_begin();

	offer(&talk, 2675673280, 0);
	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 2377770701, 0, 64240, 0);
	offer(&talk, 1705470647, 2675673280);
	talk_say(&talk, 239, FLOW_SERVER, TCP_SYN | TCP_ACK, 3834916885, 2377770702, 65160, 0);
	talk_say(&talk, 269, FLOW_CLIENT, TCP_ACK, 2377770702, 3834916886, 502, 0);
	talk_say(&talk, 6836588, FLOW_CLIENT, TCP_PSH | TCP_ACK, 2377770702, 3834916886, 502, 2);
	talk_say(&talk, 6836827, FLOW_SERVER, TCP_RST, 3834916886, 0, 0, 0);
	talk_end(&talk);
	return talk;
}

static void
a_graceful_conversation_is_drawn(void **state)
{
	struct talk talk = graceful_talk();
	char *text = ladder_of(&talk, false);

	(void)state;
	assert_string_equal(text,
			"Connection 1\n"
			"2021-03-20 12:49:33.192719 UTC, 11 packets, 1.12 ms; complete, fin_both, SF\n"
			"\n"
			"                       client                                                     server\n"
			"                 192.168.0.60:39002                                           192.168.0.61:80\n"
			"    0.000000     SYN_SENT |- [S] seq 284972257 win 64240 --------------------------->|\n"
			"                          |   mss 1460, sackOK, TS 2670079469/0, wscale 7            |\n"
			"    0.000264              |<----------- [S.] seq 1986854381 ack 284972258 win 65160 -| SYN_RECEIVED\n"
			"                          |   mss 1460, sackOK, TS 1699876837/2670079469, wscale 7   |\n"
			"    0.000294  ESTABLISHED |- [.] ack 1 win 502 ------------------------------------->| ESTABLISHED\n"
			"    0.000318              |- [P.] seq 1:77 ack 1 win 502 len 76 -------------------->|\n"
			"    0.000537              |<------------------------------------ [.] ack 77 win 509 -|\n"
			"    0.000600              |<----------------- [P.] seq 1:239 ack 77 win 509 len 238 -|\n"
			"    0.000670              |<--------------- [P.] seq 239:851 ack 77 win 509 len 612 -|\n"
			"    0.000674              |- [.] ack 851 win 501 ----------------------------------->|\n"
			"    0.000844   FIN_WAIT_1 |- [F.] seq 77 ack 851 win 501 --------------------------->|\n"
			"    0.001099   FIN_WAIT_2 |<--------------------------- [F.] seq 851 ack 78 win 509 -| LAST_ACK\n"
			"    0.001123    TIME_WAIT |- [.] ack 852 win 501 ----------------------------------->| CLOSED\n"
			"\n"
			"The handshake completed: the server answered the SYN after 264 us, and the client acknowledged that\n"
			"after another 30 us. The client sent 76 bytes, the server 850. The client closed first and the\n"
			"server followed: a graceful end.\n");
	free(text);
	talk_free(&talk);
}

static void
a_refused_connection_is_drawn(void **state)
{
	struct talk talk = refused_talk();
	char *text = ladder_of(&talk, false);

	(void)state;
	assert_string_equal(text,
			"Connection 1\n"
			"2021-03-20 12:49:33.192719 UTC, 2 packets, 219 us; refused, rst_server, REJ\n"
			"\n"
			"                       client                                                     server\n"
			"                 192.168.0.60:39002                                           192.168.0.61:80\n"
			"    0.000000     SYN_SENT |- [S] seq 292716723 win 64240 --------------------------->|\n"
			"                          |   mss 1460, sackOK, TS 2672676949/0, wscale 7            |\n"
			"    0.000219       CLOSED |<================================ [R.] seq 0 ack 1 win 0 =| CLOSED\n"
			"                          |    ^ RST refused: phase handshake, position exact, TTL   |\n"
			"                          |      not comparable                                      |\n"
			"\n"
			"The server refused the connection: its answer to the SYN, after 219 us, is a RST that acknowledges\n"
			"it. Nothing listens on port 80, or a firewall says so in its name.\n");
	free(text);
	talk_free(&talk);
}

static void
a_reset_in_the_middle_is_drawn(void **state)
{
	struct talk talk = reset_talk();
	char *text = ladder_of(&talk, false);

	(void)state;
	assert_string_equal(text,
			"Connection 1\n"
			"2021-03-20 12:49:33.192719 UTC, 5 packets, 6.84 s; complete, rst_server, RSTR\n"
			"\n"
			"                       client                                                     server\n"
			"                 192.168.0.60:39002                                           192.168.0.61:80\n"
			"    0.000000     SYN_SENT |- [S] seq 2377770701 win 64240 -------------------------->|\n"
			"                          |   mss 1460, sackOK, TS 2675673280/0, wscale 7            |\n"
			"    0.000239              |<---------- [S.] seq 3834916885 ack 2377770702 win 65160 -| SYN_RECEIVED\n"
			"                          |   mss 1460, sackOK, TS 1705470647/2675673280, wscale 7   |\n"
			"    0.000269  ESTABLISHED |- [.] ack 1 win 502 ------------------------------------->| ESTABLISHED\n"
			"                          :                    6.84 s of silence                     :\n"
			"    6.836588              |- [P.] seq 1:3 ack 1 win 502 len 2 ---------------------->|\n"
			"    6.836827       CLOSED |<======================================= [R] seq 1 win 0 =| CLOSED\n"
			"                          |      ^ RST mid_connection: phase established, position   |\n"
			"                          |        exact, TTL +0                                     |\n"
			"\n"
			"The handshake completed: the server answered the SYN after 239 us, and the client acknowledged that\n"
			"after another 30 us. The client sent 2 bytes, the server 0. The server reset the connection in its\n"
			"middle, 6.84 s after it had last been used, in answer to a segment of the client's: the server's\n"
			"socket was already gone. The RST can be genuine: its sequence number is exactly the one expected,\n"
			"its hop limit is that of the server's other segments, and nothing after it tells more.\n");
	free(text);
	talk_free(&talk);
}

static void
lines_are_as_tcpdump_prints_them(void **state)
{
	struct talk talk = reset_talk();
	char *text = packets_of(&talk);

	(void)state;
	assert_string_equal(text,
			"12:49:33.192719 IP 192.168.0.60.39002 > 192.168.0.61.80: Flags [S], seq 2377770701, win 64240, options [mss 1460,sackOK,TS val 2675673280 ecr 0,nop,wscale 7], length 0\n"
			"12:49:33.192958 IP 192.168.0.61.80 > 192.168.0.60.39002: Flags [S.], seq 3834916885, ack 2377770702, win 65160, options [mss 1460,sackOK,TS val 1705470647 ecr 2675673280,nop,wscale 7], length 0\n"
			"12:49:33.192988 IP 192.168.0.60.39002 > 192.168.0.61.80: Flags [.], ack 1, win 502, length 0\n"
			"12:49:40.029307 IP 192.168.0.60.39002 > 192.168.0.61.80: Flags [P.], seq 1:3, ack 1, win 502, length 2\n"
			"12:49:40.029546 IP 192.168.0.61.80 > 192.168.0.60.39002: Flags [R], seq 3834916886, win 0, length 0\n");
	free(text);
	talk_free(&talk);
}

/* The server's ACK with options that only captures of real traffic have; twelve bytes. */
static void
answer_with(struct talk *talk, uint64_t at_us, const uint8_t options[12])
{
	enum {
		flags_at = 14 + 20 + 13,
		options_at = 14 + 20 + 20
	};
	uint8_t bytes[128];
	struct frame frame = { .data = bytes, .time_us = TALK_START_US + at_us };

	talk->options = (struct build_options){ .timestamps = true }; /* as long */
	frame.len = (uint32_t)talk_build(talk, FLOW_SERVER, TCP_SYN | TCP_ACK, 201, 101, 509, 0,
			bytes, sizeof(bytes));
	frame.wire_len = frame.len;
	bytes[flags_at] = TCP_ACK;
	memcpy(bytes + options_at, options, 12);
	talk_frame(talk, &frame);
}

static void
lines_have_the_options_of_segments_within_a_connection(void **state)
{
	struct talk talk = talk_begin();
	char *text;

	(void)state;
	talk_handshake(&talk, 100, 200);
	answer_with(&talk, 1000, (const uint8_t[12]){ 1, 1, 5, 10, 0, 0, 0, 111, 0, 0, 0, 121 });
	answer_with(&talk, 1001, (const uint8_t[12]){ 1, 0, 5, 10 });
	answer_with(&talk, 1002, (const uint8_t[12]){ 30, 12, 1 });
	talk_end(&talk);
	text = packets_of(&talk);
	assert_non_null(strstr(text, "win 509, options [nop,nop,sack 1 {11:21}], length 0\n"));
	assert_non_null(strstr(text, "win 509, options [nop,eol], length 0\n"));
	assert_non_null(strstr(text, "win 509, options [unknown-30], length 0\n"));
	free(text);
	talk_free(&talk);
}

static void
fast_open_is_drawn_with_its_cookie_or_the_wish_for_one(void **state)
{
	struct talk talk = talk_begin();
	char *text;

	(void)state;
	talk.options.fast_open_len = 2;
	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	talk.options.fast_open_len = 10;
	talk_say(&talk, 200, FLOW_SERVER, TCP_SYN | TCP_ACK, 200, 101, 65160, 0);
	talk_end(&talk);
	text = ladder_of(&talk, false);
	assert_non_null(strstr(text, ", Fast Open cookie request"));
	assert_non_null(strstr(text, ", Fast Open cookie "));
	free(text);
	talk_free(&talk);
}

/* Sixty plain segments, one of them sent again. */
static struct talk
long_talk(void)
{
	struct talk talk = talk_begin();

	talk_handshake(&talk, 100, 200);
	for (uint32_t i = 0; i < 60; i++)
		talk_say(&talk, 1000 + i * 1000, FLOW_CLIENT, TCP_ACK, 101 + 10 * i, 201, 502, 10);
	talk_say(&talk, 61000, FLOW_CLIENT, TCP_ACK, 101 + 590, 201, 502, 10);
	talk_end(&talk);
	return talk;
}

static uint32_t
lines_of(const char *text)
{
	uint32_t lines = 0;

	for (; *text != '\0'; text++)
		lines += *text == '\n';
	return lines;
}

static uint32_t
times_in(const char *text, const char *what)
{
	uint32_t times = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		times++;
	}
	return times;
}

static void
a_run_of_plain_segments_is_folded_and_a_retransmission_is_not(void **state)
{
	struct talk talk = long_talk();
	char *text = ladder_of(&talk, false);

	(void)state;
	assert_non_null(strstr(text, ": 54 plain segments in 53.0 ms "));
	assert_non_null(strstr(text, " client: 54 with 540 bytes; server: 0 with 0 bytes "));
	assert_non_null(strstr(text, "[.] seq 31:41 ack 1"));
	assert_null(strstr(text, "[.] seq 41:51 ack 1"));
	assert_non_null(strstr(text, "[.] seq 581:591 ack 1"));
	assert_non_null(strstr(text, "^ retransmission "));
	free(text);
	talk_free(&talk);
}

static void
all_folds_nothing(void **state)
{
	struct talk talk = long_talk();
	char *text = ladder_of(&talk, true);

	(void)state;
	assert_null(strstr(text, "plain segments"));
	assert_int_equal(times_in(text, " ack 1 win 502 len 10 "), 60 + 1);
	free(text);
	talk_free(&talk);
}

static void
what_was_too_much_to_keep_is_said(void **state)
{
	struct talk talk = talk_begin();
	char *text;

	(void)state;
	talk_handshake(&talk, 100, 200);
	for (uint32_t i = 3; i < 2 * CONVERSATION_HALF + 1234; i++)
		talk_say(&talk, i, FLOW_CLIENT, TCP_ACK, 101 + i - 3, 201, 502, 1);
	talk_end(&talk);
	text = ladder_of(&talk, false);
	assert_non_null(strstr(text, ": 1,234 segments left out: too many to keep "));
	assert_true(lines_of(text) < 40);
	free(text);
	text = packets_of(&talk);
	assert_non_null(strstr(text, "\n(1234 segments left out: too many to keep)\n"));
	assert_int_equal(lines_of(text), 2 * CONVERSATION_HALF + 1);
	free(text);
	talk_free(&talk);
}

static void
the_first_number_seen_of_a_side_without_syn_counts_as_one(void **state)
{
	struct talk talk = talk_begin();
	char *text;

	(void)state;
	talk_say(&talk, 0, FLOW_CLIENT, TCP_PSH | TCP_ACK, 26216, 124345, 501, 44);
	talk_say(&talk, 741, FLOW_SERVER, TCP_PSH | TCP_ACK, 124345, 26260, 501, 324);
	talk_end(&talk);
	text = ladder_of(&talk, false);
	assert_non_null(strstr(text, "[P.] seq 1:45 ack 1 win 501 len 44"));
	assert_non_null(strstr(text, "[P.] seq 1:325 ack 45 win 501 len 324"));
	assert_non_null(strstr(text, "began before the capture"));
	free(text);
	text = packets_of(&talk); /* tcpdump's first is absolute, and counts as 0 */
	assert_non_null(strstr(
			text, "Flags [P.], seq 26216:26260, ack 124345, win 501, length 44\n"));
	assert_non_null(strstr(text, "Flags [P.], seq 1:325, ack 44, win 501, length 324\n"));
	free(text);
	talk_free(&talk);
}

static void
a_number_below_the_isn_wraps(void **state)
{
	struct talk talk = talk_begin();
	char *text;

	(void)state;
	talk_handshake(&talk, UINT32_MAX, 200);
	talk_say(&talk, 1000, FLOW_CLIENT, TCP_ACK, 0, 201, 502, 10);
	talk_end(&talk);
	text = ladder_of(&talk, false);
	assert_non_null(strstr(text, "[S] seq 4294967295 win"));
	assert_non_null(strstr(text, "[.] seq 1:11 ack 1 win 502 len 10"));
	free(text);
	talk_free(&talk);
}

static void
a_label_leaves_off_what_does_not_fit(void **state)
{
	struct talk talk = talk_begin();
	char *text;

	(void)state;
	talk_handshake(&talk, 100, 200);
	talk_say(&talk, 1000, FLOW_CLIENT, TCP_PSH | TCP_ACK, 101 + 20000000, 201 + 200000000,
			65535, 1400);
	talk_say(&talk, 1001, FLOW_CLIENT, TCP_PSH | TCP_ACK, 101 + 2000000000, 201 + 2000000000,
			65535, 1400);
	talk_end(&talk);
	text = ladder_of(&talk, false);
	assert_non_null(strstr(text, "|- [P.] seq 20000001:20001401 ack 200000001 len 1400 ---"));
	assert_non_null(strstr(text, "|- [P.] seq 2000000001:2000001401 ack 2000000001 -----"));
	free(text);
	talk_free(&talk);
}

static void
an_icmp_error_stands_between_the_lifelines(void **state)
{
	/* Ethernet, IPv4 from a router to the client, host unreachable, the SYN's first 28 bytes. */
	uint8_t bytes[70] = { [12] = 0x08,
		[14] = 0x45,
		[17] = 56,
		[22] = 64,
		[23] = 1,
		[26] = 10,
		[29] = 1,
		[30] = 192,
		[31] = 168,
		[33] = 60,
		[34] = 3,
		[35] = 1,
		[42] = 0x45,
		[45] = 60,
		[50] = 64,
		[51] = 6,
		[54] = 192,
		[55] = 168,
		[57] = 60,
		[58] = 192,
		[59] = 168,
		[61] = 61,
		[62] = TALK_CLIENT_PORT >> 8,
		[63] = TALK_CLIENT_PORT & 0xff,
		[65] = TALK_SERVER_PORT,
		[69] = 100 };
	struct frame frame = { bytes, sizeof(bytes), sizeof(bytes), TALK_START_US + 5000 };
	struct talk talk = talk_begin();
	char *text;

	(void)state;
	talk_say(&talk, 0, FLOW_CLIENT, TCP_SYN, 100, 0, 64240, 0);
	talk_frame(&talk, &frame);
	talk_end(&talk);
	text = ladder_of(&talk, false);
	assert_non_null(strstr(text, ". ICMP host unreachable (3/1) .*"));
	assert_non_null(strstr(text, "^ quotes the client's segment with seq 100 "));
	assert_non_null(strstr(text,
			"The SYN did not arrive: an ICMP error came back that quotes it "
			"(type 3, code 1: host"));
	free(text);
	text = packets_of(&talk);
	assert_non_null(strstr(text,
			" ICMP host unreachable (3/1), quotes IP 192.168.0.60.39002 > "
			"192.168.0.61.80: seq 100\n"));
	free(text);
	talk_free(&talk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_graceful_conversation_is_drawn),
		cmocka_unit_test(a_refused_connection_is_drawn),
		cmocka_unit_test(a_reset_in_the_middle_is_drawn),
		cmocka_unit_test(lines_are_as_tcpdump_prints_them),
		cmocka_unit_test(lines_have_the_options_of_segments_within_a_connection),
		cmocka_unit_test(fast_open_is_drawn_with_its_cookie_or_the_wish_for_one),
		cmocka_unit_test(a_run_of_plain_segments_is_folded_and_a_retransmission_is_not),
		cmocka_unit_test(all_folds_nothing),
		cmocka_unit_test(what_was_too_much_to_keep_is_said),
		cmocka_unit_test(the_first_number_seen_of_a_side_without_syn_counts_as_one),
		cmocka_unit_test(a_number_below_the_isn_wraps),
		cmocka_unit_test(a_label_leaves_off_what_does_not_fit),
		cmocka_unit_test(an_icmp_error_stands_between_the_lifelines),
	};

	return cmocka_run_group_tests_name("conversation_text", tests, NULL, NULL);
}
