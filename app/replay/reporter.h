/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What becomes of a worker's events: taken from its ring, unpacked, written as JSON lines
 * and added up for the summary; and of its reports, of which alarms are made. The control
 * thread's.
 *
 * All events that came before the end of a tick are written before the alarms of that tick,
 * so two runs write the same.
 */

#ifndef APP_REPLAY_REPORTER_H
#define APP_REPLAY_REPORTER_H

#include "app/replay/report_sink.h"
#include "app/run/evidence.h"
#include "app/worker/report_rings.h"
#include "base/err.h"
#include "detect/detector.h"
#include "observe/summary.h"

#include <stdint.h>
#include <stdio.h>

struct reporter;
struct rte_ring;

struct reporter_params {
	const char *json_path; /* where the JSON lines go; "-" is standard output, NULL: nowhere */
	struct rte_ring *events; /* of struct event */
	const struct report_rings
			*reports; /* of the worker; with rings of NULL nothing is detected */
	const struct detector_params *detector;
	const struct evidence_params
			*evidence; /* of the user's; a folder of "": none are captured */
	struct rte_ring *mail; /* the worker's */
	/* Gets all reports, and neither alarms nor anything else is made here; or NULL. */
	const struct report_sink *sink;
	const char *program; /* "synwire COMMAND", for messages */
};

/**
 * @param[out] reporter
 *   NULL after an error.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int reporter_create(
		const struct reporter_params *params, struct reporter **reporter, struct err *err);

/**
 * Take a bounded number of events; and, of a tick that the worker has ended and waits for, all
 * events, then its report, which is judged.
 *
 * @return
 *   How many were taken of both.
 */
uint32_t reporter_drain(struct reporter *reporter);

/** The worker has finished: attacks under way are over. */
void reporter_end_alarms(struct reporter *reporter);

/** NULL: nothing is detected. */
const struct detector *reporter_detector(const struct reporter *reporter);

/** 0, or -errno of the first line that could not be written; it is worth stopping then. */
int reporter_error(const struct reporter *reporter);

void reporter_print_summary(
		const struct reporter *reporter, const struct summary_run *run, FILE *out);

/**
 * Write out what is buffered, and close the file of the JSON lines.
 *
 * @return
 *   0 if all lines reached it; otherwise -errno with the sentence in @p err. The summary
 *   can still be printed in either case.
 */
int reporter_finish(struct reporter *reporter, struct err *err);

/** Finish, if that was not done, and free; @p reporter may be NULL. */
void reporter_destroy(struct reporter *reporter);

#endif /* APP_REPLAY_REPORTER_H */
