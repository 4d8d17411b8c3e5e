/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A sequence as frames through pipeline_burst(), and what comes out of it.
 */

#ifndef MODEL_ENGINE_H
#define MODEL_ENGINE_H

#include "handshake/tracker.h"
#include "naive.h"
#include "step.h"

#include <stdbool.h>
#include <stdint.h>

/* What the pipeline counted, and what was seen of it between the calls. */
struct engine_totals {
	uint64_t frames;
	uint64_t opened;
	uint64_t closed;
	uint64_t evicted;
	uint64_t untracked;
	uint64_t in_use_max; /* connections at once */
	uint64_t metered; /* handshakes that the meter saw begin; 0: it was off */
	uint64_t metered_ended; /* and end */
	bool metered_all; /* each report told of all */
	bool invariants_hold; /* what does not is printed */
	bool all_forwarded;
	bool unchanged; /* every frame was left as it came */
};

/**
 * Run a sequence through a new pipeline, to the end.
 *
 * @param schedule
 *   A seed: how the steps are cut into bursts, and when timers are run in between. It must
 *   not matter.
 */
void engine_run(const struct sequence *sequence, const struct tracker_params *params,
		uint32_t flow_slots, uint64_t schedule, struct said_list *said,
		struct engine_totals *totals);

#endif /* MODEL_ENGINE_H */
