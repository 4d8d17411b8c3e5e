/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Where a flow probably lies: the first way of its own bucket that has its tag. One of
 * 65,536 tags is another flow's, and few flows lie in their second bucket; so this is
 * nearly always the answer, and known as soon as the bucket is in the cache. Inline, for a
 * pipeline that looks at a burst's buckets first and at its flows later.
 *
 * flow_table_find() is the truth, and finds these flows as well.
 */

#ifndef FLOW_FLOW_LIKELY_H
#define FLOW_FLOW_LIKELY_H

#include "flow/flow_table.h"
#include "flow/flow_ways.h"

#include <string.h>

/** The slot that the flow of a segment with this hash probably has, or FLOW_TABLE_NONE. */
static inline uint32_t
flow_likely_slot(const struct flow_table *table, uint64_t hash)
{
	uint32_t bucket = flow_table_bucket_of(table, hash);
	uint32_t ways = flow_ways_equal(table->buckets[bucket].tag, flow_table_tag_of(hash));

	return ways != 0 ? bucket * FLOW_TABLE_WAYS + flow_ways_first(ways) : FLOW_TABLE_NONE;
}

/** Prefetch what a further segment of the flow in @p slot touches. */
static inline void
flow_likely_prefetch(const struct flow_table *table, uint32_t slot)
{
	__builtin_prefetch(&table->flows[slot].entry, 1);
	__builtin_prefetch(&table->flows[slot].tally, 1);
}

/** Prefetch what more is touched by a segment that is put down in the flow's history. */
static inline void
flow_likely_prefetch_evidence(const struct flow_table *table, uint32_t slot)
{
	const struct flow_evidence *evidence = &table->evidence[slot];

	/* It may lie across two lines. */
	__builtin_prefetch(evidence, 1);
	__builtin_prefetch((const uint8_t *)(evidence + 1) - 1, 1);
}

/* The ports and the flags behind them, of which FLOW_IPV6 is the lowest, in one number. */
static inline uint64_t
flow_likely_ports(const uint16_t port[2])
{
	uint32_t both;

	memcpy(&both, port, sizeof(both));
	return both;
}

/* Whether an entry has this key; that of a slot that is not in use may have any. */
static inline bool
flow_likely_matches(const struct flow_table *table, uint32_t slot, const struct flow_key *key)
{
	const struct flow_entry *entry = &table->flows[slot].entry;
	uint64_t differs = (entry->addr[0][0] ^ key->addr[0][0]) |
			(entry->addr[0][1] ^ key->addr[0][1]) |
			(entry->addr[1][0] ^ key->addr[1][0]) |
			(entry->addr[1][1] ^ key->addr[1][1]) |
			(flow_likely_ports(entry->port) ^ flow_likely_ports(key->port)) |
			((entry->flags & FLOW_IPV6) ^ (uint64_t)key->ipv6);

	if (differs != 0)
		return false;
	if (!table->vlan_in_key)
		return true;
	return table->evidence[slot].vlan[0] == key->vlan[0] &&
			table->evidence[slot].vlan[1] == key->vlan[1];
}

/**
 * Whether the flow with this key lies in @p slot: a slot of one of its buckets, which may
 * have been given to another flow, or to none, since it was likely.
 */
static inline bool
flow_likely_is(const struct flow_table *table, uint32_t slot, const struct flow_key *key)
{
	/* A slot that is free keeps the key of the flow that was there. */
	return table->buckets[slot / FLOW_TABLE_WAYS].tag[slot % FLOW_TABLE_WAYS] != 0 &&
			flow_likely_matches(table, slot, key);
}

#endif /* FLOW_FLOW_LIKELY_H */
