/* SPDX-License-Identifier: Apache-2.0 */

#include "test_reader.h"

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
	};

	return cmocka_run_group_tests_name("tcpdump_line", tests, NULL, NULL);
}
