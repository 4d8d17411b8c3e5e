/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The poll loop: receive a burst, pass it through the pipeline, send it on.
 *
 * A worker owns its pipeline and writes its counters; it shares with the control thread
 * nothing but these counters, the event ring (it produces, control consumes), the ring of
 * letters (control produces), the reports of detection, which go round, and one flag. Every frame that it receives is sent or counted
 * as a drop by reason, so rx_frames = tx_frames + drops holds at the end of each turn.
 *
 * The appliance (worker_live.c) and the replay (worker_replay.c) have a loop each around the
 * same steps. What differs is the time (of the clock, or of the packets) and what may be lost
 * when the control thread is slow (an event, or time).
 */

#ifndef APP_WORKER_WORKER_H
#define APP_WORKER_WORKER_H

#include "app/worker/idle.h"
#include "app/worker/leg.h"
#include "app/worker/mail.h"
#include "app/worker/report_desk.h"
#include "base/compiler.h"
#include "base/counter.h"
#include "pipeline/invariant.h"
#include "pipeline/pipeline.h"
#include "pipeline/worker_counters.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rte_ring;
struct steer;

#define WORKER_LEGS_MAX 32

/* Of two headers; that they are the same is what is asserted. */
/* NOLINTNEXTLINE(misc-redundant-expression) */
static_assert((int)LEG_BURST_MAX == (int)PIPELINE_BURST_MAX, "a leg's burst is the pipeline's");

struct worker_params {
	struct pipeline *pipeline; /* the worker's from worker_init() on */
	struct rte_ring *events; /* of struct event, one producer, one consumer */
	struct rte_ring *mail; /* of struct mail *, the same */
	const struct report_rings *reports; /* with a pipeline that detects; else NULL */
	enum idle_mode idle; /* live */
	uint64_t clock_offset_us; /* live: what makes CLOCK_MONOTONIC the time since 1970 */
	bool is_bypassed; /* live: begin without tracking */
	bool timeouts; /* replay: timers run out in packet time */
	size_t time_offset; /* replay: of a packet's time in its mbuf */
	const struct steer *steer; /* what steered the frames here; NULL: a port */
	uint32_t id; /* which of the steering's workers it is */
};

struct worker {
	struct worker_params params;
	struct leg legs[WORKER_LEGS_MAX]; /* control: wo, while the worker does not run */
	uint32_t leg_count;
	struct idle idle;
	struct report_desk desk;
	struct mail *query; /* under way */
	struct mail *evidence[MAIL_EVIDENCE_MAX]; /* the same */
	uint32_t evidence_count;
	bool is_bypassed;
	atomic_bool stop; /* control: wo, worker: ro */
	uint64_t first_us; /* replay: time of the earliest frame; UINT64_MAX: no frame */
	uint64_t last_us; /* replay: time of the latest frame */
	uint64_t now_us; /* time of the last turn or, in a replay, of the last frame */
	uint64_t ticked_us; /* replay: every timer due by then has run out */
	struct invariant_watch invariants; /* debug builds */
	struct invariant_breach breach; /* the first; see self_check.h */
	struct worker_counters counters; /* worker: wo, control: ro */
};

void worker_init(struct worker *worker, const struct worker_params *params);

/** Track a burst, and hand its events over; with @p patient none is lost, but time is. */
void worker_track(struct worker *worker, const struct frame *frames, uint32_t count, bool patient);

/** Hand over what the pipeline has to tell. */
void worker_hand_over(struct worker *worker, bool patient);

/** Describe the mbufs of a burst, all of them at @p now_us. */
void worker_take_frames(struct rte_mbuf *const *mbufs, uint32_t count, uint64_t now_us,
		struct frame *frames);

/** A letter, and none while a query is under way: nobody is in a hurry. */
void worker_attend_to_mail(struct worker *worker);

/** All letters, and a query to its end: where nobody waits for a frame. */
void worker_read_all_mail(struct worker *worker);

static inline bool
worker_is_stopped(const struct worker *worker)
{
	return atomic_load_explicit(&worker->stop, memory_order_relaxed);
}

/**
 * Forward and track until told to stop, and then what has been received by the ports.
 *
 * @param worker
 *   A struct worker, so that it can be launched on a lcore.
 * @return
 *   0.
 */
int worker_live_run(void *worker);

/** Replay: the first leg, until its port gives a short burst, or told to stop. Returns 0. */
int worker_replay_run(void *worker);

/**
 * Report the connections still open; launched when the loop is over. The control thread must
 * go on draining the events. Returns 0.
 */
int worker_finish(void *worker);

/** From any thread: come back soon. */
void worker_stop(struct worker *worker);

#endif /* APP_WORKER_WORKER_H */
