/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/storm.h"

#include "detect/tick.h"

#include <stddef.h>

/* A storm has so many times what is usual over so many ticks, and is no burst in one or two. */
#define STORM_FACTOR 10.0
#define STORM_TICKS 5
#define STORM_TICKS_WITH 3

/* By then those of them whose both sides speak have been heard. */
#define SETTLING_TICKS (3 * TICKS_PER_SEC)

/* Of backscatter each network sees its share only, so fewer are told. */
#define BACKSCATTER_DIVISOR 10

/* A part that has so much of its whole's is named instead of it. */
#define MOST_NUMERATOR 1
#define MOST_DENOMINATOR 2

/* It goes on while so much of the rate that made it one is left. */
#define GOES_ON_DIVISOR 2

static const enum alarm_type storm_types[] = { ALARM_BACKSCATTER, ALARM_RST_STORM,
	ALARM_ACK_STORM };

/* Segments in the last ticks that turned out to belong to nothing. */
static uint32_t
strays(const struct followed *victim, enum alarm_type type, uint32_t ticks)
{
	const uint32_t all = followed_stray(victim, type, ticks);
	const uint32_t answered = type == ALARM_RST_STORM ? 0 : followed_answered(victim, ticks);

	return all > answered ? all - answered : 0;
}

static uint32_t
least_pps(const struct detector_params *params, enum alarm_type type)
{
	return type == ALARM_BACKSCATTER ? params->storm_min_pps / BACKSCATTER_DIVISOR
					 : params->storm_min_pps;
}

static bool
is_storm(const struct detector_params *params, const struct followed *victim, enum alarm_type type)
{
	const uint32_t count = strays(victim, type, STORM_TICKS);
	uint32_t with = 0;

	for (uint32_t ago = 0; ago < STORM_TICKS; ago++)
		with += followed_tick_at(victim, ago)->stray[type] > 0;
	if (with < STORM_TICKS_WITH)
		return false;
	return (uint64_t)count * TICKS_PER_SEC >= (uint64_t)least_pps(params, type) * STORM_TICKS &&
			count >= STORM_FACTOR * victim->usual_stray[type] * STORM_TICKS;
}

/* At a start, connections that are under way look like stray segments. */
static bool
is_settled(enum alarm_type type, uint64_t age)
{
	return type != ALARM_ACK_STORM || age >= SETTLING_TICKS;
}

static bool
has_alarm(const struct followed *victim, enum alarm_type type)
{
	return victim != NULL && (victim->alarms & UINT32_C(1) << type) != 0;
}

/*
 * From the widest level inwards it would be told thrice; a part is told if it has most of its
 * whole's, and the whole only if no part has.
 */
static bool
is_told_elsewhere(struct followed_table *table, const struct detector_params *params,
		const struct followed *victim, enum alarm_type type)
{
	struct victim_key key = victim->key;

	while (key.level < VICTIM_PREFIX) {
		struct victim_key whole_key;
		const struct followed *whole;

		victim_parent(&key, &params->prefixes, &whole_key);
		whole = followed_table_find(table, &whole_key);
		if (has_alarm(whole, type))
			return true;
		if (whole != NULL &&
				(uint64_t)strays(victim, type, STORM_TICKS) * MOST_DENOMINATOR <
						(uint64_t)strays(whole, type, STORM_TICKS) *
								MOST_NUMERATOR)
			return true;
		key = whole_key;
	}
	return (victim->alarms_of_parts & UINT32_C(1) << type) != 0;
}

static void
tell_wholes(struct followed_table *table, const struct detector_params *params,
		const struct followed *part, enum alarm_type type)
{
	for (struct victim_key key = part->key; key.level < VICTIM_PREFIX;) {
		struct victim_key whole_key;
		struct followed *whole;

		victim_parent(&key, &params->prefixes, &whole_key);
		whole = followed_table_find(table, &whole_key);
		if (whole != NULL)
			whole->alarms_of_parts |= UINT32_C(1) << type;
		key = whole_key;
	}
}

/* Looked up from the few that have an alarm: victims may be too many to look through for each. */
static void
note_parts(struct alarm_book *book, const struct detector_params *params,
		struct followed_table *table)
{
	for (uint32_t i = 0; i < followed_table_awake_count(table); i++)
		followed_table_awake(table, i)->alarms_of_parts = 0;
	for (uint32_t i = 0; i < DETECTOR_ALARMS; i++) {
		const struct alarm_entry *entry = &book->entries[i];

		if (entry->is_used && entry->victim != NULL)
			tell_wholes(table, params, entry->victim, entry->alarm.type);
	}
}

static uint64_t
onset_us(const struct followed *victim, enum alarm_type type, uint64_t tick)
{
	uint64_t ago = 0;

	while (ago + 2 < FOLLOWED_TICKS && followed_tick_at(victim, ago + 1)->stray[type] > 0)
		ago++;
	return tick_start_us(tick - ago);
}

static void
begin(struct alarm_book *book, const struct detector_params *params, struct followed_table *table,
		struct followed *victim, enum alarm_type type, uint64_t tick)
{
	struct alarm_entry *entry = alarm_book_begin(
			book, type, victim, onset_us(victim, type, tick), tick);
	uint64_t ticks;

	if (entry == NULL)
		return;
	tell_wholes(table, params, victim, type);
	entry->alarm.baseline_pps = (uint32_t)(victim->usual_stray[type] * TICKS_PER_SEC + 0.5);
	if (victim->key.level == VICTIM_PREFIX)
		entry->alarm.prefix_len = victim->key.ipv6 ? params->prefixes.ipv6
							   : params->prefixes.ipv4;
	for (ticks = tick - entry->onset_tick; ticks > 0; ticks--)
		alarm_book_count(entry, followed_tick_at(victim, ticks)->stray[type], 0,
				followed_stray(victim, type, TICKS_PER_SEC), tick - ticks);
}

void
storm_begin_all(struct alarm_book *book, const struct detector_params *params,
		struct followed_table *table, uint64_t age, uint64_t tick)
{
	note_parts(book, params, table);
	for (uint8_t level = VICTIM_SERVICE; level < VICTIM_LEVELS; level++)
		for (uint32_t i = 0; i < followed_table_awake_count(table); i++) {
			struct followed *victim = followed_table_awake(table, i);

			if (victim->key.level != level)
				continue;
			for (uint32_t t = 0; t < sizeof(storm_types) / sizeof(storm_types[0]); t++)
				if (is_settled(storm_types[t], age) &&
						!has_alarm(victim, storm_types[t]) &&
						is_storm(params, victim, storm_types[t]) &&
						!is_told_elsewhere(table, params, victim,
								storm_types[t]))
					begin(book, params, table, victim, storm_types[t], tick);
		}
}

void
storm_step(struct alarm_book *book, const struct detector_params *params, struct alarm_entry *entry,
		uint64_t tick)
{
	const enum alarm_type type = entry->alarm.type;
	const uint32_t count = strays(entry->victim, type, STORM_TICKS);

	alarm_book_count(entry, followed_tick_at(entry->victim, 0)->stray[type], 0,
			followed_stray(entry->victim, type, TICKS_PER_SEC), tick);
	if ((uint64_t)count * TICKS_PER_SEC * GOES_ON_DIVISOR >=
			(uint64_t)least_pps(params, type) * STORM_TICKS)
		entry->true_tick = tick;
	if (tick == entry->start_tick)
		alarm_book_tell(book, entry, ALARM_START, tick);
	else if (tick >= entry->true_tick + params->hold_ticks)
		alarm_book_end(book, entry, tick);
	else if (tick >= entry->told_tick + params->update_ticks)
		alarm_book_tell(book, entry, ALARM_UPDATE, tick);
}
