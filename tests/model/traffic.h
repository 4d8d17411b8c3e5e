/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Random conversations: sensible enough that connections open, talk and close, and
 * disturbed enough that whatever a wire may show comes up.
 */

#ifndef MODEL_TRAFFIC_H
#define MODEL_TRAFFIC_H

#include "handshake/tracker.h"
#include "step.h"

/* What one seed makes. */
struct traffic {
	struct tracker_params params;
	struct sequence sequence;
};

void traffic_make(uint64_t seed, struct traffic *traffic);

#endif /* MODEL_TRAFFIC_H */
