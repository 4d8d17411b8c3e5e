/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT 5000

static void
add(struct schedule *schedule, uint64_t time_us, uint32_t name)
{
	struct dialogue dialogue = { .time_us = time_us, .think_us = name };

	assert_int_equal(schedule_add(schedule, &dialogue), 0);
}

static void
an_empty_schedule_has_no_first(void **state)
{
	struct schedule schedule;

	(void)state;

	schedule_init(&schedule);
	assert_null(schedule_first(&schedule));
	schedule_fini(&schedule);
}

static void
of_two_at_one_time_the_one_added_first_comes_first(void **state)
{
	struct schedule schedule;

	(void)state;

	schedule_init(&schedule);
	for (uint32_t name = 0; name < 100; name++)
		add(&schedule, 7, name);
	for (uint32_t name = 0; name < 100; name++) {
		assert_int_equal(schedule_first(&schedule)->think_us, name);
		schedule_remove_first(&schedule);
	}
	assert_null(schedule_first(&schedule));
	schedule_fini(&schedule);
}

/* Each dialogue has three steps; a naive look over all of them says which must be first. */
static void
the_earliest_is_always_first(void **state)
{
	static uint64_t times[COUNT];
	static uint8_t steps[COUNT];
	struct schedule schedule;
	struct random random;
	uint32_t added = 0, left = 0;

	(void)state;

	random_init(&random, 3);
	schedule_init(&schedule);
	while (added < COUNT || left > 0) {
		if (added < COUNT && (left == 0 || random_below(&random, 3) == 0)) {
			times[added] = random_below(&random, 1000);
			steps[added] = 3;
			add(&schedule, times[added], added);
			added++;
			left++;
			continue;
		}
		struct dialogue *first = schedule_first(&schedule);
		uint32_t name = (uint32_t)first->think_us;

		for (uint32_t i = 0; i < added; i++)
			assert_true(steps[i] == 0 || times[i] >= times[name]);
		assert_int_equal(first->time_us, times[name]);
		if (--steps[name] > 0) {
			first->time_us = times[name] += random_below(&random, 500);
			schedule_update_first(&schedule);
		} else {
			schedule_remove_first(&schedule);
			left--;
		}
	}
	assert_null(schedule_first(&schedule));
	schedule_fini(&schedule);
}

static void
what_is_left_over_is_freed(void **state)
{
	struct schedule schedule;

	(void)state;

	schedule_init(&schedule);
	for (uint32_t name = 0; name < 3000; name++)
		add(&schedule, name, name);
	schedule_remove_first(&schedule);
	schedule_fini(&schedule);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_schedule_has_no_first),
		cmocka_unit_test(of_two_at_one_time_the_one_added_first_comes_first),
		cmocka_unit_test(the_earliest_is_always_first),
		cmocka_unit_test(what_is_left_over_is_freed),
	};

	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
