/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a worker is asked to copy of an attack: frames to a victim, and its answers, out of the
 * headers that it keeps (detect/header_ring.h).
 *
 * The request follows the ring: it begins with the oldest frame, catches up a bounded step at
 * a time, and then takes what comes. What was in the ring when it began is "before", of which
 * the latest are kept; what came since is "after", of which the first are. So both meet.
 *
 * Whoever asks owns the request before it is handed over and after it has come back; in
 * between it is the worker's, but for what says otherwise.
 */

#ifndef DETECT_EVIDENCE_REQUEST_H
#define DETECT_EVIDENCE_REQUEST_H

#include "base/counter.h"
#include "detect/header_ring.h"
#include "detect/victim.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct evidence_request {
	struct victim_key victim;
	struct victim_prefixes prefixes;
	uint64_t until_us; /* what comes later is not wanted */
	struct kept_header *before;
	uint32_t before_room; /* 0: none is wanted */
	struct kept_header *after;
	uint32_t after_room;
	const atomic_bool *is_enough; /* asker: wo, worker: ro; end early */

	/* The worker's; zero at first, but for the room. */
	uint64_t begun; /* frames kept when it began */
	uint64_t next; /* the number of the next frame to look at */
	uint64_t before_found; /* the last before_room of them are in before, in turn */
	struct counter after_found; /* worker: wo, asker: ro; in after, in order */
	uint64_t missed; /* frames that were overwritten before they could be looked at */
};

/** Before the first step: what has been kept by now is "before". */
void evidence_request_begin(const struct header_ring *ring, struct evidence_request *request);

/**
 * Go on, for @p slots kept frames at most.
 *
 * @param now_us
 *   No frame comes any more that is earlier than this.
 * @return
 *   Whether it is over: time or room are at an end, or enough was said.
 */
bool evidence_request_step(const struct header_ring *ring, struct evidence_request *request,
		uint32_t slots, uint64_t now_us);

/** How many frames there are in before. */
uint32_t evidence_request_before_count(const struct evidence_request *request);

#endif /* DETECT_EVIDENCE_REQUEST_H */
