/* SPDX-License-Identifier: Apache-2.0 */

#include "app/advise/grid.h"

#include "base/compiler.h"

#include <stdbool.h>

#define STEPS_MAX 4
#define CHANGES_MAX 2

/* Per cent of the present value: 0 ends them; those above it and below it nearest first. */
static const struct {
	const char *word;
	enum grid_unit unit;
	uint32_t least, most;
	uint32_t factors[STEPS_MAX + 1];
} keys[GRID_KEY_COUNT] = {
	[GRID_MIN_SYN] = { "min_syn_pps", GRID_PPS, 1, 100000000, { 50, 200, 500, 1000 } },
	[GRID_MIN_SLOW_SYN] = { "min_slow_syn_pps", GRID_PPS, 1, 100000000, { 50, 200, 500 } },
	[GRID_COMPLETION] = { "max_completion", GRID_PERCENT, 1, 90, { 50, 150 } },
	[GRID_WINDOW] = { "window", GRID_TICKS, 1, 20, { 50, 250 } },
};

const char *
grid_key_word(enum grid_key key)
{
	return keys[key].word;
}

enum grid_unit
grid_key_unit(enum grid_key key)
{
	return keys[key].unit;
}

struct setting
grid_setting_of(const struct detector_params *params)
{
	return (struct setting){ .value = {
						 [GRID_MIN_SYN] = params->min_syn_pps,
						 [GRID_MIN_SLOW_SYN] = params->min_slow_syn_pps,
						 [GRID_COMPLETION] =
								 (uint32_t)(params->max_completion *
												 100 +
										 0.5),
						 [GRID_WINDOW] = params->window_ticks,
				 } };
}

void
grid_apply(const struct setting *setting, struct detector_params *params)
{
	params->min_syn_pps = setting->value[GRID_MIN_SYN];
	params->min_slow_syn_pps = setting->value[GRID_MIN_SLOW_SYN];
	params->max_completion = (double)setting->value[GRID_COMPLETION] / 100;
	params->window_ticks = setting->value[GRID_WINDOW];
}

/* As a check of the configuration would have it. */
static bool
is_consistent(const struct setting *setting, const struct detector_params *present)
{
	return setting->value[GRID_MIN_SLOW_SYN] <= setting->value[GRID_MIN_SYN] &&
			setting->value[GRID_WINDOW] <= present->hold_ticks;
}

/* How far a step is: the first below and the first above the present value are as near. */
static uint32_t
steps_of(uint32_t step)
{
	return step < 2 ? 1 : step;
}

/* Change a key; false: it may not be changed so. */
static bool
change(struct setting *setting, enum grid_key key, uint32_t step)
{
	const uint32_t before = setting->value[key];
	uint64_t value = ((uint64_t)before * keys[key].factors[step] + 50) / 100;

	if (value < keys[key].least)
		value = keys[key].least;
	if (value > keys[key].most)
		value = keys[key].most;
	setting->value[key] = (uint32_t)value;
	setting->changes++;
	setting->steps += steps_of(step);
	return value != before;
}

static bool
is_there(const struct setting *settings, uint32_t count, const struct setting *wanted)
{
	for (uint32_t i = 0; i < count; i++) {
		bool same = true;

		for (uint32_t key = 0; key < GRID_KEY_COUNT; key++)
			same = same && settings[i].value[key] == wanted->value[key];
		if (same)
			return true;
	}
	return false;
}

/* Every change of a key from the given one on, alone and with others. */
static uint32_t
add_changed(const struct detector_params *present, const struct setting *from, uint32_t first_key,
		struct setting *settings, uint32_t count)
{
	for (uint32_t key = first_key; key < GRID_KEY_COUNT; key++) {
		for (uint32_t step = 0; keys[key].factors[step] != 0; step++) {
			struct setting made = *from;

			if (!change(&made, key, step))
				continue;
			if (is_consistent(&made, present) && !is_there(settings, count, &made) &&
					count < GRID_MAX)
				settings[count++] = made;
			if (made.changes < CHANGES_MAX)
				count = add_changed(present, &made, key + 1, settings, count);
		}
	}
	return count;
}

/* Few enough for the simplest of sorts, which leaves equals as they were. */
static void
sort_by_nearness(struct setting *settings, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		const struct setting moved = settings[i];
		uint32_t at = i;

		for (; at > 0 &&
				(settings[at - 1].changes > moved.changes ||
						(settings[at - 1].changes == moved.changes &&
								settings[at - 1].steps >
										moved.steps));
				at--)
			settings[at] = settings[at - 1];
		settings[at] = moved;
	}
}

uint32_t
grid_make(const struct detector_params *present, struct setting *settings)
{
	uint32_t count;

	settings[0] = grid_setting_of(present);
	count = add_changed(present, &settings[0], 0, settings, 1);
	sort_by_nearness(settings, count);
	return count;
}
