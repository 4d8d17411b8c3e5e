/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The worker in the appliance: time is that of the clock, and no frame waits for anybody: a
 * letter is read between two bursts, an event that finds no room is lost and counted.
 */

#include "app/worker/self_check.h"
#include "app/worker/steering_check.h"
#include "app/worker/worker.h"
#include "app/worker/worker_evidence.h"
#include "base/usec.h"

#include <time.h>

#include <rte_mbuf.h>

/* Turns that what the ports have received may take to be sent on, once the end is near. */
#define DRAIN_TURNS 1024

/* The kernel steps CLOCK_REALTIME at will; durations must not jump with it. */
static uint64_t
clock_us(const struct worker *worker)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return worker->params.clock_offset_us + (uint64_t)now.tv_sec * USEC_PER_SEC +
			(uint64_t)now.tv_nsec / 1000;
}

static void
take_burst(struct worker *worker, const struct leg *leg, struct rte_mbuf **mbufs, uint16_t count)
{
	struct frame frames[LEG_BURST_MAX];

	if (worker->is_bypassed) {
		counter_add(&worker->counters.bypassed, count);
	} else {
		worker_take_frames(mbufs, count, worker->now_us, frames);
		steering_check(worker, leg, frames, count);
		worker_track(worker, frames, count, false);
	}
	leg_send(leg, mbufs, count);
}

/* One turn: a burst of each leg. Gives the number of frames. */
static uint32_t
turn(struct worker *worker)
{
	struct rte_mbuf *mbufs[LEG_BURST_MAX];
	uint32_t all = 0;
	bool full = false;

	for (uint32_t i = 0; i < worker->leg_count; i++) {
		const uint16_t count = leg_receive(&worker->legs[i], mbufs);

		if (count == 0)
			continue;
		/* An answer may be here before the turn is over: each burst has a time of its own. */
		worker->now_us = clock_us(worker);
		take_burst(worker, &worker->legs[i], mbufs, count);
		all += count;
		full |= count == LEG_BURST_MAX;
	}
	counter_add(&worker->counters.turns, 1);
	if (all == 0)
		counter_add(&worker->counters.idle_turns, 1);
	else if (full)
		counter_add(&worker->counters.full_turns, 1);
	return all;
}

/* While frames pass untracked, silence proves nothing: timers wait. */
static void
tick(struct worker *worker, bool had_frames)
{
	/* Frames have brought the time with them. */
	if (!had_frames)
		worker->now_us = clock_us(worker);
	if (!worker->is_bypassed) {
		pipeline_tick(worker->params.pipeline, worker->now_us);
		worker_hand_over(worker, false);
		self_check(worker);
	}
	report_desk_turn(&worker->desk, worker->now_us, worker->is_bypassed);
}

int
worker_live_run(void *arg)
{
	struct worker *worker = arg;

	while (!worker_is_stopped(worker)) {
		const uint32_t count = turn(worker);

		tick(worker, count != 0);
		worker_attend_to_mail(worker);
		worker_evidence_step(worker);
		if (count != 0 || worker->query != NULL)
			idle_wake(&worker->idle);
		else
			idle_rest(&worker->idle);
	}
	for (int i = 0; i < DRAIN_TURNS && turn(worker) != 0; i++)
		;
	return 0;
}
