/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Which of very many weigh most, in bounded memory: places for those that are followed.
 *
 * d-Way RAP: R. Ben Basat, G. Einziger, R. Friedman, Y. Kassner, "Randomized admission
 * policy for efficient top-k and frequency estimation", INFOCOM 2017. A hash names a bucket
 * of 16 places. Who finds it full takes the place of the lightest there, but only with
 * probability 1 / (its weight + 1): a multitude that comes once each leaves those alone
 * that come often. Who takes a place inherits the weight of who gave way.
 *
 * Added to it: weights fade, an eighth each beat; those that are proven (their owner knows
 * why) give way only where nobody else is left, and stay proven for one to two turns; those
 * held never give way. And since the dice come first, most of a multitude go away without a
 * look at any bucket: those who would not win against the lightest of all.
 *
 * Only weights are kept here. Keys, and what is counted of each, are the owner's, at the
 * index that a place has.
 */

#ifndef DETECT_HEAVY_SET_H
#define DETECT_HEAVY_SET_H

#include "base/compiler.h"
#include "flow/flow_key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define HEAVY_SET_WAYS 16
#define HEAVY_SET_NONE UINT32_MAX

/* A turn of this many beats: five minutes of ticks. */
#define HEAVY_SET_TURN 3000

struct heavy_bucket {
	uint16_t tag[HEAVY_SET_WAYS]; /* 16 bits of the hash; 0: free */
	uint16_t proven; /* ways; in this turn */
	uint16_t proven_before; /* in the last one */
	uint16_t held; /* ways */
	uint32_t turn;
	uint32_t beat; /* up to which the weights have faded */
} CACHE_ALIGNED;

struct heavy_set {
	struct heavy_bucket *buckets;
	uint32_t *weight; /* by place; add to it freely, once heavy_set_refresh() was called this beat */
	uint32_t bucket_mask;
	uint32_t beat;
	uint64_t random;
	uint32_t floor; /* of those that may give way none weighed less; 0: a place is free */
};

/** Bytes that heavy_set_init() needs: a multiple of CACHE_LINE. */
size_t heavy_set_memory_size(uint32_t places);

/**
 * @param memory
 *   Zeroed, aligned to CACHE_LINE.
 * @param places
 *   A power of two, HEAVY_SET_WAYS at least.
 * @param seed
 *   Of the random numbers.
 */
void heavy_set_init(struct heavy_set *set, void *memory, uint32_t places, uint64_t seed);

/** So many beats have passed. Buckets catch up when they are looked at. */
void heavy_set_pass(struct heavy_set *set, uint32_t beats);

/**
 * Look at all places for what the lightest weighs that may give way: once a beat or so. Who ceases
 * to be proven or held may be lighter, and is left alone until the next time. Without it
 * all goes as well, but slower.
 */
void heavy_set_survey(struct heavy_set *set);

/** Let the weights of a place's bucket fade up to now. */
void heavy_set_refresh(struct heavy_set *set, uint32_t place);

static inline uint32_t
heavy_set_bucket_of(const struct heavy_set *set, uint64_t hash)
{
	return (uint32_t)hash & set->bucket_mask;
}

static inline uint16_t
heavy_set_tag_of(uint64_t hash)
{
	const uint16_t tag = (uint16_t)(hash >> 48);

	return tag != 0 ? tag : 1;
}

/* A bit mask of the ways whose tag is @p tag. */
static inline uint32_t
heavy_bucket_ways(const struct heavy_bucket *bucket, uint16_t tag)
{
#ifdef __SSE2__
	const __m128i *line = (const __m128i *)(const void *)bucket->tag;
	__m128i wanted = _mm_set1_epi16((short)tag);
	__m128i low = _mm_cmpeq_epi16(_mm_load_si128(line), wanted);
	__m128i high = _mm_cmpeq_epi16(_mm_load_si128(line + 1), wanted);

	return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high));
#else
	uint32_t ways = 0;

	for (uint32_t way = 0; way < HEAVY_SET_WAYS; way++)
		ways |= (uint32_t)(bucket->tag[way] == tag) << way;
	return ways;
#endif
}

/** Ways of the hash's bucket whose key may be the one; a bit each. */
static inline uint32_t
heavy_set_ways(const struct heavy_set *set, uint64_t hash)
{
	return heavy_bucket_ways(
			&set->buckets[heavy_set_bucket_of(set, hash)], heavy_set_tag_of(hash));
}

/* wyrand (Wang Yi), the upper half. */
static inline uint32_t
heavy_set_dice(struct heavy_set *set)
{
	set->random += UINT64_C(0xa0761d6478bd642f);
	return (uint32_t)(flow_key_mix(set->random, set->random ^ UINT64_C(0xe7037ed1a0b428db)) >>
			32);
}

/* True with probability newcomer / (newcomer + lightest). */
static inline bool
heavy_set_wins(uint32_t dice, uint32_t newcomer, uint32_t lightest)
{
	return dice * ((uint64_t)newcomer + lightest) >> 32 < newcomer;
}

/** As heavy_set_admit(), with the dice thrown. */
uint32_t heavy_set_admit_with(
		struct heavy_set *set, uint64_t hash, uint32_t weight, bool proven, uint32_t dice);

/**
 * Somebody who has no place asks for one.
 *
 * @param weight
 *   What it brings; at least 1.
 * @param proven
 *   Nobody unproven keeps it out.
 * @return
 *   The place, or HEAVY_SET_NONE.
 */
static inline uint32_t
heavy_set_admit(struct heavy_set *set, uint64_t hash, uint32_t weight, bool proven)
{
	const uint32_t dice = heavy_set_dice(set);

	if (!proven && !heavy_set_wins(dice, weight, set->floor))
		return HEAVY_SET_NONE;
	return heavy_set_admit_with(set, hash, weight, proven, dice);
}

static inline bool
heavy_set_is_proven(const struct heavy_set *set, uint32_t place)
{
	const struct heavy_bucket *bucket = &set->buckets[place / HEAVY_SET_WAYS];

	return ((bucket->proven | bucket->proven_before) >> place % HEAVY_SET_WAYS & 1) != 0;
}

static inline void
heavy_set_prove(struct heavy_set *set, uint32_t place)
{
	struct heavy_bucket *bucket = &set->buckets[place / HEAVY_SET_WAYS];

	bucket->proven = (uint16_t)(bucket->proven | 1u << place % HEAVY_SET_WAYS);
}

void heavy_set_hold(struct heavy_set *set, uint32_t place, bool held);

#endif /* DETECT_HEAVY_SET_H */
