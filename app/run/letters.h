/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Letters to workers that have not come back yet. The control thread's.
 */

#ifndef APP_RUN_LETTERS_H
#define APP_RUN_LETTERS_H

#include "app/run/appliance.h"

#include <stdbool.h>
#include <stdint.h>

struct letter {
	struct mail mail;
	uint32_t worker;
	/* Called when the worker is done with it; NULL: nobody waits. It is freed afterwards, unless
	 * it was posted again. */
	void (*answered)(void *context, struct letter *letter);
	void *context;
	uint64_t serial; /* of its posting */
	struct letter *next;
};

/* To one worker at a time. More than are ever wanted, and less than its ring holds: there is room
 * for what is asked of it in the middle of a storm of errors. */
#define LETTERS_QUOTES_MAX 32

/* Zero-initialise. */
struct letters {
	struct letter *under_way;
	uint64_t posted; /* how many, so far: the serial of the last */
	uint32_t quotes_under_way[STATUS_WORKERS_MAX];
};

/** A new letter of zeros; NULL when there is no memory. */
struct letter *letters_new(enum mail_kind kind, uint32_t worker);

/** Send it; false: the worker's box is full, and the letter is still the caller's. */
bool letters_post(struct letters *letters, struct appliance *appliance, struct letter *letter);

/** Take those that have come back. */
void letters_collect(struct letters *letters);

/** Whether all that had been posted when `posted` was @p serial have come back. */
bool letters_are_back(const struct letters *letters, uint64_t serial);

/** Whether any is under way. */
bool letters_are_under_way(const struct letters *letters);

/** The workers are gone: answers that are owed are given as they stand, and all is freed. */
void letters_fini(struct letters *letters);

#endif /* APP_RUN_LETTERS_H */
