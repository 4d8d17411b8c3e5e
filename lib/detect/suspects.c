/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/suspects.h"

#include "detect/tick.h"

#include <stddef.h>

/* What was found is remembered for a while, */
#define REMEMBERED_TICKS (20 * TICKS_PER_SEC)

/* but what comes after a pause is another attack; workers have begun to count anew by then. */
#define PAUSE_TICKS TICKS_PER_SEC

/* Few sources may be one attacker's machines and still look at many doors. */
#define FEW_SOURCES 3.5
#define MOST_NUMERATOR 3
#define MOST_DENOMINATOR 5

bool
suspects_is_current(const struct suspect *suspect, uint64_t tick)
{
	return suspect->is_used && suspect->tick + PAUSE_TICKS >= tick;
}

static struct suspect *
place_for(struct suspects *suspects, const struct victim_key *key)
{
	struct suspect *best = &suspects->suspect[0];

	for (uint32_t i = 0; i < SUSPECTS_MAX; i++) {
		struct suspect *suspect = &suspects->suspect[i];

		if (suspect->is_used && victim_key_equal(&suspect->key, key))
			return suspect;
		if (!suspect->is_used || (best->is_used && suspect->tick < best->tick))
			best = suspect;
	}
	best->is_used = false;
	return best;
}

static void
take_stretch(struct suspect *suspect, const struct sources *sources, uint64_t tick)
{
	const uint64_t number = tick / SUSPECT_STRETCH_TICKS;
	struct suspect_stretch *stretch = &suspect->stretches[number % SUSPECT_STRETCHES];

	if (stretch->number != number) {
		stretch->number = number;
		sources_reset(&stretch->sources);
	}
	sources_merge(&stretch->sources, sources);
}

void
suspects_take(struct suspects *suspects, const struct report_victim *victim,
		const struct sources *sources, uint64_t tick)
{
	struct suspect *suspect = place_for(suspects, &victim->key);

	if (!suspects_is_current(suspect, tick)) {
		suspect->is_used = true;
		suspect->key = victim->key;
		suspect->since_tick = tick;
		suspect->syn = 0;
		suspect->resolved = 0;
		sources_reset(&suspect->sources);
		for (uint32_t i = 0; i < SUSPECT_STRETCHES; i++)
			suspect->stretches[i].number = UINT64_MAX;
	}
	suspect->tick = tick;
	/* In the tick in which they began to be counted, most came before that. */
	if (sources_taken(sources) >= victim->counts.syn) {
		suspect->syn += victim->counts.syn;
		suspect->resolved += victim->counts.completed + victim->counts.refused +
				victim->counts.broken_off;
	}
	sources_merge(&suspect->sources, sources);
	take_stretch(suspect, sources, tick);
}

void
suspects_add_since(const struct suspect *suspect, uint64_t since_tick, struct sources *sources)
{
	const uint64_t first = since_tick / SUSPECT_STRETCH_TICKS;
	const uint64_t last = suspect->tick / SUSPECT_STRETCH_TICKS;

	if (last >= first + SUSPECT_STRETCHES) {
		sources_merge(sources, &suspect->sources); /* longer than stretches are kept */
		return;
	}
	for (uint32_t i = 0; i < SUSPECT_STRETCHES; i++)
		if (suspect->stretches[i].number >= first && suspect->stretches[i].number <= last)
			sources_merge(sources, &suspect->stretches[i].sources);
}

const struct suspect *
suspects_find(const struct suspects *suspects, const struct victim_key *key)
{
	for (uint32_t i = 0; i < SUSPECTS_MAX; i++)
		if (suspects->suspect[i].is_used &&
				victim_key_equal(&suspects->suspect[i].key, key))
			return &suspects->suspect[i];
	return NULL;
}

void
suspects_rest(struct suspects *suspects, uint64_t tick)
{
	for (uint32_t i = 0; i < SUSPECTS_MAX; i++)
		if (suspects->suspect[i].tick + REMEMBERED_TICKS < tick)
			suspects->suspect[i].is_used = false;
}

/* What a place holds is cleared when it is taken: there is much of it. */
void
suspects_forget_all(struct suspects *suspects)
{
	for (uint32_t i = 0; i < SUSPECTS_MAX; i++)
		suspects->suspect[i].is_used = false;
}

bool
suspects_is_one_source(const struct suspect *suspect)
{
	const uint64_t open = suspect->syn > suspect->resolved ? suspect->syn - suspect->resolved
							       : 0;
	uint64_t most = 0;

	for (uint32_t i = 0; i < SOURCES_TOP; i++)
		if (suspect->sources.top[i].count > most)
			most = suspect->sources.top[i].count;
	return sources_estimate(&suspect->sources) <= FEW_SOURCES ||
			most * MOST_DENOMINATOR >= open * MOST_NUMERATOR;
}
