/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/latency.h"

void
latency_record(struct latency *latency, uint32_t us)
{
	latency->count++;
	latency->buckets[log_linear_bucket(us, LATENCY_EXACT_BITS)]++;
	if (us > latency->max_us)
		latency->max_us = us;
}

void
latency_merge(struct latency *into, const struct latency *from)
{
	into->count += from->count;
	if (from->max_us > into->max_us)
		into->max_us = from->max_us;
	for (uint32_t i = 0; i < LATENCY_BUCKETS; i++)
		into->buckets[i] += from->buckets[i];
}

uint32_t
latency_percentile(const struct latency *latency, uint32_t per_mille)
{
	uint64_t rank = (latency->count * per_mille + 999) / 1000;
	uint64_t seen = 0;

	if (per_mille >= 1000 || latency->count == 0)
		return latency->max_us;
	for (uint32_t i = 0; i < LATENCY_BUCKETS; i++) {
		uint32_t middle = log_linear_middle(i, LATENCY_EXACT_BITS);

		seen += latency->buckets[i];
		if (seen >= rank)
			return middle < latency->max_us ? middle : latency->max_us;
	}
	return latency->max_us;
}
