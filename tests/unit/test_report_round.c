/* SPDX-License-Identifier: Apache-2.0 */

/* Workers' reports on their way to a detector that only notes what it is given. */

#include "app/run/report_round.h"
#include "detect/tick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <rte_ring.h>

#include <cmocka.h>

#define WORKERS 3
#define START_TICK UINT64_C(17000000000)

/* In the place of detect/detector.c. */
struct detector {
	uint32_t count;
	uint64_t tick; /* of the last report, after START_TICK */
};

void
detector_take(struct detector *detector, const struct detect_report *report)
{
	detector->count++;
	detector->tick = report->tick - START_TICK;
}

struct fixture {
	struct report_round round;
	struct report_rings rings[WORKERS];
	struct detector detector;
	bool is_stalled[WORKERS];
};

/* So many milliseconds after the beginning of the first tick. */
static uint64_t
at_ms(uint64_t ms)
{
	return START_TICK * TICK_US + ms * USEC_PER_MSEC;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;

	if (f == NULL)
		return -1;
	for (uint32_t w = 0; w < WORKERS; w++)
		if (report_rings_make(&f->rings[w], REPORT_RINGS_LIVE, -1, &err) < 0)
			return -1;
	report_round_init(&f->round, WORKERS, at_ms(30));
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	for (uint32_t w = 0; w < WORKERS; w++)
		report_rings_free(&f->rings[w]);
	free(f);
	return 0;
}

/* As a worker does; false: it has no empty one. */
static bool
report(struct fixture *f, uint32_t worker, uint64_t tick)
{
	void *report;

	if (rte_ring_sc_dequeue(f->rings[worker].empty, &report) != 0)
		return false;
	((struct detect_report *)report)->tick = START_TICK + tick;
	return rte_ring_sp_enqueue(f->rings[worker].full, report) == 0;
}

static void
take_all(struct fixture *f)
{
	for (uint32_t w = 0; w < WORKERS; w++)
		report_round_take(&f->round, w, &f->rings[w], &f->detector);
}

static bool
is_complete(struct fixture *f, uint64_t ms)
{
	take_all(f);
	return report_round_is_complete(&f->round, f->is_stalled, at_ms(ms));
}

static void
assert_next(const struct fixture *f, uint64_t tick)
{
	assert_int_equal(f->round.tick, START_TICK + tick);
}

static void
a_tick_is_complete_as_soon_as_all_workers_have_reported_it(void **state)
{
	struct fixture *f = *state;

	assert_false(is_complete(f, 100));
	assert_true(report(f, 0, 0) && report(f, 2, 0));
	assert_false(is_complete(f, 101));
	assert_int_equal(f->detector.count, 2);
	assert_true(report(f, 1, 0));
	assert_true(is_complete(f, 102));
	assert_int_equal(f->detector.count, 3);
	report_round_advance(&f->round, at_ms(102));
	assert_next(f, 1);
	assert_false(is_complete(f, 103));
}

static void
a_worker_that_is_late_is_waited_for_50_ms_and_no_longer(void **state)
{
	struct fixture *f = *state;

	assert_true(report(f, 0, 0) && report(f, 1, 0));
	assert_false(is_complete(f, 149));
	assert_true(is_complete(f, 150));
	report_round_advance(&f->round, at_ms(150));
	assert_next(f, 1);
	/* What it says at last counts all the same. */
	assert_true(report(f, 2, 0));
	take_all(f);
	assert_int_equal(f->detector.count, 3);
}

static void
a_worker_that_is_stalled_is_not_waited_for(void **state)
{
	struct fixture *f = *state;

	f->is_stalled[1] = true;
	assert_true(report(f, 0, 0));
	assert_false(is_complete(f, 101));
	assert_true(report(f, 2, 0));
	assert_true(is_complete(f, 101));
}

static void
where_all_are_stalled_ticks_pass_in_their_time(void **state)
{
	struct fixture *f = *state;

	for (uint32_t w = 0; w < WORKERS; w++)
		f->is_stalled[w] = true;
	assert_false(is_complete(f, 20));
	assert_false(is_complete(f, 149));
	assert_true(is_complete(f, 150));
}

static void
a_report_of_a_later_tick_is_held_until_that_is_to_be_judged(void **state)
{
	struct fixture *f = *state;

	for (uint32_t w = 0; w < WORKERS; w++)
		assert_true(report(f, w, w == 0 ? 1 : 0));
	assert_true(is_complete(f, 120)); /* worker 0 has nothing of tick 0 any more */
	assert_int_equal(f->detector.count, 2);
	report_round_advance(&f->round, at_ms(120));
	assert_next(f, 1);
	take_all(f);
	assert_int_equal(f->detector.count, 3);
	assert_int_equal(f->detector.tick, 1);
}

static void
reports_go_round_without_end(void **state)
{
	struct fixture *f = *state;

	for (uint64_t tick = 0; tick < 1000; tick++) {
		for (uint32_t w = 0; w < WORKERS; w++)
			assert_true(report(f, w, tick));
		assert_true(is_complete(f, 100 * (tick + 1) + 1));
		report_round_advance(&f->round, at_ms(100 * (tick + 1) + 1));
		assert_next(f, tick + 1);
	}
	assert_int_equal(f->detector.count, 3000);
}

/* This thread was away for ten minutes, in which each worker filled two reports. */
static void
after_an_absence_no_tick_is_judged_of_which_nothing_is_known(void **state)
{
	struct fixture *f = *state;
	uint32_t judged = 0;

	for (uint32_t w = 0; w < WORKERS; w++)
		assert_true(report(f, w, 0) && report(f, w, 1) && !report(f, w, 2));
	while (is_complete(f, 600120)) {
		judged++;
		report_round_advance(&f->round, at_ms(600120));
	}
	assert_int_equal(f->detector.count, 6);
	assert_int_equal(judged, 3); /* of tick 0, of tick 1, and that all was silent since */
	assert_next(f, 6000);
}

static void
at_the_end_there_is_more_until_all_that_was_reported_is_judged(void **state)
{
	struct fixture *f = *state;
	uint32_t judged = 0;

	assert_false(report_round_has_more(&f->round));
	assert_true(report(f, 0, 0) && report(f, 0, 2) && report(f, 1, 2));
	take_all(f);
	while (report_round_has_more(&f->round)) {
		judged++;
		report_round_advance(&f->round, at_ms(250));
		take_all(f);
	}
	assert_int_equal(f->detector.count, 3);
	assert_int_equal(judged, 3);
	assert_next(f, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_tick_is_complete_as_soon_as_all_workers_have_reported_it),
		TEST(a_worker_that_is_late_is_waited_for_50_ms_and_no_longer),
		TEST(a_worker_that_is_stalled_is_not_waited_for),
		TEST(where_all_are_stalled_ticks_pass_in_their_time),
		TEST(a_report_of_a_later_tick_is_held_until_that_is_to_be_judged),
		TEST(reports_go_round_without_end),
		TEST(after_an_absence_no_tick_is_judged_of_which_nothing_is_known),
		TEST(at_the_end_there_is_more_until_all_that_was_reported_is_judged),
	};

	return cmocka_run_group_tests_name("report_round", tests, NULL, NULL);
}
