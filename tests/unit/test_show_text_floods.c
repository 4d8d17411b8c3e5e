/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "observe/floods_json.h"
#include "observe/show_text.h"
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
static struct alarm alarms[6];
static struct detector_counters counters;

static void
fill(void)
{
	struct status_alarms *to = &fixture.status.alarms;

	fixture_init(&fixture);
	fixture.status.now_us = ALARM_ONSET_US + 3000000;
	alarms[0] = alarm_flood(7, "198.51.100.80", 80);
	alarms[1] = alarm_scan(12, "203.0.113.66");
	alarms[2] = alarm_storm(13, ALARM_RST_STORM, "198.51.100.81");
	alarms[3] = alarm_flood(6, "198.51.100.80", 80);
	alarm_victim(&alarms[3], VICTIM_PREFIX, "198.51.100.0", 0);
	alarms[3].kind = FLOOD_UNSPOOFED;
	alarms[3].has_spoofed_share = false;
	alarm_end(&alarms[3]);
	alarms[4] = alarm_scan(5, "2001:db8::66");
	alarm_end(&alarms[4]);
	*to = (struct status_alarms){ .counters = &counters,
		.active_count = 3,
		.active = { &alarms[0], &alarms[1], &alarms[2] },
		.ended_count = 2,
		.ended = { &alarms[3], &alarms[4] } };
}

static json_t *
reply_to(bool only_active, uint32_t limit)
{
	const struct floods_json_wish wish = { .only_active = only_active, .limit = limit };

	return floods_json_reply(&fixture.status, &wish);
}

/* To be freed; the reply is released. */
static char *
print(json_t *reply, bool utf8)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(show_text_floods(reply, utf8, out), 0);
	fclose(out);
	json_decref(reply);
	return text;
}

static void
check(json_t *reply, bool utf8, const char *expected)
{
	char *text = print(reply, utf8);

	assert_string_equal(text, expected);
	free(text);
}

static const char active_table
		[] = "Under way\n"
		     "  id  what       whom                             for   per s    peak   done"
		     "  half open  sources  spoofed\n"
		     "   7  spoofed    198.51.100.80:80              3.00 s   412 k   430 k  0.2 %"
		     "     90.2 k   88.0 k   99.0 %\n"
		     "  12  scan       by 203.0.113.66, 300 targets  3.00 s     210     220      -"
		     "          -        -        -\n"
		     "  13  rst_storm  198.51.100.81                 3.00 s  5.00 k  5.20 k      -"
		     "          -        -        -\n"
		     "\n";

static const char bars[] = "  id  per second, up to now  completed\n"
			   "   7  ▂▅█                    ▂▂▂\n"
			   "  12  █▅                     -\n"
			   "  13  █                      -\n";

static const char bars_without_utf8[] = "  id  per second, up to now  completed\n"
					"   7  .=#                    ...\n"
					"  12  #=                     -\n"
					"  13  #                      -\n";

static const char ended_table
		[] = "Over, the latest first\n"
		     "  id  what       whom                          ended                lasted"
		     "  peak per s  in all  sources  spoofed\n"
		     "   6  unspoofed  198.51.100.0/24               2021-03-20T12:49:45  12.5 s"
		     "       430 k  86,520   88.0 k        -\n"
		     "   5  scan       by 2001:db8::66, 300 targets  2021-03-20T12:49:45  12.5 s"
		     "         220     300        -        -\n";

static void
what_lasts_comes_first_with_its_last_seconds_then_what_is_over(void **state)
{
	char expected[4096];

	(void)state;

	fill();
	snprintf(expected, sizeof(expected), "%s%s\n%s", active_table, bars, ended_table);
	check(reply_to(false, 100), true, expected);
}

static void
without_utf8_bars_are_signs(void **state)
{
	char expected[4096];

	(void)state;

	fill();
	snprintf(expected, sizeof(expected), "%s%s", active_table, bars_without_utf8);
	check(reply_to(true, 100), false, expected);
}

static void
a_list_that_is_cut_says_so(void **state)
{
	char *text;

	(void)state;

	fill();
	text = print(reply_to(false, 4), true);
	assert_non_null(strstr(text, "\n  These are the first 4; there are more.\n"));
	assert_null(strstr(text, "2001:db8::66"));
	free(text);
}

static void
that_there_is_no_attack_is_said_in_a_sentence(void **state)
{
	char expected[2048];

	(void)state;

	fill();
	fixture.status.alarms.active_count = 0;
	check(reply_to(true, 100), true, "No attack is under way.\n");
	snprintf(expected, sizeof(expected), "No attack is under way.\n\n%s", ended_table);
	check(reply_to(false, 100), true, expected);
	fixture.status.alarms.ended_count = 0;
	check(reply_to(false, 100), true, "No attack is under way, and none was seen.\n");
	fixture.status.alarms.counters = NULL;
	check(reply_to(false, 100), true, "Nothing is looked for: flood.detect is false.\n");
}

/* A flood of a single address fits a terminal, whatever its numbers. */
static void
a_flood_fits_100_columns(void **state)
{
	char *text;

	(void)state;

	fill();
	alarm_victim(&alarms[0], VICTIM_SERVICE, "198.51.100.180", 65535);
	alarms[0].pps = alarms[0].peak_pps = alarms[0].half_open = 123456789;
	alarms[0].sources_estimate = 123456789;
	alarms[0].completion_ratio = alarms[0].spoofed_share = 1;
	alarms[0].id = 1234;
	alarms[0].series_count = ALARM_SERIES;
	fixture.status.alarms.active_count = 1;
	text = print(reply_to(true, 100), false);
	for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1)
		assert_in_range(strchr(line, '\n') - line, 0, 100);
	free(text);
}

/* Put something else in the place of each value in turn, and print what then is there. */
static void
spoil(json_t *root, json_t *value)
{
	json_t *odd[] = { json_null(), json_integer(-7), json_integer(INT64_MAX), json_real(1.5),
		json_string("\x1b[31m"), json_array(), json_object(), json_true() };
	size_t count = json_is_array(value) ? json_array_size(value) : 0;
	const char *key;
	json_t *part;
	void *tmp;

	json_object_foreach_safe(value, tmp, key, part)
	{
		json_incref(part);
		spoil(root, part);
		for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
			json_object_set(value, key, odd[i]);
			free(print(json_incref(root), true));
		}
		json_object_set_new(value, key, part);
	}
	for (size_t n = 0; n < count; n++) {
		part = json_incref(json_array_get(value, n));
		spoil(root, part);
		for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
			json_array_set(value, n, odd[i]);
			free(print(json_incref(root), false));
		}
		json_array_set_new(value, n, part);
	}
	for (size_t i = 0; i < ARRAY_LEN(odd); i++)
		json_decref(odd[i]);
}

static void
no_reply_is_too_odd_to_be_shown(void **state)
{
	json_t *reply;

	(void)state;

	fill();
	reply = reply_to(false, 100);
	spoil(reply, reply);
	json_decref(reply);
	free(print(NULL, true));
	free(print(json_array(), true));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lasts_comes_first_with_its_last_seconds_then_what_is_over),
		cmocka_unit_test(without_utf8_bars_are_signs),
		cmocka_unit_test(a_list_that_is_cut_says_so),
		cmocka_unit_test(that_there_is_no_attack_is_said_in_a_sentence),
		cmocka_unit_test(a_flood_fits_100_columns),
		cmocka_unit_test(no_reply_is_too_odd_to_be_shown),
	};

	return cmocka_run_group_tests_name("show_text_floods", tests, NULL, NULL);
}
