/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A flood whose packets are spread over several workers is one flood, told as soon as if one
 * worker had seen all of it. Each worker is a pipeline of its own, which gets the connections
 * that software steering gives it; the detector gets what their meters report.
 */

#include "detect/detector.h"
#include "pipeline/pipeline_flow.h"
#include "pipeline/steer.h"
#include "tests/unit/detect_fixture.h"
#include "tests/unit/pipeline_fixture.h"

#define WORKERS 4
#define ONSETS 20
#define USUAL_PPS 100
#define FLOOD_PPS 900
#define USUAL_S 20
#define FLOOD_S 3
#define ANSWER_US 300
#define ROUND_TRIP_US 30000

enum what {
	SYN,
	SYNACK,
	ACK
};

struct step {
	uint64_t at_us;
	uint32_t id;
	enum what what;
};

struct steps {
	struct step all[(USUAL_S + 1 + FLOOD_S) * USUAL_PPS * 3 + FLOOD_S * FLOOD_PPS * 2 + 8];
	uint32_t count;
};

struct outcome {
	struct alarm start;
	uint32_t starts;
	uint32_t least_of_a_worker; /* SYNs */
};

static int
in_order(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	return (x->at_us > y->at_us) - (x->at_us < y->at_us);
}

static void
add(struct steps *steps, uint64_t at_us, uint32_t id, enum what what)
{
	assert_true(steps->count < ARRAY_LEN(steps->all));
	steps->all[steps->count++] = (struct step){ at_us, id, what };
}

/* Clients that complete, all the time; and from the onset on SYNs that nobody completes. */
static void
make_steps(struct steps *steps, uint64_t onset_us)
{
	const uint64_t end_us = onset_us + FLOOD_S * USEC_PER_SEC;
	uint32_t id = 0;

	steps->count = 0;
	for (uint64_t at = 0; at < end_us; at += USEC_PER_SEC / USUAL_PPS, id++) {
		add(steps, at, id, SYN);
		add(steps, at + ANSWER_US, id, SYNACK);
		add(steps, at + ROUND_TRIP_US, id, ACK);
	}
	for (uint64_t at = onset_us; at < end_us; at += USEC_PER_SEC / FLOOD_PPS, id++) {
		add(steps, at, id, SYN);
		add(steps, at + ANSWER_US, id, SYNACK);
	}
	qsort(steps->all, steps->count, sizeof(steps->all[0]), in_order);
}

static struct pipe *
make_worker(void)
{
	struct pipeline_params params = pipe_params(16384);

	params.detect = true;
	params.meter.prefixes = (struct victim_prefixes){ 24, 64 };
	memcpy(params.meter.key, detect_key, sizeof(detect_key));
	return pipe_make(&params);
}

static uint32_t
worker_of(const struct steer *steer, uint32_t id)
{
	const struct build_tcp syn = pipe_spec(id, FLOW_CLIENT, TCP_SYN, 0, 0, 0);
	uint8_t bytes[PIPE_FRAME_ROOM];
	const uint32_t len = (uint32_t)build_tcp_frame(&syn, bytes, sizeof(bytes));
	const struct frame frame = { .data = bytes, .len = len, .wire_len = len };

	return steer_frame(steer, &frame);
}

static void
take_step(struct pipe *pipe, const struct step *step)
{
	pipe->now_us = FIXTURE_START + step->at_us;
	if (step->what == SYN)
		pipe_syn(pipe, step->id);
	else if (step->what == SYNACK)
		pipe_synack(pipe, step->id);
	else
		pipe_send(pipe, step->id, FLOW_CLIENT, TCP_ACK, FIXTURE_CLIENT_ISN + 1,
				FIXTURE_SERVER_ISN + 1, 0);
}

static void
take_alarms(struct detector *detector, struct outcome *outcome)
{
	struct alarm alarm;

	while (detector_next(detector, &alarm)) {
		assert_int_equal(alarm.type, ALARM_SYN_FLOOD);
		if (alarm.phase != ALARM_START)
			continue;
		outcome->start = alarm;
		outcome->starts++;
	}
}

static struct outcome
run(const struct steps *steps, uint32_t workers)
{
	struct steer steer = { .secret.word = { 1, 2, 3, 4 }, .workers = workers };
	struct outcome outcome = { .least_of_a_worker = UINT32_MAX };
	struct detect_report *report = calloc(1, sizeof(*report));
	struct detector_params params;
	struct detector *detector;
	struct pipe *pipes[WORKERS];
	uint64_t tick = tick_of(FIXTURE_START);

	detector_params_default(&params);
	detector = detector_create(&params, 1);
	assert_non_null(detector);
	assert_non_null(report);
	for (uint32_t w = 0; w < workers; w++)
		pipes[w] = make_worker();
	for (uint32_t n = 0; n < steps->count; tick++) {
		for (; n < steps->count && FIXTURE_START + steps->all[n].at_us < tick_end_us(tick);
				n++)
			take_step(pipes[worker_of(&steer, steps->all[n].id)], &steps->all[n]);
		for (uint32_t w = 0; w < workers; w++) {
			detect_report(pipeline_meter(pipes[w]->pipeline), report, tick);
			detector_take(detector, report);
		}
		detector_judge(detector, tick);
		take_alarms(detector, &outcome);
	}
	for (uint32_t w = 0; w < workers; w++) {
		const uint32_t syns = (uint32_t)PIPE_COUNTER(pipes[w], syn);

		if (syns < outcome.least_of_a_worker)
			outcome.least_of_a_worker = syns;
		pipe_destroy(pipes[w]);
	}
	detector_destroy(detector);
	free(report);
	return outcome;
}

static void
a_flood_over_four_workers_is_one_and_told_as_soon(void **state)
{
	static struct steps steps;

	(void)state;
	for (uint32_t i = 0; i < ONSETS; i++) {
		const uint64_t onset_us = USUAL_S * USEC_PER_SEC + i * 37 * USEC_PER_MSEC;
		struct outcome one, four;

		make_steps(&steps, onset_us);
		one = run(&steps, 1);
		four = run(&steps, WORKERS);
		assert_int_equal(one.starts, 1);
		assert_int_equal(four.starts, 1);
		/* Each had its share. */
		assert_true(four.least_of_a_worker > one.least_of_a_worker / (2 * WORKERS));
		assert_int_equal(four.start.time_us, one.start.time_us);
		assert_int_equal(four.start.onset_us, one.start.onset_us);
		assert_int_equal(four.start.total, one.start.total);
		assert_in_range(four.start.time_us - FIXTURE_START - onset_us, 0,
				300 * USEC_PER_MSEC);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_over_four_workers_is_one_and_told_as_soon),
	};

	return cmocka_run_group_tests_name("detector_workers", tests, NULL, NULL);
}
