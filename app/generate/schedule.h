/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The dialogues that are under way, the one whose next step is due first in front: a
 * binary heap. Of two at one time, the one that was added first comes first, so that the
 * order does not depend on how the heap happens to lie.
 */

#ifndef APP_GENERATE_SCHEDULE_H
#define APP_GENERATE_SCHEDULE_H

#include "app/generate/dialogue.h"

#include <stdint.h>

struct schedule_entry {
	uint64_t time_us;
	uint64_t serial;
	struct dialogue *dialogue;
};

struct schedule {
	struct schedule_entry *heap; /* [0] is first; i's children are 2i+1 and 2i+2 */
	uint32_t count;
	uint32_t room;
	uint64_t serial;
	struct dialogue **idle; /* dialogues whose memory may be used again; room of them */
	uint32_t idle_count;
};

void schedule_init(struct schedule *schedule);
void schedule_fini(struct schedule *schedule);

/** Add a copy of a dialogue. 0, or -ENOMEM. */
int schedule_add(struct schedule *schedule, const struct dialogue *dialogue);

/** The dialogue that is due first; NULL: there is none. */
struct dialogue *schedule_first(const struct schedule *schedule);

/** The time of the first has changed. */
void schedule_update_first(struct schedule *schedule);

void schedule_remove_first(struct schedule *schedule);

#endif /* APP_GENERATE_SCHEDULE_H */
