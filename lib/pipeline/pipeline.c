/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The burst goes through in passes, so that one frame's cache misses pass under the work
 * on the others: parse and hash all, and prefetch the buckets; find the likely flows, and
 * prefetch those; then track one by one, in order.
 */

#include "pipeline/pipeline.h"

#include "detect/meter_hot.h"
#include "packet/checksum.h"
#include "packet/parse.h"
#include "pipeline/pipeline_flow.h"

#include <assert.h>

static size_t
own_size(void)
{
	return (sizeof(struct pipeline) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

static size_t
meter_size(const struct pipeline_params *params)
{
	return params->detect ? (meter_memory_size() + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE
			      : 0;
}

size_t
pipeline_memory_size(const struct pipeline_params *params)
{
	return own_size() + meter_size(params) + header_ring_memory_size(params->kept_headers) +
			flow_table_memory_size(params->flow_slots);
}

struct pipeline *
pipeline_init(void *memory, const struct pipeline_params *params)
{
	struct pipeline *pipeline = memory;
	uint8_t *headers = (uint8_t *)memory + own_size() + meter_size(params);

	pipeline->params = *params;
	tracker_init(&pipeline->tracker, &params->tracker);
	if (params->detect)
		pipeline->meter = meter_init((uint8_t *)memory + own_size(), &params->meter);
	header_ring_init(&pipeline->headers, headers, params->kept_headers);
	flow_table_init(&pipeline->table, headers + header_ring_memory_size(params->kept_headers),
			params->flow_slots, params->hash_key, params->vlan_in_key,
			tracker_evictable_states());
	return pipeline;
}

static void
parse_and_hash(struct pipeline *pipeline, const struct frame *frames, uint32_t count)
{
	for (uint32_t n = 0; n < count; n++) {
		struct segment *segment = &pipeline->segments[n];

		parse_frame(&frames[n], segment);
		if (segment->kind > PACKET_ICMP_TCP)
			continue;
		if (segment->kind == PACKET_TCP && pipeline->params.verify_checksum &&
				!checksum_tcp_ok(&frames[n], segment)) {
			segment->kind = PACKET_BAD_CHECKSUM;
			continue;
		}
		pipeline->src_is_second[n] = flow_key_of(
				segment, pipeline->params.vlan_in_key, &pipeline->keys[n]);
		pipeline->hashes[n] = flow_key_hash(&pipeline->keys[n], &pipeline->table.secret);
		flow_table_prefetch_bucket(&pipeline->table, pipeline->hashes[n]);
	}
}

static void
count_frames(struct counters *counters, const struct frame *frames, const struct segment *segments,
		uint32_t count)
{
	uint64_t bytes = 0;

	for (uint32_t n = 0; n < count; n++) {
		bytes += frames[n].wire_len;
		counter_add(&counters->packets[segments[n].kind], 1);
	}
	counter_add(&counters->frames, count);
	counter_add(&counters->bytes, bytes);
}

static void
prefetch_flows(struct pipeline *pipeline, const struct frame *frames, uint32_t count)
{
	uint32_t crowded = 0;

	static_assert(PIPELINE_BURST_MAX <= 32, "a bit for each frame");
	for (uint32_t n = 0; n < count; n++)
		if (pipeline->segments[n].kind <= PACKET_ICMP_TCP &&
				flow_table_prefetch_flow(&pipeline->table, pipeline->hashes[n]))
			crowded |= UINT32_C(1) << n;
	for (; crowded != 0; crowded &= crowded - 1) {
		uint32_t n = (uint32_t)__builtin_ctz(crowded);

		flow_table_prefetch_victim(
				&pipeline->table, pipeline->hashes[n], frames[n].time_us);
	}
}

void
pipeline_burst(struct pipeline *pipeline, const struct frame *frames, uint32_t count,
		uint8_t *verdicts)
{
	pipeline->quote_told = false;
	parse_and_hash(pipeline, frames, count);
	count_frames(&pipeline->counters, frames, pipeline->segments, count);
	prefetch_flows(pipeline, frames, count);
	for (uint32_t n = 0; n < count; n++) {
		verdicts[n] = PIPELINE_FORWARD;
		if (pipeline->segments[n].kind == PACKET_TCP)
			pipeline_flow_tcp(pipeline, &frames[n], n);
		else if (pipeline->segments[n].kind == PACKET_ICMP_TCP)
			pipeline_flow_icmp(pipeline, &frames[n], n);
	}
	if (pipeline->meter != NULL)
		meter_burst_end(pipeline->meter);
}

bool
pipeline_tick(struct pipeline *pipeline, uint64_t now_us)
{
	uint32_t slots[FLOW_TABLE_WAYS];
	int count;

	if (!pipeline->params.tracker.timeouts)
		return true;
	count = flow_table_sweep(&pipeline->table, now_us, slots);
	for (int i = 0; i < count; i++)
		pipeline_flow_look(pipeline, slots[i], now_us);
	return count < 0;
}

bool
pipeline_finish(struct pipeline *pipeline, uint64_t now_us)
{
	uint32_t slots[FLOW_TABLE_WAYS];
	int count = flow_table_walk(&pipeline->table, &pipeline->finish_cursor, slots);

	for (int i = 0; i < count; i++)
		pipeline_flow_finish(pipeline, slots[i], now_us);
	return count < 0;
}

void
pipeline_retune(struct pipeline *pipeline, const struct pipeline_params *params)
{
	pipeline->params.tracker = params->tracker;
	pipeline->params.verify_checksum = params->verify_checksum;
	tracker_init(&pipeline->tracker, &params->tracker);
	flow_table_sweep_all(&pipeline->table);
}

void
pipeline_take_quote(struct pipeline *pipeline, const struct segment *quote, uint64_t now_us)
{
	pipeline->src_is_second[0] = flow_key_of(
			quote, pipeline->params.vlan_in_key, &pipeline->keys[0]);
	pipeline->hashes[0] = flow_key_hash(&pipeline->keys[0], &pipeline->table.secret);
	pipeline_flow_quote(pipeline, quote, now_us, 0);
}

void
pipeline_note_blind(struct pipeline *pipeline, uint64_t until_us)
{
	pipeline->blind_before_us = until_us + 1;
}

struct event_batch *
pipeline_events(struct pipeline *pipeline)
{
	return &pipeline->events;
}

const struct header_ring *
pipeline_headers(const struct pipeline *pipeline)
{
	return &pipeline->headers;
}

const struct counters *
pipeline_counters(const struct pipeline *pipeline)
{
	return &pipeline->counters;
}

bool
pipeline_peek(const struct pipeline *pipeline, const struct segment *segment,
		struct flow_snapshot *snapshot)
{
	struct flow_key key;
	uint32_t slot;

	flow_key_of(segment, pipeline->params.vlan_in_key, &key);
	slot = flow_table_find(
			&pipeline->table, flow_key_hash(&key, &pipeline->table.secret), &key);
	if (slot == FLOW_TABLE_NONE)
		return false;
	snapshot->entry = pipeline->table.entries[slot];
	snapshot->tally = pipeline->table.tallies[slot];
	snapshot->evidence = pipeline->table.evidence[slot];
	return true;
}
