/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/meter_check.h"

#include "detect/meter_state.h"

static uint64_t
half_open(const struct victim_counts *counts)
{
	/* The end may lie elsewhere than the beginning: only all together are never negative. */
	return (uint64_t)counts->syn - victim_ended(counts);
}

static uint64_t
half_open_in(const struct victim_table *table)
{
	const uint32_t places = (table->set.bucket_mask + 1) * HEAVY_SET_WAYS;
	uint64_t sum = 0;

	/* Of what is not listed nothing is counted. */
	for (uint32_t i = 0; i < places; i++)
		if (table->entries[i].listed)
			sum += half_open(&table->entries[i].counts);
	return sum;
}

uint64_t
meter_check_half_open(const struct meter *meter)
{
	uint64_t sum = meter->report.half_open + half_open(&meter->unfollowed);

	for (uint32_t level = 0; level < VICTIM_LEVELS; level++)
		sum += half_open_in(&meter->victims[level]);
	return sum;
}
