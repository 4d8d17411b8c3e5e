/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/text.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
check_u64(uint64_t value)
{
	char expected[32], actual[32];

	snprintf(expected, sizeof(expected), "%" PRIu64, value);
	*text_u64(value, actual) = '\0';
	assert_string_equal(actual, expected);
}

static void
numbers_are_written_as_printf_writes_them_around_every_power_of_ten(void **state)
{
	(void)state;

	for (uint64_t power = 1;; power *= 10) {
		for (uint64_t near = power > 3 ? power - 3 : 0; near < power + 3; near++)
			check_u64(near);
		if (power > UINT64_MAX / 10)
			break;
	}
	for (uint64_t value = 0; value < 100000; value++)
		check_u64(value);
	check_u64(UINT64_MAX);
}

static void
negative_numbers_have_a_minus_sign(void **state)
{
	static const int64_t values[] = { 0, 1, -1, -9, -10, 127, -128, INT64_MAX, INT64_MIN };
	char expected[32], actual[32];

	(void)state;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		snprintf(expected, sizeof(expected), "%" PRId64, values[i]);
		*text_i64(values[i], actual) = '\0';
		assert_string_equal(actual, expected);
	}
}

static void
padded_numbers_have_leading_zeros(void **state)
{
	char actual[8];

	(void)state;

	*text_padded(42, 6, actual) = '\0';
	assert_string_equal(actual, "000042");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
				numbers_are_written_as_printf_writes_them_around_every_power_of_ten),
		cmocka_unit_test(negative_numbers_have_a_minus_sign),
		cmocka_unit_test(padded_numbers_have_leading_zeros),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
