/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The tracker once more, written for reading: what the real one must say.
 *
 * Idea: every segment of every connection is kept in a list, and each fact (the end of
 * what a side has sent, its window, who is silent) is found by looking through the list
 * when it is asked for. There is no table, nothing is packed and nothing ever makes room.
 *
 * It is written from the design, not from lib/handshake. Where the design leaves a choice
 * and the real tracker's is as good as any, a comment that begins with "Choice:" says so.
 */

#ifndef MODEL_NAIVE_H
#define MODEL_NAIVE_H

#include "handshake/record.h"
#include "handshake/tracker.h"
#include "pipeline/event.h"
#include "step.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One thing said of one connection. */
struct said {
	enum event_kind kind;
	uint64_t time_us;
	struct record record;
};

struct said_list {
	struct said *said;
	size_t count;
	size_t room;
};

void said_add(struct said_list *list, enum event_kind kind, uint64_t time_us,
		const struct record *record);
void said_free(struct said_list *list);

struct naive;

struct naive *naive_create(const struct tracker_params *params);
void naive_destroy(struct naive *naive);

/** Take one step. Times must not decrease. */
void naive_step(struct naive *naive, const struct step *step);

/** The run ends. */
void naive_finish(struct naive *naive, uint64_t now_us);

/** All that was said so far. */
const struct said_list *naive_said(const struct naive *naive);

#endif /* MODEL_NAIVE_H */
