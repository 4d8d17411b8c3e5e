/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Random numbers that a seed gives again: splitmix64 (Sebastiano Vigna).
 */

#ifndef MODEL_RANDOM_H
#define MODEL_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state; /* the seed at first */
};

static inline uint64_t
random_next(struct random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/** 0 .. n-1; the bias of the remainder does not matter here. */
static inline uint32_t
random_below(struct random *random, uint32_t n)
{
	return (uint32_t)(random_next(random) >> 32) % n;
}

/** True once in @p n. */
static inline bool
random_once_in(struct random *random, uint32_t n)
{
	return random_below(random, n) == 0;
}

#endif /* MODEL_RANDOM_H */
