/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/summary_alarms.h"
#include "tests/unit/alarm_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT 14

static struct alarm alarms[COUNT];
static const struct alarm *list[COUNT];

static char *
print(uint32_t count, uint64_t more)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (uint32_t i = 0; i < count; i++)
		list[i] = &alarms[i];
	summary_alarms_print(out, list, count, more, ALARM_ONSET_US - 30000000);
	fclose(out);
	for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1)
		assert_in_range(strchr(line, '\n') - line, 0, 100);
	return text;
}

static void
check(uint32_t count, uint64_t more, const char *expected)
{
	char *text = print(count, more);

	assert_string_equal(text, expected);
	free(text);
}

static void
each_attack_has_a_row(void **state)
{
	(void)state;

	alarms[0] = alarm_flood(1, "198.51.100.80", 80);
	alarm_end(&alarms[0]);
	alarms[1] = alarm_scan(2, "203.0.113.66");
	alarms[2] = alarm_storm(3, ALARM_BACKSCATTER, "198.51.100.81");
	alarms[2].onset_us += 7000000;
	alarms[2].time_us += 8000000;
	check(3, 0,
			"\nAttacks: 3\n"
			"  what         whom                            began at      lasted     "
			"peak/s    sources  spoofed\n"
			"  spoofed      198.51.100.80:80                  30.0 s      12.5 s    "
			"430,100     88,000   99.0 %\n"
			"  scan         by 203.0.113.66, 300 targets      30.0 s      1.50 s        "
			"220          -        -\n"
			"  backscatter  198.51.100.81                     37.0 s      1.30 s      "
			"5,200          -        -\n");
}

static void
of_many_the_first_are_shown_and_the_others_counted(void **state)
{
	char *text;

	(void)state;

	for (uint32_t i = 0; i < COUNT; i++)
		alarms[i] = alarm_flood(1 + i, "198.51.100.80", (uint16_t)(1 + i));
	text = print(COUNT, 1000);
	assert_non_null(strstr(text, "\nAttacks: 1,014\n"));
	assert_non_null(strstr(text, " 198.51.100.80:10 "));
	assert_null(strstr(text, "198.51.100.80:11"));
	assert_non_null(strstr(text, "\n  and 1,004 more\n"));
	free(text);
}

static void
without_an_attack_nothing_is_printed(void **state)
{
	(void)state;

	check(0, 0, "");
}

static void
a_long_name_has_a_line_of_its_own_and_no_line_is_too_wide(void **state)
{
	char *text;

	(void)state;

	for (uint32_t i = 0; i < 2; i++) {
		alarms[i] = alarm_flood(1, "2001:db8:1111:2222:3333:4444:5555:6666", UINT16_MAX);
		alarms[i].sources_estimate = 123456789;
		alarms[i].peak_pps = 123456789;
		alarms[i].spoofed_share = 1;
		alarms[i].kind = FLOOD_SERVER_DOWN;
		alarms[i].time_us = alarms[i].onset_us + UINT64_C(86399000000);
	}
	alarms[1] = alarm_scan(2, "2001:db8:1111:2222:3333:4444:5555:6666");
	text = print(2, 0);
	assert_non_null(strstr(text,
			"  server_down  [2001:db8:1111:2222:3333:4444:5555:6666]:65535\n   "));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_attack_has_a_row),
		cmocka_unit_test(of_many_the_first_are_shown_and_the_others_counted),
		cmocka_unit_test(without_an_attack_nothing_is_printed),
		cmocka_unit_test(a_long_name_has_a_line_of_its_own_and_no_line_is_too_wide),
	};

	return cmocka_run_group_tests_name("summary_alarms", tests, NULL, NULL);
}
