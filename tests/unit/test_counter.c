/* SPDX-License-Identifier: Apache-2.0 */

#include "base/counter.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Both halves of the counter change with every step, so a torn read shows. */
#define STEP UINT64_C(0x0000000100000001)
#define STEPS 200000

static void
a_counter_holds_what_was_added(void **state)
{
	struct counter counter = { 0 };

	(void)state;

	counter_add(&counter, 0);
	assert_int_equal(counter_read(&counter), 0);
	counter_add(&counter, 3);
	counter_add(&counter, UINT64_C(1) << 40);
	assert_int_equal(counter_read(&counter), (UINT64_C(1) << 40) + 3);
}

static void *
count_on(void *arg)
{
	for (uint32_t i = 0; i < STEPS; i++)
		counter_add(arg, STEP);
	return NULL;
}

static void
a_reader_sees_whole_values_that_never_fall(void **state)
{
	struct counter counter = { 0 };
	uint64_t last = 0;
	pthread_t writer;

	(void)state;

	assert_int_equal(pthread_create(&writer, NULL, count_on, &counter), 0);
	while (last < STEPS * STEP) {
		uint64_t now = counter_read(&counter);

		assert_int_equal(now % STEP, 0);
		assert_true(now >= last);
		last = now;
	}
	pthread_join(writer, NULL);
	assert_int_equal(counter_read(&counter), STEPS * STEP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_counter_holds_what_was_added),
		cmocka_unit_test(a_reader_sees_whole_values_that_never_fall),
	};

	return cmocka_run_group_tests_name("counter", tests, NULL, NULL);
}
