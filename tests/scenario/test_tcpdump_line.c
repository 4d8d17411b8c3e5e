/* SPDX-License-Identifier: Apache-2.0 */

#include "packet/checksum.h"
#include "packet/parse.h"
#include "tcpdump_line.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SYN \
	"12:49:33.192719 IP 192.168.0.60.39002 > 192.168.0.61.80: Flags [S], seq 284972257, " \
	"win 64240, options [mss 1460,sackOK,TS val 2670079469 ecr 0,nop,wscale 7], length 0"
#define SYN_ACK \
	"12:49:33.192983 IP 192.168.0.61.80 > 192.168.0.60.39002: Flags [S.], seq 1986854381, " \
	"ack 284972258, win 65160, options [mss 1460,sackOK,TS val 1699876837 ecr 2670079469," \
	"nop,wscale 7], length 0"
#define GET \
	"12:49:33.193037 IP 192.168.0.60.39002 > 192.168.0.61.80: Flags [P.], seq 1:77, ack 1, " \
	"win 502, length 76: HTTP: GET / HTTP/1.1"
#define ACK \
	"12:49:33.193013 IP 192.168.0.60.39002 > 192.168.0.61.80: Flags [.], ack 1, win 502, " \
	"length 0"
#define SYN6 \
	"12:49:33.192719 IP6 2001:db8::60.39002 > 2001:db8::61.80: Flags [S], seq 284972257, " \
	"win 64240, length 0"
#define HOST_UNREACHABLE \
	"12:49:36.200000 IP 192.168.0.1 > 192.168.0.60: ICMP host 192.168.0.61 unreachable, " \
	"length 68 {quotes 192.168.0.60.39002 > 192.168.0.61.80 seq 284972257}"

static struct tcpdump_reader reader;
static struct err err;

static int
setup(void **state)
{
	(void)state;

	tcpdump_reader_init(&reader, "case.scn");
	memset(&err, 0, sizeof(err));
	return 0;
}

/* From a copy of its own size, so that a sanitizer sees a read behind its end. */
static int
read_len(const char *text, size_t len, struct tcpdump_line *line)
{
	char *copy = malloc(len + (len == 0));
	int rc;

	assert_non_null(copy);
	memcpy(copy, text, len);
	rc = tcpdump_line_read(&reader, copy, len, 7, line, &err);
	free(copy);
	return rc;
}

static struct tcpdump_line
read_good(const char *text)
{
	struct tcpdump_line line;

	if (read_len(text, strlen(text), &line) < 0)
		fail_msg("%s\n%s", text, err.text);
	return line;
}

static struct segment
segment_of(const char *text)
{
	static uint8_t out[BUILD_FRAME_MAX];
	struct tcpdump_line line = read_good(text);
	struct frame frame = { .data = out };
	struct segment segment;
	size_t wire_len;

	frame.len = (uint32_t)tcpdump_line_frame(&line, out, sizeof(out), &wire_len);
	frame.wire_len = (uint32_t)wire_len;
	assert_int_not_equal(frame.len, 0);
	parse_frame(&frame, &segment);
	return segment;
}

static void
a_line_gives_the_segment_that_it_prints(void **state)
{
	struct tcpdump_line line = read_good(SYN);
	const struct build_tcp *tcp = &line.tcp;

	(void)state;

	assert_int_equal(line.time_us, UINT64_C(1616244573192719));
	assert_int_equal(tcp->ip_version, 4);
	assert_memory_equal(tcp->src_addr + 10, "\xff\xff\xc0\xa8\x00\x3c", 6);
	assert_int_equal(tcp->src_port, 39002);
	assert_int_equal(tcp->dst_port, 80);
	assert_int_equal(tcp->seq, 284972257);
	assert_int_equal(tcp->tcp_flags, TCP_SYN);
	assert_int_equal(tcp->window, 64240);
	assert_int_equal(tcp->options.mss, 1460);
	assert_true(tcp->options.sack_permitted);
	assert_true(tcp->options.timestamps);
	assert_int_equal(tcp->options.ts_val, UINT32_C(2670079469));
	assert_true(tcp->options.has_wscale);
	assert_int_equal(tcp->options.wscale, 7);
	assert_int_equal(tcp->hop_limit, 64);
}

static void
a_printed_date_is_taken(void **state)
{
	(void)state;

	assert_int_equal(read_good("1970-01-02 00:00:01.000003 IP6 ::1.1 > ::2.2: Flags [S], "
				   "seq 1, win 1, length 0")
					 .time_us,
			UINT64_C(86401000003));
}

static void
numbers_are_relative_to_the_syn_ack(void **state)
{
	struct tcpdump_line line;

	(void)state;

	read_good(SYN);
	read_good(SYN_ACK);
	line = read_good(ACK);
	assert_int_equal(line.tcp.seq, 284972258);
	assert_int_equal(line.tcp.ack, 1986854382);
	line = read_good(GET);
	assert_int_equal(line.tcp.seq, 284972258);
	assert_int_equal(line.tcp.ack, 1986854382);
	assert_int_equal(line.tcp.payload_len, 76);
	line = read_good("12:49:33.193256 IP 192.168.0.61.80 > 192.168.0.60.39002: Flags [.], "
			 "ack 77, win 509, length 0");
	assert_int_equal(line.tcp.seq, 1986854382);
	assert_int_equal(line.tcp.ack, 284972258 + 76);
}

static void
numbers_are_absolute_when_told_so(void **state)
{
	struct tcpdump_line line;

	(void)state;

	reader.absolute = true;
	read_good(SYN);
	read_good(SYN_ACK);
	line = read_good("12:49:33.193037 IP 192.168.0.60.39002 > 192.168.0.61.80: Flags [P.], "
			 "seq 284972258:284972334, ack 1986854382, win 502, length 76");
	assert_int_equal(line.tcp.seq, 284972258);
	assert_int_equal(line.tcp.ack, 1986854382);
}

static void
relative_numbers_wrap(void **state)
{
	struct tcpdump_line line;

	(void)state;

	read_good("12:00:00.000000 IP 10.0.0.1.1 > 10.0.0.2.2: Flags [S], seq 4294967290, win 1, "
		  "length 0");
	read_good("12:00:00.000001 IP 10.0.0.2.2 > 10.0.0.1.1: Flags [S.], seq 4294967295, "
		  "ack 4294967291, win 1, length 0");
	line = read_good("12:00:00.000002 IP 10.0.0.1.1 > 10.0.0.2.2: Flags [P.], seq 1:11, ack 1, "
			 "win 1, length 10");
	assert_int_equal(line.tcp.seq, UINT32_C(4294967291));
	assert_int_equal(line.tcp.ack, 0);
	line = read_good("12:00:00.000003 IP 10.0.0.1.1 > 10.0.0.2.2: Flags [.], ack 1, win 1, "
			 "length 0");
	assert_int_equal(line.tcp.seq, 5);
}

static void
a_base_stands_for_a_start_that_was_not_shown(void **state)
{
	static const char base[] = "192.168.0.60.43478 > 192.168.0.61.22: seq 1000, ack 5000";
	struct tcpdump_line line;

	(void)state;

	assert_int_equal(tcpdump_base_read(&reader, base, sizeof(base) - 1, 3, &err), 0);
	line = read_good("14:22:48.071533 IP 192.168.0.60.43478 > 192.168.0.61.22: Flags [P.], "
			 "seq 26216:26260, ack 124345, win 501, length 44");
	assert_int_equal(line.tcp.seq, 27216);
	assert_int_equal(line.tcp.ack, 129345);
}

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

static void
what_lies_around_a_segment_is_looked_through(void **state)
{
	static const char *const wraps[] = { "", " {vlan 100}", " {vlan 100.200}", " {mpls 16}",
		" {mpls 16.17.18.19}", " {pppoe}", " {vlan 100} {pppoe}", " {vlan 7} {mpls 16}" };

	(void)state;

	for (size_t i = 0; i < sizeof(wraps) / sizeof(wraps[0]); i++)
		for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
			char text[512];
			struct segment segment;

			snprintf(text, sizeof(text), "%s%s", ipv6 ? SYN6 : SYN, wraps[i]);
			segment = segment_of(text);
			if (segment.kind != PACKET_TCP || segment.seq != 284972257 ||
					segment.tcp_flags != TCP_SYN || segment.payload_len != 0)
				fail_msg("%s: kind %s", text, parse_kind_name(segment.kind));
		}
	assert_int_equal(segment_of(SYN " {vlan 100.200}").vlan_count, 2);
	assert_int_equal(segment_of(SYN " {vlan 100.200}").vlan[1], 200);
	assert_int_equal(segment_of(SYN " {ttl 57}").hop_limit, 57);
	assert_int_equal(segment_of(SYN6 " {exthdr hopopts routing fragment dstopts}").kind,
			PACKET_TCP);
	assert_int_equal(segment_of(SYN " {cut 54}").kind, PACKET_TCP);
	assert_int_equal(segment_of(SYN " {cut 40}").kind, PACKET_BAD_TCP);
}

static void
a_first_fragment_is_tracked_and_a_later_one_is_not(void **state)
{
	(void)state;

	assert_int_equal(segment_of(SYN " {frag first}").kind, PACKET_TCP);
	assert_int_equal(segment_of(SYN " {frag later}").kind, PACKET_FRAGMENT);
	assert_int_equal(segment_of(SYN6 " {frag first}").kind, PACKET_TCP);
	assert_int_equal(segment_of(SYN6 " {frag later}").kind, PACKET_FRAGMENT);
}

static void
a_checksum_is_broken_when_told_so(void **state)
{
	static const char *const lines[] = { GET, SYN6, SYN6 " {exthdr hopopts} {mpls 3}" };
	static uint8_t out[BUILD_FRAME_MAX];

	(void)state;

	read_good(SYN);
	read_good(SYN_ACK);
	for (size_t i = 0; i < 3; i++)
		for (unsigned broken = 0; broken < 2; broken++) {
			char text[512];
			struct tcpdump_line line;
			struct frame frame = { .data = out };
			struct segment segment;
			size_t wire_len;

			snprintf(text, sizeof(text), "%s%s", lines[i], broken ? " {badsum}" : "");
			line = read_good(text);
			frame.len = (uint32_t)tcpdump_line_frame(
					&line, out, sizeof(out), &wire_len);
			frame.wire_len = frame.len;
			parse_frame(&frame, &segment);
			assert_int_equal(segment.kind, PACKET_TCP);
			assert_int_equal(checksum_tcp_ok(&frame, &segment), !broken);
		}
}

static void
an_icmp_error_quotes_the_segment_it_is_told(void **state)
{
	static const char *const lengths[] = { "36", "48", "68" };
	char text[512];

	(void)state;

	for (size_t i = 0; i < 3; i++) {
		struct segment segment;

		snprintf(text, sizeof(text),
				"12:49:36.200000 IP 192.168.0.1 > 192.168.0.60: ICMP 192.168.0.61 "
				"tcp port 80 unreachable, length %s {quotes 192.168.0.60.39002 > "
				"192.168.0.61.80 seq 284972257} {ttl 61}",
				lengths[i]);
		segment = segment_of(text);
		assert_int_equal(segment.kind, PACKET_ICMP_TCP);
		assert_int_equal(segment.icmp_type, 3);
		assert_int_equal(segment.icmp_code, 3);
		assert_int_equal(segment.src_port, 39002);
		assert_int_equal(segment.dst_port, 80);
		assert_int_equal(segment.seq, 284972257);
		assert_memory_equal(segment.dst_addr + 12, "\xc0\xa8\x00\x3d", 4);
	}
	assert_int_equal(segment_of("12:49:36.200000 IP6 2001:db8::1 > 2001:db8::60: ICMP6, "
				    "destination unreachable, unreachable address 2001:db8::61, "
				    "length 88 {quotes 2001:db8::60.1 > 2001:db8::61.2 seq 9}")
					 .icmp_code,
			3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_line_gives_the_segment_that_it_prints, setup),
		cmocka_unit_test_setup(a_printed_date_is_taken, setup),
		cmocka_unit_test_setup(numbers_are_relative_to_the_syn_ack, setup),
		cmocka_unit_test_setup(numbers_are_absolute_when_told_so, setup),
		cmocka_unit_test_setup(relative_numbers_wrap, setup),
		cmocka_unit_test_setup(a_base_stands_for_a_start_that_was_not_shown, setup),
		cmocka_unit_test_setup(
				a_bare_ack_that_nothing_tells_the_number_of_is_an_error, setup),
		cmocka_unit_test_setup(
				what_tcpdump_does_not_print_is_an_error_that_says_what_was_expected,
				setup),
		cmocka_unit_test_setup(no_damage_to_a_line_is_a_fault, setup),
		cmocka_unit_test_setup(the_table_of_conversations_is_bounded, setup),
		cmocka_unit_test_setup(what_lies_around_a_segment_is_looked_through, setup),
		cmocka_unit_test_setup(a_first_fragment_is_tracked_and_a_later_one_is_not, setup),
		cmocka_unit_test_setup(a_checksum_is_broken_when_told_so, setup),
		cmocka_unit_test_setup(an_icmp_error_quotes_the_segment_it_is_told, setup),
	};

	return cmocka_run_group_tests_name("tcpdump_line", tests, NULL, NULL);
}
