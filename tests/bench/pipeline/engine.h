/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A pipeline that is driven by traffic in memory, and held to what must be counted.
 *
 * Time moves on by a few microseconds a burst, as it would at ten million packets a second.
 * Between two passes, outside of what is measured, the traffic is renewed or the table
 * emptied, as the kind asks for.
 */

#ifndef BENCH_ENGINE_H
#define BENCH_ENGINE_H

#include "pipeline/pipeline.h"
#include "tests/bench/pipeline/traffic.h"

#define ENGINE_BURST_US 3

/* What the events said. */
struct engine_told {
	uint64_t complete;
	uint64_t incomplete;
	uint64_t rst;
	uint64_t connections;
	uint64_t packets; /* of those connections */
};

struct engine {
	struct pipeline *pipeline;
	size_t size;
	struct pipeline_params params;
	uint64_t now_us;
	struct engine_told told; /* since the table was emptied */
	uint64_t fed, fed_bytes; /* since the table was emptied */
	uint64_t tick; /* of the last report */
	struct detect_report *report; /* NULL: nothing is detected */
};

/**
 * @param slots
 *   Of its table.
 * @param detect
 *   Whether it counts what the detection of floods needs, as `synwire run` does.
 *
 * @return
 *   0, or negative with the sentence.
 */
int engine_init(struct engine *engine, uint32_t slots, bool detect, struct err *err);

void engine_fini(struct engine *engine);

/** Empty the table. */
void engine_clear(struct engine *engine);

/** Take a few frames, and whatever timers are due. */
void engine_burst(struct engine *engine, const struct frame *frames, uint32_t count);

/**
 * Have all as it is in the middle of such traffic: its connections opened, or the table full.
 *
 * @return
 *   0, or negative with what went wrong.
 */
int engine_prepare(struct engine *engine, struct traffic *traffic, struct err *err);

/** One pass: this is what costs the time. */
void engine_pass(struct engine *engine, const struct traffic *traffic);

/**
 * Before a pass: what it needs done that is not measured.
 */
void engine_renew(struct engine *engine, struct traffic *traffic);

/**
 * After a pass: whether all that can be counted is what the traffic was.
 *
 * @return
 *   0, or negative with the first count that is wrong.
 */
int engine_check(struct engine *engine, const struct traffic *traffic, struct err *err);

/** At the end: whether the connections still in the table account for every packet. */
int engine_finish(struct engine *engine, struct err *err);

#endif /* BENCH_ENGINE_H */
