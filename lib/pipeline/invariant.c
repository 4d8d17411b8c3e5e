/* SPDX-License-Identifier: Apache-2.0 */

#include "pipeline/invariant.h"

#include "detect/meter_check.h"
#include "handshake/hs_fsm.h"
#include "handshake/zeek.h"
#include "pipeline/pipeline_flow.h"

#include <stdio.h>
#include <string.h>

#define BUCKETS_A_STEP 4

static_assert(sizeof(struct counters) % sizeof(struct counter) == 0, "counters and nothing else");
#define COUNTER_COUNT (sizeof(struct counters) / sizeof(struct counter))

static const char *const sentences[] = {
#define X(id, sentence) sentence,
	INVARIANTS(X)
#undef X
};

void
invariant_text(const struct invariant_breach *breach, char text[INVARIANT_TEXT_MAX])
{
	int len = snprintf(text, INVARIANT_TEXT_MAX, "%s: %llu and %llu", sentences[breach->what],
			(unsigned long long)breach->left, (unsigned long long)breach->right);

	if (breach->slot != FLOW_TABLE_NONE)
		snprintf(text + len, (size_t)(INVARIANT_TEXT_MAX - len), ", slot %u", breach->slot);
}

static bool
holds(bool condition, struct invariant_breach *breach, enum invariant what, uint64_t left,
		uint64_t right, uint32_t slot)
{
	if (!condition)
		*breach = (struct invariant_breach){ what, left, right, slot };
	return condition;
}

static bool
are_equal(uint64_t left, uint64_t right, struct invariant_breach *breach, enum invariant what)
{
	return holds(left == right, breach, what, left, right, FLOW_TABLE_NONE);
}

static uint64_t
sum_of(const struct counter *counters, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += counter_read(&counters[i]);
	return sum;
}

static bool
sums_hold(const struct pipeline *pipeline, struct invariant_breach *breach)
{
	const struct counters *counters = &pipeline->counters;
	const uint64_t opened = counter_read(&counters->flows_opened);
	const uint64_t closed = counter_read(&counters->flows_closed);
	const uint64_t evicted = counter_read(&counters->flows_evicted);
	const uint64_t ended_early = counter_read(&counters->ends[END_EVICTED]);

	return are_equal(counter_read(&counters->frames),
			       sum_of(counters->packets, PACKET_KIND_COUNT), breach,
			       INVARIANT_FRAMES) &&
			are_equal(pipeline->table.used, opened - closed, breach,
					INVARIANT_IN_USE) &&
			are_equal(closed, sum_of(counters->handshakes, HANDSHAKE_RESULT_COUNT),
					breach, INVARIANT_RESULTS) &&
			are_equal(closed, sum_of(counters->ends, END_HOW_COUNT), breach,
					INVARIANT_ENDS) &&
			holds(ended_early <= evicted, breach, INVARIANT_EVICTED, ended_early,
					evicted, FLOW_TABLE_NONE);
}

static struct flow_key
key_at(const struct flow_table *table, uint32_t slot)
{
	const struct flow_entry *entry = &table->flows[slot].entry;
	struct flow_key key = { .port = { entry->port[0], entry->port[1] },
		.ipv6 = (entry->flags & FLOW_IPV6) != 0 };

	memcpy(key.addr, entry->addr, sizeof(key.addr));
	if (table->vlan_in_key)
		memcpy(key.vlan, table->evidence[slot].vlan, sizeof(key.vlan));
	return key;
}

/* A SYN began it, and nothing is concluded yet, nor has its client gone on as if answered. */
static bool
is_under_way(const struct flow_table *table, uint32_t slot)
{
	const uint32_t client_syn = flow_side_flag(FLOW_SYN, FLOW_CLIENT);

	return (table->flows[slot].entry.flags & (client_syn | FLOW_WENT_ON)) == client_syn &&
			table->flows[slot].tally.result == HANDSHAKE_UNSET &&
			!zeek_is_flipped(&table->evidence[slot]);
}

static bool
slot_holds(const struct pipeline *pipeline, uint32_t slot, struct invariant_breach *breach)
{
	const struct flow_table *table = &pipeline->table;
	const struct flow_entry *entry = &table->flows[slot].entry;
	const struct flow_key key = key_at(table, slot);
	const uint32_t found = flow_table_find(table, flow_key_hash(&key, &table->secret), &key);
	const bool is_metered = (entry->flags & FLOW_METERED) != 0;
	const bool should_be = pipeline->meter != NULL && is_under_way(table, slot);

	return holds(entry->state != HS_STATE_UNSET && entry->state < HS_STATE_COUNT, breach,
			       INVARIANT_STATE, entry->state, HS_STATE_COUNT, slot) &&
			holds(found == slot, breach, INVARIANT_FOUND, slot, found, slot) &&
			holds(is_metered == should_be, breach, INVARIANT_METERED, is_metered,
					should_be, slot);
}

static bool
no_counter_went_down(const struct pipeline *pipeline, const struct counters *before,
		struct invariant_breach *breach)
{
	const struct counter *now = (const struct counter *)(const void *)&pipeline->counters;
	const struct counter *then = (const struct counter *)(const void *)before;

	for (size_t i = 0; i < COUNTER_COUNT; i++) {
		const uint64_t was = counter_read(&then[i]), is = counter_read(&now[i]);

		if (!holds(is >= was, breach, INVARIANT_NEVER_LESS, i, was - is, FLOW_TABLE_NONE))
			return false;
	}
	return true;
}

/* What is summed up over the whole table. */
struct census {
	uint64_t tags;
	uint64_t sent_away;
	uint64_t metered;
};

static bool
take_census(const struct pipeline *pipeline, struct census *census, struct invariant_breach *breach)
{
	uint32_t slots[FLOW_TABLE_WAYS], cursor = 0;
	bool hold = true;
	int count;

	*census = (struct census){ 0 };
	while (hold && (count = flow_table_walk(&pipeline->table, &cursor, slots)) >= 0)
		for (int i = 0; hold && i < count; i++) {
			const uint32_t flags = pipeline->table.flows[slots[i]].entry.flags;

			census->tags++;
			census->sent_away += (flags & FLOW_SENT_AWAY) != 0;
			census->metered += (flags & FLOW_METERED) != 0;
			hold = slot_holds(pipeline, slots[i], breach);
		}
	return hold;
}

/* A bucket's count that is stuck is not known any more. */
static bool
count_sent_away(const struct flow_table *table, uint64_t *count)
{
	*count = 0;
	for (uint32_t bucket = 0; bucket <= table->bucket_mask; bucket++) {
		if (table->sent_away[bucket] == UINT8_MAX)
			return false;
		*count += table->sent_away[bucket];
	}
	return true;
}

bool
invariant_all_hold(const struct pipeline *pipeline, struct invariant_breach *breach)
{
	struct census census;
	uint64_t sent_away;

	if (!sums_hold(pipeline, breach) || !take_census(pipeline, &census, breach) ||
			!are_equal(census.tags, pipeline->table.used, breach, INVARIANT_TAGS))
		return false;
	if (count_sent_away(&pipeline->table, &sent_away) &&
			!are_equal(census.sent_away, sent_away, breach, INVARIANT_SENT_AWAY))
		return false;
	return pipeline->meter == NULL ||
			are_equal(census.metered, meter_check_half_open(pipeline->meter), breach,
					INVARIANT_HALF_OPEN);
}

static bool
buckets_hold(const struct pipeline *pipeline, struct invariant_watch *watch,
		struct invariant_breach *breach)
{
	uint32_t slots[FLOW_TABLE_WAYS];

	for (uint32_t n = 0; n < BUCKETS_A_STEP; n++) {
		const int count = flow_table_walk(&pipeline->table, &watch->bucket, slots);

		if (count < 0)
			watch->bucket = 0;
		for (int i = 0; i < count; i++)
			if (!slot_holds(pipeline, slots[i], breach))
				return false;
	}
	return true;
}

bool
invariant_step(const struct pipeline *pipeline, struct invariant_watch *watch,
		struct invariant_breach *breach)
{
	const bool hold = sums_hold(pipeline, breach) &&
			no_counter_went_down(pipeline, &watch->before, breach) &&
			buckets_hold(pipeline, watch, breach);

	memcpy(&watch->before, &pipeline->counters, sizeof(watch->before));
	return hold;
}
