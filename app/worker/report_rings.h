/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The way of a worker's reports to the control thread, and of their memory back: two rings of
 * one producer and one consumer each, and a few reports that go round.
 *
 * A report is its holder's alone: the worker's from the ring of the empty ones to that of the
 * full ones, the control thread's on the other half of the way. A worker that finds no empty
 * one goes on counting, so nobody waits and nothing is lost.
 */

#ifndef APP_WORKER_REPORT_RINGS_H
#define APP_WORKER_REPORT_RINGS_H

#include "base/err.h"
#include "detect/report.h"

#include <stddef.h>
#include <stdint.h>

struct rte_ring;

/* While the control thread reads one, the worker fills the other. */
#define REPORT_RINGS_LIVE 2

/* In a replay the worker waits for the control thread. */
#define REPORT_RINGS_REPLAY 1

/* Zero-initialise; rings of NULL: nothing is detected. */
struct report_rings {
	struct rte_ring *full; /* worker: produces, control: consumes */
	struct rte_ring *empty; /* the other way round */
	void *memory;
	size_t size;
};

/**
 * @param reports
 *   How many go round: REPORT_RINGS_LIVE or REPORT_RINGS_REPLAY.
 * @param node
 *   The worker's, of NUMA.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int report_rings_make(struct report_rings *rings, uint32_t reports, int node, struct err *err);

/** The next report that is full, for the control thread; NULL: there is none. */
struct detect_report *report_rings_take(const struct report_rings *rings);

/** The control thread is done with it. */
void report_rings_give_back(const struct report_rings *rings, struct detect_report *report);

/** Nobody uses them any more; also where they were never made. */
void report_rings_free(struct report_rings *rings);

#endif /* APP_WORKER_REPORT_RINGS_H */
