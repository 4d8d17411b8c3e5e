/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/timestamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define DAY_US (UINT64_C(86400) * 1000000)

static void
check(struct timestamp_cache *cache, uint64_t time_us, const char *expected)
{
	char actual[TIMESTAMP_LEN + 1];

	*timestamp_write(cache, time_us, actual) = '\0';
	assert_string_equal(actual, expected);
}

/* What the C library says of the same moment. */
static void
check_against_gmtime(struct timestamp_cache *cache, uint64_t time_us)
{
	time_t seconds = (time_t)(time_us / 1000000);
	char expected[64];
	struct tm tm;
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(expected + len, sizeof(expected) - len, ".%06uZ", (unsigned)(time_us % 1000000));
	check(cache, time_us, expected);
}

static void
a_time_is_written_in_utc_with_microseconds(void **state)
{
	struct timestamp_cache cache = { 0 };

	(void)state;

	check(&cache, UINT64_C(1616244573193842), "2021-03-20T12:49:33.193842Z");
	check(&cache, UINT64_C(1616244573000007), "2021-03-20T12:49:33.000007Z");
	check(&cache, 0, "1970-01-01T00:00:00.000000Z");
}

static void
every_day_of_five_centuries_agrees_with_the_c_library(void **state)
{
	struct timestamp_cache cache = { 0 };

	(void)state;

	for (uint64_t day = 0; day < 500 * 366; day++) {
		check_against_gmtime(&cache, day * DAY_US);
		check_against_gmtime(&cache, day * DAY_US + day * 101009 % DAY_US);
		check_against_gmtime(&cache, (day + 1) * DAY_US - 1);
	}
}

static void
the_kept_date_does_not_stick_when_days_alternate(void **state)
{
	struct timestamp_cache cache = { 0 };

	(void)state;

	check(&cache, DAY_US, "1970-01-02T00:00:00.000000Z");
	check(&cache, DAY_US - 1, "1970-01-01T23:59:59.999999Z");
	check(&cache, DAY_US, "1970-01-02T00:00:00.000000Z");
}

static void
a_time_after_the_year_9999_is_its_last_microsecond(void **state)
{
	struct timestamp_cache cache = { 0 };

	(void)state;

	check(&cache, UINT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z");
	check(&cache, UINT64_C(253402300800000000), "9999-12-31T23:59:59.999999Z");
	check(&cache, UINT64_MAX, "9999-12-31T23:59:59.999999Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_is_written_in_utc_with_microseconds),
		cmocka_unit_test(every_day_of_five_centuries_agrees_with_the_c_library),
		cmocka_unit_test(the_kept_date_does_not_stick_when_days_alternate),
		cmocka_unit_test(a_time_after_the_year_9999_is_its_last_microsecond),
	};

	return cmocka_run_group_tests_name("timestamp", tests, NULL, NULL);
}
