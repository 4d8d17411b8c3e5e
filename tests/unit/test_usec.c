/* SPDX-License-Identifier: Apache-2.0 */

#include "base/usec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
time_passed_is_the_difference(void **state)
{
	(void)state;

	assert_int_equal(usec_since(7, 7 + 3 * USEC_PER_SEC), 3 * USEC_PER_SEC);
	assert_int_equal(usec_since(0, UINT64_MAX), UINT64_MAX);
	assert_int_equal(usec_since(5, 5), 0);
}

static void
a_clock_that_steps_back_gives_no_time_passed(void **state)
{
	(void)state;

	assert_int_equal(usec_since(5, 4), 0);
	assert_int_equal(usec_since(UINT64_MAX, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_passed_is_the_difference),
		cmocka_unit_test(a_clock_that_steps_back_gives_no_time_passed),
	};

	return cmocka_run_group_tests_name("usec", tests, NULL, NULL);
}
