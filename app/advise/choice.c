/* SPDX-License-Identifier: Apache-2.0 */

#include "app/advise/choice.h"

#include "detect/tick.h"

/* What is left of the settings after a rule. */
struct field {
	const struct setting *settings;
	const struct score *scores;
	uint32_t count;
	bool is_out[GRID_MAX];
};

static uint64_t
errors(const struct field *field, uint32_t i)
{
	return choice_errors(&field->scores[i]);
}

static uint64_t
missed(const struct field *field, uint32_t i)
{
	return field->scores[i].missed;
}

static uint64_t
median(const struct field *field, uint32_t i)
{
	return field->scores[i].median_us;
}

static uint64_t
longest(const struct field *field, uint32_t i)
{
	return field->scores[i].longest_us;
}

static uint64_t
changes(const struct field *field, uint32_t i)
{
	return field->settings[i].changes;
}

static uint64_t
steps(const struct field *field, uint32_t i)
{
	return field->settings[i].steps;
}

/* Those stay that have the least of it, or so little more. */
static void
keep_least(struct field *field, uint64_t (*of)(const struct field *field, uint32_t i),
		uint64_t tolerance)
{
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < field->count; i++)
		if (!field->is_out[i] && of(field, i) < least)
			least = of(field, i);
	for (uint32_t i = 0; i < field->count; i++)
		if (of(field, i) > least + tolerance)
			field->is_out[i] = true;
}

uint32_t
choice_make(const struct setting *settings, const struct score *scores, uint32_t count)
{
	struct field field = { .settings = settings, .scores = scores, .count = count };
	uint32_t best = 0;

	keep_least(&field, errors, 0);
	keep_least(&field, missed, 0);
	keep_least(&field, median, TICK_US);
	keep_least(&field, longest, TICK_US);
	keep_least(&field, changes, 0);
	keep_least(&field, steps, 0);
	keep_least(&field, median, 0);
	keep_least(&field, longest, 0);
	while (field.is_out[best])
		best++;
	return best;
}
