/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/wire_json.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TIME_US UINT64_C(1616244573193842)

static const char *
write_line(const struct wire_event *event)
{
	static char line[WIRE_JSON_LINE_MAX + 1];
	size_t len = wire_json_write(event, TIME_US, line);

	assert_in_range(len, 1, WIRE_JSON_LINE_MAX);
	line[len] = '\0';
	assert_ptr_equal(strchr(line, '\n'), line + len - 1);
	return line;
}

static void
a_link_that_goes_down_names_its_wire_and_port(void **state)
{
	struct wire_event event = { .what = WIRE_LINK_DOWN,
		.wire = "uplink",
		.port = "0000:01:00.0",
		.worker = WIRE_NO_WORKER,
		.detail = "the other side is held down" };

	(void)state;

	assert_string_equal(write_line(&event),
			"{\"timestamp\":\"2021-03-20T12:49:33.193842Z\",\"event_type\":\"wire\","
			"\"wire\":{\"what\":\"link_down\",\"wire\":\"uplink\","
			"\"port\":\"0000:01:00.0\",\"detail\":\"the other side is held down\"}}\n");
}

static void
what_is_not_known_is_left_out_and_worker_zero_is_known(void **state)
{
	struct wire_event event = { .what = WIRE_STARTED, .worker = WIRE_NO_WORKER };

	(void)state;

	assert_string_equal(write_line(&event),
			"{\"timestamp\":\"2021-03-20T12:49:33.193842Z\",\"event_type\":\"wire\","
			"\"wire\":{\"what\":\"started\"}}\n");
	event = (struct wire_event){ .what = WIRE_BYPASS_OFF,
		.worker = 0,
		.since_us = TIME_US - 1000000,
		.reason = WIRE_OVERLOAD };
	assert_string_equal(write_line(&event),
			"{\"timestamp\":\"2021-03-20T12:49:33.193842Z\",\"event_type\":\"wire\","
			"\"wire\":{\"what\":\"bypass_off\",\"worker\":0,"
			"\"since\":\"2021-03-20T12:49:32.193842Z\",\"reason\":\"overload\"}}\n");
}

static void
names_of_any_bytes_and_length_give_a_line_of_json(void **state)
{
	static char name[4 * WIRE_TEXT_MAX];
	struct wire_event event = { .what = WIRE_OUTPUT_FAILED,
		.wire = name,
		.port = name,
		.output = "/tmp/\"quoted\"\n\xff",
		.worker = 63,
		.since_us = 1,
		.reason = WIRE_OPERATOR,
		.detail = name };
	json_t *root, *wire;

	(void)state;

	memset(name, 1, sizeof(name) - 1);
	root = json_loads(write_line(&event), JSON_REJECT_DUPLICATES, NULL);
	wire = json_object_get(root, "wire");
	assert_string_equal(
			json_string_value(json_object_get(wire, "output")), "/tmp/\"quoted\"\n?");
	assert_int_equal(json_string_length(json_object_get(wire, "detail")), WIRE_TEXT_MAX);
	json_decref(root);
}

static void
each_word_is_there_and_no_other(void **state)
{
	(void)state;

	assert_string_equal(wire_json_what_word(WIRE_OUTPUT_RECOVERED), "output_recovered");
	assert_string_equal(wire_json_what_word(WIRE_WHAT_COUNT), "?");
	assert_null(wire_json_reason_word(WIRE_REASON_NONE));
	assert_null(wire_json_reason_word(WIRE_REASON_COUNT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_that_goes_down_names_its_wire_and_port),
		cmocka_unit_test(what_is_not_known_is_left_out_and_worker_zero_is_known),
		cmocka_unit_test(names_of_any_bytes_and_length_give_a_line_of_json),
		cmocka_unit_test(each_word_is_there_and_no_other),
	};

	return cmocka_run_group_tests_name("wire_json", tests, NULL, NULL);
}
