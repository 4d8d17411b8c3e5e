/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/summary.h"
#include "tests/unit/alarm_fixture.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START_US UINT64_C(1616244572192719) /* 2021-03-20T12:49:32.192719Z */

/* A run that is put together row by row, with the counters that would belong to it. */
struct run {
	struct summary *summary;
	struct counters counters;
};

static struct run
run_create(void)
{
	struct run run = { .summary = summary_create(42) };

	assert_non_null(run.summary);
	return run;
}

static struct record
record_to(const char *server, uint16_t port, enum handshake_result result)
{
	struct record record = { .ip_version = 4 };
	uint8_t *addr = record.side[FLOW_SERVER].addr;

	addr[10] = addr[11] = 0xff;
	if (strchr(server, ':') == NULL) {
		assert_int_equal(inet_pton(AF_INET, server, addr + 12), 1);
	} else {
		record.ip_version = 6;
		assert_int_equal(inet_pton(AF_INET6, server, addr), 1);
	}
	record.side[FLOW_SERVER].port = port;
	record.handshake.result = result;
	record.handshake.complete = result == HANDSHAKE_COMPLETE;
	record.handshake.silent = verdict_silent_party(result);
	return record;
}

static void
add(struct run *run, uint32_t times, const char *server, uint16_t port,
		enum handshake_result result, enum end_how end)
{
	struct record record = record_to(server, port, result);

	record.end = end;
	record.history_cut = end == END_TIMEOUT;
	for (uint32_t i = 0; i < times; i++) {
		record.handshake.has_synack_us = record.handshake.complete;
		record.handshake.has_ack_us = record.handshake.complete;
		record.handshake.synack_us = 250 + 10 * i;
		record.handshake.ack_us = 30;
		summary_add(run->summary, &record, EVENT_CONNECTION);
		counter_add(&run->counters.handshakes[result], 1);
		counter_add(&run->counters.ends[end], 1);
	}
}

/* Its own event may come too, before the connection's: it must not count twice. */
static void
add_rst(struct run *run, uint32_t times, enum rst_verdict verdict, enum flow_side by)
{
	struct record record = record_to("192.0.2.1", 80, HANDSHAKE_MIDSTREAM);

	record.has_rst = true;
	record.rst = (struct record_rst){
		.verdict = verdict, .by = by, .in_flight = true, .answered = by == FLOW_SERVER
	};
	for (uint32_t i = 0; i < times; i++) {
		summary_add(run->summary, &record, EVENT_RST);
		summary_add(run->summary, &record, EVENT_CONNECTION);
		counter_add(&run->counters.rst, 2);
	}
}

static void
check_width(const char *text)
{
	for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1)
		assert_in_range(strchr(line, '\n') - line, 0, 100);
}

static void
check_print(const struct summary *summary, const struct summary_run *run, const char *expected)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	summary_print(summary, run, out);
	fclose(out);
	check_width(text);
	if (expected != NULL)
		assert_string_equal(text, expected);
	free(text);
}

static void
a_run_is_told_with_what_failed_first(void **state)
{
	static const struct summary_drop drops[] = {
		{ "the outgoing port was full", 3 },
		{ "nothing", 0 },
	};
	struct run run = run_create();
	const struct counters *workers[] = { &run.counters, &run.counters };
	struct summary_run numbers = { .counters = workers,
		.workers = 1,
		.rx_frames = 81234,
		.rx_bytes = 6123456,
		.tx_frames = 81231,
		.drops = drops,
		.drop_reasons = 2,
		.elapsed_us = 61234,
		.first_us = START_US,
		.last_us = START_US + 12345678 };

	(void)state;

	add(&run, 1200, "192.0.2.1", 80, HANDSHAKE_COMPLETE, END_FIN_BOTH);
	add(&run, 40, "192.0.2.1", 80, HANDSHAKE_CLIENT_SILENT, END_TIMEOUT);
	add(&run, 7, "2001:db8::7", 443, HANDSHAKE_REFUSED, END_RST_SERVER);
	add(&run, 2, "2001:db8:1111:2222:3333:4444:5555:6666", 8443, HANDSHAKE_SERVER_SILENT,
			END_TIMEOUT);
	add(&run, 3, "192.0.2.9", 22, HANDSHAKE_MIDSTREAM, END_OPEN);
	add_rst(&run, 9, RST_MID_CONNECTION, FLOW_SERVER);
	add_rst(&run, 2, RST_MID_CONNECTION, FLOW_CLIENT);
	add_rst(&run, 7, RST_REFUSED, FLOW_SERVER);
	counter_add(&run.counters.frames, 81234);
	counter_add(&run.counters.packets[PACKET_TCP], 81000);
	counter_add(&run.counters.packets[PACKET_ARP], 234);
	counter_add(&run.counters.syn_retransmits, 5);
	counter_add(&run.counters.flows_evicted, 1);
	check_print(run.summary, &numbers,
			"81,234 frames, 6.12 MB, over 12.3 s from 2021-03-20T12:49:32.192719Z\n"
			"\n"
			"Connections: 1,252, of which 49 failed to complete the handshake\n"
			"  client_silent     40     3.2 %  client silent: spoofed source, or it vanished\n"
			"  refused            7     0.6 %  server answered RST: nothing listens there\n"
			"  server_silent      2     0.2 %  server silent: no answer to the SYN\n"
			"  complete       1,200    95.8 %\n"
			"  midstream          3     0.2 %  had begun before it was seen\n"
			"\n"
			"Servers with the most failed handshakes\n"
			"  server                failed   attempts   complete  mostly\n"
			"  192.0.2.1:80              40      1,240      1,200  client_silent\n"
			"  [2001:db8::7]:443          7          7          0  refused\n"
			"  [2001:db8:1111:2222:3333:4444:5555:6666]:8443\n"
			"                             2          2          0  server_silent\n"
			"\n"
			"Connections with a RST: 18 (RSTs: 36)\n"
			"  mid_connection         11    61.1 %  an open connection was cut\n"
			"    by server             9    50.0 %\n"
			"    by client             2    11.1 %\n"
			"    data in flight       11    61.1 %  not acknowledged when it was cut\n"
			"    answering a segment   9    50.0 %  nobody was left to take it\n"
			"  refused                 7    38.9 %  the answer to a SYN\n"
			"\n"
			"Connect latency                  p50        p90        p99        max  connections\n"
			"  server, SYN to SYN-ACK     6.24 ms    11.1 ms    12.1 ms    12.2 ms        1,200\n"
			"  client, SYN-ACK to ACK       30 us      30 us      30 us      30 us        1,200\n"
			"\n"
			"How they ended\n"
			"  fin_both    1,200    95.8 %  both sides closed\n"
			"  timeout        42     3.4 %  nothing more came\n"
			"  rst_server      7     0.6 %  reset by the server\n"
			"  open            3     0.2 %  still open when the run ended\n"
			"\n"
			"Segments worth a look\n"
			"  syn_retransmits  5  SYNs sent again\n"
			"\n"
			"Frames: 81,234 in = 81,231 out + 3 dropped\n"
			"  dropped 3: the outgoing port was full\n"
			"  tcp  81,000    99.7 %  TCP segments that were tracked\n"
			"  arp     234     0.3 %  ARP\n"
			"\n"
			"Not seen or not kept\n"
			"  evicted       1  connections let go early: the flow table was too small\n"
			"  midstream     3  connections that had begun before they were seen\n"
			"  history_cut  42  connections whose history is longer than what is kept\n"
			"\n"
			"Took 61.2 ms: 1,326,615 frames/s, 800 Mbit/s\n");
	summary_destroy(run.summary);
}

static void
the_counters_of_all_workers_are_added(void **state)
{
	struct run run = run_create();
	const struct counters *workers[] = { &run.counters, &run.counters };
	struct summary_run numbers = { .counters = workers, .workers = 2 };

	(void)state;

	add(&run, 3, "192.0.2.1", 80, HANDSHAKE_MIDSTREAM, END_OPEN);
	check_print(run.summary, &numbers,
			"No frame was read.\n"
			"\n"
			"Connections: 6, of which none failed to complete the handshake\n"
			"  midstream  6   100.0 %  had begun before it was seen\n"
			"\n"
			"How they ended\n"
			"  open  6   100.0 %  still open when the run ended\n"
			"\n"
			"Frames: 0 in = 0 out + 0 dropped\n"
			"\n"
			"Not seen or not kept\n"
			"  midstream  6  connections that had begun before they were seen\n");
	summary_destroy(run.summary);
}

static void
check_line(const struct run *run, const char *expected)
{
	const struct counters *workers[] = { &run->counters };
	struct summary_run numbers = { .counters = workers, .workers = 1 };
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	summary_print(run->summary, &numbers, out);
	fclose(out);
	assert_non_null(strstr(text, expected));
	free(text);
}

static void
what_could_not_be_judged_is_not_said_to_have_gone_well(void **state)
{
	struct run run = run_create();

	(void)state;

	add(&run, 1000, "192.0.2.1", 80, HANDSHAKE_COMPLETE, END_FIN_BOTH);
	check_line(&run,
			"\nConnections: 1,000, of which none failed to complete the "
			"handshake\n");
	add(&run, 1938, "192.0.2.1", 80, HANDSHAKE_EVICTED, END_EVICTED);
	add(&run, 2, "192.0.2.1", 80, HANDSHAKE_ONE_WAY, END_OPEN);
	check_line(&run,
			"\nConnections: 2,940, of which none is known to have failed to "
			"complete the handshake, 1,940 unknown\n");
	add(&run, 12, "192.0.2.1", 80, HANDSHAKE_REFUSED, END_RST_SERVER);
	check_line(&run,
			"\nConnections: 2,952, of which 12 failed to complete the handshake, "
			"1,940 unknown\n");
	summary_destroy(run.summary);
}

static void
attacks_come_right_behind_the_first_line(void **state)
{
	struct run run = run_create();
	struct alarm flood = alarm_flood(1, "198.51.100.80", 80);
	const struct alarm *alarms[] = { &flood };
	const struct summary_run numbers = { .alarms = alarms,
		.alarm_count = 1,
		.more_alarms = 2,
		.first_us = ALARM_ONSET_US - 30000000 };

	(void)state;

	alarm_end(&flood);
	check_print(run.summary, &numbers,
			"No frame was read.\n"
			"\n"
			"Attacks: 3\n"
			"  what         whom                began at      lasted     peak/s    sources"
			"  spoofed\n"
			"  spoofed      198.51.100.80:80      30.0 s      12.5 s    430,100     88,000"
			"   99.0 %\n"
			"  and 2 more\n"
			"\nConnections: 0\n"
			"\nFrames: 0 in = 0 out + 0 dropped\n");
	summary_destroy(run.summary);
}

/* Cut off or malformed: the frames do not tell, but so many are not malformed. */
static void
a_snapshot_length_that_is_too_short_is_suspected(void **state)
{
	static const char hint[] = "  Most TCP headers cannot be read: was the capture made with "
				   "too short a snapshot length?\n";
	struct run run = run_create();
	const struct counters *workers[] = { &run.counters };
	struct summary_run numbers = { .counters = workers, .workers = 1 };

	(void)state;

	counter_add(&run.counters.frames, 400);
	counter_add(&run.counters.packets[PACKET_TCP], 200);
	counter_add(&run.counters.packets[PACKET_BAD_TCP], 200);
	check_print(run.summary, &numbers,
			"No frame was read.\n\nConnections: 0\n\nFrames: 0 in = 0 out + 0 dropped\n"
			"  tcp      200    50.0 %  TCP segments that were tracked\n"
			"  bad_tcp  200    50.0 %  malformed TCP headers, or cut off by a short "
			"snapshot length\n");
	counter_add(&run.counters.packets[PACKET_BAD_TCP], 1);
	check_line(&run, hint);
	summary_destroy(run.summary);
}

static void
a_rate_is_told_of_runs_that_are_long_enough_for_one(void **state)
{
	struct run run = run_create();
	struct summary_run numbers = { .rx_frames = 100,
		.tx_frames = 100,
		.rx_bytes = 6400,
		.first_us = START_US,
		.last_us = START_US };

	(void)state;

	for (numbers.elapsed_us = 4999; numbers.elapsed_us <= 5000; numbers.elapsed_us++)
		check_print(run.summary, &numbers,
				numbers.elapsed_us < 5000
						? "100 frames, 6.40 kB, over 0 us from "
						  "2021-03-20T12:49:32.192719Z\n"
						  "\nConnections: 0\n"
						  "\nFrames: 100 in = 100 out + 0 dropped\n"
						  "\nTook 5.00 ms\n"
						: "100 frames, 6.40 kB, over 0 us from "
						  "2021-03-20T12:49:32.192719Z\n"
						  "\nConnections: 0\n"
						  "\nFrames: 100 in = 100 out + 0 dropped\n"
						  "\nTook 5.00 ms: 20,000 frames/s, 10.2 Mbit/s\n");
	summary_destroy(run.summary);
}

static void
an_empty_run_says_so_in_a_few_lines(void **state)
{
	struct run run = run_create();
	const struct counters *workers[] = { &run.counters };
	struct summary_run numbers = { .counters = workers, .workers = 1, .elapsed_us = 17 };

	(void)state;

	check_print(run.summary, &numbers,
			"No frame was read.\n\nConnections: 0\n\nFrames: 0 in = 0 out + 0 dropped\n");
	summary_destroy(run.summary);
}

static void
a_frame_that_is_not_accounted_for_is_shouted(void **state)
{
	struct run run = run_create();
	struct summary_run numbers = {
		.rx_frames = 1000, .tx_frames = 998, .first_us = START_US, .last_us = START_US
	};

	(void)state;

	check_print(run.summary, &numbers,
			"1,000 frames, 0 B, over 0 us from 2021-03-20T12:49:32.192719Z\n"
			"\nConnections: 0\n"
			"\nFrames: 1,000 in IS NOT 998 out + 0 dropped\n"
			"  2 LOST WITHOUT A REASON\n");
	numbers.tx_frames = 1001;
	check_print(run.summary, &numbers,
			"1,000 frames, 0 B, over 0 us from 2021-03-20T12:49:32.192719Z\n"
			"\nConnections: 0\n"
			"\nFrames: 1,000 in IS NOT 1,001 out + 0 dropped\n"
			"  1 MORE THAN CAME IN\n");
	summary_destroy(run.summary);
}

/* Everything at once, each number in the millions and each word as long as it gets. */
static void
no_line_is_wider_than_100_columns(void **state)
{
	struct run run = run_create();
	const struct counters *workers[] = { &run.counters };
	struct summary_run numbers = { .counters = workers,
		.workers = 1,
		.rx_frames = UINT32_MAX,
		.rx_bytes = UINT64_MAX,
		.tx_frames = UINT32_MAX,
		.elapsed_us = 1,
		.last_us = START_US };

	(void)state;

	for (int result = 1; result < HANDSHAKE_RESULT_COUNT; result++)
		for (int end = 1; end < END_HOW_COUNT; end++)
			add(&run, 1, "2001:db8:1111:2222:3333:4444:5555:6666", 65535,
					(enum handshake_result)result, (enum end_how)end);
	add(&run, 99, "2001:db8:1111:2222:3333:4444::6666", 65535,
			HANDSHAKE_SIMULTANEOUS_INCOMPLETE, END_OPEN);
	for (int verdict = 1; verdict < RST_VERDICT_COUNT; verdict++)
		for (int by = 0; by < FLOW_SIDES; by++)
			add_rst(&run, 1, (enum rst_verdict)verdict, (enum flow_side)by);
	for (struct counter *counter = (struct counter *)&run.counters;
			counter < (struct counter *)(&run.counters + 1); counter++)
		counter_add(counter, 7654321);
	check_print(run.summary, &numbers, NULL);
	summary_destroy(run.summary);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_is_told_with_what_failed_first),
		cmocka_unit_test(the_counters_of_all_workers_are_added),
		cmocka_unit_test(what_could_not_be_judged_is_not_said_to_have_gone_well),
		cmocka_unit_test(attacks_come_right_behind_the_first_line),
		cmocka_unit_test(a_snapshot_length_that_is_too_short_is_suspected),
		cmocka_unit_test(a_rate_is_told_of_runs_that_are_long_enough_for_one),
		cmocka_unit_test(an_empty_run_says_so_in_a_few_lines),
		cmocka_unit_test(a_frame_that_is_not_accounted_for_is_shouted),
		cmocka_unit_test(no_line_is_wider_than_100_columns),
	};

	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
