/* SPDX-License-Identifier: Apache-2.0 */

#include "flow/flow_table.h"

#include "flow/flow_due.h"
#include "flow/flow_likely.h"
#include "flow/flow_ways.h"

#include <string.h>

/* Odd, so that every bit of the tag moves the second bucket. */
#define SECOND_BUCKET_STEP UINT32_C(0x9e3779b1)

/* The other bucket of a flow; the second's second is the first. */
static inline uint32_t
other_bucket(const struct flow_table *table, uint32_t bucket, uint16_t tag)
{
	uint32_t step = tag * SECOND_BUCKET_STEP & table->bucket_mask;

	return bucket ^ (step != 0 ? step : 1);
}

uint32_t
flow_table_slots(uint32_t slots)
{
	uint32_t power = FLOW_TABLE_SLOTS_MIN;

	while (power < slots && power < FLOW_TABLE_SLOTS_MAX)
		power <<= 1;
	return power;
}

static size_t
round_up(size_t bytes)
{
	return (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

static uint32_t
groups_of(uint32_t buckets)
{
	return (buckets + FLOW_TABLE_GROUP - 1) / FLOW_TABLE_GROUP;
}

size_t
flow_table_memory_size(uint32_t slots)
{
	size_t n = flow_table_slots(slots);
	uint32_t buckets = (uint32_t)(n / FLOW_TABLE_WAYS);

	return buckets * sizeof(struct flow_bucket) + n * sizeof(struct flow_pair) +
			round_up(n * sizeof(struct flow_evidence)) + round_up(buckets) +
			round_up(buckets * sizeof(uint16_t)) +
			round_up(groups_of(buckets) * sizeof(uint16_t));
}

static void *
carve(uint8_t **memory, size_t bytes)
{
	void *piece = *memory;

	*memory += round_up(bytes);
	return piece;
}

void
flow_table_init(struct flow_table *table, void *memory, uint32_t slots,
		const uint8_t secret[FLOW_HASH_KEY_LEN], bool vlan_in_key, uint32_t evictable)
{
	uint8_t *rest = memory;
	size_t n = flow_table_slots(slots);
	uint32_t buckets = (uint32_t)(n / FLOW_TABLE_WAYS);

	memset(table, 0, sizeof(*table));
	table->bucket_mask = buckets - 1;
	table->groups = groups_of(buckets);
	table->vlan_in_key = vlan_in_key;
	table->evictable = evictable;
	memcpy(table->secret.word, secret, sizeof(table->secret.word));
	table->buckets = carve(&rest, buckets * sizeof(struct flow_bucket));
	table->flows = carve(&rest, n * sizeof(struct flow_pair));
	table->evidence = carve(&rest, n * sizeof(struct flow_evidence));
	table->sent_away = carve(&rest, buckets);
	table->turn = carve(&rest, buckets * sizeof(uint16_t));
	table->group_due = carve(&rest, table->groups * sizeof(uint16_t));
	table->sweep.bucket = FLOW_TABLE_GROUP;
}

/* Of a bucket's flows the one to go first. */
struct candidate {
	uint32_t rank; /* the lower, the sooner; UINT32_MAX: there is none */
	uint32_t slot;
};

/*
 * The flow that is due first but for the ways in @p passed; of several, the one that comes
 * first from the bucket's hand on.
 */
static inline struct candidate
candidate_in(const struct flow_table *table, uint32_t bucket, uint16_t now, uint32_t passed)
{
	uint32_t hand = table->turn[bucket] % FLOW_TABLE_TURN;
	uint32_t ways;
	uint32_t least = flow_ways_least_ahead(&table->buckets[bucket], now, passed, &ways);
	uint32_t from_hand;

	if (ways == 0)
		return (struct candidate){ .rank = UINT32_MAX, .slot = FLOW_TABLE_NONE };
	/* The ways twice in a row, so that those before the hand come behind the others. */
	from_hand = flow_ways_first((ways | ways << FLOW_TABLE_WAYS) >> hand);
	return (struct candidate){
		.rank = least * FLOW_TABLE_WAYS + from_hand,
		.slot = bucket * FLOW_TABLE_WAYS + (from_hand + hand) % FLOW_TABLE_WAYS,
	};
}

/* A new flow will be written all over its slot, or over the flow that must go. */
static inline void
prefetch_new(const struct flow_table *table, uint32_t slot)
{
	flow_likely_prefetch(table, slot);
	flow_likely_prefetch_evidence(table, slot);
}

bool
flow_table_prefetch_new(const struct flow_table *table, uint64_t hash)
{
	uint32_t bucket = flow_table_bucket_of(table, hash);
	uint32_t ways = flow_ways_equal(table->buckets[bucket].tag, 0);

	if (ways != 0)
		prefetch_new(table, bucket * FLOW_TABLE_WAYS + flow_ways_first(ways));
	if (ways == 0 || table->sent_away[bucket] != 0)
		__builtin_prefetch(&table->buckets[other_bucket(
				table, bucket, flow_table_tag_of(hash))]);
	return ways == 0;
}

/* Of both buckets, if they are full, the flow that is due first. */
static inline uint32_t
first_due(const struct flow_table *table, uint32_t own, uint32_t other, uint16_t now)
{
	struct candidate first = candidate_in(table, own, now, 0);
	struct candidate second = candidate_in(table, other, now, 0);

	return first.rank <= second.rank ? first.slot : second.slot;
}

/* The ways of a bucket that have a tag, and those that are free. */
static inline uint32_t
with_or_free(const struct flow_table *table, uint32_t bucket, uint16_t tag)
{
	const uint16_t *tags = table->buckets[bucket].tag;

	return flow_ways_equal(tags, tag) | flow_ways_equal(tags, 0);
}

struct flow_foresight
flow_table_foresee(const struct flow_table *table, uint64_t hash, uint64_t now_us)
{
	uint32_t own = flow_table_bucket_of(table, hash);
	uint16_t tag = flow_table_tag_of(hash);
	uint32_t other = other_bucket(table, own, tag);
	uint32_t victim = first_due(table, own, other, flow_due_unit(now_us));
	/* Where its tag is, or a free way, the flow may be, or find room. */
	bool certain = (with_or_free(table, own, tag) | with_or_free(table, other, tag)) == 0;

	prefetch_new(table, victim);
	return (struct flow_foresight){
		.victim = certain ? victim : FLOW_TABLE_NONE,
		.turn = { table->turn[own], table->turn[other] },
	};
}

static inline uint32_t
find_in_bucket(const struct flow_table *table, uint32_t bucket, uint16_t tag,
		const struct flow_key *key)
{
	for (uint32_t ways = flow_ways_equal(table->buckets[bucket].tag, tag); ways != 0;
			ways &= ways - 1) {
		uint32_t slot = bucket * FLOW_TABLE_WAYS + flow_ways_first(ways);

		if (flow_likely_matches(table, slot, key))
			return slot;
	}
	return FLOW_TABLE_NONE;
}

/* On its own, so that the registers for it are not saved for those who find theirs at once. */
static __attribute__((noinline)) uint32_t
find_elsewhere(const struct flow_table *table, uint64_t hash, const struct flow_key *key)
{
	uint32_t bucket = flow_table_bucket_of(table, hash);
	uint16_t tag = flow_table_tag_of(hash);

	return find_in_bucket(table, other_bucket(table, bucket, tag), tag, key);
}

uint32_t
flow_table_find(const struct flow_table *table, uint64_t hash, const struct flow_key *key)
{
	uint32_t bucket = flow_table_bucket_of(table, hash);
	uint32_t slot = find_in_bucket(table, bucket, flow_table_tag_of(hash), key);

	if (slot == FLOW_TABLE_NONE && table->sent_away[bucket] != 0)
		return find_elsewhere(table, hash, key);
	return slot;
}

/* Put a flow into a slot of one of its buckets. */
static inline void
fill_slot(struct flow_table *table, uint32_t slot, uint64_t hash, const struct flow_key *key)
{
	uint32_t bucket = slot / FLOW_TABLE_WAYS, way = slot % FLOW_TABLE_WAYS;
	uint32_t own = flow_table_bucket_of(table, hash);
	uint32_t turn = table->turn[bucket] / FLOW_TABLE_TURN;
	struct flow_entry *entry = &table->flows[slot].entry;

	/* All of it is written: nothing of the flow that was here before may live on. */
	memset(entry, 0, sizeof(*entry));
	memset(&table->flows[slot].tally, 0, sizeof(table->flows[slot].tally));
	memset(&table->evidence[slot], 0, sizeof(table->evidence[slot]));
	memcpy(entry->addr, key->addr, sizeof(entry->addr));
	memcpy(entry->port, key->port, sizeof(entry->port));
	memcpy(table->evidence[slot].vlan, key->vlan, sizeof(key->vlan));
	entry->flags = key->ipv6 ? FLOW_IPV6 : 0;
	table->buckets[bucket].tag[way] = flow_table_tag_of(hash);
	/* In a full bucket each new flow takes the oldest's way, so the next oldest lies behind. */
	table->turn[bucket] = (uint16_t)(turn * FLOW_TABLE_TURN + (way + 1) % FLOW_TABLE_WAYS);
	if (bucket == own)
		return;
	entry->flags |= FLOW_SENT_AWAY;
	if (table->sent_away[own] != UINT8_MAX)
		table->sent_away[own]++;
}

/* From here on a bucket is so full that the second one is worth a look. */
#define CROWDED_WAYS 4

uint32_t
flow_table_insert(struct flow_table *table, uint64_t hash, const struct flow_key *key)
{
	uint32_t bucket = flow_table_bucket_of(table, hash);
	uint16_t tag = flow_table_tag_of(hash);
	uint32_t ways = flow_ways_equal(table->buckets[bucket].tag, 0);
	uint32_t slot;

	/* The emptier of two keeps buckets from running full (Azar et al., "Balanced allocations"). */
	if (__builtin_popcount(ways) < CROWDED_WAYS) {
		uint32_t second = other_bucket(table, bucket, tag);
		uint32_t second_ways = flow_ways_equal(table->buckets[second].tag, 0);

		if (__builtin_popcount(second_ways) > __builtin_popcount(ways)) {
			bucket = second;
			ways = second_ways;
		}
	}
	if (ways == 0)
		return FLOW_TABLE_NONE;
	slot = bucket * FLOW_TABLE_WAYS + flow_ways_first(ways);
	fill_slot(table, slot, hash, key);
	table->used++;
	return slot;
}

static bool
may_evict(const struct flow_table *table, uint32_t slot)
{
	return (table->evictable >> table->flows[slot].entry.state & 1) != 0;
}

/* The one that is due first may not be evicted: the next, and so on. */
static __attribute__((noinline)) uint32_t
next_victim(const struct flow_table *table, const uint32_t bucket[2], uint16_t now)
{
	uint32_t passed[2] = { 0, 0 };
	struct candidate candidate[2];

	for (uint32_t i = 0; i < 2; i++) {
		passed[i] = flow_ways_equal(table->buckets[bucket[i]].tag, 0);
		candidate[i] = candidate_in(table, bucket[i], now, passed[i]);
	}
	for (uint32_t n = 0; n < 2 * FLOW_TABLE_WAYS; n++) {
		uint32_t i = candidate[1].rank < candidate[0].rank;

		if (candidate[i].rank == UINT32_MAX)
			return FLOW_TABLE_NONE;
		if (may_evict(table, candidate[i].slot))
			return candidate[i].slot;
		passed[i] |= UINT32_C(1) << candidate[i].slot % FLOW_TABLE_WAYS;
		candidate[i] = candidate_in(table, bucket[i], now, passed[i]);
	}
	return FLOW_TABLE_NONE;
}

uint32_t
flow_table_victim(const struct flow_table *table, uint64_t hash, uint64_t now_us)
{
	uint32_t own = flow_table_bucket_of(table, hash);
	uint32_t other = other_bucket(table, own, flow_table_tag_of(hash));
	uint16_t now = flow_due_unit(now_us);
	uint32_t slot = first_due(table, own, other, now);

	/* One look is nearly always enough: what may not be evicted is due much later. */
	if (table->buckets[slot / FLOW_TABLE_WAYS].tag[slot % FLOW_TABLE_WAYS] != 0 &&
			may_evict(table, slot))
		return slot;
	return next_victim(table, (const uint32_t[2]){ own, other }, now);
}

uint32_t
flow_table_foreseen(const struct flow_table *table, uint64_t hash,
		const struct flow_foresight *foresight)
{
	uint32_t own = flow_table_bucket_of(table, hash);
	uint32_t other = other_bucket(table, own, flow_table_tag_of(hash));
	uint32_t victim = foresight->victim;

	if (victim == FLOW_TABLE_NONE || table->turn[own] != foresight->turn[0] ||
			table->turn[other] != foresight->turn[1] || !may_evict(table, victim))
		return FLOW_TABLE_NONE;
	return victim;
}

/* What is known of a flow beside its slot, when it goes. */
static inline void
forget(struct flow_table *table, uint32_t slot)
{
	uint32_t bucket = slot / FLOW_TABLE_WAYS;
	uint8_t *sent_away;

	table->turn[bucket] += FLOW_TABLE_TURN;
	if ((table->flows[slot].entry.flags & FLOW_SENT_AWAY) == 0)
		return;
	sent_away = &table->sent_away[other_bucket(
			table, bucket, table->buckets[bucket].tag[slot % FLOW_TABLE_WAYS])];
	/* Once stuck, the count is not known: then it stays. */
	if (*sent_away != UINT8_MAX)
		(*sent_away)--;
}

void
flow_table_remove(struct flow_table *table, uint32_t slot)
{
	forget(table, slot);
	table->buckets[slot / FLOW_TABLE_WAYS].tag[slot % FLOW_TABLE_WAYS] = 0;
	table->used--;
}

void
flow_table_replace(
		struct flow_table *table, uint32_t slot, uint64_t hash, const struct flow_key *key)
{
	forget(table, slot);
	fill_slot(table, slot, hash, key);
}

void
flow_table_set_due(struct flow_table *table, uint32_t slot, uint64_t due_us, uint64_t now_us)
{
	uint32_t bucket = slot / FLOW_TABLE_WAYS;
	uint16_t *group = &table->group_due[bucket / FLOW_TABLE_GROUP];
	uint64_t now_units = now_us >> FLOW_TABLE_DUE_SHIFT;
	uint64_t due_units = due_us >> FLOW_TABLE_DUE_SHIFT;
	uint16_t now = (uint16_t)now_units;
	uint16_t due;

	if (due_units < now_units)
		due_units = now_units;
	if (due_units - now_units > FLOW_TABLE_DUE_RANGE)
		due_units = now_units + FLOW_TABLE_DUE_RANGE;
	due = (uint16_t)due_units;
	table->buckets[bucket].due[slot % FLOW_TABLE_WAYS] = due;
	table->turn[bucket] += FLOW_TABLE_TURN;
	if (flow_due_ahead(due, now) < flow_due_ahead(*group, now))
		*group = due;
}

int
flow_table_walk(const struct flow_table *table, uint32_t *cursor, uint32_t slots[FLOW_TABLE_WAYS])
{
	uint32_t bucket = *cursor;
	int count = 0;

	if (bucket > table->bucket_mask)
		return -1;
	for (uint32_t way = 0; way < FLOW_TABLE_WAYS; way++)
		if (table->buckets[bucket].tag[way] != 0)
			slots[count++] = bucket * FLOW_TABLE_WAYS + way;
	(*cursor)++;
	return count;
}
