/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The victims of one level that a worker follows: what was counted of each since it was
 * last taken, and a list of those that anything was counted of.
 *
 * A victim that completed a handshake lately is proven in the sense of heavy_set.h: a flood
 * to random destinations can make no such one. A small memo, by few bits of the key, leads
 * to those on the list that came last: then a look-up is a compare.
 */

#ifndef DETECT_VICTIM_TABLE_H
#define DETECT_VICTIM_TABLE_H

#include "detect/heavy_set.h"
#include "detect/victim.h"
#include "flow/address_hash.h"

#include <string.h>

#define VICTIM_TABLE_MEMO 256

/* Which block of sources; stale once the block's serial is another. */
struct victim_sources {
	uint8_t index; /* REPORT_NO_SOURCES: none */
	uint16_t serial;
};

struct victim_entry {
	struct victim_key key;
	uint32_t unresolved; /* late handshakes that did not complete and were not refused; fading */
	uint32_t watch_at; /* with so many a SYN is worth a closer look */
	struct victim_sources own; /* where its SYNs' are counted */
	struct victim_sources inherited; /* where what it is part of has its SYNs' counted */
	uint16_t place; /* its own */
	bool listed;
	struct victim_counts counts; /* since they were last taken */
	uint32_t beat; /* of the table, up to which unresolved has faded */
	uint32_t attach_at; /* with so many unresolved it gets sources of its own */
	uint32_t usual; /* unresolved, smoothed, times VICTIM_USUAL_ONE */
} CACHE_ALIGNED;

#define VICTIM_USUAL_ONE 256

struct victim_list {
	uint16_t *places;
	uint32_t count;
};

struct victim_table {
	struct heavy_set set;
	struct victim_entry *entries;
	struct victim_list touched; /* since victim_table_begin_take() */
	struct victim_list taking; /* those from before that are still to be taken */
	uint64_t key[4];
	struct victim_entry *memo[VICTIM_TABLE_MEMO]; /* each on the list, or nobody */
	struct victim_entry nobody;
};

/** Bytes that victim_table_init() needs: a multiple of CACHE_LINE. */
size_t victim_table_memory_size(uint32_t places);

/** @p memory: zeroed, aligned to CACHE_LINE. @p places: a power of two, 16 to 65536. */
void victim_table_init(
		struct victim_table *table, void *memory, uint32_t places, const uint64_t key[4]);

/* A key without its address, as it lies in memory. */
static inline uint32_t
victim_table_rest(uint16_t port, uint32_t level, bool ipv6)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return port | level << 16 | (uint32_t)ipv6 << 24;
#else
	return (uint32_t)port << 16 | level << 8 | ipv6;
#endif
}

/** The keyed hash of a victim, also of one that has no place. */
static inline uint64_t
victim_table_hash(const uint64_t key[4], const struct victim_key *victim)
{
	return address_hash(key, victim->addr,
			victim_table_rest(victim->port, victim->level, victim->ipv6));
}

/* Whether it is that victim's. The key of nobody, all zero, is no victim's. */
static inline bool
victim_table_is(const struct victim_entry *entry, const uint64_t addr[2], uint16_t port,
		uint32_t level, bool ipv6)
{
	uint32_t rest;

	memcpy(&rest, &entry->key.port, sizeof(rest));
	/* The first half of an IPv4 address is the same for all. */
	if (!ipv6)
		return ((entry->key.addr[1] ^ addr[1]) |
				       (rest ^ victim_table_rest(port, level, false))) == 0;
	return ((entry->key.addr[0] ^ addr[0]) | (entry->key.addr[1] ^ addr[1]) |
			       (rest ^ victim_table_rest(port, level, true))) == 0;
}

static inline struct victim_entry **
victim_table_memo(struct victim_table *table, const uint64_t addr[2], uint16_t port)
{
	/* The last byte of an address, and the port, are what differs between victims. */
	return &table->memo[(((const uint8_t *)addr)[15] ^ port) % VICTIM_TABLE_MEMO];
}

/** Where the memo leads for this key: an entry on the list, the victim's or any other. */
static inline struct victim_entry *
victim_table_guess(struct victim_table *table, const uint64_t addr[2], uint16_t port)
{
	return *victim_table_memo(table, addr, port);
}

/** The one of these ways, as heavy_set.h has them, that is the victim's; NULL: none. */
struct victim_entry *victim_table_choose(struct victim_table *table,
		const struct victim_key *victim, uint64_t hash, uint32_t ways);

/** The same as victim_table_find(), where the memo does not help. */
static inline struct victim_entry *
victim_table_search(struct victim_table *table, const struct victim_key *victim, uint64_t hash)
{
	const uint32_t ways = heavy_set_ways(&table->set, hash);

	return ways != 0 ? victim_table_choose(table, victim, hash, ways) : NULL;
}

/** NULL: it is not followed. */
static inline struct victim_entry *
victim_table_find(struct victim_table *table, const struct victim_key *victim)
{
	struct victim_entry *entry = victim_table_guess(table, victim->addr, victim->port);

	return victim_table_is(entry, victim->addr, victim->port, victim->level, victim->ipv6)
			? entry
			: victim_table_search(table, victim, victim_table_hash(table->key, victim));
}

/* Who gave way. */
struct victim_gone {
	bool any; /* otherwise there is nothing that was not taken yet */
	struct victim_key key;
	struct victim_counts counts; /* not taken yet */
};

/**
 * A victim that is not followed was given a place.
 *
 * @return
 *   All of it is zero, but for the key, and @p gone is set.
 */
struct victim_entry *victim_table_settle(struct victim_table *table,
		const struct victim_key *victim, uint32_t place, struct victim_gone *gone);

/** For the first time since they were last taken, something is counted of it. */
void victim_table_list(struct victim_table *table, struct victim_entry *entry);

/** What is counted of a victim, to be added to. */
static inline struct victim_counts *
victim_table_counts(struct victim_table *table, struct victim_entry *entry)
{
	if (!entry->listed)
		victim_table_list(table, entry);
	return &entry->counts;
}

static inline void
victim_table_weigh(struct victim_table *table, const struct victim_entry *entry, uint32_t weight)
{
	table->set.weight[entry->place] += weight;
}

static inline uint32_t
victim_table_weight(const struct victim_table *table, const struct victim_entry *entry)
{
	return table->set.weight[entry->place];
}

/**
 * The counts are to be taken: call victim_table_take() until it gives NULL. What is counted
 * meanwhile of a victim that was taken stays for the next time.
 */
void victim_table_begin_take(struct victim_table *table);

/** The next entry to take the counts of; the caller clears them. */
struct victim_entry *victim_table_take(struct victim_table *table);

#endif /* DETECT_VICTIM_TABLE_H */
