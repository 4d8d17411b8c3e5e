/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/alarm_json.h"
#include "tests/unit/alarm_fixture.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *
write_line(const struct alarm *alarm, uint64_t shift_us)
{
	static char line[ALARM_JSON_LINE_MAX + 1];
	struct event_json json = { .shift_us = shift_us };
	size_t len = alarm_json_write(&json, alarm, line);

	assert_in_range(len, 1, ALARM_JSON_LINE_MAX);
	line[len] = '\0';
	assert_ptr_equal(strchr(line, '\n'), line + len - 1);
	return line;
}

static json_t *
read_line(const struct alarm *alarm)
{
	json_t *root = json_loads(write_line(alarm, 0), JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(root);
	return root;
}

static void
a_flood_is_told_with_its_victim_and_numbers(void **state)
{
	const struct alarm alarm = alarm_flood(7, "198.51.100.80", 80);

	(void)state;

	assert_string_equal(write_line(&alarm, 0),
			"{\"timestamp\":\"2021-03-20T12:49:33.403842Z\",\"event_type\":\"syn_flood\","
			"\"flood_id\":7,\"phase\":\"start\",\"dest_ip\":\"198.51.100.80\","
			"\"dest_port\":80,\"proto\":\"TCP\","
			"\"flood\":{\"onset\":\"2021-03-20T12:49:33.193842Z\","
			"\"detected_after_ms\":210,\"syn_pps\":412000,\"peak_syn_pps\":430100,"
			"\"baseline_syn_pps\":900,\"completion_ratio\":0.002,\"half_open\":90211,"
			"\"spoofed_share\":0.99,\"kind\":\"spoofed\",\"sources_estimate\":88000,"
			"\"top_sources\":[{\"ip\":\"203.0.113.9\",\"syn_pps\":210}],"
			"\"total\":86520,\"action\":\"none\"}}\n");
}

static void
a_clock_that_was_set_shifts_every_time(void **state)
{
	const struct alarm alarm = alarm_flood(7, "198.51.100.80", 80);
	const char *line = write_line(&alarm, 1000000);

	(void)state;

	assert_non_null(strstr(line, "\"timestamp\":\"2021-03-20T12:49:34.403842Z\""));
	assert_non_null(strstr(line, "\"onset\":\"2021-03-20T12:49:34.193842Z\""));
}

static void
many_ports_are_null_and_a_prefix_takes_the_place_of_the_address(void **state)
{
	struct alarm alarm = alarm_flood(1, "198.51.100.80", 80);

	(void)state;

	alarm_victim(&alarm, VICTIM_ADDRESS, "2001:db8::80", 0);
	assert_non_null(strstr(
			write_line(&alarm, 0), "\"dest_ip\":\"2001:db8::80\",\"dest_port\":null,"));
	alarm_victim(&alarm, VICTIM_PREFIX, "198.51.100.0", 0);
	assert_non_null(strstr(write_line(&alarm, 0),
			"\"dest_prefix\":\"198.51.100.0/24\",\"dest_port\":null,"));
	assert_null(strstr(write_line(&alarm, 0), "dest_ip"));
	alarm_victim(&alarm, VICTIM_PREFIX, "2001:db8:1:2::", 0);
	assert_non_null(strstr(write_line(&alarm, 0), "\"dest_prefix\":\"2001:db8:1:2::/64\""));
	alarm_victim(&alarm, VICTIM_SERVICE, "198.51.100.80", 0);
	assert_non_null(strstr(write_line(&alarm, 0), "\"dest_port\":0,"));
}

static void
what_is_not_known_is_left_out(void **state)
{
	struct alarm alarm = alarm_flood(1, "198.51.100.80", 80);
	const char *line;

	(void)state;

	alarm.has_sources = alarm.has_spoofed_share = false;
	alarm.top_count = 0;
	alarm.completion_ratio = NAN;
	line = write_line(&alarm, 0);
	assert_null(strstr(line, "sources"));
	assert_null(strstr(line, "spoofed_share"));
	assert_null(strstr(line, "completion_ratio"));
	assert_null(strstr(line, "capture"));
	assert_null(strstr(line, "duration_ms"));
}

static void
the_end_says_how_long_it_was_and_where_its_packets_are(void **state)
{
	struct alarm alarm = alarm_flood(1, "198.51.100.80", 80);
	const char *line;

	(void)state;

	alarm_end(&alarm);
	snprintf(alarm.capture, sizeof(alarm.capture), "/var/lib/synwire/flood-1.pcap");
	line = write_line(&alarm, 0);
	assert_non_null(strstr(line, "\"phase\":\"end\""));
	assert_non_null(strstr(line, "\"duration_ms\":12500,"));
	assert_non_null(strstr(line, "\"capture\":\"/var/lib/synwire/flood-1.pcap\""));
}

static void
a_scan_names_who_scans_and_what_is_one(void **state)
{
	struct alarm alarm = alarm_scan(2, "203.0.113.66");

	(void)state;

	assert_string_equal(write_line(&alarm, 0),
			"{\"timestamp\":\"2021-03-20T12:49:34.693842Z\",\"event_type\":\"scan\","
			"\"flood_id\":2,\"phase\":\"start\",\"src_ip\":\"203.0.113.66\","
			"\"dest_ip\":\"198.51.100.80\",\"dest_port\":null,\"proto\":\"TCP\","
			"\"scan\":{\"onset\":\"2021-03-20T12:49:33.193842Z\","
			"\"detected_after_ms\":1500,\"syn_pps\":210,\"peak_syn_pps\":220,"
			"\"targets\":300,\"addresses\":1,\"refused_pps\":190,\"total\":300,"
			"\"action\":\"none\"}}\n");
	alarm.scan_addresses = 300;
	alarm.victim.port = 22;
	assert_non_null(strstr(
			write_line(&alarm, 0), "\"src_ip\":\"203.0.113.66\",\"dest_port\":22,"));
}

static void
storms_are_told_in_one_form_under_their_own_names(void **state)
{
	static const char *const words[] = { [ALARM_BACKSCATTER] = "backscatter",
		[ALARM_RST_STORM] = "rst_storm",
		[ALARM_ACK_STORM] = "ack_storm" };

	(void)state;

	for (enum alarm_type type = ALARM_BACKSCATTER; type < ALARM_TYPE_COUNT; type++) {
		struct alarm alarm = alarm_storm(3, type, "198.51.100.80");
		json_t *root, *storm;

		alarm.top_count = 1;
		alarm_source(&alarm.top[0], "2001:db8::9", 17);
		root = read_line(&alarm);
		storm = json_object_get(root, "storm");
		assert_string_equal(json_string_value(json_object_get(root, "event_type")),
				words[type]);
		assert_int_equal(json_integer_value(json_object_get(storm, "pps")), 5000);
		assert_int_equal(json_integer_value(json_object_get(storm, "peak_pps")), 5200);
		assert_int_equal(json_integer_value(json_object_get(storm, "baseline_pps")), 3);
		assert_null(json_object_get(storm, "top_sources")); /* whoever they are */
		assert_null(json_object_get(storm, "kind"));
		json_decref(root);
	}
}

/* Numbers at their largest, and a name of which each byte needs six. */
static void
the_longest_line_fits(void **state)
{
	struct alarm alarm = alarm_flood(UINT32_MAX, "198.51.100.80", 80);

	(void)state;

	alarm_victim(&alarm, VICTIM_SERVICE, "2001:db8:1111:2222:3333:4444:5555:6666", UINT16_MAX);
	alarm_end(&alarm);
	alarm.ended_us = alarm.detected_us = alarm.total = UINT64_MAX;
	alarm.pps = alarm.peak_pps = alarm.baseline_pps = alarm.half_open = UINT32_MAX;
	alarm.sources_estimate = UINT32_MAX;
	alarm.completion_ratio = alarm.spoofed_share = 0.12345f;
	alarm.kind = FLOOD_SERVER_DOWN;
	alarm.top_count = ALARM_TOP_SOURCES;
	for (uint32_t i = 0; i < ALARM_TOP_SOURCES; i++)
		alarm_source(&alarm.top[i], "2001:db8:1111:2222:3333:4444:5555:6666", UINT32_MAX);
	memset(alarm.capture, 1, sizeof(alarm.capture) - 1);
	json_decref(read_line(&alarm));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_is_told_with_its_victim_and_numbers),
		cmocka_unit_test(a_clock_that_was_set_shifts_every_time),
		cmocka_unit_test(many_ports_are_null_and_a_prefix_takes_the_place_of_the_address),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(the_end_says_how_long_it_was_and_where_its_packets_are),
		cmocka_unit_test(a_scan_names_who_scans_and_what_is_one),
		cmocka_unit_test(storms_are_told_in_one_form_under_their_own_names),
		cmocka_unit_test(the_longest_line_fits),
	};

	return cmocka_run_group_tests_name("alarm_json", tests, NULL, NULL);
}
