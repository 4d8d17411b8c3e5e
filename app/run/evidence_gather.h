/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The frames of one attack, gathered from all workers: a letter to each, and what they bring
 * back, put in the order of time. The control thread's.
 */

#ifndef APP_RUN_EVIDENCE_GATHER_H
#define APP_RUN_EVIDENCE_GATHER_H

#include "app/worker/mail.h"
#include "detect/victim.h"
#include "io/capture_folder.h"

#include <stdbool.h>
#include <stdint.h>

/* Of which attack. */
struct evidence_target {
	uint32_t id; /* the alarm's */
	uint64_t time_us; /* when it was told */
	struct victim_key victim;
};

struct evidence_gather;

/**
 * @param packets
 *   As many are wanted from now on, and no more from before.
 * @param until_us
 *   What comes later is not wanted.
 * @return
 *   NULL when there is no memory.
 */
struct evidence_gather *evidence_gather_create(const struct evidence_target *target,
		const struct victim_prefixes *prefixes, uint32_t workers, uint32_t packets,
		uint64_t until_us);

/** Send the letters. A worker whose box is full is done without. */
void evidence_gather_post(struct evidence_gather *gather,
		bool (*post)(void *context, uint32_t worker, struct mail *mail), void *context);

/** What there is now is enough: the letters come back soon. */
void evidence_gather_stop(struct evidence_gather *gather);

/** Whether all letters are back. Stops when enough has been found in all. */
bool evidence_gather_is_over(struct evidence_gather *gather);

const struct evidence_target *evidence_gather_of(const struct evidence_gather *gather);

/** Frames that workers could not look at in time. Once it is over, or the workers are gone. */
uint64_t evidence_gather_missed(const struct evidence_gather *gather);

/**
 * The frames in the order of time: the last ones from before, the first ones from then on.
 * Once it is over, or the workers are gone.
 *
 * @param shift_us
 *   Is added to their times.
 * @param[out] count
 *   How many.
 * @return
 *   For the caller to free; they point into @p gather. NULL: none, or no memory.
 */
struct capture_folder_frame *evidence_gather_frames(
		const struct evidence_gather *gather, uint64_t shift_us, uint32_t *count);

/** Once it is over, or the workers are gone. */
void evidence_gather_destroy(struct evidence_gather *gather);

#endif /* APP_RUN_EVIDENCE_GATHER_H */
