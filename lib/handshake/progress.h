/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What an acknowledgement, data or FIN does to a connection: it completes the handshake,
 * goes on, or closes (RFC 9293 sections 3.5 and 3.6).
 */

#ifndef HANDSHAKE_PROGRESS_H
#define HANDSHAKE_PROGRESS_H

#include "handshake/hs_fsm.h"
#include "handshake/tracker.h"

/** A segment with ACK, without SYN and RST. Outcomes, or-ed. */
uint32_t progress_segment(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, enum flow_side side, uint64_t now_us,
		uint32_t *notes);

/** The numbers of a segment are in: if now both SYNs of a simultaneous open are acknowledged. */
uint32_t progress_crossed(const struct flow_ref *flow, const struct segment *segment,
		enum flow_side side, uint64_t now_us);

/** A FIN that is believed. Outcomes, or-ed. */
uint32_t progress_fin(const struct flow_ref *flow, enum flow_side side);

/**
 * FIN without ACK, which is illegal and which receivers drop. Where it is all that is
 * known, as in a scan, it is still what the connection ended with.
 */
void progress_lone_fin(
		const struct flow_ref *flow, const struct segment *segment, enum flow_side side);

/** Count a segment of data that was sent before; gives the note that says so. */
uint32_t progress_note_retransmit(
		const struct flow_ref *flow, const struct segment *segment, enum flow_side side);

/** Go to a state, if it is one; TRACKER_RETIME if the flow's timer changes with that. */
uint32_t progress_move(const struct flow_ref *flow, enum hs_state next);

#endif /* HANDSHAKE_PROGRESS_H */
