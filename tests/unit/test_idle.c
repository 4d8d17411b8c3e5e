/* SPDX-License-Identifier: Apache-2.0 */

#include "app/worker/idle.h"
#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

/* Turns without a frame before the first rest. */
#define BUSY_TURNS 64

/* Processor time and time, each in nanoseconds: who sleeps uses up the one and not the other. */
static int64_t
time_asleep(void)
{
	struct timespec wall, cpu;

	clock_gettime(CLOCK_MONOTONIC, &wall);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
	return (wall.tv_sec - cpu.tv_sec) * 1000000000 + wall.tv_nsec - cpu.tv_nsec;
}

static void
rest(struct idle *idle, int turns)
{
	for (int i = 0; i < turns; i++)
		idle_rest(idle);
}

static void
nobody_rests_between_two_bursts_of_a_busy_wire(void **state)
{
	static const enum idle_mode modes[] = { IDLE_POLL, IDLE_PAUSE, IDLE_SLEEP };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		struct idle idle = { .mode = modes[i] };

		for (int n = 0; n < 100; n++) {
			rest(&idle, BUSY_TURNS);
			assert_int_equal(idle.turns, BUSY_TURNS);
			assert_false(idle.is_ready); /* it never came to resting */
			idle_wake(&idle);
			assert_int_equal(idle.turns, 0);
		}
		rest(&idle, BUSY_TURNS + 1);
		assert_true(idle.is_ready);
	}
}

/* Each nap is of 50 us at least, however long the machine makes it. */
static void
a_thread_that_sleeps_gives_its_processor_away(void **state)
{
	struct idle idle = { .mode = IDLE_SLEEP };
	int64_t before, slept;

	(void)state;
	rest(&idle, BUSY_TURNS);
	before = time_asleep();
	rest(&idle, 200);
	slept = time_asleep() - before;
	assert_true(slept >= 200 * 40000);
}

static void
another_mode_is_taken_up_at_the_next_rest(void **state)
{
	struct idle idle = { .mode = IDLE_POLL };
	int64_t before;

	(void)state;
	rest(&idle, 1000);
	idle.mode = IDLE_SLEEP;
	before = time_asleep();
	rest(&idle, 200);
	assert_true(time_asleep() - before >= 200 * 40000);
	idle.mode = IDLE_PAUSE;
	rest(&idle, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_rests_between_two_bursts_of_a_busy_wire),
		cmocka_unit_test(a_thread_that_sleeps_gives_its_processor_away),
		cmocka_unit_test(another_mode_is_taken_up_at_the_next_rest),
	};

	return cmocka_run_group_tests_name("idle", tests, NULL, NULL);
}
