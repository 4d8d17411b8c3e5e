/* SPDX-License-Identifier: Apache-2.0 */

#include "packet/checksum.h"
#include "packet/parse.h"
#include "test_reader.h"

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
		cmocka_unit_test_setup(what_lies_around_a_segment_is_looked_through, setup),
		cmocka_unit_test_setup(a_first_fragment_is_tracked_and_a_later_one_is_not, setup),
		cmocka_unit_test_setup(a_checksum_is_broken_when_told_so, setup),
		cmocka_unit_test_setup(an_icmp_error_quotes_the_segment_it_is_told, setup),
	};

	return cmocka_run_group_tests_name("tcpdump_frame", tests, NULL, NULL);
}
