/* SPDX-License-Identifier: Apache-2.0 */

/* The control thread's part of detection, with a detector that says what the test wants. */

#include "app/run/control.h"
#include "app/run/control_floods.h"
#include "app/run/reload.h"
#include "detect/tick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_ring.h>

#include <cmocka.h>

#define WORKERS 2
#define START_US (UINT64_C(17000000000) * TICK_US)
#define ALARMS 8

/* In the place of detect/detector.c. */
struct detector {
	struct detector_params params;
	uint32_t taken;
	uint32_t judged;
	uint64_t tick; /* judged last */
	bool is_finished;
	struct alarm alarms[ALARMS]; /* to be told */
	uint32_t alarm_count;
};

struct fixture {
	struct control control;
	struct appliance appliance;
	struct appliance_thread threads[WORKERS];
	struct detector detector;
	struct config_words command;
	uint64_t now_us;
	uint32_t written;
	char folder[32];
	char out[64];
};

static struct fixture *fixture;

void
detector_params_default(struct detector_params *params)
{
	*params = (struct detector_params){ 0 };
}

struct detector *
detector_create(const struct detector_params *params, uint64_t seed)
{
	(void)seed;
	fixture->detector = (struct detector){ .params = *params };
	return &fixture->detector;
}

void
detector_destroy(struct detector *detector)
{
	(void)detector;
}

void
detector_retune(struct detector *detector, const struct detector_params *params)
{
	detector->params = *params;
}

void
detector_take(struct detector *detector, const struct detect_report *report)
{
	assert_true(report->tick <= fixture->control.round.tick);
	detector->taken++;
}

void
detector_judge(struct detector *detector, uint64_t tick)
{
	detector->judged++;
	detector->tick = tick - tick_of(START_US);
}

void
detector_finish(struct detector *detector)
{
	detector->is_finished = true;
}

bool
detector_next(struct detector *detector, struct alarm *alarm)
{
	if (detector->alarm_count == 0)
		return false;
	*alarm = detector->alarms[0];
	detector->alarm_count--;
	memmove(detector->alarms, detector->alarms + 1,
			detector->alarm_count * sizeof(detector->alarms[0]));
	return true;
}

void
detector_note_capture(struct detector *detector, uint32_t id, const char *path)
{
	(void)detector;
	(void)id;
	(void)path;
}

/* In the place of app/run/appliance.c, control_tell.c and outputs.c. */
bool
appliance_post(struct appliance *appliance, uint32_t worker, struct mail *mail)
{
	(void)appliance;
	(void)worker;
	(void)mail;
	return false;
}

void
control_tell(struct control *control, const struct wire_event *event)
{
	(void)control;
	(void)event;
}

uint64_t
appliance_now_us(const struct appliance *appliance)
{
	assert_ptr_equal(appliance, &fixture->appliance);
	return fixture->now_us += 1000; /* whoever waits for time to pass sees it pass */
}

size_t
outputs_alarm(struct outputs *outputs, const struct alarm *alarm, char *line)
{
	(void)outputs;
	fixture->written++;
	return (size_t)sprintf(line, "event %u\n", alarm->id);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;

	if (f == NULL)
		return -1;
	strcpy(f->folder, "/tmp/floods.XXXXXX");
	if (mkdtemp(f->folder) == NULL)
		return -1;
	snprintf(f->out, sizeof(f->out), "%s/out", f->folder);
	config_defaults(&f->control.config);
	f->control.config.workers.count = WORKERS;
	f->control.appliance = &f->appliance;
	f->appliance.layout.worker_count = WORKERS;
	f->appliance.threads = f->threads;
	f->now_us = START_US;
	for (uint32_t w = 0; w < WORKERS; w++)
		if (report_rings_make(&f->threads[w].reports, REPORT_RINGS_LIVE, -1, &err) < 0)
			return -1;
	fixture = f;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	control_floods_close(&f->control);
	for (uint32_t w = 0; w < WORKERS; w++)
		report_rings_free(&f->threads[w].reports);
	unlink(f->out);
	rmdir(f->folder);
	free(f);
	return 0;
}

static void
begin(struct fixture *f)
{
	struct err_list errors = { .count = 0 };

	control_floods_open(&f->control, &errors);
	if (errors.count > 0)
		fail_msg("%s", errors.errs[0].text);
	control_floods_begin(&f->control);
}

static void
report(struct fixture *f, uint32_t worker, uint64_t tick)
{
	void *report = NULL;

	assert_int_equal(rte_ring_sc_dequeue(f->threads[worker].reports.empty, &report), 0);
	((struct detect_report *)report)->tick = tick_of(START_US) + tick;
	assert_int_equal(rte_ring_sp_enqueue(f->threads[worker].reports.full, report), 0);
}

static void
turn_at_ms(struct fixture *f, uint64_t ms)
{
	f->now_us = START_US + ms * USEC_PER_MSEC - 1000;
	control_floods_turn(&f->control);
}

static void
raise_alarm(struct fixture *f, uint32_t id, enum alarm_phase phase)
{
	struct detector *detector = &f->detector;

	assert_true(detector->alarm_count < ALARMS);
	detector->alarms[detector->alarm_count++] = (struct alarm){ .id = id, .phase = phase };
}

static void
a_tick_is_judged_when_all_have_reported_or_it_is_long_past(void **state)
{
	struct fixture *f = *state;

	begin(f);
	report(f, 0, 0);
	turn_at_ms(f, 105);
	assert_int_equal(f->detector.judged, 0);
	report(f, 1, 0);
	turn_at_ms(f, 106);
	assert_int_equal(f->detector.judged, 1);
	assert_int_equal(f->detector.tick, 0);
	report(f, 0, 1);
	turn_at_ms(f, 249);
	assert_int_equal(f->detector.judged, 1);
	turn_at_ms(f, 251);
	assert_int_equal(f->detector.judged, 2);
	assert_int_equal(f->detector.taken, 3);
}

static void
a_worker_known_to_be_stalled_is_not_waited_for(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->control.watch.threads[1].is_stalled = true;
	report(f, 0, 0);
	turn_at_ms(f, 101);
	assert_int_equal(f->detector.judged, 1);
}

static void
alarms_are_written_and_told_to_the_program(void **state)
{
	struct fixture *f = *state;
	struct config_words *words = &f->control.config.flood.on_flood;
	char text[64] = "";
	FILE *file;

	words->count = 4;
	strcpy(words->word[0], "/bin/sh");
	strcpy(words->word[1], "-c");
	strcpy(words->word[2], "cat >> $0");
	strcpy(words->word[3], f->out);
	begin(f);
	raise_alarm(f, 3, ALARM_START);
	raise_alarm(f, 3, ALARM_END);
	report(f, 0, 0);
	report(f, 1, 0);
	turn_at_ms(f, 101);
	assert_int_equal(f->written, 2);
	control_floods_end(&f->control);
	assert_int_equal(hook_counters(f->control.hook)->started, 2);
	file = fopen(f->out, "r");
	assert_non_null(file);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, file), 16);
	fclose(file);
	assert_string_equal(text, "event 3\nevent 3\n");
}

static void
at_the_end_what_was_reported_last_is_judged_and_what_is_under_way_is_over(void **state)
{
	struct fixture *f = *state;

	begin(f);
	report(f, 0, 0);
	report(f, 1, 0);
	turn_at_ms(f, 105);
	report(f, 0, 1); /* not over, as time goes */
	report(f, 1, 1);
	raise_alarm(f, 1, ALARM_END);
	control_floods_end(&f->control);
	assert_int_equal(f->detector.tick, 1);
	assert_int_equal(f->detector.taken, 4);
	assert_true(f->detector.is_finished);
	assert_int_equal(f->written, 1);
}

static void
a_reload_retunes_the_detector(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->control.config.flood.min_syn_pps = 777;
	control_floods_retune(&f->control);
	assert_int_equal(f->detector.params.min_syn_pps, 777);
}

static void
without_detection_there_is_nothing(void **state)
{
	struct fixture *f = *state;

	f->control.config.flood.detect = false;
	begin(f);
	assert_null(f->control.detector);
	turn_at_ms(f, 1000);
	control_floods_retune(&f->control);
	control_floods_end(&f->control);
	assert_int_equal(f->detector.judged, 0);
}

static void
a_program_that_is_not_there_is_told_at_the_start(void **state)
{
	struct fixture *f = *state;
	struct err_list errors = { .count = 0 };

	f->control.config.flood.on_flood.count = 1;
	strcpy(f->control.config.flood.on_flood.word[0], "/no/such/program");
	control_floods_open(&f->control, &errors);
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.errs[0].text,
			"flood.on_flood: /no/such/program: No such file or directory");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_tick_is_judged_when_all_have_reported_or_it_is_long_past),
		TEST(a_worker_known_to_be_stalled_is_not_waited_for),
		TEST(alarms_are_written_and_told_to_the_program),
		TEST(at_the_end_what_was_reported_last_is_judged_and_what_is_under_way_is_over),
		TEST(a_reload_retunes_the_detector),
		TEST(without_detection_there_is_nothing),
		TEST(a_program_that_is_not_there_is_told_at_the_start),
	};

	return cmocka_run_group_tests_name("control_floods", tests, NULL, NULL);
}
