/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * How well a setting does: what it tells, against the floods that there are.
 */

#ifndef APP_ADVISE_SCORE_H
#define APP_ADVISE_SCORE_H

#include "app/advise/sighting.h"
#include "app/advise/true_floods.h"

struct score {
	uint32_t found;
	uint32_t missed;
	uint32_t false_alarms; /* floods that it tells of and that there are not */
	uint32_t down; /* servers that it tells are down: neither right nor wrong */
	uint64_t median_us; /* from the onset until it is told, of those found; 0: none is */
	uint64_t longest_us;
};

/** Count, and give each sighting its verdict. */
void score_make(struct score *score, struct sightings *sightings, const struct true_floods *floods);

#endif /* APP_ADVISE_SCORE_H */
