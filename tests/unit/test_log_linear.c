/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/log_linear.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
the_middle_of_a_bucket_lies_in_it_and_the_last_bucket_holds_the_largest_number(void **state)
{
	(void)state;

	for (uint32_t bits = 1; bits <= 10; bits++) {
		uint32_t buckets = (uint32_t)LOG_LINEAR_BUCKETS(bits);

		for (uint32_t i = 0; i < buckets; i++)
			assert_int_equal(log_linear_bucket(log_linear_middle(i, bits), bits), i);
		assert_int_equal(log_linear_bucket(UINT32_MAX, bits), buckets - 1);
		assert_int_equal(log_linear_bucket(0, bits), 0);
	}
}

static void
a_larger_number_never_lies_in_a_lower_bucket_and_none_is_left_out(void **state)
{
	uint32_t last = 0;

	(void)state;

	for (uint32_t value = 1; value < 1 << 20; value++) {
		uint32_t bucket = log_linear_bucket(value, 5);

		assert_in_range(bucket, last, last + 1);
		last = bucket;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
				the_middle_of_a_bucket_lies_in_it_and_the_last_bucket_holds_the_largest_number),
		cmocka_unit_test(a_larger_number_never_lies_in_a_lower_bucket_and_none_is_left_out),
	};

	return cmocka_run_group_tests_name("log_linear", tests, NULL, NULL);
}
