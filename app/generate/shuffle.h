/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * All numbers of a range in an order that looks random, each once, without a list of
 * them: a Feistel network (Luby and Rackoff, 1988) is a permutation, whatever its round
 * function. So no two connections ever have the same client, however many there are.
 */

#ifndef APP_GENERATE_SHUFFLE_H
#define APP_GENERATE_SHUFFLE_H

#include "app/generate/random.h"

#include <stdint.h>

#define SHUFFLE_ROUNDS 4

struct shuffle {
	uint32_t half_bits; /* the range has 2^(2 * half_bits) numbers */
	uint64_t keys[SHUFFLE_ROUNDS];
	uint64_t next; /* the index of the next number to give */
};

static inline void
shuffle_init(struct shuffle *shuffle, uint32_t half_bits, struct random *random)
{
	shuffle->half_bits = half_bits;
	shuffle->next = 0;
	for (int i = 0; i < SHUFFLE_ROUNDS; i++)
		shuffle->keys[i] = random_next(random);
}

/** The number at @p index; behind the last it begins again. */
static inline uint64_t
shuffle_at(const struct shuffle *shuffle, uint64_t index)
{
	uint64_t mask = (UINT64_C(1) << shuffle->half_bits) - 1;
	uint64_t left = index >> shuffle->half_bits & mask;
	uint64_t right = index & mask;

	for (int i = 0; i < SHUFFLE_ROUNDS; i++) {
		uint64_t seed = shuffle->keys[i] ^ right;
		uint64_t swap = right;

		right = left ^ (random_split(&seed) & mask);
		left = swap;
	}
	return left << shuffle->half_bits | right;
}

/** The next number; after all were given, it begins again. */
static inline uint64_t
shuffle_next(struct shuffle *shuffle)
{
	return shuffle_at(shuffle, shuffle->next++);
}

#endif /* APP_GENERATE_SHUFFLE_H */
