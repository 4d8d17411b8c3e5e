/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/victim_table.h"

#include "detect/report.h"

#include <assert.h>

static_assert(offsetof(struct victim_key, ipv6) == offsetof(struct victim_key, port) + 3,
		"a word without a gap");
static_assert(offsetof(struct victim_entry, counts.evicted) < CACHE_LINE,
		"a SYN, and the handshake that it evicts, write one line of an entry");

static size_t
round_up(size_t bytes)
{
	return (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

size_t
victim_table_memory_size(uint32_t places)
{
	return places * sizeof(struct victim_entry) + heavy_set_memory_size(places) +
			2 * round_up(places * sizeof(uint16_t));
}

void
victim_table_init(struct victim_table *table, void *memory, uint32_t places, const uint64_t key[4])
{
	uint8_t *rest = memory;

	memset(table, 0, sizeof(*table));
	memcpy(table->key, key, sizeof(table->key));
	table->entries = memory;
	for (uint32_t i = 0; i < VICTIM_TABLE_MEMO; i++)
		table->memo[i] = &table->nobody;
	rest += places * sizeof(struct victim_entry);
	heavy_set_init(&table->set, rest, places, key[0] ^ places);
	rest += heavy_set_memory_size(places);
	table->touched.places = (uint16_t *)(void *)rest;
	rest += round_up(places * sizeof(uint16_t));
	table->taking.places = (uint16_t *)(void *)rest;
}

static void
remember(struct victim_table *table, struct victim_entry *entry)
{
	*victim_table_memo(table, entry->key.addr, entry->key.port) = entry;
}

struct victim_entry *
victim_table_choose(struct victim_table *table, const struct victim_key *victim, uint64_t hash,
		uint32_t ways)
{
	uint32_t first = heavy_set_bucket_of(&table->set, hash) * HEAVY_SET_WAYS;

	for (; ways != 0; ways &= ways - 1) {
		uint32_t place = first + (uint32_t)__builtin_ctz(ways);

		if (victim_table_is(&table->entries[place], victim->addr, victim->port,
				    victim->level, victim->ipv6)) {
			if (table->entries[place].listed)
				remember(table, &table->entries[place]);
			return &table->entries[place];
		}
	}
	return NULL;
}

struct victim_entry *
victim_table_settle(struct victim_table *table, const struct victim_key *victim, uint32_t place,
		struct victim_gone *gone)
{
	struct victim_entry *entry = &table->entries[place];
	/* What is on the list is the place, whoever has it. */
	const bool listed = entry->listed;

	gone->any = listed;
	gone->key = entry->key;
	gone->counts = entry->counts;
	*entry = (struct victim_entry){ .key = *victim,
		.place = (uint16_t)place,
		.listed = listed,
		.own = { .index = REPORT_NO_SOURCES },
		.inherited = { .index = REPORT_NO_SOURCES } };
	if (listed)
		remember(table, entry);
	return entry;
}

void
victim_table_list(struct victim_table *table, struct victim_entry *entry)
{
	entry->listed = true;
	heavy_set_refresh(&table->set, entry->place);
	table->touched.places[table->touched.count++] = entry->place;
	remember(table, entry);
}

void
victim_table_begin_take(struct victim_table *table)
{
	struct victim_list before = table->touched;

	table->touched = table->taking;
	table->touched.count = 0;
	table->taking = before;
}

struct victim_entry *
victim_table_take(struct victim_table *table)
{
	struct victim_entry *entry;

	if (table->taking.count == 0)
		return NULL;
	entry = &table->entries[table->taking.places[--table->taking.count]];
	entry->listed = false;
	*victim_table_memo(table, entry->key.addr, entry->key.port) = &table->nobody;
	return entry;
}
