/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/recent_latency.h"

static void
halve(struct recent_latency *latency)
{
	latency->kept = 0;
	for (uint32_t i = 0; i < RECENT_LATENCY_BUCKETS; i++) {
		latency->buckets[i] /= 2;
		latency->kept += latency->buckets[i];
	}
}

void
recent_latency_record(struct recent_latency *latency, uint32_t us)
{
	if (latency->kept == UINT16_MAX)
		halve(latency);
	latency->buckets[log_linear_bucket(us, RECENT_LATENCY_EXACT_BITS)]++;
	latency->kept++;
	latency->count++;
	latency->sum_us += us;
	if (us > latency->max_us)
		latency->max_us = us;
}

uint32_t
recent_latency_percentile(const struct recent_latency *latency, uint32_t per_mille)
{
	uint32_t rank = (uint32_t)(((uint64_t)latency->kept * per_mille + 999) / 1000);
	uint32_t seen = 0, middle;

	for (uint32_t i = 0; i < RECENT_LATENCY_BUCKETS; i++) {
		seen += latency->buckets[i];
		if (seen < rank || seen == 0)
			continue;
		middle = log_linear_middle(i, RECENT_LATENCY_EXACT_BITS);
		return middle < latency->max_us ? middle : latency->max_us;
	}
	return 0;
}
