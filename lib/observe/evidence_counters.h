/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What becomes of the captures of attacks. One row gives the field, which is its name in JSON,
 * the metric without synwire_ and _total, and the help.
 */

#ifndef OBSERVE_EVIDENCE_COUNTERS_H
#define OBSERVE_EVIDENCE_COUNTERS_H

#include <stdint.h>

/* X(field, metric, help): never reset. */
#define EVIDENCE_COUNTERS(X) \
	X(written, "captures_written", "Captures of attacks that were written") \
	X(failed, "captures_failed", "Captures of attacks that could not be written") \
	X(empty, "captures_empty", "Attacks of which no frame was found to capture") \
	X(missed, "captures_missed", \
			"Attacks that were not captured: too many at once, or no memory") \
	X(frames_missed, "captures_frames_missed", \
			"Frames that came faster than they could be captured")

struct evidence_counters {
#define X(field, metric, help) uint64_t field;
	EVIDENCE_COUNTERS(X)
#undef X
};

#endif /* OBSERVE_EVIDENCE_COUNTERS_H */
