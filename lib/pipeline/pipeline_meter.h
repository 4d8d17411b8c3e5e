/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * From what happens to a pipeline's flows to its meter. Every handshake that a SYN began is
 * metered from the SYN until its result is settled, or its entry is released: its flag says
 * so, and it is what makes it end just once. Only pipeline_flow.c may call these.
 */

#ifndef PIPELINE_PIPELINE_METER_H
#define PIPELINE_PIPELINE_METER_H

#include "handshake/hs_fsm.h"
#include "handshake/verdict.h"
#include "pipeline/pipeline_flow.h"

/** Tell the meter of the handshakes that have begun. */
void pipeline_meter_tell_begun(struct pipeline *pipeline);

/** Whatever else is told of a handshake, its beginning comes first. */
static inline void
pipeline_meter_catch_up(struct pipeline *pipeline)
{
	if (pipeline->begun_count != 0)
		pipeline_meter_tell_begun(pipeline);
}

/** A flow has been opened by a segment that is no SYN; there is a meter. */
void pipeline_meter_stray(struct pipeline *pipeline, const struct flow_ref *flow,
		const struct segment *segment);

/** A flow has been opened; there is a meter. */
static inline void
pipeline_meter_open(struct pipeline *pipeline, const struct flow_ref *flow,
		const struct segment *segment)
{
	if (flow->entry->state != HS_SYN_SENT) {
		pipeline_meter_stray(pipeline, flow, segment);
		return;
	}
	flow->entry->flags |= FLOW_METERED;
	if (pipeline->begun_count == 0 || flow->tally->start_us < pipeline->begun_us)
		pipeline->begun_us = flow->tally->start_us;
	pipeline->begun[pipeline->begun_count++] = flow->entry;
}

/** What a further segment was, by its notes; there is a meter. */
void pipeline_meter_noted(struct pipeline *pipeline, const struct flow_ref *flow,
		const struct segment *segment, uint32_t notes);

/** A result may have been settled, of a flow that stays. */
static inline void
pipeline_meter_judged(struct pipeline *pipeline, const struct flow_ref *flow, uint64_t now_us)
{
	if ((flow->entry->flags & FLOW_METERED) == 0 || flow->tally->result == HANDSHAKE_UNSET)
		return;
	pipeline_meter_catch_up(pipeline);
	meter_end(pipeline->meter, flow->entry, (enum handshake_result)flow->tally->result,
			flow->tally->start_us, now_us);
}

/** A flow is about to be released: its entry will be another's. */
static inline void
pipeline_meter_closing(struct pipeline *pipeline, const struct flow_ref *flow)
{
	if (pipeline->begun_count != 0 && flow->tally->start_us >= pipeline->begun_us)
		pipeline_meter_tell_begun(pipeline);
}

/** The outcome of a further segment. */
void pipeline_meter_came(struct pipeline *pipeline, const struct flow_ref *flow, uint32_t outcome,
		uint64_t now_us);

/** A metered flow is released; the last event holds a copy of it. */
static inline void
pipeline_meter_released(struct pipeline *pipeline, const struct flow_ref *flow, uint64_t now_us)
{
	enum handshake_result result = (enum handshake_result)flow->tally->result;
	uint32_t n = pipeline->ended_count;

	if (!meter_is_mere_end(result)) {
		pipeline_meter_judged(pipeline, flow, now_us);
		return;
	}
	pipeline->ended[n] = &pipeline->events.events[pipeline->events.count - 1].flow.entry;
	pipeline->ended_result[n] = (uint8_t)result;
	pipeline->ended_count = n + 1;
}

/** Tell the meter of all that has begun or ended. */
void pipeline_meter_tell(struct pipeline *pipeline);

/** A call of the pipeline is done, and the copies in its events will go. */
static inline void
pipeline_meter_finish(struct pipeline *pipeline)
{
	if (pipeline->begun_count + pipeline->ended_count != 0)
		pipeline_meter_tell(pipeline);
}

#endif /* PIPELINE_PIPELINE_METER_H */
