/* SPDX-License-Identifier: Apache-2.0 */

/* A worker's reports, tick by tick, with a meter of the test's own that counts in steps. */

#include "app/worker/report_desk.h"
#include "detect/tick.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MSEC USEC_PER_MSEC
#define START_TICK UINT64_C(17000000000)
#define START_US (START_TICK * TICK_US)
#define STEPS 3

/* In the place of detect/meter.c: what was counted goes into unfollowed.syn, in three steps. */
struct meter {
	uint32_t syn;
	uint32_t steps;
};

void
meter_report_begin(struct meter *meter, struct detect_report *report, uint64_t tick)
{
	report->tick = tick;
	report->is_blind = false;
	report->unfollowed.syn = meter->syn;
	meter->syn = 0;
	meter->steps = 0;
}

bool
meter_report_step(struct meter *meter, struct detect_report *report)
{
	assert_true(report->tick >= START_TICK - 100000);
	return ++meter->steps == STEPS;
}

struct office {
	struct meter meter;
	struct report_rings rings;
	struct worker_counters counters;
	struct report_desk desk;
};

static void
make(struct office *office, uint32_t reports)
{
	struct err err;

	if (report_rings_make(&office->rings, reports, -1, &err) < 0)
		fail_msg("%s", err.text);
	report_desk_init(&office->desk, &office->meter, &office->rings, &office->counters);
}

static int
setup(void **state)
{
	struct office *office = aligned_alloc(CACHE_LINE, sizeof(*office));

	if (office == NULL)
		return -1;
	memset(office, 0, sizeof(*office));
	*state = office;
	return 0;
}

static int
teardown(void **state)
{
	report_rings_free(&((struct office *)*state)->rings);
	free(*state);
	return 0;
}

static uint64_t
at_ms(uint64_t ms)
{
	return START_US + ms * MSEC;
}

/* A turn each millisecond. */
static void
live_until(struct office *office, uint64_t from_ms, uint64_t to_ms, bool is_bypassed)
{
	for (uint64_t ms = from_ms; ms < to_ms; ms++)
		report_desk_turn(&office->desk, at_ms(ms), is_bypassed);
}

/* The next report is of that tick and holds so many SYNs. */
static void
assert_taken(struct office *office, uint64_t tick, uint32_t syn)
{
	struct detect_report *report = report_rings_take(&office->rings);

	assert_non_null(report);
	assert_int_equal(report->tick, START_TICK + tick);
	assert_int_equal(report->unfollowed.syn, syn);
	report_rings_give_back(&office->rings, report);
}

static void
assert_none(struct office *office)
{
	assert_null(report_rings_take(&office->rings));
}

static void
each_tick_is_reported_when_it_has_ended_and_also_when_nothing_was_counted(void **state)
{
	struct office *office = *state;

	make(office, REPORT_RINGS_LIVE);
	office->meter.syn = 5;
	live_until(office, 40, 100, false);
	assert_none(office);
	live_until(office, 100, 104, false);
	assert_taken(office, 0, 5);
	live_until(office, 104, 210, false);
	assert_taken(office, 1, 0);
	assert_none(office);
	assert_int_equal(counter_read(&office->counters.reports), 2);
	assert_int_equal(counter_read(&office->counters.reports_late), 0);
}

static void
a_turn_takes_one_step_of_a_report_and_no_more(void **state)
{
	struct office *office = *state;

	make(office, REPORT_RINGS_LIVE);
	live_until(office, 99, 101, false);
	assert_int_equal(office->meter.steps, 1);
	live_until(office, 101, 102, false);
	assert_int_equal(office->meter.steps, 2);
	assert_none(office);
	live_until(office, 102, 103, false);
	assert_taken(office, 0, 0);
}

static void
without_an_empty_report_the_counts_wait_for_the_next_and_the_ticks_are_counted_late(void **state)
{
	struct office *office = *state;

	make(office, REPORT_RINGS_LIVE);
	office->meter.syn = 1;
	live_until(office, 0, 210, false); /* two reports, which nobody takes */
	office->meter.syn = 7;
	live_until(office, 210, 450, false);
	assert_int_equal(office->meter.syn, 7);
	assert_taken(office, 0, 1);
	assert_taken(office, 1, 0);
	assert_none(office);
	live_until(office, 450, 510, false);
	assert_taken(office, 4, 7);
	assert_int_equal(counter_read(&office->counters.reports_late), 2);
}

static void
a_worker_that_stood_still_goes_on_at_the_newest_tick(void **state)
{
	struct office *office = *state;

	make(office, REPORT_RINGS_LIVE);
	live_until(office, 0, 110, false);
	assert_taken(office, 0, 0);
	office->meter.syn = 3;
	live_until(office, 60000, 60010, false);
	assert_taken(office, 599, 3);
	assert_none(office);
	assert_int_equal(counter_read(&office->counters.reports_late), 598);
}

static void
a_tick_with_untracked_frames_is_blind_and_the_next_is_not(void **state)
{
	struct office *office = *state;
	struct detect_report *report;

	make(office, REPORT_RINGS_LIVE);
	live_until(office, 0, 50, false);
	live_until(office, 50, 60, true);
	live_until(office, 60, 110, false);
	report = report_rings_take(&office->rings);
	assert_true(report->is_blind);
	report_rings_give_back(&office->rings, report);
	live_until(office, 110, 210, false);
	assert_false(report_rings_take(&office->rings)->is_blind);
}

static void
without_detection_nothing_is_done(void **state)
{
	struct office *office = *state;

	make(office, REPORT_RINGS_LIVE);
	report_desk_init(&office->desk, NULL, &office->rings, &office->counters);
	live_until(office, 0, 1000, true);
	assert_false(report_desk_is_due(&office->desk, at_ms(5000)));
	report_desk_finish(&office->desk);
	assert_none(office);
	report_desk_init(&office->desk, &office->meter, &(struct report_rings){ 0 },
			&office->counters);
	live_until(office, 0, 1000, false);
	assert_int_equal(counter_read(&office->counters.reports), 0);
}

/* The control thread of a replay: notes each report, and gives it back when that is done. */
#define NOTES 64
struct judge {
	struct office *office;
	pthread_t thread;
	uint32_t wanted;
	uint32_t count;
	uint64_t ticks[NOTES]; /* after START_TICK */
	uint32_t syns[NOTES];
};

static void *
judge_run(void *context)
{
	struct judge *judge = context;

	while (judge->count < judge->wanted) {
		struct detect_report *report = report_rings_take(&judge->office->rings);

		if (report == NULL)
			continue;
		judge->ticks[judge->count] = report->tick - START_TICK;
		judge->syns[judge->count++] = report->unfollowed.syn;
		report_rings_give_back(&judge->office->rings, report);
	}
	return NULL;
}

static void
judge_begin(struct judge *judge, struct office *office, uint32_t wanted)
{
	*judge = (struct judge){ .office = office, .wanted = wanted };
	assert_int_equal(pthread_create(&judge->thread, NULL, judge_run, judge), 0);
}

static void
judge_end(struct judge *judge)
{
	assert_int_equal(pthread_join(judge->thread, NULL), 0);
	assert_int_equal(judge->count, judge->wanted);
}

/* As worker_replay.c does: a frame, and one more SYN. */
static void
frame(struct office *office, uint64_t us)
{
	if (report_desk_is_due(&office->desk, us)) {
		report_desk_end_tick(&office->desk);
		report_desk_begin_tick(&office->desk, us);
	}
	office->meter.syn++;
}

static void
a_replay_reports_each_tick_before_the_first_frame_behind_its_end(void **state)
{
	struct office *office = *state;
	struct judge judge;

	make(office, REPORT_RINGS_REPLAY);
	judge_begin(&judge, office, 3);
	for (uint64_t ms = 0; ms < 250; ms += 10)
		frame(office, at_ms(ms));
	report_desk_finish(&office->desk);
	judge_end(&judge);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(judge.ticks[i], i);
	assert_int_equal(judge.syns[0], 10);
	assert_int_equal(judge.syns[1], 10);
	assert_int_equal(judge.syns[2], 5);
}

static void
the_end_reports_what_is_begun_and_then_the_tick_that_is_not_over(void **state)
{
	struct office *office = *state;
	struct judge judge;

	make(office, REPORT_RINGS_LIVE);
	office->meter.syn = 1;
	live_until(office, 99, 101, false); /* one step of the report of tick 0 */
	office->meter.syn = 2;
	judge_begin(&judge, office, 2);
	report_desk_finish(&office->desk);
	judge_end(&judge);
	assert_int_equal(judge.ticks[0], 0);
	assert_int_equal(judge.syns[0], 1);
	assert_int_equal(judge.ticks[1], 1);
	assert_int_equal(judge.syns[1], 2);
}

static void
a_gap_of_a_year_is_two_reports(void **state)
{
	const uint64_t year_ms = UINT64_C(365) * 86400 * 1000;
	struct office *office = *state;
	struct judge judge;

	make(office, REPORT_RINGS_REPLAY);
	judge_begin(&judge, office, 3);
	frame(office, at_ms(50));
	frame(office, at_ms(year_ms));
	report_desk_finish(&office->desk);
	judge_end(&judge);
	assert_int_equal(judge.ticks[0], 0);
	assert_int_equal(judge.syns[0], 1);
	assert_int_equal(judge.ticks[1], year_ms / 100 - 1);
	assert_int_equal(judge.syns[1], 0);
	assert_int_equal(judge.ticks[2], year_ms / 100);
	assert_int_equal(judge.syns[2], 1);
}

static void
packets_out_of_order_count_in_the_tick_that_is_open(void **state)
{
	struct office *office = *state;
	struct judge judge;

	make(office, REPORT_RINGS_REPLAY);
	judge_begin(&judge, office, 2);
	frame(office, at_ms(99));
	frame(office, at_ms(105));
	frame(office, at_ms(98));
	frame(office, at_ms(106));
	report_desk_finish(&office->desk);
	judge_end(&judge);
	assert_int_equal(judge.syns[0], 1);
	assert_int_equal(judge.syns[1], 3);
}

static void
a_capture_from_an_earlier_time_begins_there(void **state)
{
	struct office *office = *state;
	struct judge judge;

	make(office, REPORT_RINGS_REPLAY);
	judge_begin(&judge, office, 3);
	frame(office, at_ms(100000));
	frame(office, at_ms(0));
	frame(office, at_ms(10));
	frame(office, at_ms(110));
	report_desk_finish(&office->desk);
	judge_end(&judge);
	assert_int_equal(judge.ticks[0], 1000);
	assert_int_equal(judge.ticks[1], 0);
	assert_int_equal(judge.syns[1], 2);
	assert_int_equal(judge.ticks[2], 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_tick_is_reported_when_it_has_ended_and_also_when_nothing_was_counted),
		TEST(a_turn_takes_one_step_of_a_report_and_no_more),
		TEST(without_an_empty_report_the_counts_wait_for_the_next_and_the_ticks_are_counted_late),
		TEST(a_worker_that_stood_still_goes_on_at_the_newest_tick),
		TEST(a_tick_with_untracked_frames_is_blind_and_the_next_is_not),
		TEST(the_end_reports_what_is_begun_and_then_the_tick_that_is_not_over),
		TEST(without_detection_nothing_is_done),
		TEST(a_replay_reports_each_tick_before_the_first_frame_behind_its_end),
		TEST(a_gap_of_a_year_is_two_reports),
		TEST(packets_out_of_order_count_in_the_tick_that_is_open),
		TEST(a_capture_from_an_earlier_time_begins_there),
	};

	return cmocka_run_group_tests_name("report_desk", tests, NULL, NULL);
}
