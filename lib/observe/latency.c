/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/latency.h"

#define EXACT (UINT32_C(1) << LATENCY_EXACT_BITS)
#define SPLIT (UINT32_C(1) << LATENCY_SPLIT_BITS)

static uint32_t
bucket_of(uint32_t us)
{
	uint32_t exponent;

	if (us < EXACT)
		return us;
	exponent = 31 - (uint32_t)__builtin_clz(us) - LATENCY_EXACT_BITS;
	/* us >> (exponent + 1) lies in SPLIT .. 2 SPLIT - 1 */
	return EXACT + exponent * SPLIT + (us >> (exponent + 1)) - SPLIT;
}

static uint32_t
middle_of(uint32_t bucket)
{
	uint32_t exponent, low;

	if (bucket < EXACT)
		return bucket;
	exponent = (bucket - EXACT) / SPLIT;
	low = (SPLIT + (bucket - EXACT) % SPLIT) << (exponent + 1);
	return low + (UINT32_C(1) << exponent);
}

void
latency_record(struct latency *latency, uint32_t us)
{
	latency->count++;
	latency->buckets[bucket_of(us)]++;
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
		seen += latency->buckets[i];
		if (seen >= rank)
			return middle_of(i) < latency->max_us ? middle_of(i) : latency->max_us;
	}
	return latency->max_us;
}
