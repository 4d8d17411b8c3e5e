/* SPDX-License-Identifier: Apache-2.0 */

#include "test_reader.h"

static void
a_bare_ack_that_nothing_tells_the_number_of_is_an_error(void **state)
{
	struct tcpdump_line line;

	(void)state;

	assert_int_equal(read_len(ACK, strlen(ACK), &line), -EINVAL);
	assert_non_null(strstr(err.text, "case.scn:7:"));
	assert_non_null(strstr(err.text, "seq N"));
	assert_int_equal(reader.count, 0);
}

/* One good line with one piece put out of order, and what the error must say. */
static const struct {
	const char *text;
	const char *expected;
} bad_lines[] = {
	{ "", "case.scn:7:1: expected a time" },
	{ "1:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0", "a time" },
	{ "24:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0", "a time" },
	{ "12:49:33.19 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0",
			"7:10: expected microseconds of six digits" },
	{ "12:49:33.192719 ARP, Request who-has 1.1.1.1 tell 1.1.1.2, length 28", "\"IP \"" },
	{ "12:49:33.192719 IP 1.1.1.256.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0",
			"7:20: expected a numeric address" },
	{ "12:49:33.192719 IP localhost.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0",
			"a numeric address" },
	{ "12:49:33.192719 IP 1.1.1.1.http > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0",
			"a port number" },
	{ "12:49:33.192719 IP 1.1.1.1.65536 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0",
			"at most 65535" },
	{ "12:49:33.192719 IP6 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0",
			"addresses that fit" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > ::2.2: Flags [S], seq 1, win 1, length 0",
			"one IP version" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [.S], seq 1, ack 1, win 1, length 0",
			"FSRP.UEW" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [], seq 1, win 1, length 0",
			"FSRP.UEW" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 4294967296, win 1, length 0",
			"a sequence number" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, ack 1, win 1, length 0",
			"if, and only if, the flags hold" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S.], seq 1, win 1, length 0",
			"if, and only if, the flags hold" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], win 1, length 0", "\"seq N\"" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1:5, win 1, length 5",
			"the difference" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 5",
			"if, and only if, the length" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 65536, length 0",
			"a window" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, options [mss 0], "
	  "length 0",
			"a segment size" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, options [mss 9;], "
	  "length 0",
			"\",\" or \"]\"" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, options [md5], "
	  "length 0",
			"one of mss" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, "
	  "options [tfo  cookie 112233], length 0",
			"a cookie" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1", "\", length \"" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0 x",
			"\"{\"" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0 {tll 3}",
			"one of ttl" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0 {ttl 256}",
			"a hop limit" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0 {vlan 4096}",
			"a VLAN" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0 "
	  "{vlan 1.2.3}",
			"at most two" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0 "
	  "{exthdr hopopts}",
			"an IPv6 packet" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0 "
	  "{pppoe} {mpls 3}",
			"not both" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0 {frag mid}",
			"\"first\" or \"later\"" },
	{ "12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0 {ttl 3",
			"\"}\"" },
	{ "12:49:33.192719 IP 1.1.1.9 > 1.1.1.1: ICMP host 1.1.1.2 unreachable, length 68",
			"{quotes" },
	{ "12:49:33.192719 IP 1.1.1.9 > 1.1.1.1: ICMP host 1.1.1.3 unreachable, length 68 "
	  "{quotes 1.1.1.1.1 > 1.1.1.2.2 seq 1}",
			"names the quoted segment" },
	{ "12:49:33.192719 IP 1.1.1.9 > 1.1.1.1: ICMP host 1.1.1.2 unreachable, length 35 "
	  "{quotes 1.1.1.1.1 > 1.1.1.2.2 seq 1}",
			"36, 48 or 68" },
	{ "12:49:33.192719 IP 1.1.1.9 > 1.1.1.7: ICMP host 1.1.1.2 unreachable, length 68 "
	  "{quotes 1.1.1.1.1 > 1.1.1.2.2 seq 1}",
			"sent to the source" },
	{ "1969-12-31 12:49:33.192719 IP 1.1.1.1.1 > 1.1.1.2.2: Flags [S], seq 1, win 1, length 0",
			"from 1970" },
};

static void
what_tcpdump_does_not_print_is_an_error_that_says_what_was_expected(void **state)
{
	struct tcpdump_line line;

	(void)state;

	for (size_t i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
		if (read_len(bad_lines[i].text, strlen(bad_lines[i].text), &line) == 0)
			fail_msg("taken: %s", bad_lines[i].text);
		if (strstr(err.text, bad_lines[i].expected) == NULL ||
				strncmp(err.text, "case.scn:7:", 11) != 0)
			fail_msg("%s\nsays: %s\nnot: %s", bad_lines[i].text, err.text,
					bad_lines[i].expected);
		assert_int_equal(reader.count, 0);
	}
}

static const char *const good_lines[] = { SYN, SYN_ACK, GET, ACK, SYN6, HOST_UNREACHABLE,
	SYN " {ttl 57} {vlan 100.200} {mpls 16.17} {frag first} {badsum} {cut 60}",
	SYN6 " {exthdr hopopts routing fragment dstopts} {pppoe}" };

/* Any line cut anywhere, and any one byte of it changed: an answer, whichever, and no fault. */
static void
no_damage_to_a_line_is_a_fault(void **state)
{
	static const char bytes[] = "\0\n 09.:,>[]{}fxFS\xff";
	struct tcpdump_line line;
	char text[512];

	(void)state;

	for (size_t i = 0; i < sizeof(good_lines) / sizeof(good_lines[0]); i++) {
		size_t len = strlen(good_lines[i]);

		for (size_t at = 0; at <= len; at++)
			read_len(good_lines[i], at, &line);
		for (size_t at = 0; at < len * (sizeof(bytes) - 1); at++) {
			memcpy(text, good_lines[i], len);
			text[at % len] = bytes[at / len];
			read_len(text, len, &line);
		}
	}
}

static void
the_table_of_conversations_is_bounded(void **state)
{
	struct tcpdump_line line;
	char text[160];

	(void)state;

	for (unsigned i = 0; i <= CONVERSATIONS_MAX; i++) {
		int len = snprintf(text, sizeof(text),
				"12:00:00.000000 IP 10.0.0.1.%u > 10.0.0.2.2: Flags [S], seq 1, "
				"win 1, length 0",
				i + 1);

		assert_int_equal(read_len(text, (size_t)len, &line),
				i == CONVERSATIONS_MAX ? -EINVAL : 0);
	}
	assert_non_null(strstr(err.text, "at most 1024 conversations"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
				a_bare_ack_that_nothing_tells_the_number_of_is_an_error, setup),
		cmocka_unit_test_setup(
				what_tcpdump_does_not_print_is_an_error_that_says_what_was_expected,
				setup),
		cmocka_unit_test_setup(no_damage_to_a_line_is_a_fault, setup),
		cmocka_unit_test_setup(the_table_of_conversations_is_bounded, setup),
	};

	return cmocka_run_group_tests_name("tcpdump_errors", tests, NULL, NULL);
}
