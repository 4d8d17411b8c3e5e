/* SPDX-License-Identifier: Apache-2.0 */

/* The places of those that are followed: found by hash, given away when all are taken. */

#include "detect/followed_table.h"

#include "detect/victim_table.h"
#include "flow/address_hash.h"

#include <stdlib.h>
#include <string.h>

#define CHAINS FOLLOWED_MAX /* a power of two */

/* When all places are taken, so many are looked at for one that may give way. */
#define LOOKED_AT 64

struct followed_table {
	uint64_t key[ADDRESS_HASH_WORDS];
	uint32_t count;
	uint32_t hand; /* where the search for one that gives way goes on */
	uint64_t replaced;
	uint32_t awake_count;
	uint32_t awake[FOLLOWED_MAX];
	uint32_t chains[CHAINS];
	struct followed victims[FOLLOWED_MAX];
};

struct followed_table *
followed_table_create(uint64_t seed)
{
	struct followed_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	address_hash_key_of(seed, table->key);
	followed_table_forget_all(table);
	return table;
}

void
followed_table_forget_all(struct followed_table *table)
{
	table->count = 0;
	table->awake_count = 0;
	memset(table->chains, 0xff, sizeof(table->chains));
}

void
followed_table_destroy(struct followed_table *table)
{
	free(table);
}

static uint32_t *
chain_of(struct followed_table *table, const struct victim_key *key)
{
	return &table->chains[victim_table_hash(table->key, key) % CHAINS];
}

struct followed *
followed_table_find(struct followed_table *table, const struct victim_key *key)
{
	for (uint32_t at = *chain_of(table, key); at != FOLLOWED_NONE; at = table->victims[at].next)
		if (victim_key_equal(&table->victims[at].key, key))
			return &table->victims[at];
	return NULL;
}

static void
unlink_victim(struct followed_table *table, uint32_t at)
{
	uint32_t *link = chain_of(table, &table->victims[at].key);

	while (*link != at)
		link = &table->victims[*link].next;
	*link = table->victims[at].next;
}

/* Whether a is worth less than b: asleep before awake, never completed before others, then age. */
static bool
gives_way_before(const struct followed *a, const struct followed *b)
{
	if (a->is_awake != b->is_awake)
		return b->is_awake;
	if ((a->usual_completed > 0) != (b->usual_completed > 0))
		return b->usual_completed > 0;
	return a->active_tick < b->active_tick;
}

static uint32_t
find_replaceable(struct followed_table *table)
{
	uint32_t best = FOLLOWED_NONE;

	for (uint32_t i = 0; i < LOOKED_AT; i++) {
		const uint32_t at = table->hand++ % FOLLOWED_MAX;

		if (table->victims[at].alarms == 0 &&
				(best == FOLLOWED_NONE ||
						gives_way_before(&table->victims[at],
								&table->victims[best])))
			best = at;
	}
	return best;
}

static void
forget_awake(struct followed_table *table, uint32_t at)
{
	const uint32_t last = table->awake[--table->awake_count];

	table->awake[table->victims[at].awake_at] = last;
	table->victims[last].awake_at = table->victims[at].awake_at;
}

static uint32_t
take_place(struct followed_table *table)
{
	uint32_t at;

	if (table->count < FOLLOWED_MAX)
		return table->count++;
	at = find_replaceable(table);
	if (at == FOLLOWED_NONE)
		return at;
	unlink_victim(table, at);
	if (table->victims[at].is_awake)
		forget_awake(table, at);
	table->replaced++;
	return at;
}

static struct followed *
follow(struct followed_table *table, const struct victim_key *key, uint64_t tick)
{
	const uint32_t at = take_place(table);
	struct followed *victim;
	uint32_t *chain;

	if (at == FOLLOWED_NONE)
		return NULL;
	victim = &table->victims[at];
	memset(victim, 0, sizeof(*victim));
	victim->key = *key;
	victim->is_used = true;
	victim->since_tick = tick;
	victim->stepped_tick = tick - 1;
	followed_init(victim);
	chain = chain_of(table, key);
	victim->next = *chain;
	*chain = at;
	return victim;
}

struct followed *
followed_table_wake(struct followed_table *table, const struct victim_key *key, uint64_t tick)
{
	struct followed *victim = followed_table_find(table, key);

	if (victim == NULL)
		victim = follow(table, key, tick);
	if (victim == NULL)
		return NULL;
	victim->active_tick = tick;
	if (victim->is_awake)
		return victim;
	if (tick > victim->stepped_tick + 1)
		followed_sleep(victim, tick - victim->stepped_tick - 1);
	victim->stepped_tick = tick - 1;
	victim->woken_tick = tick;
	victim->is_awake = true;
	victim->awake_at = table->awake_count;
	table->awake[table->awake_count++] = (uint32_t)(victim - table->victims);
	return victim;
}

uint32_t
followed_table_awake_count(const struct followed_table *table)
{
	return table->awake_count;
}

struct followed *
followed_table_awake(struct followed_table *table, uint32_t n)
{
	return &table->victims[table->awake[n]];
}

void
followed_table_rest(struct followed_table *table, uint64_t tick)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < table->awake_count; i++) {
		struct followed *victim = &table->victims[table->awake[i]];

		victim->is_awake = victim->alarms != 0 ||
				victim->active_tick + FOLLOWED_TICKS > tick;
		if (!victim->is_awake)
			continue;
		victim->awake_at = kept;
		table->awake[kept++] = table->awake[i];
	}
	table->awake_count = kept;
}

uint32_t
followed_table_count(const struct followed_table *table)
{
	return table->count;
}

uint64_t
followed_table_replaced(const struct followed_table *table)
{
	return table->replaced;
}
