/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What the pipeline has said and nobody has expected yet: JSON lines in the order of
 * their events, and the moment at which each came out.
 */

#ifndef SCENARIO_EMITTED_H
#define SCENARIO_EMITTED_H

#include "observe/event_json.h"
#include "pipeline/pipeline.h"

#include <stdbool.h>
#include <stdint.h>

#define EMITTED_MAX 1024

struct emitted {
	char json[EVENT_JSON_LINE_MAX + 1]; /* without its newline, with a terminating zero */
	enum event_kind kind;
	uint64_t event_us; /* the event's own time */
	uint64_t now_us; /* how far time had come when it came out */
};

/* Zero-initialise. */
struct emitted_queue {
	struct event_json writer;
	uint32_t first;
	uint32_t count;
	struct emitted lines[EMITTED_MAX];
};

/** Take the pipeline's events; false if there are more than the queue has room for. */
bool emitted_take(struct emitted_queue *queue, struct pipeline *pipeline, uint64_t now_us);

/** The oldest; NULL if there is none. */
const struct emitted *emitted_head(const struct emitted_queue *queue);

/** Forget the oldest. */
void emitted_pop(struct emitted_queue *queue);

#endif /* SCENARIO_EMITTED_H */
