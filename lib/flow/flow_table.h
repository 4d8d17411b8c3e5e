/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The flow table: cache-aligned buckets of tags, and behind each tag the packed state of
 * one connection.
 *
 *   bucket, one cache line        slot = bucket * 16 + way
 *   +----------------------+
 *   | tag  x 16 | due x 16 |      flows[slot]     128 bytes: entry and tally
 *   +----------------------+      evidence[slot]  28 bytes
 *
 * A flow lives in the bucket that its hash names or, when that one is crowded, in a second
 * one; a count for each bucket of those it sent away spares a look-up that misses the
 * second line. So a miss costs one line and a hit two.
 *
 * `due` is a lower bound of the moment when the flow's timer runs out, in coarse units:
 * timers that are idle times need no write for each packet, they are looked at again when
 * the bound is reached. It also orders the flows of a full bucket by age; among those of
 * the same unit the bucket's hand tells which is the oldest.
 *
 * All memory is the caller's and taken once. Nothing here knows what a flow's state
 * means, but for which states may be evicted. One owner; no locks.
 */

#ifndef FLOW_FLOW_TABLE_H
#define FLOW_FLOW_TABLE_H

#include "flow/flow_entry.h"
#include "flow/flow_key.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOW_TABLE_WAYS 16
#define FLOW_TABLE_SLOTS_MIN 32
#define FLOW_TABLE_SLOTS_MAX (UINT32_C(1) << 30)
#define FLOW_TABLE_NONE UINT32_MAX

struct flow_bucket {
	uint16_t tag[FLOW_TABLE_WAYS]; /* 16 bits of the hash; 0: free */
	uint16_t due[FLOW_TABLE_WAYS]; /* in units of 2^FLOW_TABLE_DUE_SHIFT us, modulo 2^16 */
} CACHE_ALIGNED;

static_assert(sizeof(struct flow_bucket) == CACHE_LINE, "a miss costs one line");

/*
 * A unit is 0.26 s. Bounds are compared by the sign of their distance, so none may lie
 * further ahead than half of what 16 bits hold, less what the clock of a capture may step
 * back: 2.3 h and 4 min.
 */
#define FLOW_TABLE_DUE_SHIFT 18
#define FLOW_TABLE_DUE_RANGE (INT16_MAX - 1024)

/* Buckets that share one lower bound, so that a sweep passes over idle ones. */
#define FLOW_TABLE_GROUP 64

/*
 * A bucket's turn goes on with each flow that leaves it and each bound that is set, which is all
 * that can happen to a full one; so who has looked at that knows whether it is still the same.
 * The low bits are the bucket's hand: the way behind the last one filled, where the oldest lies.
 */
#define FLOW_TABLE_TURN FLOW_TABLE_WAYS

struct flow_table {
	struct flow_bucket *buckets;
	struct flow_pair *flows;
	struct flow_evidence *evidence;
	uint8_t *sent_away; /* for each bucket: flows of its own in their second bucket; sticks at 255 */
	uint16_t *turn; /* for each bucket, see FLOW_TABLE_TURN */
	uint16_t *group_due; /* for each group: no flow of it is due before */
	uint32_t bucket_mask;
	uint32_t groups;
	uint32_t used; /* slots in use */
	uint32_t evictable; /* bit n: a flow in state n may be evicted */
	bool vlan_in_key;
	struct flow_hash_key secret;
	struct {
		bool under_way;
		uint32_t group; /* the next to look at */
		uint32_t bucket; /* within it; FLOW_TABLE_GROUP: not begun */
		bool all; /* look at every flow: the bounds do not reach back this far */
		bool all_next; /* the next pass must do that: the bounds were of other timeouts */
		uint16_t group_due; /* of the group under way, so far */
		uint64_t began_us; /* the time this pass goes by */
		uint64_t done_us; /* the time of the last whole pass */
	} sweep;
};

/** Slots that a request for @p slots gives: a power of two within the limits. */
uint32_t flow_table_slots(uint32_t slots);

/** Bytes that flow_table_init() needs for flow_table_slots(@p slots). */
size_t flow_table_memory_size(uint32_t slots);

/**
 * @param memory
 *   flow_table_memory_size() bytes, zeroed, aligned to CACHE_LINE.
 * @param vlan_in_key
 *   Whether the keys hold VLAN tags: flows that differ only there are different.
 * @param evictable
 *   Bit n tells whether a flow in state n may make room for another.
 */
void flow_table_init(struct flow_table *table, void *memory, uint32_t slots,
		const uint8_t secret[FLOW_HASH_KEY_LEN], bool vlan_in_key, uint32_t evictable);

static inline uint32_t
flow_table_bucket_of(const struct flow_table *table, uint64_t hash)
{
	return (uint32_t)hash & table->bucket_mask;
}

static inline uint16_t
flow_table_tag_of(uint64_t hash)
{
	uint16_t tag = (uint16_t)(hash >> 48);

	return tag != 0 ? tag : 1;
}

static inline void
flow_table_prefetch_bucket(const struct flow_table *table, uint64_t hash)
{
	__builtin_prefetch(&table->buckets[flow_table_bucket_of(table, hash)]);
}

/**
 * Prefetch what a segment with this hash will probably touch, whose flow flow_likely_slot()
 * does not find; its bucket should be in the cache.
 *
 * @return
 *   Whether the bucket is full: then flow_table_foresee() is to follow, once the second bucket,
 *   which this prefetches, is in the cache too.
 */
bool flow_table_prefetch_new(const struct flow_table *table, uint64_t hash);

/* What was foreseen of a new flow. It holds until a bucket has changed 4096 times. */
struct flow_foresight {
	uint32_t victim; /* the flow that it will replace; FLOW_TABLE_NONE: that is not certain */
	uint16_t turn[2]; /* of its buckets, then */
};

/** Prefetch the flow that will probably have to make room for one with this hash, and foresee it. */
struct flow_foresight flow_table_foresee(
		const struct flow_table *table, uint64_t hash, uint64_t now_us);

/**
 * What flow_table_find(), flow_table_insert() and flow_table_victim() would come to for a flow
 * with this hash, if it was foreseen and nothing has changed since: there is no such flow, there
 * is no room, and the victim is this one.
 *
 * @return
 *   The victim's slot, or FLOW_TABLE_NONE: it is to be found out.
 */
uint32_t flow_table_foreseen(const struct flow_table *table, uint64_t hash,
		const struct flow_foresight *foresight);

/** The slot of a flow, or FLOW_TABLE_NONE. */
uint32_t flow_table_find(const struct flow_table *table, uint64_t hash, const struct flow_key *key);

/**
 * Take a free slot for a flow that is not in the table.
 *
 * @return
 *   The slot: the key, FLOW_IPV6 in flags and the evidence's VLAN tags, as far as they
 *   are in the key, are set, and all else of the entry, the tally and the evidence is
 *   zero. FLOW_TABLE_NONE if both its buckets are full.
 */
uint32_t flow_table_insert(struct flow_table *table, uint64_t hash, const struct flow_key *key);

/**
 * The flow that must make room for one with this hash: of those in its two buckets that
 * may be evicted, the one that is due first.
 *
 * @return
 *   Its slot, for the caller to report and remove; FLOW_TABLE_NONE if there is none.
 */
uint32_t flow_table_victim(const struct flow_table *table, uint64_t hash, uint64_t now_us);

void flow_table_remove(struct flow_table *table, uint32_t slot);

/**
 * Put a flow that is not in the table into the slot that flow_table_victim() gave for its hash,
 * where flow_table_insert() would put it once that was removed. All is set as there.
 */
void flow_table_replace(
		struct flow_table *table, uint32_t slot, uint64_t hash, const struct flow_key *key);

/** From now on the flow in @p slot need not be looked at before @p due_us. */
void flow_table_set_due(struct flow_table *table, uint32_t slot, uint64_t due_us, uint64_t now_us);

/**
 * Go on with the sweep over timers for one bounded step.
 *
 * @param[out] slots
 *   Up to FLOW_TABLE_WAYS slots whose bound has passed. The caller looks at each and
 *   removes it or calls flow_table_set_due() before the next step.
 * @return
 *   How many; or -1 if every flow that may be due at @p now_us has been given.
 */
int flow_table_sweep(struct flow_table *table, uint64_t now_us, uint32_t slots[FLOW_TABLE_WAYS]);

/** Timeouts have changed, so the bounds say nothing: the next pass gives every flow. */
void flow_table_sweep_all(struct flow_table *table);

/** The slots in use of the bucket that @p cursor names, which moves on; -1 behind the last. */
int flow_table_walk(
		const struct flow_table *table, uint32_t *cursor, uint32_t slots[FLOW_TABLE_WAYS]);

#endif /* FLOW_FLOW_TABLE_H */
