/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * With software steering: a thread that does all receiving and sending of some wires, and has
 * the frames tracked by the workers in between, each by its own.
 *
 *   port --> receiver --> to[w] --> worker w --> from[w] --> receiver --> peer port
 *
 * Frames of a connection stay in order: they are received by one receiver, go through the
 * rings of one worker, and are sent by the same receiver. It waits for nobody: what a worker's
 * ring does not take is dropped and counted.
 */

#ifndef APP_RUN_RECEIVER_H
#define APP_RUN_RECEIVER_H

#include "app/worker/idle.h"
#include "app/worker/leg.h"
#include "pipeline/steer.h"
#include "pipeline/worker_counters.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct rte_mbuf;
struct rte_ring;

#define RECEIVER_LEGS_MAX 32
#define RECEIVER_WORKERS_MAX 64

/* Frames that a ring to a worker holds; the one back holds as many again. */
#define RECEIVER_RING_ROOM 1024

/* Zero-initialise; legs, rings and steering are filled in by the caller. */
struct receiver {
	struct leg legs[RECEIVER_LEGS_MAX];
	uint32_t leg_count;
	const struct steer *steer;
	struct rte_ring *to[RECEIVER_WORKERS_MAX]; /* one producer, one consumer, as `from` */
	struct rte_ring *from[RECEIVER_WORKERS_MAX];
	struct idle idle;
	struct rte_mbuf *batch[RECEIVER_WORKERS_MAX][LEG_BURST_MAX]; /* of the burst under way */
	uint32_t batch_count[RECEIVER_WORKERS_MAX];
	atomic_bool close; /* control: wo; receive no more, and then say so: */
	atomic_bool is_closed; /* receiver: wo */
	atomic_bool stop; /* control: wo; the workers are done: send what is left, and come back */
	struct worker_counters counters; /* receiver: wo, control: ro */
};

/** Until told to close, and then to stop. Launched on a lcore; returns 0. */
int receiver_run(void *receiver);

#endif /* APP_RUN_RECEIVER_H */
