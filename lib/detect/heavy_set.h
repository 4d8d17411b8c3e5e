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
 * held never give way.
 *
 * Only weights are kept here. Keys, and what is counted of each, are the owner's, at the
 * index that a place has.
 */

#ifndef DETECT_HEAVY_SET_H
#define DETECT_HEAVY_SET_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/** So many beats have passed. Costs nothing: buckets catch up when they are looked at. */
static inline void
heavy_set_pass(struct heavy_set *set, uint32_t beats)
{
	set->beat += beats;
}

/** Let the weights of a place's bucket fade up to now. */
void heavy_set_refresh(struct heavy_set *set, uint32_t place);

static inline uint32_t
heavy_set_bucket_of(const struct heavy_set *set, uint64_t hash)
{
	return (uint32_t)hash & set->bucket_mask;
}

/** Ways of the hash's bucket whose key may be the one; a bit each. */
uint32_t heavy_set_ways(const struct heavy_set *set, uint64_t hash);

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
uint32_t heavy_set_admit(struct heavy_set *set, uint64_t hash, uint32_t weight, bool proven);

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
