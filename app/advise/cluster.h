/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What several settings tell of one flood, or of one false alarm, brought together: their
 * sightings are one where their targets are related and their times overlap.
 */

#ifndef APP_ADVISE_CLUSTER_H
#define APP_ADVISE_CLUSTER_H

#include "app/advise/grid.h"
#include "app/advise/sighting.h"

#define CLUSTERS_MAX 1024

struct cluster {
	struct target target; /* as the setting nearest to the present one has it */
	uint64_t from_us, to_us; /* the same */
	uint32_t votes; /* settings that tell of it */
	uint32_t last_voter;
	uint64_t onset_us[GRID_MAX]; /* of each vote; unsorted */
	uint64_t ended_us[GRID_MAX];
};

struct clusters {
	uint32_t count;
	uint32_t more; /* sightings that began none, for want of room */
	struct cluster list[CLUSTERS_MAX];
};

/**
 * Bring together all sightings with a verdict; those of servers that are down are left out.
 *
 * @param of
 *   Of each setting.
 * @param[out] clusters
 *   In the order in which they were found first.
 */
void clusters_make(struct clusters *clusters, const struct sightings *of, uint32_t settings,
		enum sighting_verdict verdict);

#endif /* APP_ADVISE_CLUSTER_H */
