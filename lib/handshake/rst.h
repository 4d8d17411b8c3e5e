/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * RSTs: which are believed, and what is said of each.
 *
 * A receiver obeys a RST only if its sequence number is exactly what it expects next; to
 * one that lies elsewhere in its window it sends a challenge ACK, and any other it drops
 * (RFC 5961 section 3). The box in the middle judges likewise, from the highest
 * acknowledgement that the receiver has sent and from the end of what the RST's sender
 * has sent.
 */

#ifndef HANDSHAKE_RST_H
#define HANDSHAKE_RST_H

#include "handshake/tracker.h"

/* What the receiver does with it; in the order of its effect. */
enum rst_belief {
	RST_IGNORED, /* nothing, and we too have seen such a one, or there is nothing left to end */
	RST_NOTED, /* nothing: it is out of window; it is the first such one, and kept */
	RST_DOUBTFUL, /* perhaps something: its silence must confirm it */
	RST_BELIEVED,
};

/** Classify a RST and keep that in the flow's evidence, unless one that counts is there. */
enum rst_belief rst_judge(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, enum flow_side by, uint64_t now_us);

/** The first segment of a flow is a RST: keep it as a stray one. */
void rst_judge_stray(const struct flow_ref *flow);

/** Whether a doubtful RST awaits the receiver's silence. */
static inline bool
rst_waits(const struct flow_ref *flow)
{
	return (flow->entry->flags & FLOW_RST_UNCONFIRMED) != 0;
}

/** Whether the RST in the evidence is to be reported and has not been. */
bool rst_is_unreported(const struct tracker *tracker, const struct flow_ref *flow);

/** Mark it as reported; gives the outcome that says so. */
uint32_t rst_report(const struct flow_ref *flow);

/**
 * A segment with ACK, without SYN and RST, after a RST: does it show that the connection
 * goes on?
 *
 * @return
 *   Outcomes, or-ed; the flow's state is put back where it must.
 */
uint32_t rst_after(const struct tracker *tracker, const struct flow_ref *flow,
		const struct segment *segment, enum flow_side side);

/** The handshake goes on, by a SYN sent again or a good answer: a doubtful RST had no effect. */
uint32_t rst_after_retry(const struct tracker *tracker, const struct flow_ref *flow);

/** A good SYN-ACK, perhaps from a side that had refused the SYN before. */
uint32_t rst_after_synack(
		const struct tracker *tracker, const struct flow_ref *flow, enum flow_side side);

/** Nobody objected in time: a doubtful RST is believed, and one to be reported is. */
uint32_t rst_after_silence(const struct tracker *tracker, const struct flow_ref *flow);

#endif /* HANDSHAKE_RST_H */
