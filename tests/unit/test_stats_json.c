/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/stats_json.h"
#include "tests/unit/alarm_fixture.h"
#include "tests/unit/status_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct status_fixture fixture;

static json_t *
write_and_read(const struct status *status)
{
	static char line[STATS_JSON_LINE_MAX + 1];
	size_t len = stats_json_write(status, line);
	json_error_t error;
	json_t *root;

	assert_in_range(len, 1, STATS_JSON_LINE_MAX);
	line[len] = '\0';
	assert_ptr_equal(strchr(line, '\n'), line + len - 1);
	root = json_loads(line, JSON_REJECT_DUPLICATES, &error);
	assert_non_null(root);
	return root;
}

/* The value at a path of keys and, behind a '#', an index: "ports#1.missed". */
static json_t *
at(json_t *value, const char *path)
{
	char key[64];

	for (size_t len; *path != '\0' && value != NULL; path += len) {
		path += *path == '.';
		if (*path == '#') {
			len = 2;
			value = json_array_get(value, (size_t)(path[1] - '0'));
			continue;
		}
		len = strcspn(path, ".#");
		snprintf(key, sizeof(key), "%.*s", (int)len, path);
		value = json_object_get(value, key);
	}
	return value;
}

static uint64_t
number_at(json_t *value, const char *path)
{
	if (!json_is_integer(at(value, path)))
		fail_msg("%s is no number", path);
	return (uint64_t)json_integer_value(at(value, path));
}

static void
the_line_is_in_the_envelope_and_proves_that_no_frame_is_lost(void **state)
{
	json_t *root, *proof;

	(void)state;

	fixture_init(&fixture);
	root = write_and_read(&fixture.status);
	proof = at(root, "stats.proof");
	assert_string_equal(
			json_string_value(at(root, "timestamp")), "2021-03-20T16:09:32.192719Z");
	assert_string_equal(json_string_value(at(root, "event_type")), "stats");
	assert_string_equal(json_string_value(at(root, "stats.version")), "1.2.3");
	assert_int_equal(number_at(root, "stats.uptime_s"), 12000);
	assert_int_equal(number_at(proof, "in_flight"), 6);
	assert_int_equal(number_at(proof, "drops"), 18);
	assert_int_equal(number_at(proof, "rx"),
			number_at(proof, "tx") + number_at(proof, "drops") +
					number_at(proof, "in_flight"));
	json_decref(root);
}

static void
every_counter_is_there_with_its_sum(void **state)
{
	json_t *root, *counters;

	(void)state;

	fixture_init(&fixture);
	root = write_and_read(&fixture.status);
	counters = at(root, "stats.counters");
#define X(field, metric, help) \
	assert_int_equal(number_at(counters, metric), \
			counter_read(&fixture.workers[0].field) + \
					counter_read(&fixture.workers[1].field));
	WORKER_COUNTERS(X)
#undef X
#define X(field, metric, help) \
	assert_int_equal(number_at(counters, metric), \
			counter_read(&fixture.pipelines[0].field) + \
					counter_read(&fixture.pipelines[1].field));
	COUNTERS(X)
#undef X
	assert_int_equal(number_at(counters, "tx_packets"), 96000);
	assert_int_equal(number_at(root, "stats.dropped.tx_full"), 12);
	json_decref(root);
}

static void
every_word_of_a_verdict_is_there_with_its_sum(void **state)
{
	json_t *root;

	(void)state;

	fixture_init(&fixture);
	root = write_and_read(&fixture.status);
#define CHECK(object, word, field) \
	assert_int_equal(number_at(at(root, "stats." object), word), \
			counter_read(&fixture.pipelines[0].field) + \
					counter_read(&fixture.pipelines[1].field));
#define X(id, word, ...) CHECK("handshakes", word, handshakes[id])
	HANDSHAKE_RESULTS(X)
#undef X
#define X(id, word) CHECK("ends", word, ends[id])
	END_HOWS(X)
#undef X
#define X(id, word) CHECK("rst_verdicts", word, rst_verdicts[id])
	RST_VERDICTS(X)
#undef X
#define X(id, word, help) CHECK("frames", word, packets[id])
	PACKET_KINDS(X)
#undef X
	json_decref(root);
}

static void
workers_ports_and_outputs_say_how_they_are(void **state)
{
	json_t *root, *stats;

	(void)state;

	fixture_init(&fixture);
	root = write_and_read(&fixture.status);
	stats = at(root, "stats");
	assert_true(json_is_null(at(stats, "workers#0.bypass")));
	assert_null(at(stats, "workers#0.since"));
	assert_int_equal(number_at(stats, "workers#0.numa_node"), 0);
	assert_null(at(stats, "workers#1.numa_node"));
	assert_string_equal(json_string_value(at(stats, "workers#1.bypass")), "overload");
	assert_true(json_is_true(at(stats, "workers#1.stalled")));
	assert_string_equal(json_string_value(at(stats, "workers#1.since")),
			"2021-03-20T16:09:27.192719Z");
	assert_int_equal(number_at(stats, "workers#1.flows.in_use"), 51);
	assert_int_equal(number_at(stats, "workers#1.events_lost"), 206);
	assert_int_equal(number_at(stats, "flows.in_use"), 50 + 51);
	assert_string_equal(json_string_value(at(stats, "ports#1.link")), "down");
	assert_true(json_is_true(at(stats, "ports#1.held_down")));
	assert_int_equal(number_at(stats, "ports#2.missed"), 12);
	assert_string_equal(json_string_value(at(stats, "ports#2.wire")), "span");
	assert_null(at(stats, "outputs#0.path"));
	assert_string_equal(json_string_value(at(stats, "outputs#2.trouble")), "nobody listens");
	assert_int_equal(number_at(stats, "outputs#2.lines_lost"), 1995);
	json_decref(root);
}

static void
a_receiver_without_a_flow_table_shows_none(void **state)
{
	json_t *root;

	(void)state;

	fixture_init(&fixture);
	fixture.status.workers[0].pipeline = NULL;
	root = write_and_read(&fixture.status);
	assert_null(at(root, "stats.workers#0.flows"));
	assert_int_equal(number_at(root, "stats.flows.in_use"), 51);
	json_decref(root);
}

static void
alarms_are_counted_where_any_are_looked_for(void **state)
{
	static const struct detector_counters counters = { .alarms = 9,
		.started = { [ALARM_SCAN] = 9 } };
	struct alarm scan = alarm_scan(1, "203.0.113.66");
	json_t *root;

	(void)state;

	fixture_init(&fixture);
	root = write_and_read(&fixture.status);
	assert_null(at(root, "stats.alarms"));
	json_decref(root);
	fixture.status.alarms = (struct status_alarms){
		.counters = &counters, .active_count = 1, .active = { &scan }
	};
	root = write_and_read(&fixture.status);
	assert_int_equal(number_at(root, "stats.alarms.active.scan"), 1);
	assert_int_equal(number_at(root, "stats.alarms.raised.scan"), 9);
	assert_int_equal(number_at(root, "stats.alarms.detector.alarms"), 9);
	json_decref(root);
}

static void
captures_are_counted_where_there_are_any(void **state)
{
	static const struct evidence_counters captures = { 9, 3, 2, 1, 77 };
	json_t *root;

	(void)state;

	fixture_init(&fixture);
	root = write_and_read(&fixture.status);
	assert_null(at(root, "stats.captures"));
	json_decref(root);
	fixture.status.captures = &captures;
	root = write_and_read(&fixture.status);
	assert_int_equal(number_at(root, "stats.captures.written"), 9);
	assert_int_equal(number_at(root, "stats.captures.failed"), 3);
	assert_int_equal(number_at(root, "stats.captures.empty"), 2);
	assert_int_equal(number_at(root, "stats.captures.missed"), 1);
	assert_int_equal(number_at(root, "stats.captures.frames_missed"), 77);
	json_decref(root);
}

/* The most of everything, and names that need six characters for each of theirs. */
static void
programs_that_are_run_are_counted_where_there_is_one(void **state)
{
	static const struct hook_counters hooks = { 9, 3, 2, 1 };
	json_t *root;

	(void)state;

	fixture_init(&fixture);
	root = write_and_read(&fixture.status);
	assert_null(at(root, "stats.hooks"));
	json_decref(root);
	fixture.status.hooks = &hooks;
	root = write_and_read(&fixture.status);
	assert_int_equal(number_at(root, "stats.hooks.started"), 9);
	assert_int_equal(number_at(root, "stats.hooks.failed"), 3);
	assert_int_equal(number_at(root, "stats.hooks.killed"), 2);
	assert_int_equal(number_at(root, "stats.hooks.skipped"), 1);
	json_decref(root);
}

static void
the_longest_line_fits(void **state)
{
	static struct port_counters ports[STATUS_PORTS_MAX];
	static struct detector_counters counters;
	static struct hook_counters hooks;
	static struct evidence_counters captures;
	static struct status *status = &fixture.status;

	(void)state;

	fixture_init(&fixture);
	memset(&counters, 0xff, sizeof(counters));
	status->alarms.counters = &counters;
	memset(&hooks, 0xff, sizeof(hooks));
	status->hooks = &hooks;
	memset(&captures, 0xff, sizeof(captures));
	status->captures = &captures;
	for (uint32_t i = 0; i < STATUS_PORTS_MAX; i++)
		fixture_count_up(&ports[i], offsetof(struct port_counters, drop_worker_full),
				UINT64_C(1) << 57);
	fixture_count_up(&fixture.workers[1], sizeof(struct worker_counters) - CACHE_LINE,
			UINT64_C(1) << 57);
	status->worker_count = STATUS_WORKERS_MAX;
	status->port_count = STATUS_PORTS_MAX;
	status->wire_count = STATUS_WIRES_MAX;
	status->output_count = STATUS_OUTPUTS_MAX;
	for (uint32_t i = 0; i < STATUS_WORKERS_MAX; i++) {
		status->workers[i] = status->workers[1];
		status->workers[i].id = status->workers[i].cpu = UINT16_MAX;
		status->workers[i].ports = ports;
	}
	for (uint32_t i = 0; i < STATUS_WIRES_MAX; i++)
		memset(status->wires[i].name, 1, STATUS_NAME_LEN - 1);
	for (uint32_t i = 0; i < STATUS_PORTS_MAX; i++) {
		status->ports[i] = status->ports[1];
		memset(status->ports[i].name, 1, STATUS_NAME_LEN - 1);
		status->ports[i].missed = status->ports[i].rx_errors = UINT64_MAX;
		status->ports[i].no_mbuf = status->ports[i].tx_errors = UINT64_MAX;
	}
	for (uint32_t i = 0; i < STATUS_OUTPUTS_MAX; i++) {
		struct status_output *output = &status->outputs[i];

		*output = status->outputs[2];
		memset(output->path, 1, sizeof(output->path) - 1);
		memset(output->trouble, 1, sizeof(output->trouble) - 1);
	}
	json_decref(write_and_read(status));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_is_in_the_envelope_and_proves_that_no_frame_is_lost),
		cmocka_unit_test(every_counter_is_there_with_its_sum),
		cmocka_unit_test(every_word_of_a_verdict_is_there_with_its_sum),
		cmocka_unit_test(workers_ports_and_outputs_say_how_they_are),
		cmocka_unit_test(a_receiver_without_a_flow_table_shows_none),
		cmocka_unit_test(programs_that_are_run_are_counted_where_there_is_one),
		cmocka_unit_test(captures_are_counted_where_there_are_any),
		cmocka_unit_test(alarms_are_counted_where_any_are_looked_for),
		cmocka_unit_test(the_longest_line_fits),
	};

	return cmocka_run_group_tests_name("stats_json", tests, NULL, NULL);
}
