/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/heavy_set.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define ALL_WAYS 0xffffu

/* Who is heavier than this is not told from one another: a way has to fit in beside it. */
#define WEIGHT_CAP (UINT32_MAX / HEAVY_SET_WAYS - 1)

/* By then the heaviest weight there can be has faded to nothing. */
#define FADES_MAX 180

/* A bit mask of the ways whose tag is @p tag. */
static inline uint32_t
ways_equal(const struct heavy_bucket *bucket, uint16_t tag)
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

static uint16_t
tag_of(uint64_t hash)
{
	uint16_t tag = (uint16_t)(hash >> 48);

	return tag != 0 ? tag : 1;
}

size_t
heavy_set_memory_size(uint32_t places)
{
	return places / HEAVY_SET_WAYS * sizeof(struct heavy_bucket) + places * sizeof(uint32_t);
}

void
heavy_set_init(struct heavy_set *set, void *memory, uint32_t places, uint64_t seed)
{
	uint32_t buckets = places / HEAVY_SET_WAYS;

	*set = (struct heavy_set){ .buckets = memory,
		.weight = (uint32_t *)(void *)((uint8_t *)memory +
				buckets * sizeof(struct heavy_bucket)),
		.bucket_mask = buckets - 1,
		.random = seed };
}

/* splitmix64 (Sebastiano Vigna) */
static uint64_t
next_random(struct heavy_set *set)
{
	uint64_t z = set->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void
begin_turn(struct heavy_bucket *bucket, uint32_t turn)
{
	bucket->proven_before = turn - bucket->turn == 1 ? bucket->proven : 0;
	bucket->proven = 0;
	bucket->turn = turn;
}

static void
fade(uint32_t weight[HEAVY_SET_WAYS], uint32_t beats)
{
	if (beats > FADES_MAX)
		beats = FADES_MAX;
	/* Rounded up, so that a weight does come to nothing. */
	for (; beats != 0; beats--)
		for (uint32_t way = 0; way < HEAVY_SET_WAYS; way++)
			weight[way] -= weight[way] / 8 + (weight[way] % 8 != 0);
}

static void
catch_up(struct heavy_set *set, uint32_t at)
{
	struct heavy_bucket *bucket = &set->buckets[at];
	uint32_t turn = set->beat / HEAVY_SET_TURN;

	if (bucket->beat == set->beat)
		return;
	fade(&set->weight[at * HEAVY_SET_WAYS], set->beat - bucket->beat);
	bucket->beat = set->beat;
	if (bucket->turn != turn)
		begin_turn(bucket, turn);
}

void
heavy_set_refresh(struct heavy_set *set, uint32_t place)
{
	catch_up(set, place / HEAVY_SET_WAYS);
}

uint32_t
heavy_set_ways(const struct heavy_set *set, uint64_t hash)
{
	return ways_equal(&set->buckets[heavy_set_bucket_of(set, hash)], tag_of(hash));
}

static uint32_t
lightest(const uint32_t weight[HEAVY_SET_WAYS], uint32_t ways)
{
	uint32_t least = UINT32_MAX;

	/* The way in the low bits, so that a minimum finds both. */
	for (uint32_t way = 0; way < HEAVY_SET_WAYS; way++) {
		uint32_t capped = weight[way] < WEIGHT_CAP ? weight[way] : WEIGHT_CAP;
		uint32_t rank = capped * HEAVY_SET_WAYS + way;

		rank |= 0u - (~ways >> way & 1);
		least = rank < least ? rank : least;
	}
	return least % HEAVY_SET_WAYS;
}

/* True with probability newcomer / (newcomer + lightest). */
static bool
wins(struct heavy_set *set, uint32_t newcomer, uint32_t lightest_weight)
{
	uint64_t dice = next_random(set) >> 32;

	return dice * ((uint64_t)newcomer + lightest_weight) >> 32 < newcomer;
}

/* Of a full bucket the way that gives way; HEAVY_SET_NONE: nobody does. */
static uint32_t
give_way(struct heavy_set *set, uint32_t at, uint32_t weight, bool proven)
{
	const struct heavy_bucket *bucket = &set->buckets[at];
	uint32_t proven_ways = bucket->proven | bucket->proven_before;
	uint32_t free_to_go = ALL_WAYS & ~(uint32_t)bucket->held;
	uint32_t unproven = free_to_go & ~proven_ways;
	uint32_t way;

	if (free_to_go == 0)
		return HEAVY_SET_NONE;
	way = lightest(&set->weight[at * HEAVY_SET_WAYS], unproven != 0 ? unproven : free_to_go);
	if (proven && unproven != 0)
		return way;
	return wins(set, weight, set->weight[at * HEAVY_SET_WAYS + way]) ? way : HEAVY_SET_NONE;
}

uint32_t
heavy_set_admit(struct heavy_set *set, uint64_t hash, uint32_t weight, bool proven)
{
	uint32_t at = heavy_set_bucket_of(set, hash);
	struct heavy_bucket *bucket = &set->buckets[at];
	uint32_t ways = ways_equal(bucket, 0);
	uint32_t way, place;

	catch_up(set, at);
	way = ways != 0 ? (uint32_t)__builtin_ctz(ways) : give_way(set, at, weight, proven);
	if (way == HEAVY_SET_NONE)
		return HEAVY_SET_NONE;
	place = at * HEAVY_SET_WAYS + way;
	bucket->tag[way] = tag_of(hash);
	bucket->proven = (uint16_t)(bucket->proven & ~(1u << way));
	bucket->proven_before = (uint16_t)(bucket->proven_before & ~(1u << way));
	set->weight[place] += weight;
	if (proven)
		heavy_set_prove(set, place);
	return place;
}

void
heavy_set_hold(struct heavy_set *set, uint32_t place, bool held)
{
	struct heavy_bucket *bucket = &set->buckets[place / HEAVY_SET_WAYS];
	uint32_t way = 1u << place % HEAVY_SET_WAYS;

	bucket->held = (uint16_t)(held ? bucket->held | way : bucket->held & ~way);
}
