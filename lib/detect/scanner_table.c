/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/scanner_table.h"

#include "flow/flow_key.h"

#include <string.h>

#define TARGET_BITS (64 * SCAN_MAP_WORDS)
#define ADDRESS_BITS (TARGET_BITS / 4)

static size_t
round_up(size_t bytes)
{
	return (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

static void *
carve(uint8_t **memory, size_t bytes)
{
	void *piece = *memory;

	*memory += round_up(bytes);
	return piece;
}

size_t
scanner_table_memory_size(void)
{
	return heavy_set_memory_size(METER_SCANNERS) +
			round_up(METER_SCANNERS * sizeof(struct report_scanner)) +
			round_up(METER_SCANNERS * sizeof(bool)) +
			2 * round_up(METER_SCANNERS * sizeof(uint16_t));
}

void
scanner_table_init(struct scanner_table *table, void *memory, const uint64_t key[4])
{
	uint8_t *rest = memory;

	memset(table, 0, sizeof(*table));
	memcpy(table->key, key, sizeof(table->key));
	heavy_set_init(&table->set, carve(&rest, heavy_set_memory_size(METER_SCANNERS)),
			METER_SCANNERS, key[1]);
	table->entries = carve(&rest, METER_SCANNERS * sizeof(struct report_scanner));
	table->listed = carve(&rest, METER_SCANNERS * sizeof(bool));
	table->touched = carve(&rest, METER_SCANNERS * sizeof(uint16_t));
	table->taking = carve(&rest, METER_SCANNERS * sizeof(uint16_t));
}

static uint64_t
hash_of(const struct scanner_table *table, const uint64_t addr[2], uint32_t more)
{
	uint64_t first = flow_key_mix(addr[0] ^ table->key[3], addr[1] ^ table->key[2]);

	return flow_key_mix(first ^ more ^ table->key[1], (first >> 32) ^ table->key[0]);
}

static bool
is_scanner(const struct report_scanner *entry, const struct scanner_knock *knock)
{
	return entry->addr[0] == knock->addr[0] && entry->addr[1] == knock->addr[1] &&
			entry->ipv6 == knock->ipv6;
}

static void
list(struct scanner_table *table, uint32_t place)
{
	if (table->listed[place])
		return;
	table->listed[place] = true;
	table->touched[table->touched_count++] = (uint16_t)place;
	heavy_set_refresh(&table->set, place);
}

static struct report_scanner *
find(struct scanner_table *table, const struct scanner_knock *knock)
{
	uint32_t first = heavy_set_bucket_of(&table->set, knock->hash) * HEAVY_SET_WAYS;
	uint32_t ways = heavy_set_ways(&table->set, knock->hash);

	for (; ways != 0; ways &= ways - 1) {
		uint32_t place = first + (uint32_t)__builtin_ctz(ways);

		if (is_scanner(&table->entries[place], knock)) {
			list(table, place);
			return &table->entries[place];
		}
	}
	return NULL;
}

static void
mark(struct scanner_table *table, struct report_scanner *entry, const struct scanner_knock *knock)
{
	const struct victim_key *target = knock->target;
	uint64_t of_address = hash_of(table, target->addr, target->ipv6);
	uint64_t of_both = flow_key_mix(of_address ^ target->port, table->key[0] | 1);

	/* Once more, or sequential ports share bits under most keys. */
	of_both = flow_key_mix(of_both ^ table->key[2], table->key[3] | 1);
	entry->targets[of_both % TARGET_BITS / 64] |= UINT64_C(1) << of_both % 64;
	entry->addresses[of_address % ADDRESS_BITS / 64] |= UINT64_C(1) << of_address % 64;
	entry->last = *target;
}

/*
 * Its entry, at the place that it was just given, or where it is, or if need be a new one; NULL:
 * there is no place.
 */
static struct report_scanner *
follow(struct scanner_table *table, const struct scanner_knock *knock, uint32_t place)
{
	struct report_scanner *entry = NULL;

	if (place == HEAVY_SET_NONE)
		entry = find(table, knock);
	if (entry != NULL) {
		table->set.weight[entry - table->entries]++;
	} else {
		if (place == HEAVY_SET_NONE)
			place = heavy_set_admit(&table->set, knock->hash, 1, false);
		if (place == HEAVY_SET_NONE)
			return NULL;
		entry = &table->entries[place];
		*entry = (struct report_scanner){ .addr = { knock->addr[0], knock->addr[1] },
			.ipv6 = knock->ipv6 };
		list(table, place);
	}
	mark(table, entry, knock);
	return entry;
}

void
scanner_table_attempt_at(
		struct scanner_table *table, const struct scanner_knock *knock, uint32_t place)
{
	struct report_scanner *entry = follow(table, knock, place);

	if (entry != NULL)
		entry->attempts++;
}

void
scanner_table_refused(struct scanner_table *table, const struct scanner_knock *knock)
{
	struct report_scanner *entry = follow(table, knock, HEAVY_SET_NONE);

	if (entry != NULL)
		entry->refused++;
}

void
scanner_table_reset(struct scanner_table *table, const struct scanner_knock *knock)
{
	follow(table, knock, HEAVY_SET_NONE);
}

void
scanner_table_completed(struct scanner_table *table, const struct scanner_knock *knock)
{
	struct report_scanner *entry = find(table, knock);

	if (entry != NULL)
		entry->completed++;
}

void
scanner_table_begin_take(struct scanner_table *table)
{
	uint16_t *before = table->touched;

	table->touched = table->taking;
	table->taking = before;
	table->taking_count = table->touched_count;
	table->touched_count = 0;
}

bool
scanner_table_take(struct scanner_table *table, struct report_scanner *scanner)
{
	struct report_scanner *entry;
	uint32_t place;

	if (table->taking_count == 0)
		return false;
	place = table->taking[--table->taking_count];
	entry = &table->entries[place];
	*scanner = *entry;
	table->listed[place] = false;
	*entry = (struct report_scanner){ .addr = { entry->addr[0], entry->addr[1] },
		.ipv6 = entry->ipv6 };
	return true;
}
