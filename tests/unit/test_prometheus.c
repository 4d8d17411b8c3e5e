/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/prometheus.h"
#include "tests/unit/alarm_fixture.h"
#include "tests/unit/status_fixture.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SERIES_MAX 4096
#define FAMILIES_MAX 256

static struct status_fixture fixture;

/* One page, read strictly: what the format allows is not enough, it must be as we write it. */
struct page {
	char *text;
	const char *series[SERIES_MAX]; /* name and labels, zero-terminated */
	uint32_t series_count;
	const char *families[FAMILIES_MAX];
	uint32_t family_count;
	const char *type; /* of the last family */
};

static void
add_handshakes(struct services *services, uint16_t port, uint32_t count)
{
	struct record record = { .ip_version = 4,
		.side[FLOW_SERVER] = { .addr = { [10] = 0xff, [11] = 0xff, [12] = 192, 0, 2, 61 },
				.port = port } };

	for (uint32_t i = 0; i < count; i++) {
		record.handshake = (struct record_handshake){ .result = HANDSHAKE_COMPLETE,
			.complete = true,
			.has_synack_us = true,
			.synack_us = 250 };
		services_add(services, &record, EVENT_HANDSHAKE);
		record.handshake = (struct record_handshake){ .result = HANDSHAKE_REFUSED };
		services_add(services, &record, EVENT_INCOMPLETE_HANDSHAKE);
	}
}

/* One of each type, more than one of some. */
static void
add_alarms(struct status_alarms *to)
{
	static const struct detector_counters counters = { .ticks = 1 };
	static struct alarm alarms[5];

	alarms[0] = alarm_flood(1, "198.51.100.80", 80);
	alarms[1] = alarm_flood(2, "2001:db8::80", 80);
	alarms[2] = alarm_scan(3, "203.0.113.66");
	alarms[3] = alarm_storm(4, ALARM_RST_STORM, "198.51.100.80");
	alarms[4] = alarm_storm(5, ALARM_ACK_STORM, "198.51.100.80");
	to->counters = &counters;
	to->active_count = ARRAY_LEN(alarms);
	for (uint32_t i = 0; i < ARRAY_LEN(alarms); i++)
		to->active[i] = &alarms[i];
}

static char *
write_page(void)
{
	struct services *services = services_create(1);
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (uint16_t i = 0; i < PROMETHEUS_SERVICES + 5; i++)
		add_handshakes(services, (uint16_t)(80 + i), 1u + i);
	prometheus_write(out, &fixture.status, services);
	fclose(out);
	services_destroy(services);
	return text;
}

static size_t
name_len(const char *p)
{
	size_t len = strspn(p, "abcdefghijklmnopqrstuvwxyz_0123456789");

	assert_true(len > 0 && !isdigit((unsigned char)p[0]));
	return len;
}

/* {key="value",...}; gives what stands behind it. */
static const char *
read_labels(const char *p)
{
	char before;

	do {
		p++;
		p += name_len(p);
		assert_memory_equal(p, "=\"", 2);
		for (p += 2; *p != '"'; p++) {
			assert_true(*p != '\n' && *p != '\0');
			if (*p == '\\')
				assert_non_null(strchr("\\\"n", *++p));
		}
		before = *++p;
	} while (before == ',');
	assert_int_equal(before, '}');
	return p + 1;
}

static bool
is_of_family(const struct page *page, const char *name, size_t len)
{
	const char *family = page->families[page->family_count - 1];
	size_t family_len = strlen(family);

	if (len == family_len)
		return strncmp(name, family, len) == 0;
	return strcmp(page->type, "summary") == 0 && strncmp(name, family, family_len) == 0 &&
			(strncmp(name + family_len, "_sum", len - family_len) == 0 ||
					strncmp(name + family_len, "_count", len - family_len) ==
							0);
}

static void
read_sample(struct page *page, char *line)
{
	size_t len = name_len(line);
	const char *p = line[len] == '{' ? read_labels(line + len) : line + len;

	assert_true(is_of_family(page, line, len));
	assert_int_equal(*p, ' ');
	assert_int_equal(strspn(p + 1, "0123456789."), strlen(p + 1));
	*strrchr(line, ' ') = '\0';
	for (uint32_t i = 0; i < page->series_count; i++)
		assert_string_not_equal(page->series[i], line);
	assert_true(page->series_count < SERIES_MAX);
	page->series[page->series_count++] = line;
}

static char *
next_line(char **rest)
{
	char *line = *rest, *end = strchr(line, '\n');

	assert_non_null(end);
	*end = '\0';
	*rest = end + 1;
	return line;
}

/* Two lines, of one name that had none before. */
static void
read_family(struct page *page, char *help, char *type)
{
	char *name = help + strlen("# HELP ");
	size_t len = name_len(name);

	assert_true(name[len] == ' ' && name[len + 1] != '\0');
	name[len] = '\0';
	assert_int_equal(strncmp(name, "synwire_", 8), 0);
	assert_int_equal(strncmp(type, "# TYPE ", 7), 0);
	assert_int_equal(strncmp(type + 7, name, len), 0);
	assert_int_equal(type[7 + len], ' ');
	page->type = type + 8 + len;
	assert_non_null(strstr(" counter gauge summary ", page->type));
	assert_int_equal(strcmp(page->type, "counter") == 0,
			len > 6 && strcmp(name + len - 6, "_total") == 0);
	for (uint32_t i = 0; i < page->family_count; i++)
		assert_string_not_equal(page->families[i], name);
	assert_true(page->family_count < FAMILIES_MAX);
	page->families[page->family_count++] = name;
}

static void
read_page(struct page *page)
{
	char *rest = page->text, *line;

	while (*rest != '\0') {
		line = next_line(&rest);
		if (strncmp(line, "# HELP ", 7) == 0)
			read_family(page, line, next_line(&rest));
		else
			read_sample(page, line);
	}
}

static void
every_line_is_as_the_format_wants_it_and_no_series_comes_twice(void **state)
{
	static struct page page;

	(void)state;

	fixture_init(&fixture);
	/* The same names twice, and such as need escapes. */
	fixture.status.outputs[1] = fixture.status.outputs[0];
	snprintf(fixture.status.outputs[2].path, sizeof(fixture.status.outputs[2].path),
			"/tmp/\"a\\b\"\n\xff");
	snprintf(fixture.status.wires[1].name, sizeof(fixture.status.wires[1].name), "s}p,a=n\"");
	add_alarms(&fixture.status.alarms);
	page.text = write_page();
	read_page(&page);
	assert_true(page.family_count > 40);
	free(page.text);
}

static void
check_part(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("not there: %s", part);
}

static void
check_has(const char *text, const char *series, uint64_t value)
{
	char line[512];

	snprintf(line, sizeof(line), "\n%s %llu\n", series, (unsigned long long)value);
	check_part(text, line);
}

static void
every_counter_is_told_of_each_worker(void **state)
{
	char *text, series[256];

	(void)state;

	fixture_init(&fixture);
	text = write_page();
	for (uint32_t i = 0; i < FIXTURE_WORKERS; i++) {
#define CHECK(counter, ...) \
	snprintf(series, sizeof(series), __VA_ARGS__); \
	check_has(text, series, counter_read(&(counter)));
#define X(field, metric, help) \
	CHECK(fixture.workers[i].field, "synwire_" metric "_total{worker=\"%u\"}", i)
		WORKER_COUNTERS(X)
#undef X
#define X(field, metric, help) \
	CHECK(fixture.pipelines[i].field, "synwire_" metric "_total{worker=\"%u\"}", i)
		COUNTERS(X)
#undef X
#define X(id, word, ...) \
	CHECK(fixture.pipelines[i].handshakes[id], \
			"synwire_handshakes_total{worker=\"%u\",result=\"" word "\"}", i)
		HANDSHAKE_RESULTS(X)
#undef X
#define X(id, word, help) \
	CHECK(fixture.pipelines[i].packets[id], \
			"synwire_frame_kinds_total{worker=\"%u\",kind=\"" word "\"}", i)
		PACKET_KINDS(X)
#undef X
#define X(id, word) \
	CHECK(fixture.pipelines[i].ends[id], "synwire_ends_total{worker=\"%u\",how=\"" word "\"}", \
			i)
		END_HOWS(X)
#undef X
#define X(id, word) \
	CHECK(fixture.pipelines[i].rst_verdicts[id], \
			"synwire_rst_verdicts_total{worker=\"%u\",verdict=\"" word "\"}", i)
		RST_VERDICTS(X)
#undef X
#define X(field, metric, help) \
	CHECK(fixture.ports[i][2].field, \
			"synwire_" metric \
			"_total{wire=\"span\",port=\"net_af_packet0\",worker=\"%u\"}", \
			i)
		PORT_COUNTERS(X)
#undef X
#define X(field, word, help) \
	CHECK(fixture.ports[i][0].field, \
			"synwire_dropped_packets_total{wire=\"uplink\",port=\"0000:01:00.0\"," \
			"worker=\"%u\",reason=\"" word "\"}", \
			i)
		PORT_DROPS(X)
#undef X
	}
	free(text);
}

static void
states_are_ones_and_zeros_and_amounts_are_gauges(void **state)
{
	char *text;

	(void)state;

	fixture_init(&fixture);
	text = write_page();
	check_has(text, "synwire_build_info{version=\"1.2.3\"}", 1);
	assert_non_null(strstr(text, "\nsynwire_start_time_seconds 1616244572.192719\n"));
	check_has(text, "synwire_in_flight_packets", 6);
	check_has(text, "synwire_flows{worker=\"1\"}", 51);
	check_has(text, "synwire_flow_slots{worker=\"0\"}", 65536);
	check_has(text, "synwire_worker_stalled{worker=\"1\"}", 1);
	check_has(text, "synwire_worker_bypass{worker=\"1\",reason=\"operator\"}", 0);
	check_has(text, "synwire_worker_bypass{worker=\"1\",reason=\"overload\"}", 1);
	check_has(text, "synwire_port_up{wire=\"uplink\",port=\"0000:01:00.1\"}", 0);
	check_has(text, "synwire_port_held_down{wire=\"uplink\",port=\"0000:01:00.1\"}", 1);
	check_has(text, "synwire_port_missed_packets_total{wire=\"span\",port=\"net_af_packet0\"}",
			12);
	check_has(text,
			"synwire_output_lost_lines_total{output=\"2\",type=\"unix_stream\","
			"path=\"/run/collector.sock\"}",
			1995);
	free(text);
}

static void
the_services_that_are_tried_most_are_told_and_no_others(void **state)
{
	char *text;

	(void)state;

	fixture_init(&fixture);
	text = write_page();
	check_has(text, "synwire_services", PROMETHEUS_SERVICES + 5);
	check_has(text, "synwire_service_attempts_total{service=\"192.0.2.61:104\"}", 50);
	check_has(text, "synwire_service_handshakes_total{service=\"192.0.2.61:104\",result=\"refused\"}",
			25);
	assert_non_null(strstr(text,
			"\nsynwire_service_connect_seconds{service=\"192.0.2.61:104\","
			"share=\"server\",quantile=\"0.99\"} 0.000250\n"));
	assert_non_null(strstr(text,
			"\nsynwire_service_connect_seconds_sum{service=\"192.0.2.61:104\","
			"share=\"server\"} 0.006250\n"));
	check_has(text, "synwire_service_attempts_total{service=\"192.0.2.61:85\"}", 12);
	assert_null(strstr(text, "192.0.2.61:84"));
	assert_null(strstr(text, "share=\"client\""));
	free(text);
}

static void
a_receiver_without_a_flow_table_is_told_without_one(void **state)
{
	char *text;

	(void)state;

	fixture_init(&fixture);
	fixture.status.workers[0].pipeline = NULL;
	text = write_page();
	assert_null(strstr(text, "\nsynwire_flows{worker=\"0\"}"));
	check_has(text, "synwire_turns_total{worker=\"0\"}", 100);
	check_has(text, "synwire_flows{worker=\"1\"}", 51);
	free(text);
}

static void
programs_that_are_run_are_counted_where_there_is_one(void **state)
{
	static const struct hook_counters hooks = { 9, 3, 2, 1 };
	char *text;

	(void)state;

	fixture_init(&fixture);
	text = write_page();
	assert_null(strstr(text, "hooks"));
	free(text);
	fixture.status.hooks = &hooks;
	text = write_page();
	check_has(text, "synwire_hooks_started_total", 9);
	check_has(text, "synwire_hooks_failed_total", 3);
	check_has(text, "synwire_hooks_killed_total", 2);
	check_has(text, "synwire_hooks_skipped_total", 1);
	free(text);
}

static void
captures_are_counted_where_there_are_any(void **state)
{
	static const struct evidence_counters captures = { 9, 3, 2, 1, 77 };
	char *text;

	(void)state;

	fixture_init(&fixture);
	text = write_page();
	assert_null(strstr(text, "captures"));
	free(text);
	fixture.status.captures = &captures;
	text = write_page();
	check_has(text, "synwire_captures_written_total", 9);
	check_has(text, "synwire_captures_failed_total", 3);
	check_has(text, "synwire_captures_empty_total", 2);
	check_has(text, "synwire_captures_missed_total", 1);
	check_has(text, "synwire_captures_frames_missed_total", 77);
	free(text);
}

/* An expression over a metric that there is not would never be true. */
static void
each_metric_in_the_alerting_rules_is_one(void **state)
{
	FILE *rules = fopen(ALERT_RULES, "r");
	char *text, line[512], family[128];
	uint32_t found = 0;

	(void)state;

	assert_non_null(rules);
	fixture_init(&fixture);
	add_alarms(&fixture.status.alarms);
	text = write_page();
	while (fgets(line, sizeof(line), rules) != NULL) {
		const char *name = strstr(line, "expr:") != NULL ? strstr(line, "synwire_") : NULL;

		if (name == NULL)
			continue;
		snprintf(family, sizeof(family), "\n# TYPE %.*s ", (int)name_len(name), name);
		check_part(text, family);
		found++;
	}
	assert_true(found > 10);
	fclose(rules);
	free(text);
}

/* Prometheus' own judge, where it is installed: syntax, and its rules for names. */
static void
promtool_finds_nothing_to_say(void **state)
{
	char *text;
	FILE *tool;

	(void)state;

	if (system("command -v promtool >/dev/null") != 0)
		skip();
	fixture_init(&fixture);
	add_alarms(&fixture.status.alarms);
	text = write_page();
	tool = popen("promtool check metrics", "w");
	assert_non_null(tool);
	assert_true(fputs(text, tool) >= 0);
	assert_int_equal(pclose(tool), 0);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_is_as_the_format_wants_it_and_no_series_comes_twice),
		cmocka_unit_test(every_counter_is_told_of_each_worker),
		cmocka_unit_test(states_are_ones_and_zeros_and_amounts_are_gauges),
		cmocka_unit_test(the_services_that_are_tried_most_are_told_and_no_others),
		cmocka_unit_test(a_receiver_without_a_flow_table_is_told_without_one),
		cmocka_unit_test(programs_that_are_run_are_counted_where_there_is_one),
		cmocka_unit_test(captures_are_counted_where_there_are_any),
		cmocka_unit_test(each_metric_in_the_alerting_rules_is_one),
		cmocka_unit_test(promtool_finds_nothing_to_say),
	};

	return cmocka_run_group_tests_name("prometheus", tests, NULL, NULL);
}
