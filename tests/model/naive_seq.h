/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Sequence numbers on their circle of 2^32, without the tricks of base/seq.h, so that a
 * fault there does not hide here.
 */

#ifndef MODEL_NAIVE_SEQ_H
#define MODEL_NAIVE_SEQ_H

#include <stdbool.h>
#include <stdint.h>

#define NAIVE_CIRCLE (INT64_C(1) << 32)

/* How many steps it is from one number on to another. */
static inline int64_t
naive_steps(uint32_t from, uint32_t to)
{
	return to >= from ? (int64_t)to - from : (int64_t)to - from + NAIVE_CIRCLE;
}

/* The same, but backwards, and negative, where that is no longer. */
static inline int64_t
naive_distance(uint32_t from, uint32_t to)
{
	int64_t steps = naive_steps(from, to);

	return steps < NAIVE_CIRCLE / 2 ? steps : steps - NAIVE_CIRCLE;
}

static inline bool
naive_is_before(uint32_t a, uint32_t b)
{
	return naive_distance(b, a) < 0;
}

/* Whether a number is one of @p width from @p first on. */
static inline bool
naive_is_within(uint32_t seq, uint32_t first, uint32_t width)
{
	return naive_steps(first, seq) < width;
}

/* Whether two numbers lie less than @p reach apart. */
static inline bool
naive_is_near(uint32_t a, uint32_t b, int64_t reach)
{
	int64_t distance = naive_distance(a, b);

	return distance > -reach && distance < reach;
}

#endif /* MODEL_NAIVE_SEQ_H */
