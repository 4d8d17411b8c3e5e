/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/meter_place.h"

#include "detect/meter_watch.h"

struct victim_entry *
meter_place_settle(struct meter *meter, const struct victim_key *victim, uint32_t place)
{
	struct victim_gone gone;
	struct victim_entry *entry = victim_table_settle(
			&meter->victims[victim->level], victim, place, &gone);

	meter_watch_begin(meter, entry);
	if (gone.any)
		meter_place_roll_up(meter, &gone.key, &gone.counts);
	return entry;
}

static inline struct victim_entry *
take(struct meter *meter, const struct victim_key *victim, uint32_t weight, bool proven)
{
	struct victim_table *table = &meter->victims[victim->level];
	struct victim_entry *entry = victim_table_guess(table, victim->addr, victim->port);

	if (!victim_table_is(entry, victim->addr, victim->port, victim->level, victim->ipv6)) {
		const uint64_t hash = victim_table_hash(table->key, victim);

		entry = victim_table_search(table, victim, hash);
		if (entry == NULL) {
			const uint32_t place = heavy_set_admit(&table->set, hash, weight, proven);

			return place != HEAVY_SET_NONE ? meter_place_settle(meter, victim, place)
						       : NULL;
		}
	}
	meter_watch_counts(meter, entry);
	victim_table_weigh(table, entry, weight);
	if (proven)
		heavy_set_prove(&table->set, entry->place);
	return entry;
}

struct victim_entry *
meter_place_take(struct meter *meter, const struct victim_key *victim, uint32_t weight, bool proven)
{
	return take(meter, victim, weight, proven);
}

struct victim_counts *
meter_place_above(struct meter *meter, const struct victim_key *victim)
{
	struct victim_key key = *victim;

	while (key.level != VICTIM_PREFIX) {
		struct victim_key parent;
		struct victim_entry *entry;

		victim_parent(&key, &meter->prefixes, &parent);
		entry = victim_table_find(&meter->victims[parent.level], &parent);
		if (entry != NULL)
			return meter_watch_counts(meter, entry);
		key = parent;
	}
	return &meter->unfollowed;
}

static uint32_t
weight_of(const struct victim_counts *counts)
{
	uint32_t weight = counts->syn + counts->stray_synack + counts->stray_ack +
			counts->stray_rst;

	return weight != 0 ? weight : 1;
}

struct victim_entry *
meter_place_roll_up(struct meter *meter, const struct victim_key *victim,
		const struct victim_counts *counts)
{
	struct victim_key key = *victim;

	while (key.level != VICTIM_PREFIX) {
		struct victim_key parent;
		struct victim_entry *entry;

		victim_parent(&key, &meter->prefixes, &parent);
		entry = take(meter, &parent, weight_of(counts), counts->completed != 0);
		if (entry != NULL) {
			victim_counts_add(&entry->counts, counts);
			return entry;
		}
		key = parent;
	}
	victim_counts_add(&meter->unfollowed, counts);
	return NULL;
}
