/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/sources.h"

#include <string.h>

/* What a register can hold: the trailing zeros of the bits that do not choose it, and one. */
#define RANK_MAX (64 - SOURCES_BITS)

/* 1 / (2 ln 2): alpha for an infinity of registers, as the estimator wants it. */
#define ALPHA 0.72134752044448170368

/* Of the SYNs of a tick the first so many are all in the sample, then one of 8, then of 64. */
#define SAMPLE_ALL 256
#define SAMPLE_EIGHTH 4096

void
sources_reset(struct sources *sources)
{
	memset(sources, 0, sizeof(*sources));
}

void
sources_begin_tick(struct sources *sources)
{
	memset(sources->top, 0, sizeof(sources->top));
	sources->taken_before = sources->taken;
}

/* Of the n-th SYN of a tick: how many it stands for; 0: it is not in the sample. */
static uint32_t
sample_weight(uint32_t n)
{
	/* Multiples of the golden ratio: even, but in step with no pattern of senders. */
	uint32_t dice = n * UINT32_C(0x9e3779b1);

	if (n < SAMPLE_ALL)
		return 1;
	if (n < SAMPLE_EIGHTH)
		return dice >> 29 == 0 ? 8 : 0;
	return dice >> 26 == 0 ? 64 : 0;
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
sources_add(struct sources *sources, const uint64_t addr[2], bool ipv6, uint64_t hash)
{
	uint8_t *rank = &sources->registers[hash % SOURCES_REGISTERS];
	/* The bit keeps the rank within what RANK_MAX allows. */
	uint64_t rest = hash >> SOURCES_BITS | UINT64_C(1) << (RANK_MAX - 1);
	uint8_t found = (uint8_t)(__builtin_ctzll(rest) + 1);
	uint32_t weight = sample_weight(sources->taken++ - sources->taken_before);

	if (found > *rank)
		*rank = found;
	if (weight != 0)
		count_source(sources, addr, ipv6, weight);
}

void
sources_merge(struct sources *sources, const struct sources *more)
{
	for (uint32_t i = 0; i < SOURCES_REGISTERS; i++)
		if (more->registers[i] > sources->registers[i])
			sources->registers[i] = more->registers[i];
	for (uint32_t i = 0; i < SOURCES_TOP; i++)
		if (more->top[i].count != 0)
			count_source(sources, more->top[i].addr, more->top[i].ipv6,
					more->top[i].count);
	sources->taken += more->taken;
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

double
sources_estimate(const struct sources *sources)
{
	const double registers = SOURCES_REGISTERS;
	uint32_t with_rank[RANK_MAX + 1] = { 0 };
	double z = 0;

	for (uint32_t i = 0; i < SOURCES_REGISTERS; i++)
		with_rank[sources->registers[i]]++;
	if (with_rank[0] == SOURCES_REGISTERS)
		return 0;
	/* His tau, the term for registers that overflow, is 0: none does. */
	for (uint32_t rank = RANK_MAX; rank >= 1; rank--)
		z = 0.5 * (z + with_rank[rank]);
	z += registers * sigma(with_rank[0] / registers);
	return ALPHA * registers * registers / z;
}
