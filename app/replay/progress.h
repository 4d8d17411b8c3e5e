/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One line on a terminal that says how far a long replay is. Nothing is drawn where
 * standard error is no terminal, or where the work is over before one could read it.
 */

#ifndef APP_REPLAY_PROGRESS_H
#define APP_REPLAY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool shown;
	uint64_t total_bytes;
	uint64_t started_us;
	uint64_t drawn_us;
};

/** A clock for durations; it never steps back. */
uint64_t progress_clock_us(void);

void progress_start(struct progress *progress, uint64_t total_bytes);

/** Draw, if the last time was long enough ago. */
void progress_update(struct progress *progress, uint64_t bytes, uint64_t frames);

/** Clear the line. */
void progress_end(struct progress *progress);

#endif /* APP_REPLAY_PROGRESS_H */
