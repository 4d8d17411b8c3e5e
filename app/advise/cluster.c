/* SPDX-License-Identifier: Apache-2.0 */

#include "app/advise/cluster.h"

static bool
belongs(const struct cluster *cluster, const struct sighting *sighting)
{
	return target_is_related(&cluster->target, &sighting->target) &&
			sighting->onset_us <= cluster->to_us + SIGHTING_TOLERANCE_US &&
			sighting->ended_us + SIGHTING_TOLERANCE_US >= cluster->from_us;
}

/* A setting that tells twice of one flood has one vote, for both together. */
static void
vote(struct cluster *cluster, uint32_t setting, const struct sighting *sighting)
{
	if (cluster->votes == 0 || cluster->last_voter != setting) {
		cluster->last_voter = setting;
		cluster->onset_us[cluster->votes] = sighting->onset_us;
		cluster->ended_us[cluster->votes++] = sighting->ended_us;
		return;
	}
	if (sighting->onset_us < cluster->onset_us[cluster->votes - 1])
		cluster->onset_us[cluster->votes - 1] = sighting->onset_us;
	if (sighting->ended_us > cluster->ended_us[cluster->votes - 1])
		cluster->ended_us[cluster->votes - 1] = sighting->ended_us;
}

static void
begin(struct clusters *clusters, uint32_t setting, const struct sighting *sighting)
{
	struct cluster *cluster = &clusters->list[clusters->count];

	if (clusters->count == CLUSTERS_MAX) {
		clusters->more++;
		return;
	}
	clusters->count++;
	cluster->target = sighting->target;
	cluster->from_us = sighting->onset_us;
	cluster->to_us = sighting->ended_us;
	cluster->votes = 0;
	vote(cluster, setting, sighting);
}

static void
add(struct clusters *clusters, uint32_t setting, const struct sighting *sighting)
{
	bool is_known = false;

	for (uint32_t i = 0; i < clusters->count; i++) {
		if (!belongs(&clusters->list[i], sighting))
			continue;
		vote(&clusters->list[i], setting, sighting);
		is_known = true;
	}
	if (!is_known)
		begin(clusters, setting, sighting);
}

void
clusters_make(struct clusters *clusters, const struct sightings *of, uint32_t settings,
		enum sighting_verdict verdict)
{
	clusters->count = clusters->more = 0;
	for (uint32_t setting = 0; setting < settings; setting++)
		for (uint32_t i = 0; i < of[setting].count; i++) {
			const struct sighting *sighting = &of[setting].list[i];

			if (sighting->verdict == verdict && !sighting->is_down)
				add(clusters, setting, sighting);
		}
}
