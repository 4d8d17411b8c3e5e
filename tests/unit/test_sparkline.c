/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/sparkline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
bars_are_as_high_as_their_numbers(void **state)
{
	const uint64_t values[] = { 0, 1, 200, 400, 600, 999, 1000, 1001 };

	(void)state;

	assert_string_equal(sparkline_draw(values, 8, 1000, true).text, "▁▂▃▄▆███");
	assert_string_equal(sparkline_draw(values, 8, 1000, false).text, "_.:-+###");
}

static void
nothing_has_no_bars_and_zeros_have_low_ones(void **state)
{
	const uint64_t values[3] = { 0, 0, 0 };

	(void)state;

	assert_string_equal(sparkline_draw(values, 0, 0, true).text, "");
	assert_string_equal(sparkline_draw(values, 3, 0, true).text, "▁▁▁");
}

static void
numbers_of_any_size_have_bars(void **state)
{
	const uint64_t values[] = { UINT64_MAX, UINT64_MAX - 1, UINT64_MAX / 2 };

	(void)state;

	assert_string_equal(sparkline_draw(values, 3, UINT64_MAX, false).text, "##=");
}

static void
of_many_the_last_are_drawn(void **state)
{
	uint64_t values[SPARKLINE_BARS + 2] = { 7, 7 };
	struct sparkline line;

	(void)state;

	values[SPARKLINE_BARS + 1] = 7;
	line = sparkline_draw(values, SPARKLINE_BARS + 2, 7, false);
	assert_int_equal(strlen(line.text), SPARKLINE_BARS);
	assert_int_equal(strspn(line.text, "_"), SPARKLINE_BARS - 1);
	line = sparkline_draw(values, SPARKLINE_BARS + 2, 7, true);
	assert_int_equal(strlen(line.text), 3 * SPARKLINE_BARS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bars_are_as_high_as_their_numbers),
		cmocka_unit_test(nothing_has_no_bars_and_zeros_have_low_ones),
		cmocka_unit_test(numbers_of_any_size_have_bars),
		cmocka_unit_test(of_many_the_last_are_drawn),
	};

	return cmocka_run_group_tests_name("sparkline", tests, NULL, NULL);
}
