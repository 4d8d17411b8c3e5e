/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Capture files through the worker loop, in packet time.
 *
 * Each capture in turn becomes a port; frames go from it through one worker, in its own
 * thread, to a far end that may write them down. The calling thread is the control thread:
 * it takes the events and waits for nothing else. Nothing is lost: where the control thread
 * is behind, the worker waits.
 */

#ifndef APP_REPLAY_REPLAY_H
#define APP_REPLAY_REPLAY_H

#include "app/replay/report_sink.h"
#include "app/run/evidence.h"
#include "detect/detector.h"
#include "pipeline/pipeline.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* From the earliest frame to the latest; the other way round: there were none. */
struct replay_span {
	uint64_t first_us, last_us;
};

struct replay_options {
	const char *program; /* "synwire COMMAND", for messages */
	char *const *captures; /* paths */
	uint32_t n_captures; /* one at least */
	const char *config; /* path of what pipeline was read from, for the outputs to spare; or NULL */
	const char *json; /* path, "-" is standard output; NULL: none is written, as below */
	const char *out;
	bool quiet; /* no summary */
	/* flow_slots is the most: a small capture gets no larger table than it can fill. */
	struct pipeline_params pipeline;
	struct evidence_params evidence; /* the same: folder, packets, bytes, hold_us, prefixes */
	struct detector_params detector; /* if the pipeline detects */
	/* Gets the reports instead, and there are no alarms, no summary and no JSON; or NULL. */
	const struct report_sink *sink;
	const atomic_bool
			*interrupt; /* when it turns true, end early, as if captures ended there */
};

/**
 * Replay, write what was asked for, print the summary.
 *
 * Whatever the user must know goes to standard error, a sentence a line.
 *
 * @param[out] span
 *   Left as it is if no capture was begun; may be NULL.
 * @return
 *   An enum command_status.
 */
int replay_run(const struct replay_options *options, struct replay_span *span);

#endif /* APP_REPLAY_REPLAY_H */
