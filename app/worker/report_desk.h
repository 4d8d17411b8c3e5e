/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Where a worker writes its reports: what its meter has counted goes to the control thread
 * tick by tick (detect/tick.h), also when it is nothing, as a sign of life.
 *
 * A live worker fills a report in bounded steps over several turns. Where no empty one is
 * there, the counts stay in the meter and come with the next, which is counted. In a replay
 * the worker waits: all that happened before the end of a tick has been judged before any of
 * what comes after is looked at.
 */

#ifndef APP_WORKER_REPORT_DESK_H
#define APP_WORKER_REPORT_DESK_H

#include "app/worker/report_rings.h"
#include "detect/meter.h"
#include "pipeline/worker_counters.h"

#include <stdbool.h>
#include <stdint.h>

struct report_desk {
	struct meter *meter; /* NULL: nothing is detected */
	struct report_rings rings;
	struct worker_counters *counters;
	struct detect_report *report; /* being filled; NULL: none */
	bool is_open; /* a tick has begun */
	bool is_blind; /* frames passed untracked since the last report began */
	uint64_t tick; /* the first that no report has told of */
	uint64_t due_us; /* live: when there is something to do next */
};

/**
 * @param meter
 *   NULL: nothing is detected, and all that follows does nothing.
 * @param rings
 *   NULL the same.
 */
void report_desk_init(struct report_desk *desk, struct meter *meter,
		const struct report_rings *rings, struct worker_counters *counters);

/** Live: a step of the report of the last tick, if one has ended. */
void report_desk_go_on(struct report_desk *desk, uint64_t now_us);

/** Live, each turn; @p is_bypassed: frames pass untracked. */
static inline void
report_desk_turn(struct report_desk *desk, uint64_t now_us, bool is_bypassed)
{
	desk->is_blind |= is_bypassed;
	if (desk->meter != NULL && (desk->report != NULL || now_us >= desk->due_us))
		report_desk_go_on(desk, now_us);
}

/**
 * Replay: whether a frame of that time is the first behind the end of a tick, or from long
 * before it: another capture has begun, with a clock of its own.
 */
bool report_desk_is_due(struct report_desk *desk, uint64_t now_us);

/** Replay: report the tick that has ended, and wait until that has been judged. */
void report_desk_end_tick(struct report_desk *desk);

/**
 * Replay: go on at the tick of @p now_us. After a gap the last tick in it is reported, so that
 * it is known that nothing came.
 */
void report_desk_begin_tick(struct report_desk *desk, uint64_t now_us);

/** The run ends: report what is there, though its tick is not over; waits for an empty report. */
void report_desk_finish(struct report_desk *desk);

#endif /* APP_WORKER_REPORT_DESK_H */
