/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What must hold of the sums over all workers, from look to look: no more frames are sent or
 * dropped than came in, and no sum goes down. pipeline/invariant.h has what holds of one worker.
 */

#ifndef OBSERVE_STATUS_CHECK_H
#define OBSERVE_STATUS_CHECK_H

#include "observe/status_totals.h"

#include <stdbool.h>

#define STATUS_CHECK_TEXT_MAX 160

/* Zero-initialise. */
struct status_check {
	struct status_totals before; /* as of the last look */
};

/**
 * @param totals
 *   As status_totals_sum() gives them, later than those of the last call.
 * @param[out] text
 *   If something does not hold: the first of it, as a sentence with its numbers.
 * @return
 *   Whether all holds.
 */
bool status_check(struct status_check *check, const struct status_totals *totals,
		char text[STATUS_CHECK_TEXT_MAX]);

#endif /* OBSERVE_STATUS_CHECK_H */
