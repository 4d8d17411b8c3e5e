/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The worker in a replay: time is that of the packets, and nothing is lost; where the control
 * thread is behind, the worker waits.
 */

#include "app/worker/self_check.h"
#include "app/worker/worker.h"
#include "app/worker/worker_evidence.h"
#include "base/usec.h"
#include "io/capture_time.h"

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

/* Timers are coarser than this by far, and a dense capture is not asked more often. */
#define TICK_STEP_US (10 * USEC_PER_MSEC)

/* More than packets are ever out of order: the next capture is an earlier one. */
#define STEP_BACK_US USEC_PER_SEC

/* Let every timer run out that is due. */
static void
settle(struct worker *worker, uint64_t now_us)
{
	bool done;

	do {
		done = pipeline_tick(worker->params.pipeline, now_us);
		worker_hand_over(worker, true);
	} while (!done && !worker_is_stopped(worker));
	self_check(worker);
	worker->ticked_us = now_us;
}

static bool
is_timer_due(struct worker *worker, uint64_t now_us)
{
	if (!worker->params.timeouts)
		return false;
	if (now_us + STEP_BACK_US < worker->ticked_us)
		worker->ticked_us = now_us;
	return usec_since(worker->ticked_us, now_us) >= TICK_STEP_US;
}

/* What happened before a tick's end is judged, and known here, before what comes after it. */
static void
pass_ticks(struct worker *worker, uint64_t now_us, bool has_timers)
{
	report_desk_end_tick(&worker->desk);
	worker_read_all_mail(worker);
	worker_evidence_settle(worker, now_us);
	if (has_timers)
		settle(worker, now_us);
	report_desk_begin_tick(&worker->desk, now_us);
	worker_read_all_mail(worker);
}

/* A burst may span hours of packet time: what ran out or ended before a frame comes first. */
static void
track_in_time(struct worker *worker, const struct frame *frames, uint32_t count)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < count; i++) {
		const uint64_t now_us = frames[i].time_us;
		const bool has_timers = is_timer_due(worker, now_us);
		const bool has_ticks = report_desk_is_due(&worker->desk, now_us);

		if (!has_timers && !has_ticks)
			continue;
		worker_track(worker, frames + first, i - first, true);
		if (has_ticks)
			pass_ticks(worker, now_us, has_timers);
		else
			settle(worker, now_us);
		first = i;
	}
	worker_track(worker, frames + first, count - first, true);
}

static void
take_times(const struct worker *worker, struct rte_mbuf *const *mbufs, uint32_t count,
		struct frame *frames)
{
	for (uint32_t i = 0; i < count; i++)
		frames[i].time_us = capture_time_us(*RTE_MBUF_DYNFIELD(
				mbufs[i], worker->params.time_offset, const uint64_t *));
}

/* Captures in turn need not be in the order of time, nor the packets of one. */
static void
note_times(struct worker *worker, const struct frame *frames, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (frames[i].time_us < worker->first_us)
			worker->first_us = frames[i].time_us;
		if (frames[i].time_us > worker->last_us)
			worker->last_us = frames[i].time_us;
	}
	worker->now_us = frames[count - 1].time_us;
}

/* One turn; gives the number of frames received. */
static uint16_t
turn(struct worker *worker)
{
	struct rte_mbuf *mbufs[LEG_BURST_MAX];
	struct frame frames[LEG_BURST_MAX];
	const uint16_t count = leg_receive(&worker->legs[0], mbufs);

	if (count == 0)
		return 0;
	worker_take_frames(mbufs, count, 0, frames);
	take_times(worker, mbufs, count, frames);
	note_times(worker, frames, count);
	track_in_time(worker, frames, count);
	worker_evidence_step(worker);
	leg_send(&worker->legs[0], mbufs, count);
	return count;
}

int
worker_replay_run(void *arg)
{
	struct worker *worker = arg;

	while (!worker_is_stopped(worker) && turn(worker) == LEG_BURST_MAX)
		;
	return 0;
}
