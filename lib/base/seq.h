/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Arithmetic on TCP sequence numbers, which wrap at 2^32 (RFC 9293 section 3.4).
 *
 * Two numbers compare by the sign of their distance, so "less" has a meaning only
 * for numbers less than 2^31 apart; every window of TCP is (RFC 7323 section 2.3).
 */

#ifndef BASE_SEQ_H
#define BASE_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/** How far @p a lies behind (negative) or ahead of @p b. */
static inline int32_t
seq_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

static inline bool
seq_lt(uint32_t a, uint32_t b)
{
	return seq_diff(a, b) < 0;
}

static inline bool
seq_leq(uint32_t a, uint32_t b)
{
	return seq_diff(a, b) <= 0;
}

/** first <= seq <= last. */
static inline bool
seq_between(uint32_t seq, uint32_t first, uint32_t last)
{
	return seq - first <= last - first;
}

/** @p seq is one of the @p width numbers from @p first on. */
static inline bool
seq_in_window(uint32_t seq, uint32_t first, uint32_t width)
{
	return seq - first < width;
}

static inline uint32_t
seq_max(uint32_t a, uint32_t b)
{
	return seq_lt(a, b) ? b : a;
}

#endif /* BASE_SEQ_H */
