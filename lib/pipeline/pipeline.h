/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One worker's whole work on packets: a burst of frames in, a verdict for each frame
 * and a few events out.
 *
 * A pipeline knows no thread, no clock, no port and no allocator: the worker, the
 * replay, the tests and the benchmarks all call these functions. It owns its flow table
 * and its counters; only its owner may call it, anyone may read its counters.
 *
 * Nothing here depends on the EAL. Time is the frames' own and must not run backwards
 * by more than a reordering does; where it does, differences are taken as zero.
 */

#ifndef PIPELINE_PIPELINE_H
#define PIPELINE_PIPELINE_H

#include "detect/header_ring.h"
#include "detect/meter.h"
#include "flow/flow_table.h"
#include "handshake/tracker.h"
#include "packet/frame.h"
#include "pipeline/counters.h"
#include "pipeline/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIPELINE_BURST_MAX 32

/* What becomes of a frame. Zero is the wire's default. */
enum pipeline_verdict {
	PIPELINE_FORWARD,
};

struct pipeline_params {
	uint16_t worker; /* goes into events */
	uint32_t flow_slots; /* room in the flow table; rounded up to a power of two */
	uint8_t hash_key[FLOW_HASH_KEY_LEN]; /* random, so that nobody can aim at a bucket */
	bool vlan_in_key;
	bool tell_handshakes; /* EVENT_HANDSHAKE for each that completes */
	bool tell_quotes; /* EVENT_QUOTE: another pipeline may know the connection */
	bool verify_checksum;
	uint32_t kept_headers; /* room in pipeline_headers(); 0: none are kept */
	struct tracker_params tracker;
	bool detect; /* count what happens to handshakes by victim */
	struct meter_params meter; /* only with detect */
};

struct pipeline;

/** Bytes that pipeline_init() needs. */
size_t pipeline_memory_size(const struct pipeline_params *params);

/**
 * Make a pipeline in the caller's memory.
 *
 * @param memory
 *   pipeline_memory_size() bytes, zeroed, aligned to CACHE_LINE; the pipeline's until
 *   the caller frees it. There is nothing to tear down.
 */
struct pipeline *pipeline_init(void *memory, const struct pipeline_params *params);

/**
 * Take one burst.
 *
 * @param frames
 *   @p count frames, PIPELINE_BURST_MAX at most, in the order of arrival.
 * @param[out] verdicts
 *   An enum pipeline_verdict for each frame.
 *
 * The event batch must be empty before; a burst cannot overfill it.
 */
void pipeline_burst(struct pipeline *pipeline, const struct frame *frames, uint32_t count,
		uint8_t *verdicts);

/**
 * Let timers run out: a bounded step of work.
 *
 * @return
 *   Whether all that was due at @p now_us is done. A live worker calls this once a turn
 *   and ignores it; a replay calls on until it is true, emptying the event batch between.
 */
bool pipeline_tick(struct pipeline *pipeline, uint64_t now_us);

/**
 * The run ends: report connections that are still open, a bounded step at a time; timers
 * that ran out before come first.
 *
 * @return
 *   Whether none is left. Empty the event batch between calls.
 */
bool pipeline_finish(struct pipeline *pipeline, uint64_t now_us);

/**
 * Go on with other parameters, between two bursts.
 *
 * @param params
 *   Only tracker and verify_checksum are taken. What the new timeouts mean for the
 *   connections that are there already, pipeline_tick() finds out step by step.
 */
void pipeline_retune(struct pipeline *pipeline, const struct pipeline_params *params);

/**
 * An ICMP error that came to another pipeline quotes this segment.
 *
 * Of a port that steers, such an error may come to any queue, as its own addresses are not
 * those of the connection.
 */
void pipeline_take_quote(struct pipeline *pipeline, const struct segment *quote, uint64_t now_us);

/**
 * Frames passed that were not given to this pipeline, the last of them at @p until_us: what
 * is said from now on of connections that had begun by then is marked as said blind.
 */
void pipeline_note_blind(struct pipeline *pipeline, uint64_t until_us);

/** The events of the last call; the caller sets count to 0 when it has taken them. */
struct event_batch *pipeline_events(struct pipeline *pipeline);

/** The headers of the latest frames with SYN or RST, or that belong to no connection. */
const struct header_ring *pipeline_headers(const struct pipeline *pipeline);

const struct counters *pipeline_counters(const struct pipeline *pipeline);

/** What is counted for the detection of floods; NULL without pipeline_params.detect. */
struct meter *pipeline_meter(struct pipeline *pipeline);

/** For tools and tests: where the connection of this segment stands now; false if untracked. */
bool pipeline_peek(const struct pipeline *pipeline, const struct segment *segment,
		struct flow_snapshot *snapshot);

#endif /* PIPELINE_PIPELINE_H */
