/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The burst goes through in passes, so that one frame's cache misses pass under the work
 * on the others: parse and hash all, and prefetch the buckets; find the likely flows, and
 * prefetch those; then track one by one, in order.
 */

#include "pipeline/pipeline.h"

#include "detect/meter_hot.h"
#include "flow/flow_likely.h"
#include "handshake/plain.h"
#include "packet/checksum.h"
#include "packet/parse.h"
#include "packet/parse_plain.h"
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

/* Which flow a segment belongs to. Once for each way to a segment, which then is in registers. */
static inline __attribute__((always_inline)) void
locate(struct pipeline *pipeline, const struct segment *segment, uint32_t n)
{
	struct flow_key *key = &pipeline->keys[n];
	uint64_t hash;

	pipeline->src_is_second[n] = flow_key_of(segment, pipeline->params.vlan_in_key, key);
	hash = flow_key_hash(key, &pipeline->table.secret);
	pipeline->hashes[n] = hash;
	flow_table_prefetch_bucket(&pipeline->table, hash);
}

static void
parse_and_hash(struct pipeline *pipeline, const struct frame *frames, uint32_t count)
{
	struct segment *segment = pipeline->segments;
	uint64_t bytes = 0;

	for (uint32_t n = 0; n < count; n++, segment++) {
		const uint8_t *data = frames[n].data;
		uint32_t len = frames[n].len;

		bytes += frames[n].wire_len;
		if (likely(parse_plain_v4(data, len, segment))) {
			locate(pipeline, segment, n);
		} else if (parse_plain_v6(data, len, segment)) {
			locate(pipeline, segment, n);
		} else {
			parse_frame(&frames[n], segment);
			if (segment->kind <= PACKET_ICMP_TCP)
				locate(pipeline, segment, n);
		}
	}
	counter_add(&pipeline->counters.frames, count);
	counter_add(&pipeline->counters.bytes, bytes);
}

static void
verify_checksums(struct pipeline *pipeline, const struct frame *frames, uint32_t count)
{
	for (uint32_t n = 0; n < count; n++) {
		struct segment *segment = &pipeline->segments[n];

		if (segment->kind == PACKET_TCP && !checksum_tcp_ok(&frames[n], segment))
			segment->kind = PACKET_BAD_CHECKSUM;
	}
}

static void
prefetch_flows(struct pipeline *pipeline, const struct frame *frames, uint32_t count)
{
	uint32_t crowded = 0;

	static_assert(PIPELINE_BURST_MAX <= 32, "a bit for each frame");
	for (uint32_t n = 0; n < count; n++) {
		uint32_t slot;

		if (pipeline->segments[n].kind > PACKET_ICMP_TCP)
			continue;
		slot = flow_likely_slot(&pipeline->table, pipeline->hashes[n]);
		pipeline->likely[n] = slot;
		if (slot != FLOW_TABLE_NONE) {
			flow_likely_prefetch(&pipeline->table, slot);
			/* What goes on in a connection mostly leaves its history as it is. */
			if ((pipeline->segments[n].tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0)
				flow_likely_prefetch_evidence(&pipeline->table, slot);
		} else if (flow_table_prefetch_new(&pipeline->table, pipeline->hashes[n]))
			crowded |= UINT32_C(1) << n;
	}
	pipeline->crowded = crowded;
	for (; crowded != 0; crowded &= crowded - 1) {
		uint32_t n = (uint32_t)__builtin_ctz(crowded);

		pipeline->foresight[n] = flow_table_foresee(
				&pipeline->table, pipeline->hashes[n], frames[n].time_us);
	}
}

/* The slot of a segment's flow, if that is where it was likely; it may be elsewhere. */
static inline uint32_t
likely_slot(const struct pipeline *pipeline, uint32_t n)
{
	uint32_t slot = pipeline->likely[n];
	bool is_there = slot != FLOW_TABLE_NONE &&
			flow_likely_is(&pipeline->table, slot, &pipeline->keys[n]);

	return is_there ? slot : FLOW_TABLE_NONE;
}

/* The short way for a segment of the flow in @p slot; pipeline_flow_tcp() would do the same. */
static inline bool
take_plain(struct pipeline *pipeline, const struct frame *frame, uint32_t n, uint32_t slot)
{
	return plain_segment(&pipeline->tracker, &pipeline->table.flows[slot].entry,
			&pipeline->table.flows[slot].tally, &pipeline->segments[n],
			pipeline->src_is_second[n], frame->time_us);
}

static inline void
take_tcp(struct pipeline *pipeline, const struct frame *frame, uint32_t n)
{
	uint32_t slot = likely_slot(pipeline, n);

	if (slot == FLOW_TABLE_NONE || !take_plain(pipeline, frame, n, slot))
		pipeline_flow_tcp(pipeline, frame, n, slot);
}

static void
take_other(struct pipeline *pipeline, const struct frame *frame, uint32_t n)
{
	counter_add(&pipeline->counters.packets[pipeline->segments[n].kind], 1);
	if (pipeline->segments[n].kind == PACKET_ICMP_TCP)
		pipeline_flow_icmp(pipeline, frame, n);
}

void
pipeline_burst(struct pipeline *pipeline, const struct frame *frames, uint32_t count,
		uint8_t *verdicts)
{
	uint32_t tcp = 0;

	pipeline->quote_told = false;
	parse_and_hash(pipeline, frames, count);
	if (pipeline->params.verify_checksum)
		verify_checksums(pipeline, frames, count);
	prefetch_flows(pipeline, frames, count);
	for (uint32_t n = 0; n < count; n++) {
		verdicts[n] = PIPELINE_FORWARD;
		if (pipeline->segments[n].kind == PACKET_TCP) {
			tcp++;
			take_tcp(pipeline, &frames[n], n);
		} else {
			take_other(pipeline, &frames[n], n);
		}
	}
	counter_add(&pipeline->counters.packets[PACKET_TCP], tcp);
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
	snapshot->entry = pipeline->table.flows[slot].entry;
	snapshot->tally = pipeline->table.flows[slot].tally;
	snapshot->evidence = pipeline->table.evidence[slot];
	return true;
}
