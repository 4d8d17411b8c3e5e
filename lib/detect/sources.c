/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/sources.h"

#include <string.h>

/* 1 / (2 ln 2): alpha for an infinity of registers, as the estimator wants it. */
#define ALPHA 0.72134752044448170368

/* Of the SYNs of a tick the first so many are all in the sample, then one of 8, then of 64. */
#define SAMPLE_ALL 128
#define SAMPLE_EIGHTH 1024

void
sources_reset(struct sources *sources)
{
	memset(sources, 0, sizeof(*sources));
}

void
sources_begin_tick(struct sources *sources)
{
	memset(sources->registers, 0, sizeof(sources->registers));
	memset(sources->completed, 0, sizeof(sources->completed));
	memset(sources->top, 0, sizeof(sources->top));
	sources->sampled = sources->taken_before = sources_taken(sources);
	sources->skip = 0;
}

uint32_t
sources_weight(uint32_t before)
{
	if (before < SAMPLE_ALL)
		return 1;
	return before < SAMPLE_EIGHTH ? 8 : 64;
}

/*
 * How many to leave out: from none to twice the mean of weight - 1. Multiples of the golden
 * ratio are even, but in step with no pattern of senders.
 */
static uint32_t
gap(uint32_t taken, uint32_t weight)
{
	uint32_t dice = taken * UINT32_C(0x9e3779b1);

	return (uint32_t)((uint64_t)dice * (2 * weight - 1) >> 32);
}

static bool
is_source(const struct source *source, const uint64_t addr[2], bool ipv6)
{
	return source->addr[0] == addr[0] && source->addr[1] == addr[1] && source->ipv6 == ipv6;
}

/* The source's place, or a free one, or NULL; @p least is then the least count. */
static struct source *
place_of(struct sources *sources, const uint64_t addr[2], bool ipv6, uint32_t *least)
{
	struct source *free_place = NULL;

	*least = UINT32_MAX;
	for (uint32_t i = 0; i < SOURCES_TOP; i++) {
		struct source *place = &sources->top[i];

		if (place->count == 0)
			free_place = place;
		else if (is_source(place, addr, ipv6))
			return place;
		if (place->count < *least)
			*least = place->count;
	}
	return free_place;
}

static void
count_source(struct sources *sources, const uint64_t addr[2], bool ipv6, uint32_t weight)
{
	uint32_t least;
	struct source *place = place_of(sources, addr, ipv6, &least);

	if (place == NULL) {
		uint32_t lost = least < weight ? least : weight;

		for (uint32_t i = 0; i < SOURCES_TOP; i++)
			sources->top[i].count -= lost;
		weight -= lost;
		if (weight == 0)
			return;
		place = place_of(sources, addr, ipv6, &least);
	}
	if (place->count == 0)
		*place = (struct source){ .addr = { addr[0], addr[1] }, .ipv6 = ipv6 };
	place->count += weight;
}

void
sources_sample(struct sources *sources, const uint8_t addr[16], bool ipv6)
{
	uint32_t weight = sources_weight(sources->sampled - sources->taken_before);
	uint64_t words[2];

	sources->skip = (int32_t)gap(sources->sampled, weight);
	sources->sampled += (uint32_t)sources->skip + 1;
	memcpy(words, addr, sizeof(words));
	count_source(sources, words, ipv6, weight);
}

/* Stored whether it changes or not: so it takes vectors. */
static void
raise_all(uint8_t registers[SOURCES_REGISTERS], const uint8_t more[SOURCES_REGISTERS])
{
	for (uint32_t i = 0; i < SOURCES_REGISTERS; i++)
		registers[i] = more[i] > registers[i] ? more[i] : registers[i];
}

void
sources_merge(struct sources *sources, const struct sources *more)
{
	raise_all(sources->registers, more->registers);
	raise_all(sources->completed, more->completed);
	for (uint32_t i = 0; i < SOURCES_TOP; i++)
		if (more->top[i].count != 0)
			count_source(sources, more->top[i].addr, more->top[i].ipv6,
					more->top[i].count);
	sources->sampled += sources_taken(more);
	sources->taken_before += more->taken_before;
}

/* Ertl's sigma: x + sum of x^(2^k) * 2^(k-1), k from 1 on. Below 1 it converges in a few steps. */
static double
sigma(double x)
{
	double sum = x, before = -1, factor = 1;

	while (sum > before) {
		before = sum;
		x *= x;
		sum += x * factor;
		factor += factor;
	}
	return sum;
}

static double
estimate(const uint8_t registers[SOURCES_REGISTERS])
{
	const double count = SOURCES_REGISTERS;
	uint32_t with_rank[SOURCES_RANK_MAX + 1] = { 0 };
	double z = 0;

	for (uint32_t i = 0; i < SOURCES_REGISTERS; i++)
		with_rank[registers[i]]++;
	if (with_rank[0] == SOURCES_REGISTERS)
		return 0;
	/* His tau, the term for registers that overflow, is 0: none does. */
	for (uint32_t rank = SOURCES_RANK_MAX; rank >= 1; rank--)
		z = 0.5 * (z + with_rank[rank]);
	z += count * sigma(with_rank[0] / count);
	return ALPHA * count * count / z;
}

double
sources_estimate(const struct sources *sources)
{
	return estimate(sources->registers);
}

double
sources_estimate_open(const struct sources *sources)
{
	uint8_t all[SOURCES_REGISTERS];

	/* Who completed one that began before there was anything to count is in it, too. */
	memcpy(all, sources->registers, sizeof(all));
	raise_all(all, sources->completed);
	return estimate(all) - estimate(sources->completed);
}
