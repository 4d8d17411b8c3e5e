/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What becomes of a worker's events: taken from its ring, unpacked, written as JSON lines
 * and added up for the summary. The control thread's.
 */

#ifndef APP_REPLAY_REPORTER_H
#define APP_REPLAY_REPORTER_H

#include "base/err.h"
#include "observe/summary.h"

#include <stdint.h>
#include <stdio.h>

struct reporter;
struct rte_ring;

/**
 * @param json_path
 *   Where the JSON lines go; "-" is standard output, NULL: nowhere.
 * @param events
 *   The ring, of struct event.
 * @param[out] reporter
 *   NULL after an error.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int reporter_create(const char *json_path, struct rte_ring *events, struct reporter **reporter,
		struct err *err);

/** Take what is in the ring, a bounded number of events; returns how many. */
uint32_t reporter_drain(struct reporter *reporter);

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
