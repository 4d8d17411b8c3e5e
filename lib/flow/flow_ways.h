/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The sixteen ways of a bucket at once: which have a tag, and which is due first. For
 * flow_table.c and flow_likely.h only. With SSE4.1, and for CPUs without it as loops that say the same.
 */

#ifndef FLOW_FLOW_WAYS_H
#define FLOW_FLOW_WAYS_H

#include "flow/flow_table.h"

#include <stdint.h>

#ifdef __SSE4_1__
#include <smmintrin.h>
#endif

#ifdef __SSE4_1__
/* A bit mask of the ways, eight in each half, whose 16-bit value is the one wanted. */
static inline uint32_t
flow_ways_equal_in(__m128i low, __m128i high, __m128i wanted)
{
	low = _mm_cmpeq_epi16(low, wanted);
	high = _mm_cmpeq_epi16(high, wanted);
	return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high));
}

/* All ones in each of eight ways whose bit is set. */
static inline __m128i
flow_ways_mask(uint32_t ways)
{
	const __m128i bits = _mm_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128);

	return _mm_cmpeq_epi16(_mm_and_si128(_mm_set1_epi16((short)ways), bits), bits);
}
#endif

static inline uint32_t
flow_ways_first(uint32_t ways)
{
	return (uint32_t)__builtin_ctz(ways);
}

/* A bit mask of the ways whose 16-bit value is @p value. */
static inline uint32_t
flow_ways_equal(const uint16_t values[FLOW_TABLE_WAYS], uint16_t value)
{
#ifdef __SSE4_1__
	const __m128i *line = (const __m128i *)(const void *)values;

	return flow_ways_equal_in(_mm_load_si128(line), _mm_load_si128(line + 1),
			_mm_set1_epi16((short)value));
#else
	uint32_t ways = 0;

	for (uint32_t way = 0; way < FLOW_TABLE_WAYS; way++)
		ways |= (uint32_t)(values[way] == value) << way;
	return ways;
#endif
}

/*
 * How far ahead the ways of a bucket are due, counted from half a range before now so that it
 * has no sign: the least of those not in @p passed, and in @p ways which of those have it.
 */
#ifdef __SSE4_1__
/* Sixteen at a time, and PHMINPOSUW for the least of eight. */
static inline uint32_t
flow_ways_least_ahead(const struct flow_bucket *line, uint16_t now, uint32_t passed, uint32_t *ways)
{
	const __m128i *due = (const __m128i *)(const void *)line->due;
	__m128i from = _mm_set1_epi16((short)(uint16_t)(now + INT16_MIN));
	__m128i low = _mm_sub_epi16(_mm_load_si128(due), from);
	__m128i high = _mm_sub_epi16(_mm_load_si128(due + 1), from);
	__m128i least;

	if (passed != 0) {
		low = _mm_or_si128(low, flow_ways_mask(passed));
		high = _mm_or_si128(high, flow_ways_mask(passed >> FLOW_TABLE_WAYS / 2));
	}
	least = _mm_minpos_epu16(_mm_min_epu16(low, high));
	least = _mm_set1_epi16((short)_mm_extract_epi16(least, 0));
	*ways = flow_ways_equal_in(low, high, least) & ~passed;
	return (uint32_t)_mm_extract_epi16(least, 0);
}
#else
static inline uint32_t
flow_ways_least_ahead(const struct flow_bucket *line, uint16_t now, uint32_t passed, uint32_t *ways)
{
	uint16_t ahead[FLOW_TABLE_WAYS] __attribute__((aligned(CACHE_LINE / 2)));
	uint32_t least = UINT16_MAX;

	for (uint32_t way = 0; way < FLOW_TABLE_WAYS; way++)
		ahead[way] = (uint16_t)(line->due[way] - now - INT16_MIN);
	for (uint32_t way = 0; way < FLOW_TABLE_WAYS; way++)
		if ((passed >> way & 1) == 0 && ahead[way] < least)
			least = ahead[way];
	*ways = flow_ways_equal(ahead, (uint16_t)least) & ~passed;
	return least;
}
#endif

#endif /* FLOW_FLOW_WAYS_H */
