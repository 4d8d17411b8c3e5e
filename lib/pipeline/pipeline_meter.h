/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * From what happens to a pipeline's flows to its meter. Every handshake that a SYN began is
 * metered from the SYN until its result is settled, or its entry is released: its flag says
 * so, and it is what makes it end just once. Only pipeline_flow.c may call these.
 */

#ifndef PIPELINE_PIPELINE_METER_H
#define PIPELINE_PIPELINE_METER_H

#include "detect/meter_hot.h"
#include "handshake/hs_fsm.h"
#include "handshake/verdict.h"
#include "pipeline/pipeline_flow.h"

static_assert(METER_BURST_MAX >= PIPELINE_BURST_MAX, "a SYN for each frame");

/** A flow has been opened by a segment that is no SYN; there is a meter. */
void pipeline_meter_stray(struct pipeline *pipeline, const struct flow_ref *flow,
		const struct segment *segment);

/** A flow has been opened by this segment of the burst; there is a meter. */
static inline void
pipeline_meter_open(struct pipeline *pipeline, const struct flow_ref *flow,
		const struct segment *segment)
{
	if (flow->entry->state == HS_SYN_SENT)
		meter_syn_later(pipeline->meter, flow->entry, segment);
	else
		pipeline_meter_stray(pipeline, flow, segment);
}

/** What a further segment was, by its notes; there is a meter. */
void pipeline_meter_noted(struct pipeline *pipeline, const struct flow_ref *flow,
		const struct segment *segment, uint32_t notes, uint64_t now_us);

/** A result may have been settled. */
static inline void
pipeline_meter_judged(struct pipeline *pipeline, const struct flow_ref *flow, uint64_t now_us)
{
	if ((flow->entry->flags & FLOW_METERED) != 0 && flow->tally->result != HANDSHAKE_UNSET)
		meter_end(pipeline->meter, flow->entry, (enum handshake_result)flow->tally->result,
				flow->tally->start_us, now_us);
}

/** A flow is closed, and its result settled. */
static inline void
pipeline_meter_closed(struct pipeline *pipeline, const struct flow_ref *flow, uint64_t now_us)
{
	if ((flow->entry->flags & FLOW_METERED) == 0)
		return;
	if (flow->tally->result == HANDSHAKE_EVICTED)
		meter_evicted(pipeline->meter, flow->entry);
	else
		meter_end(pipeline->meter, flow->entry, (enum handshake_result)flow->tally->result,
				flow->tally->start_us, now_us);
}

/** The outcome of a further segment. */
void pipeline_meter_came(struct pipeline *pipeline, const struct flow_ref *flow, uint32_t outcome,
		uint64_t now_us);

#endif /* PIPELINE_PIPELINE_METER_H */
