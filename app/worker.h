/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The poll loop: receive a burst, pass it through the pipeline, send it on.
 *
 * A worker owns its pipeline and writes its counters; it shares with the control thread
 * nothing but these counters, the event ring (it produces, control consumes) and one flag.
 * Every frame that it receives is sent or counted as a drop by reason, so
 * rx_frames = tx_frames + drops holds at the end of each turn.
 *
 * The appliance and the replay run the same loop. What differs is the time (of the clock,
 * or of the packets) and what may be lost when the control thread is slow (an event, or
 * time), so these are parameters.
 */

#ifndef APP_WORKER_H
#define APP_WORKER_H

#include "base/compiler.h"
#include "base/counter.h"
#include "pipeline/pipeline.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rte_ring;

/* X(field, metric, help) */
#define WORKER_COUNTERS(X) \
	X(rx_frames, "rx_packets", "Frames received") \
	X(rx_bytes, "rx_bytes", "Bytes of frames received") \
	X(tx_frames, "tx_packets", "Frames sent on") \
	X(events, "events", "Events handed to the control thread") \
	X(events_lost, "events_lost", "Events lost because the control thread was behind")

/* X(field, metric, help): frames that were not sent on, by reason. */
#define WORKER_DROPS(X) X(drop_tx_full, "drop_tx_full", "the outgoing port took no more")

struct worker_counters {
#define X(field, metric, help) struct counter field;
	WORKER_COUNTERS(X)
	WORKER_DROPS(X)
#undef X
} CACHE_ALIGNED;

enum worker_mode {
	WORKER_LIVE, /* the clock's time; events may be lost, packets not delayed */
	WORKER_REPLAY, /* the packets' own time; no event is lost; a short burst is the end */
};

struct worker_params {
	enum worker_mode mode;
	struct pipeline *pipeline; /* the worker's from worker_init() on */
	struct rte_ring *events; /* of struct event, one producer, one consumer */
	bool timeouts; /* replay: timers run out in packet time */
	size_t time_offset; /* replay: of a packet's time in its mbuf */
};

/* From where to where; a replay changes it from capture to capture. */
struct worker_leg {
	uint16_t rx_port;
	uint16_t rx_queue;
	uint16_t tx_port;
	uint16_t tx_queue;
};

struct worker {
	struct worker_params params;
	struct worker_leg leg; /* control: wo, while the worker does not run */
	atomic_bool stop; /* control: wo, worker: ro */
	uint64_t first_us; /* worker; time of the earliest frame; UINT64_MAX: no frame */
	uint64_t last_us; /* worker; time of the latest frame */
	uint64_t now_us; /* worker; time of the last frame, which another may have outrun */
	uint64_t ticked_us; /* worker; every timer due by then has run out */
	struct worker_counters counters; /* worker: wo, control: ro */
};

void worker_init(struct worker *worker, const struct worker_params *params);

/**
 * Run the leg, until told to stop or, in a replay, until its port gives a short burst.
 *
 * @param worker
 *   A struct worker, so that it can be launched on a lcore.
 * @return
 *   0.
 */
int worker_run(void *worker);

/** Report the connections still open; launched when worker_run() is over. Returns 0. */
int worker_finish(void *worker);

/** From any thread: come back soon. */
void worker_stop(struct worker *worker);

/** Frames received and not sent, by all reasons. */
uint64_t worker_drops(const struct worker *worker);

#endif /* APP_WORKER_H */
