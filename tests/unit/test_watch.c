/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/unit/watch_fixture.h"

#define SECOND USEC_PER_SEC
#define START WATCH_START
#define RECEIVER WATCH_WORKERS /* its number, behind those of the workers */

static const struct watch_params judge_params = {
	.overload_after_us = 3 * SECOND,
	.overload_until_us = 10 * SECOND,
};

/* A load that is watched from START on, and its counters. */
struct load {
	struct watch_load load;
	uint64_t turns, full_turns;
};

static enum watch_finding
judge(struct load *load, uint64_t turns, uint64_t full, uint64_t now_us)
{
	load->turns += turns;
	load->full_turns += full;
	return watch_judge(&load->load, &judge_params, load->turns, load->full_turns, now_us);
}

static void
a_load_that_is_full_in_every_turn_for_long_is_overloaded(void **state)
{
	struct load load = { .turns = 0 };

	(void)state;
	assert_int_equal(judge(&load, 100, 100, START), WATCH_NOTHING);
	assert_int_equal(judge(&load, 100, 100, START + 3 * SECOND - 1), WATCH_NOTHING);
	assert_int_equal(judge(&load, 100, 100, START + 3 * SECOND), WATCH_OVERLOADED);
}

static void
a_single_turn_with_time_to_spare_begins_the_wait_anew(void **state)
{
	struct load load = { .turns = 0 };

	(void)state;
	judge(&load, 100, 100, START);
	assert_int_equal(judge(&load, 100, 99, START + 2 * SECOND), WATCH_NOTHING);
	assert_int_equal(judge(&load, 100, 100, START + 3 * SECOND), WATCH_NOTHING);
	assert_int_equal(judge(&load, 100, 100, START + 6 * SECOND - 1), WATCH_NOTHING);
	assert_int_equal(judge(&load, 100, 100, START + 6 * SECOND), WATCH_OVERLOADED);
}

static void
a_load_with_half_of_its_turns_to_spare_for_long_is_relieved(void **state)
{
	struct load load = { .turns = 0 };

	(void)state;
	assert_int_equal(judge(&load, 100, 50, START), WATCH_NOTHING);
	assert_int_equal(judge(&load, 100, 50, START + 10 * SECOND - 1), WATCH_NOTHING);
	assert_int_equal(judge(&load, 100, 0, START + 10 * SECOND), WATCH_RELIEVED);
	assert_int_equal(judge(&load, 100, 51, START + 11 * SECOND), WATCH_NOTHING);
	assert_int_equal(judge(&load, 100, 50, START + 12 * SECOND), WATCH_NOTHING);
	assert_int_equal(judge(&load, 100, 50, START + 22 * SECOND), WATCH_RELIEVED);
}

static void
a_load_between_full_and_half_full_is_neither_overloaded_nor_relieved(void **state)
{
	struct load load = { .turns = 0 };

	(void)state;
	for (uint64_t t = 0; t < 60; t++)
		assert_int_equal(judge(&load, 100, 75, START + t * SECOND), WATCH_NOTHING);
}

static void
turns_that_stand_still_say_nothing_of_the_load(void **state)
{
	struct load load = { .turns = 0 };

	(void)state;
	judge(&load, 100, 100, START);
	assert_int_equal(judge(&load, 0, 0, START + 5 * SECOND), WATCH_NOTHING);
	assert_int_equal(load.load.moved_us, START);
	assert_int_equal(judge(&load, 1, 1, START + 6 * SECOND), WATCH_OVERLOADED);
	assert_int_equal(load.load.moved_us, START + 6 * SECOND);
}

static void
take_turns(struct worker_counters *counters, uint64_t turns, uint64_t full)
{
	counter_add(&counters->turns, turns);
	counter_add(&counters->full_turns, full);
}

/* Ticks from now until @p until_us; those that stand still excepted, all take turns. */
static void
pass_time(struct watch_fixture *f, uint64_t until_us, uint32_t still, const uint64_t full[3])
{
	while (f->now_us < until_us) {
		for (uint32_t w = 0; w < WATCH_WORKERS; w++)
			if (w != still)
				take_turns(&f->appliance.workers[w].counters, 100, full[w]);
		if (still != RECEIVER)
			take_turns(&f->appliance.receivers[0].counters, 100, full[RECEIVER]);
		watch_tick_at(f, f->now_us + WATCH_TICK);
	}
}

#define NOBODY UINT32_MAX

static const uint64_t nobody_is_full[] = { 0, 0, 0 };
static const uint64_t worker_1_is_full[] = { 0, 100, 0 };
static const uint64_t receiver_is_full[] = { 0, 0, 100 };

static void
threads_that_take_their_turns_are_no_news(void **state)
{
	struct watch_fixture *f = *state;

	pass_time(f, START + 60 * SECOND, NOBODY, nobody_is_full);
	assert_int_equal(f->told_count, 0);
	assert_int_equal(f->bypass_count, 0);
}

static void
a_worker_that_stands_still_is_told_once(void **state)
{
	struct watch_fixture *f = *state;

	pass_time(f, START + 2 * SECOND, NOBODY, nobody_is_full);
	pass_time(f, START + 3 * SECOND - WATCH_TICK, 1, nobody_is_full);
	assert_int_equal(f->told_count, 0);
	pass_time(f, START + 3 * SECOND, 1, nobody_is_full);
	assert_int_equal(f->told_count, 1);
	assert_int_equal(f->told[0].what, WIRE_WORKER_STALLED);
	assert_int_equal(f->told[0].worker, 1);
	assert_int_equal(f->told[0].since_us, START + 2 * SECOND);
	assert_non_null(f->told[0].detail);
	pass_time(f, START + 60 * SECOND, 1, nobody_is_full);
	assert_int_equal(f->told_count, 1);
	assert_true(f->watch.threads[1].is_stalled);
	assert_false(f->watch.threads[0].is_stalled);
}

static void
a_worker_s_recovery_is_told_with_the_time_it_had_stood_still_since(void **state)
{
	struct watch_fixture *f = *state;

	pass_time(f, START + 2 * SECOND, NOBODY, nobody_is_full);
	pass_time(f, START + 20 * SECOND, 0, nobody_is_full);
	pass_time(f, START + 30 * SECOND, NOBODY, nobody_is_full);
	assert_int_equal(f->told_count, 2);
	assert_int_equal(f->told[1].what, WIRE_WORKER_RECOVERED);
	assert_int_equal(f->told[1].worker, 0);
	assert_int_equal(f->told[1].since_us, START + 2 * SECOND);
	assert_false(f->watch.threads[0].is_stalled);
	assert_int_equal(f->watch.threads[0].stalled_since_us, 0);
	pass_time(f, START + 40 * SECOND, 0, nobody_is_full);
	assert_int_equal(f->told[2].what, WIRE_WORKER_STALLED);
	assert_int_equal(f->told[2].since_us, START + 30 * SECOND);
}

static void
a_receiver_that_stands_still_is_told_by_the_number_behind_the_workers(void **state)
{
	struct watch_fixture *f = *state;

	pass_time(f, START + 2 * SECOND, RECEIVER, nobody_is_full);
	assert_int_equal(f->told_count, 1);
	assert_int_equal(f->told[0].what, WIRE_WORKER_STALLED);
	assert_int_equal(f->told[0].worker, RECEIVER);
}

static void
failing_open_an_overloaded_worker_bypasses_until_it_has_time_to_spare(void **state)
{
	struct watch_fixture *f = *state;
	const uint64_t on_us = START + 3 * SECOND + WATCH_TICK; /* full since the first tick */

	pass_time(f, on_us - WATCH_TICK, NOBODY, worker_1_is_full);
	assert_int_equal(f->bypass_count, 0);
	pass_time(f, START + 30 * SECOND, NOBODY, worker_1_is_full);
	assert_int_equal(f->bypass_count, 1);
	assert_true(f->is_bypassed[1]);
	assert_int_equal(f->told_count, 1);
	assert_int_equal(f->told[0].what, WIRE_BYPASS_ON);
	assert_int_equal(f->told[0].reason, WIRE_OVERLOAD);
	assert_int_equal(f->told[0].worker, 1);
	pass_time(f, START + 40 * SECOND, NOBODY, nobody_is_full);
	assert_int_equal(f->bypass_count, 1);
	pass_time(f, START + 60 * SECOND, NOBODY, nobody_is_full);
	assert_int_equal(f->bypass_count, 2);
	assert_false(f->is_bypassed[1]);
	assert_int_equal(f->told_count, 2);
	assert_int_equal(f->told[1].what, WIRE_BYPASS_OFF);
	assert_int_equal(f->told[1].reason, WIRE_OVERLOAD);
	assert_int_equal(f->told[1].since_us, on_us);
}

static void
failing_closed_an_overloaded_worker_goes_on_tracking(void **state)
{
	struct watch_fixture *f = *state;

	f->config.top.fail = CONFIG_FAIL_CLOSED;
	pass_time(f, START + 60 * SECOND, NOBODY, worker_1_is_full);
	assert_int_equal(f->bypass_count, 0);
	assert_int_equal(f->told_count, 0);
}

static void
a_bypass_for_overload_ends_as_soon_as_failing_closed_is_asked_for(void **state)
{
	struct watch_fixture *f = *state;

	pass_time(f, START + 10 * SECOND, NOBODY, worker_1_is_full);
	assert_true(f->is_bypassed[1]);
	f->config.top.fail = CONFIG_FAIL_CLOSED;
	pass_time(f, START + 10 * SECOND + WATCH_TICK, NOBODY, worker_1_is_full);
	assert_false(f->is_bypassed[1]);
	assert_int_equal(f->told[1].what, WIRE_BYPASS_OFF);
}

static void
a_receiver_that_is_always_full_bypasses_nothing(void **state)
{
	struct watch_fixture *f = *state;

	pass_time(f, START + 60 * SECOND, NOBODY, receiver_is_full);
	assert_int_equal(f->bypass_count, 0);
	assert_int_equal(f->told_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_load_that_is_full_in_every_turn_for_long_is_overloaded),
		cmocka_unit_test(a_single_turn_with_time_to_spare_begins_the_wait_anew),
		cmocka_unit_test(a_load_with_half_of_its_turns_to_spare_for_long_is_relieved),
		cmocka_unit_test(
				a_load_between_full_and_half_full_is_neither_overloaded_nor_relieved),
		cmocka_unit_test(turns_that_stand_still_say_nothing_of_the_load),
		watch_test(threads_that_take_their_turns_are_no_news),
		watch_test(a_worker_that_stands_still_is_told_once),
		watch_test(a_worker_s_recovery_is_told_with_the_time_it_had_stood_still_since),
		watch_test(a_receiver_that_stands_still_is_told_by_the_number_behind_the_workers),
		watch_test(failing_open_an_overloaded_worker_bypasses_until_it_has_time_to_spare),
		watch_test(failing_closed_an_overloaded_worker_goes_on_tracking),
		watch_test(a_bypass_for_overload_ends_as_soon_as_failing_closed_is_asked_for),
		watch_test(a_receiver_that_is_always_full_bypasses_nothing),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
