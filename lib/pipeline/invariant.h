/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What must hold of a pipeline between any two calls of it, whatever frames came.
 *
 * Tests look at all of it; debug builds look a bounded step at a time, between turns, at what
 * can be told from a part. Nothing here writes to the pipeline.
 */

#ifndef PIPELINE_INVARIANT_H
#define PIPELINE_INVARIANT_H

#include "pipeline/pipeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(id, sentence): its numbers are, in this order, left and right of the breach. */
#define INVARIANTS(X) \
	X(FRAMES, "frames are the sum of their kinds") \
	X(IN_USE, "slots in use are connections opened and not released") \
	X(RESULTS, "connections released are the sum of their results") \
	X(ENDS, "connections released are the sum of their ends") \
	X(EVICTED, "connections that ended by it (left) are not more than were evicted (right)") \
	X(NEVER_LESS, "no counter (left: its number) goes down (right: by so much)") \
	X(TAGS, "slots with a tag are slots in use") \
	X(STATE, "the state of a slot in use (left) is below the number of states (right)") \
	X(FOUND, "a slot in use (left) is the one (right) that its key leads to") \
	X(SENT_AWAY, "flows in their second bucket are counted at their first") \
	X(METERED, "a flow is metered (left) if its handshake is under way (right)") \
	X(HALF_OPEN, "flows that are metered are handshakes that the meter has seen begin, not end")

enum invariant {
#define X(id, sentence) INVARIANT_##id,
	INVARIANTS(X)
#undef X
	INVARIANT_COUNT
};

struct invariant_breach {
	enum invariant what;
	uint64_t left;
	uint64_t right;
	uint32_t slot; /* FLOW_TABLE_NONE: it is about none */
};

/** Room for the longest sentence. */
#define INVARIANT_TEXT_MAX 240

/** The breach as a sentence with all its numbers. */
void invariant_text(const struct invariant_breach *breach, char text[INVARIANT_TEXT_MAX]);

/**
 * Look at the whole pipeline: its time is that of its table.
 *
 * @return
 *   Whether all holds; if not, @p breach says what does not.
 */
bool invariant_all_hold(const struct pipeline *pipeline, struct invariant_breach *breach);

/* What is remembered from step to step. Zero-initialise. */
struct invariant_watch {
	uint32_t bucket; /* the next to look at */
	struct counters before; /* as of the last step */
};

/**
 * A bounded step: the sums, the counters since the last step, and a few buckets.
 *
 * @return
 *   As invariant_all_hold().
 */
bool invariant_step(const struct pipeline *pipeline, struct invariant_watch *watch,
		struct invariant_breach *breach);

#endif /* PIPELINE_INVARIANT_H */
