/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One case: a conversation and what must be said of it, run through the library as the
 * appliance runs it, in packet time: one frame a burst, or what lies between two words of
 * the case in one burst. README.md tells the language.
 *
 * Invariant: whatever the pipeline says must be expected, where it is said. A line that
 * moves time fails if something was said before it that no expect has taken.
 */

#ifndef SCENARIO_SCENARIO_H
#define SCENARIO_SCENARIO_H

#include "base/err.h"
#include "emitted.h"
#include "pipeline/pipeline.h"
#include "tcpdump_line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scenario {
	const char *file;
	unsigned line; /* under way */
	struct tcpdump_reader reader;
	struct pipeline_params params;
	void *memory; /* of the pipeline; NULL until the first packet */
	struct pipeline *pipeline;
	uint64_t now_us;
	uint32_t burst; /* frames that go through together at most; 1, or more */
	uint32_t waiting_count; /* of them */
	struct frame waiting[PIPELINE_BURST_MAX];
	uint64_t waiting_sums[PIPELINE_BURST_MAX]; /* of their bytes */
	uint64_t waiting_us; /* the time of the last */
	bool finished;
	unsigned expectations; /* a case without any is an error */
	struct emitted_queue queue;
	uint8_t frame[2 * BUILD_FRAME_MAX];
};

/** @p burst frames in a burst at most; NULL when there is no memory. */
struct scenario *scenario_create(const char *file, uint32_t burst);

void scenario_destroy(struct scenario *scenario);

/**
 * Run a case to its end or to the first thing that is not as it must be.
 *
 * @param text
 *   The file; need not end with a zero.
 * @return
 *   0; or -EINVAL, and what was expected and what came is in @p err, the JSON line below
 *   it on standard error.
 */
int scenario_run(struct scenario *scenario, const char *text, size_t len, struct err *err);

/* scenario_time.c, for scenario.c */

/** Let time come to @p to_us and take what the timers say. */
int scenario_advance(struct scenario *scenario, uint64_t to_us, struct err *err);

/** Take one packet, at its time; it may wait for others. */
int scenario_packet(struct scenario *scenario, const struct tcpdump_line *line, struct err *err);

/** Send the waiting packets through the pipeline, all in one burst. */
int scenario_flush(struct scenario *scenario, struct err *err);

/** The run ends. */
int scenario_finish(struct scenario *scenario, struct err *err);

/** Nothing may be left that nobody expected. */
int scenario_nothing_left(const struct scenario *scenario, struct err *err);

/** "FILE:LINE: ..." */
int scenario_fail(const struct scenario *scenario, struct err *err, const char *format, ...)
		PRINTF_LIKE(3, 4);

#endif /* SCENARIO_SCENARIO_H */
