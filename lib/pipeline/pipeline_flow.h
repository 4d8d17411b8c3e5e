/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A pipeline's flows: how they come into its table, what each segment and each timer does
 * to them, and how they leave it with an event. Only pipeline.c may call these.
 */

#ifndef PIPELINE_PIPELINE_FLOW_H
#define PIPELINE_PIPELINE_FLOW_H

#include "pipeline/pipeline.h"

#include <assert.h>

/* A segment reports at most: a flow evicted, a flow that it takes the place of, its own. */
#define EVENTS_A_FRAME 4
static_assert(EVENT_BATCH_ROOM >= PIPELINE_BURST_MAX * EVENTS_A_FRAME,
		"a burst cannot overfill it");

struct pipeline {
	struct flow_table table;
	struct tracker tracker;
	struct meter *meter; /* NULL: nothing is metered */
	struct pipeline_params params;
	struct header_ring headers;
	uint32_t finish_cursor;
	uint64_t blind_before_us; /* what began earlier was not seen whole */
	bool quote_told; /* in this burst: one is enough, or a storm of errors would fill the ring */
	struct segment segments[PIPELINE_BURST_MAX];
	struct flow_key keys[PIPELINE_BURST_MAX];
	uint64_t hashes[PIPELINE_BURST_MAX];
	uint32_t likely[PIPELINE_BURST_MAX]; /* the flow's slot, by flow_likely_slot() */
	bool src_is_second[PIPELINE_BURST_MAX];
	uint32_t crowded; /* bit n: a new flow will have to make room, by foresight[n] */
	struct flow_foresight foresight[PIPELINE_BURST_MAX];
	struct event_batch events;
	struct counters counters;
} CACHE_ALIGNED;

/**
 * Track the n-th frame of the burst, a TCP segment.
 *
 * @param slot
 *   Where its flow is; FLOW_TABLE_NONE: not known, or there is none.
 */
void pipeline_flow_tcp(
		struct pipeline *pipeline, const struct frame *frame, uint32_t n, uint32_t slot);

/** The n-th frame of the burst is an ICMP error that quotes a TCP segment. */
void pipeline_flow_icmp(struct pipeline *pipeline, const struct frame *frame, uint32_t n);

/** The same, of a quote that came in a letter; its key is that of the n-th segment. */
bool pipeline_flow_quote(struct pipeline *pipeline, const struct segment *quote, uint64_t now_us,
		uint32_t n);

/** The sweep says that the flow may be due. */
void pipeline_flow_look(struct pipeline *pipeline, uint32_t slot, uint64_t now_us);

/** The run ends: report the flow and release it. */
void pipeline_flow_finish(struct pipeline *pipeline, uint32_t slot, uint64_t now_us);

#endif /* PIPELINE_PIPELINE_FLOW_H */
