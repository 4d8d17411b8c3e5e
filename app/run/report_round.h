/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The reports of all workers, brought together tick by tick for the detector.
 *
 * A tick can be judged when all workers have reported it; one that stands still is not waited
 * for, nor any for longer than ROUND_PATIENCE_US behind the tick's end. What comes after that
 * counts with a later tick. Where this thread itself was away, ticks are left out: what the
 * workers counted meanwhile is in their next reports.
 */

#ifndef APP_RUN_REPORT_ROUND_H
#define APP_RUN_REPORT_ROUND_H

#include "app/worker/report_rings.h"
#include "base/usec.h"
#include "detect/detector.h"
#include "observe/status.h"

#include <stdbool.h>
#include <stdint.h>

#define ROUND_PATIENCE_US (50 * USEC_PER_MSEC)

struct report_round {
	uint32_t workers;
	uint64_t tick; /* to be judged next */
	uint64_t reported
			[STATUS_WORKERS_MAX]; /* the worker has reported all ticks before this one */
	struct detect_report *held[STATUS_WORKERS_MAX]; /* of a later tick; NULL: none */
};

/** The workers begin now. */
void report_round_init(struct report_round *round, uint32_t workers, uint64_t now_us);

/** Take what one worker has reported of the tick to be judged, and of those before it. */
void report_round_take(struct report_round *round, uint32_t worker,
		const struct report_rings *rings, struct detector *detector);

/**
 * Whether the tick can be judged.
 *
 * @param is_stalled
 *   By worker.
 */
bool report_round_is_complete(
		const struct report_round *round, const bool *is_stalled, uint64_t now_us);

/** The tick has been judged: which is the next? */
void report_round_advance(struct report_round *round, uint64_t now_us);

/** Whether any worker has reported the tick to be judged, or a later one. */
bool report_round_has_more(const struct report_round *round);

#endif /* APP_RUN_REPORT_ROUND_H */
