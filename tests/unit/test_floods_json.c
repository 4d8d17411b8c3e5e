/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/floods_json.h"
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
static struct alarm alarms[3];
static struct detector_counters counters;

/* A flood and a scan last; a storm is over. */
static void
fill(void)
{
	struct status_alarms *to = &fixture.status.alarms;

	fixture_init(&fixture);
	fixture.status.now_us = ALARM_ONSET_US + 3000000;
	alarms[0] = alarm_flood(1, "198.51.100.80", 80);
	alarms[1] = alarm_scan(2, "203.0.113.66");
	alarms[2] = alarm_storm(3, ALARM_RST_STORM, "198.51.100.80");
	alarm_end(&alarms[2]);
	counters = (struct detector_counters){ .ticks = 17,
		.victims = 5,
		.started = { [ALARM_SYN_FLOOD] = 4, [ALARM_RST_STORM] = 2 },
		.floods = { [FLOOD_UNSPOOFED] = 3 } };
	*to = (struct status_alarms){ .counters = &counters,
		.active_count = 2,
		.active = { &alarms[0], &alarms[1] },
		.ended_count = 1,
		.ended = { &alarms[2] } };
}

static json_t *
reply_to(bool only_active, uint32_t limit)
{
	const struct floods_json_wish wish = { .only_active = only_active, .limit = limit };

	return floods_json_reply(&fixture.status, &wish);
}

static int
number(const json_t *object, const char *key)
{
	assert_true(json_is_integer(json_object_get(object, key)));
	return (int)json_integer_value(json_object_get(object, key));
}

static void
those_that_last_come_first_and_say_for_how_long(void **state)
{
	json_t *reply, *floods, *flood;

	(void)state;

	fill();
	reply = reply_to(false, 100);
	floods = json_object_get(reply, "floods");
	assert_int_equal(json_array_size(floods), 3);
	assert_true(json_is_true(json_object_get(reply, "detect")));
	assert_int_equal(number(reply, "active"), 2);
	assert_int_equal(number(reply, "ended"), 1);
	assert_null(json_object_get(reply, "more"));
	flood = json_array_get(floods, 0);
	assert_int_equal(number(flood, "flood_id"), 1);
	assert_int_equal(number(json_object_get(flood, "flood"), "duration_ms"), 3000);
	assert_null(json_object_get(flood, "ended"));
	assert_int_equal(json_array_size(json_object_get(
					 json_object_get(flood, "series"), "completed")),
			3);
	flood = json_array_get(floods, 2);
	assert_int_equal(number(json_object_get(flood, "storm"), "duration_ms"), 12500);
	assert_string_equal(json_string_value(json_object_get(flood, "ended")),
			"2021-03-20T12:49:45.693842Z");
	json_decref(reply);
}

static void
a_limit_cuts_the_list_and_says_so(void **state)
{
	json_t *reply;

	(void)state;

	fill();
	reply = reply_to(false, 2);
	assert_int_equal(json_array_size(json_object_get(reply, "floods")), 2);
	assert_true(json_is_true(json_object_get(reply, "more")));
	json_decref(reply);
	reply = reply_to(true, 2);
	assert_int_equal(json_array_size(json_object_get(reply, "floods")), 2);
	assert_null(json_object_get(reply, "more"));
	json_decref(reply);
}

static void
who_has_little_room_gets_no_series(void **state)
{
	const struct floods_json_wish wish = { .without_series = true, .limit = 9 };
	json_t *reply, *flood;
	size_t i;

	(void)state;

	fill();
	reply = floods_json_reply(&fixture.status, &wish);
	json_array_foreach(json_object_get(reply, "floods"), i, flood)
		assert_null(json_object_get(flood, "series"));
	json_decref(reply);
}

static void
an_appliance_that_detects_nothing_says_so(void **state)
{
	json_t *reply;

	(void)state;

	fill();
	fixture.status.alarms = (struct status_alarms){ .counters = NULL };
	reply = reply_to(false, 100);
	assert_true(json_is_false(json_object_get(reply, "detect")));
	assert_int_equal(json_array_size(json_object_get(reply, "floods")), 0);
	json_decref(reply);
}

static void
statistics_count_by_type_and_kind(void **state)
{
	json_t *stats;

	(void)state;

	fill();
	stats = floods_json_stats(&fixture.status.alarms);
	assert_int_equal(number(json_object_get(stats, "active"), "syn_flood"), 1);
	assert_int_equal(number(json_object_get(stats, "active"), "scan"), 1);
	assert_int_equal(number(json_object_get(stats, "active"), "rst_storm"), 0);
	assert_int_equal(number(json_object_get(stats, "active_floods"), "spoofed"), 1);
	assert_int_equal(number(json_object_get(stats, "raised"), "syn_flood"), 4);
	assert_int_equal(number(json_object_get(stats, "floods"), "unspoofed"), 3);
	assert_int_equal(number(json_object_get(stats, "detector"), "ticks"), 17);
	assert_int_equal(number(json_object_get(stats, "detector"), "victims"), 5);
	json_decref(stats);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_that_last_come_first_and_say_for_how_long),
		cmocka_unit_test(a_limit_cuts_the_list_and_says_so),
		cmocka_unit_test(who_has_little_room_gets_no_series),
		cmocka_unit_test(an_appliance_that_detects_nothing_says_so),
		cmocka_unit_test(statistics_count_by_type_and_kind),
	};

	return cmocka_run_group_tests_name("floods_json", tests, NULL, NULL);
}
