/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * In debug builds the control thread looks each tick at what must hold: at what workers have
 * found of themselves, and at the sums over all of them. What does not hold is told in the log,
 * once for each worker and once for the sums.
 */

#ifndef APP_RUN_CONTROL_INVARIANTS_H
#define APP_RUN_CONTROL_INVARIANTS_H

#include "observe/status_check.h"

#include <stdbool.h>
#include <stdint.h>

struct control;

/* Zero-initialise. */
struct control_invariants {
	struct status_check sums;
	bool sums_are_told;
	bool is_told[STATUS_WORKERS_MAX];
	uint64_t sums_broken; /* looks at which the sums did not hold */
};

/** A tick, in debug builds; and once at the end in all. */
void control_invariants_look(struct control *control);

static inline void
control_invariants_tick(struct control *control)
{
#ifdef SYNWIRE_DEBUG
	control_invariants_look(control);
#else
	(void)control;
#endif
}

#endif /* APP_RUN_CONTROL_INVARIANTS_H */
