/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The first half of a connection: SYN and SYN-ACK (RFC 9293 section 3.5).
 */

#ifndef HANDSHAKE_OPENING_H
#define HANDSHAKE_OPENING_H

#include "handshake/tracker.h"

/**
 * A SYN or SYN-ACK on the key of a flow.
 *
 * @return
 *   Outcomes, or-ed. With TRACKER_RESTART or TRACKER_RESTART_PENDING the segment belongs
 *   to another connection, and nothing of it has been taken in.
 */
uint32_t opening_segment(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, const uint8_t *options, enum flow_side side,
		uint64_t now_us, uint32_t *notes);

#endif /* HANDSHAKE_OPENING_H */
