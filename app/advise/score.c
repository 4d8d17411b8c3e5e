/* SPDX-License-Identifier: Apache-2.0 */

#include "app/advise/score.h"

#include "app/advise/median.h"

/* A flood that comes while another's alarm lasts is part of it, and known at once. */
static bool
covers(const struct sighting *sighting, const struct true_flood *flood)
{
	return !sighting->is_down && target_is_related(&sighting->target, &flood->target) &&
			sighting->told_us <= flood->to_us + SIGHTING_TOLERANCE_US &&
			sighting->ended_us >= flood->from_us;
}

/* It may go on long after, but must not have begun long before. */
static bool
is_justified(const struct sighting *sighting, const struct true_flood *flood)
{
	return covers(sighting, flood) &&
			sighting->told_us + SIGHTING_TOLERANCE_US >= flood->from_us;
}

static void
judge_sighting(struct sighting *sighting, const struct true_floods *floods)
{
	sighting->verdict = SIGHTING_FALSE;
	for (uint32_t i = 0; i < floods->count; i++)
		if (is_justified(sighting, &floods->list[i]))
			sighting->verdict = SIGHTING_TRUE;
}

/* UINT64_MAX: it was not found. */
static uint64_t
delay_of(const struct true_flood *flood, const struct sightings *sightings)
{
	uint64_t delay_us = UINT64_MAX;

	for (uint32_t i = 0; i < sightings->count; i++) {
		const struct sighting *sighting = &sightings->list[i];

		if (!covers(sighting, flood))
			continue;
		if (usec_since(flood->from_us, sighting->told_us) < delay_us)
			delay_us = usec_since(flood->from_us, sighting->told_us);
	}
	return delay_us;
}

static void
score_delays(struct score *score, const struct sightings *sightings,
		const struct true_floods *floods)
{
	uint64_t delays_us[CLUSTERS_MAX];

	for (uint32_t i = 0; i < floods->count; i++) {
		const uint64_t delay_us = delay_of(&floods->list[i], sightings);

		if (delay_us != UINT64_MAX)
			delays_us[score->found++] = delay_us;
	}
	score->missed = floods->count - score->found;
	if (score->found == 0)
		return;
	score->median_us = median_of(delays_us, score->found);
	score->longest_us = delays_us[score->found - 1]; /* they are sorted now */
}

void
score_make(struct score *score, struct sightings *sightings, const struct true_floods *floods)
{
	*score = (struct score){ .false_alarms = sightings->more };
	for (uint32_t i = 0; i < sightings->count; i++) {
		struct sighting *sighting = &sightings->list[i];

		if (sighting->is_down) {
			score->down++;
			continue;
		}
		judge_sighting(sighting, floods);
		score->false_alarms += sighting->verdict == SIGHTING_FALSE;
	}
	score_delays(score, sightings, floods);
}
