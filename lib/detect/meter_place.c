/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/meter_place.h"

#include "detect/meter_watch.h"

struct victim_entry *
meter_place_take(struct meter *meter, const struct victim_key *victim, uint32_t weight, bool proven)
{
	struct victim_table *table = &meter->victims[victim->level];
	struct victim_entry *entry = victim_table_find(table, victim);
	struct victim_gone gone;

	if (entry != NULL) {
		meter_watch_counts(meter, entry);
		victim_table_weigh(table, entry, weight);
	} else {
		entry = victim_table_admit(table, victim, weight, proven, &gone);
		if (entry == NULL)
			return NULL;
		meter_watch_begin(meter, entry);
		if (gone.any)
			meter_place_roll_up(meter, &gone.key, &gone.counts);
	}
	if (proven)
		heavy_set_prove(&table->set, entry->place);
	return entry;
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
		entry = meter_place_take(meter, &parent, weight_of(counts), counts->completed != 0);
		if (entry != NULL) {
			victim_counts_add(meter_watch_counts(meter, entry), counts);
			return entry;
		}
		key = parent;
	}
	victim_counts_add(&meter->unfollowed, counts);
	return NULL;
}
