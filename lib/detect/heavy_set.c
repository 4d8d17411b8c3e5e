/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/heavy_set.h"

#define ALL_WAYS 0xffffu

/* Who is heavier than this is not told from one another: a way has to fit in beside it. */
#define WEIGHT_CAP (UINT32_MAX / HEAVY_SET_WAYS - 1)

/* By then the heaviest weight there can be has faded to nothing. */
#define FADES_MAX 180

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

static void
begin_turn(struct heavy_bucket *bucket, uint32_t turn)
{
	bucket->proven_before = turn - bucket->turn == 1 ? bucket->proven : 0;
	bucket->proven = 0;
	bucket->turn = turn;
}

/* Rounded up, so that a weight does come to nothing. Who is heavier stays so. */
static inline uint32_t
faded(uint32_t weight)
{
	return weight - weight / 8 - (weight % 8 != 0);
}

static void
fade(uint32_t weight[HEAVY_SET_WAYS], uint32_t beats)
{
	if (beats > FADES_MAX)
		beats = FADES_MAX;
	for (; beats != 0; beats--)
		for (uint32_t way = 0; way < HEAVY_SET_WAYS; way++)
			weight[way] = faded(weight[way]);
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
heavy_set_pass(struct heavy_set *set, uint32_t beats)
{
	set->beat += beats;
	for (; beats != 0 && set->floor != 0; beats--)
		set->floor = faded(set->floor);
}

void
heavy_set_refresh(struct heavy_set *set, uint32_t place)
{
	catch_up(set, place / HEAVY_SET_WAYS);
}

static uint32_t
lightest(const uint32_t weight[HEAVY_SET_WAYS], uint32_t ways)
{
	/* From a table, as compilers can shift all at once by one number only. */
	static const uint32_t bit_of[HEAVY_SET_WAYS] = { 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 4,
		1 << 5, 1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14,
		1 << 15 };
	uint32_t least = UINT32_MAX;

	/* The way in the low bits, so that a minimum finds both. */
	for (uint32_t way = 0; way < HEAVY_SET_WAYS; way++) {
		uint32_t capped = weight[way] < WEIGHT_CAP ? weight[way] : WEIGHT_CAP;
		uint32_t rank = capped * HEAVY_SET_WAYS + way;

		rank |= (ways & bit_of[way]) == 0 ? UINT32_MAX : 0;
		least = rank < least ? rank : least;
	}
	return least % HEAVY_SET_WAYS;
}

/* Ways of a full bucket that somebody unproven may take; 0: none. */
static uint32_t
ways_to_take(const struct heavy_bucket *bucket)
{
	uint32_t proven_ways = bucket->proven | bucket->proven_before;
	uint32_t free_to_go = ALL_WAYS & ~(uint32_t)bucket->held;
	uint32_t unproven = free_to_go & ~proven_ways;

	return unproven != 0 ? unproven : free_to_go;
}

void
heavy_set_survey(struct heavy_set *set)
{
	uint32_t least = UINT32_MAX;

	for (uint32_t at = 0; at <= set->bucket_mask; at++) {
		const uint32_t *weight = &set->weight[at * HEAVY_SET_WAYS];
		uint32_t ways, of_bucket;

		catch_up(set, at);
		ways = ways_to_take(&set->buckets[at]);
		if (ways == 0)
			continue;
		of_bucket = weight[lightest(weight, ways)];
		least = of_bucket < least ? of_bucket : least;
	}
	set->floor = least;
}

/* Of a full bucket the way that gives way; HEAVY_SET_NONE: nobody does. */
static uint32_t
give_way(const struct heavy_set *set, uint32_t at, uint32_t weight, bool proven, uint32_t dice)
{
	const struct heavy_bucket *bucket = &set->buckets[at];
	const uint32_t *weights = &set->weight[at * HEAVY_SET_WAYS];
	const uint32_t ways = ways_to_take(bucket);
	uint32_t way;

	if (ways == 0)
		return HEAVY_SET_NONE;
	way = lightest(weights, ways);
	if (proven && (ways & (bucket->proven | bucket->proven_before)) == 0)
		return way;
	return heavy_set_wins(dice, weight, weights[way]) ? way : HEAVY_SET_NONE;
}

uint32_t
heavy_set_admit_with(
		struct heavy_set *set, uint64_t hash, uint32_t weight, bool proven, uint32_t dice)
{
	uint32_t at = heavy_set_bucket_of(set, hash);
	struct heavy_bucket *bucket = &set->buckets[at];
	uint32_t ways = heavy_bucket_ways(bucket, 0);
	uint32_t way, place;

	catch_up(set, at);
	way = ways != 0 ? (uint32_t)__builtin_ctz(ways) : give_way(set, at, weight, proven, dice);
	if (way == HEAVY_SET_NONE)
		return HEAVY_SET_NONE;
	place = at * HEAVY_SET_WAYS + way;
	bucket->tag[way] = heavy_set_tag_of(hash);
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
