/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A detector for each setting, all of which hear the same reports.
 *
 * Most of a detector's memory is touched only as it follows victims, so many that follow few
 * cost little.
 */

#ifndef APP_ADVISE_TRIAL_H
#define APP_ADVISE_TRIAL_H

#include "app/advise/grid.h"
#include "app/advise/sighting.h"

/* Zero-initialise. */
struct trial {
	uint32_t count;
	struct detector *detectors[GRID_MAX];
	struct sightings sightings[GRID_MAX];
};

/** 0, or -ENOMEM with the sentence in @p err. */
int trial_init(struct trial *trial, const struct setting *settings, uint32_t count,
		const struct detector_params *present, struct err *err);

/** A tick is over: all judge it. */
void trial_take(struct trial *trial, const struct detect_report *report);

/** The captures are over: so is what is under way. */
void trial_finish(struct trial *trial);

/** Free the detectors and what they told. */
void trial_fini(struct trial *trial);

#endif /* APP_ADVISE_TRIAL_H */
