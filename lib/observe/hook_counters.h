/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What becomes of the events that a program of the operator's is run for. One row gives the
 * field, which is its name in JSON, the metric without synwire_ and _total, and the help.
 */

#ifndef OBSERVE_HOOK_COUNTERS_H
#define OBSERVE_HOOK_COUNTERS_H

#include <stdint.h>

/* X(field, metric, help) */
#define HOOK_COUNTERS(X) \
	X(started, "hooks_started", "Programs of flood.on_flood that were started") \
	X(failed, "hooks_failed", \
			"Programs of flood.on_flood that could not be started, or ended badly") \
	X(killed, "hooks_killed", \
			"Programs of flood.on_flood that were killed, as they took too long") \
	X(skipped, "hooks_skipped", \
			"Events that no program was started for, as too many waited for theirs")

struct hook_counters {
#define X(field, metric, help) uint64_t field;
	HOOK_COUNTERS(X)
#undef X
};

#endif /* OBSERVE_HOOK_COUNTERS_H */
