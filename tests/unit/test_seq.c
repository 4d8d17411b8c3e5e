/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "base/seq.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Places on the circle where arithmetic goes wrong first. */
static const uint32_t places[] = { 0, 1, 1000, INT32_MAX, 0x80000000, 0x80000001, UINT32_MAX - 1,
	UINT32_MAX };

static void
a_number_ahead_is_greater_wherever_the_circle_begins(void **state)
{
	static const uint32_t steps[] = { 1, 2, 1460, 65535, 1 << 30, INT32_MAX };

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		for (size_t k = 0; k < ARRAY_LEN(steps); k++) {
			uint32_t behind = places[i];
			uint32_t ahead = behind + steps[k];

			assert_int_equal(seq_diff(ahead, behind), steps[k]);
			assert_int_equal(seq_diff(behind, ahead), -(int64_t)steps[k]);
			assert_true(seq_lt(behind, ahead));
			assert_false(seq_lt(ahead, behind));
			assert_true(seq_leq(behind, ahead));
			assert_false(seq_leq(ahead, behind));
			assert_int_equal(seq_max(behind, ahead), ahead);
			assert_int_equal(seq_max(ahead, behind), ahead);
		}
}

static void
a_number_is_neither_less_nor_greater_than_itself(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		assert_int_equal(seq_diff(places[i], places[i]), 0);
		assert_false(seq_lt(places[i], places[i]));
		assert_true(seq_leq(places[i], places[i]));
		assert_int_equal(seq_max(places[i], places[i]), places[i]);
	}
}

static void
between_includes_both_ends_across_the_wrap(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		uint32_t first = places[i];
		uint32_t last = first + 10;

		assert_true(seq_between(first, first, last));
		assert_true(seq_between(first + 5, first, last));
		assert_true(seq_between(last, first, last));
		assert_false(seq_between(first - 1, first, last));
		assert_false(seq_between(last + 1, first, last));
		assert_true(seq_between(first, first, first));
		assert_false(seq_between(first + 1, first, first));
	}
}

static void
a_window_includes_its_first_number_and_not_the_one_behind_it(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		uint32_t first = places[i];

		assert_true(seq_in_window(first, first, 10));
		assert_true(seq_in_window(first + 9, first, 10));
		assert_false(seq_in_window(first + 10, first, 10));
		assert_false(seq_in_window(first - 1, first, 10));
	}
}

static void
nothing_is_in_a_closed_window(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		assert_false(seq_in_window(places[i], places[i], 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_ahead_is_greater_wherever_the_circle_begins),
		cmocka_unit_test(a_number_is_neither_less_nor_greater_than_itself),
		cmocka_unit_test(between_includes_both_ends_across_the_wrap),
		cmocka_unit_test(a_window_includes_its_first_number_and_not_the_one_behind_it),
		cmocka_unit_test(nothing_is_in_a_closed_window),
	};

	return cmocka_run_group_tests_name("seq", tests, NULL, NULL);
}
