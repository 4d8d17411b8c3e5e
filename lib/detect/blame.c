/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/blame.h"

#include "detect/flood.h"
#include "detect/judge.h"

#include <stddef.h>

/* An alarm on a part explains its whole if it has so much of the unfinished. */
#define MOST 0.5

/* In a prefix where many do badly, one with so much of all is still an attack of its own. */
#define OUTSTANDING 0.2

/* Ports of one address that do badly together, before the address is named for them. */
#define MANY_PORTS 3

/* Sources of an address or a prefix are known a tick after the suspicion; no longer waited for. */
#define SOURCES_TICKS 4

struct blame {
	struct alarm_book *book;
	const struct detector_params *params;
	struct followed_table *table;
	const struct suspects *suspects;
	uint64_t tick;
};

static double
unfinished_of(const struct blame *blame, const struct followed *victim)
{
	return followed_unfinished(victim, blame->params->window_ticks);
}

static struct followed *
whole_of(const struct blame *blame, const struct followed *victim)
{
	struct victim_key key;

	if (victim == NULL || victim->key.level == VICTIM_PREFIX)
		return NULL;
	victim_parent(&victim->key, &blame->params->prefixes, &key);
	return followed_table_find(blame->table, &key);
}

static bool
has_flood(const struct followed *victim)
{
	return victim != NULL && (victim->alarms & UINT32_C(1) << ALARM_SYN_FLOOD) != 0;
}

static void
note_bad_parts(const struct blame *blame)
{
	const uint32_t count = followed_table_awake_count(blame->table);

	for (uint32_t i = 0; i < count; i++) {
		followed_table_awake(blame->table, i)->bad_parts = 0;
		followed_table_awake(blame->table, i)->explained = 0;
		followed_table_awake(blame->table, i)->is_partly_named = false;
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct followed *part = followed_table_awake(blame->table, i);
		struct followed *whole = judge_is_bad(blame->params, part) ? whole_of(blame, part)
									   : NULL;

		if (whole != NULL)
			whole->bad_parts++;
	}
}

static void
explain_wholes(const struct blame *blame, const struct followed *victim)
{
	const double unfinished = unfinished_of(blame, victim);

	for (struct followed *whole = whole_of(blame, victim); whole != NULL;
			whole = whole_of(blame, whole)) {
		whole->explained += unfinished;
		whole->is_partly_named = true;
		whole->cusum = 0;
	}
}

static void
note_explained(const struct blame *blame)
{
	for (uint32_t i = 0; i < DETECTOR_ALARMS; i++)
		if (blame->book->entries[i].is_used &&
				blame->book->entries[i].alarm.type == ALARM_SYN_FLOOD)
			explain_wholes(blame, blame->book->entries[i].victim);
}

/* Whether an attack on the prefix is what this is a part of. */
static bool
is_part_of_carpet(const struct blame *blame, const struct followed *victim,
		const struct followed *prefix)
{
	return prefix != NULL && prefix->bad_parts >= BLAME_CARPET &&
			unfinished_of(blame, victim) < OUTSTANDING * unfinished_of(blame, prefix);
}

static bool
is_one_port_of_many(const struct blame *blame, const struct followed *service,
		const struct followed *address)
{
	return address != NULL && address->bad_parts >= MANY_PORTS &&
			unfinished_of(blame, service) < MOST * unfinished_of(blame, address);
}

/* Many doors of one house, and one who knocks: that is told as a scan. */
static bool
is_scan(const struct blame *blame, struct followed *victim)
{
	const struct suspect *suspect = suspects_find(blame->suspects, &victim->key);

	if (victim->key.level == VICTIM_SERVICE)
		return false;
	if (suspect == NULL || suspect->syn == 0)
		return blame->tick < victim->cusum_tick + SOURCES_TICKS;
	if (!suspects_is_one_source(suspect))
		return false;
	victim->cusum = 0; /* it adds up to no flood */
	return true;
}

/*
 * What adds up slowly, and what is usual, cannot be told for a whole while a part of it is
 * attacked: it begins anew when that is over.
 */
static bool
is_explained(const struct blame *blame, struct followed *victim)
{
	if (!victim->is_partly_named)
		return false;
	return (victim->findings & JUDGE_SUDDEN) == 0 ||
			victim->explained > MOST * unfinished_of(blame, victim);
}

static bool
is_to_be_named(const struct blame *blame, struct followed *victim)
{
	const struct followed *address = NULL, *prefix = NULL;

	if (victim->key.level == VICTIM_SERVICE)
		address = whole_of(blame, victim);
	if (victim->key.level != VICTIM_PREFIX)
		prefix = whole_of(blame, address != NULL ? address : victim);
	if (has_flood(victim) || has_flood(address) || has_flood(prefix))
		return false;
	if (victim->key.level == VICTIM_PREFIX && victim->bad_parts < BLAME_CARPET)
		return false;
	if (is_explained(blame, victim))
		return false;
	return !is_part_of_carpet(blame, victim, prefix) &&
			!is_one_port_of_many(blame, victim, address) && !is_scan(blame, victim);
}

static void
name(const struct blame *blame, struct followed *victim)
{
	enum flood_verdict verdict;

	if (!is_to_be_named(blame, victim))
		return;
	verdict = flood_verdict_of(blame->params, victim, victim->findings,
			suspects_find(blame->suspects, &victim->key));
	if (verdict == FLOOD_VERDICT_NONE)
		return;
	flood_begin(blame->book, blame->params, victim, victim->findings, verdict, blame->tick);
	explain_wholes(blame, victim);
}

void
blame(struct alarm_book *book, const struct detector_params *params, struct followed_table *table,
		const struct suspects *suspects, uint64_t tick)
{
	const struct blame blame = { book, params, table, suspects, tick };

	note_bad_parts(&blame);
	note_explained(&blame);
	for (uint8_t level = VICTIM_SERVICE; level < VICTIM_LEVELS; level++)
		for (uint32_t i = 0; i < followed_table_awake_count(table); i++) {
			struct followed *victim = followed_table_awake(table, i);

			if (victim->key.level == level && victim->findings != 0)
				name(&blame, victim);
		}
}
