/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Numbers that look random and are the same for a seed on every machine: xoshiro256**
 * of Blackman and Vigna ("Scrambled Linear Pseudorandom Number Generators", 2021),
 * its state filled by splitmix64, as they advise.
 */

#ifndef APP_GENERATE_RANDOM_H
#define APP_GENERATE_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state[4];
};

/** splitmix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators"). */
static inline uint64_t
random_split(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline void
random_init(struct random *random, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		random->state[i] = random_split(&seed);
}

static inline uint64_t
random_rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline uint64_t
random_next(struct random *random)
{
	uint64_t *s = random->state;
	uint64_t result = random_rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = random_rotate(s[3], 45);
	return result;
}

/** A number below @p end, which is not 0. */
static inline uint32_t
random_below(struct random *random, uint32_t end)
{
	return (uint32_t)((random_next(random) >> 32) * end >> 32);
}

/** A number from @p first to @p last. */
static inline uint32_t
random_between(struct random *random, uint32_t first, uint32_t last)
{
	return first + random_below(random, last - first + 1);
}

/**
 * How long until the next of those who come independently of each other: exponentially
 * distributed, and by comparing numbers alone, so that no machine's logarithm has a say (von
 * Neumann, "Various techniques used in connection with random digits", 1951).
 *
 * @param mean_ns
 *   At most 2^32.
 */
static inline uint64_t
random_wait_ns(struct random *random, uint64_t mean_ns)
{
	for (uint64_t whole = 0;; whole++) {
		const uint64_t first = random_next(random) >> 32;
		uint64_t last, next = first;
		uint32_t run = 1;

		do {
			last = next;
			next = random_next(random) >> 32;
			run++;
		} while (next < last);
		if (run % 2 == 0)
			return whole * mean_ns + (first * mean_ns >> 32);
	}
}

#endif /* APP_GENERATE_RANDOM_H */
