/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * When a flow must be looked at again, and what its time running out means.
 *
 * A half-open flow is judged when the kernel that began it must have given up, any other
 * after an idle time that depends on its state. A RST that is believed waits a moment for
 * signs that the connection goes on.
 */

#ifndef HANDSHAKE_DEADLINE_H
#define HANDSHAKE_DEADLINE_H

#include "handshake/tracker.h"

/** The moment; whether timeouts are on is the caller's question. */
uint64_t deadline_of(const struct tracker *tracker, const struct flow_ref *flow);

/**
 * A lower bound of it for a new flow, by which half-open flows stand in the order of
 * their age whatever becomes of them.
 */
uint64_t deadline_of_new(const struct tracker *tracker, uint64_t now_us);

/**
 * When a sweep should look at the flow next: at its deadline, but at one that nothing has
 * confirmed soon again, so that it keeps its place in the order of age.
 */
uint64_t deadline_to_look(
		const struct tracker *tracker, const struct flow_ref *flow, uint64_t now_us);

/** Whether it has passed; cheap for a flow that was just active. */
bool deadline_passed(const struct tracker *tracker, const struct flow_ref *flow, uint64_t now_us);

/** It has passed. Outcomes: TRACKER_RELEASE, or what else is to be said and TRACKER_RETIME. */
uint32_t deadline_expire(const struct tracker *tracker, const struct flow_ref *flow);

#endif /* HANDSHAKE_DEADLINE_H */
