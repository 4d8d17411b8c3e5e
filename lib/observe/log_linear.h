/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Buckets for numbers of 32 bits, log-linear as in Gil Tene's HdrHistogram.
 *
 * Below 2^exact_bits each value has its own bucket; above, each power of two is cut into
 * 2^(exact_bits - 1) equal ones. A bucket is at most 1/2^(exact_bits - 1) as wide as what
 * lies in it is large, so its middle is off by half of that at most.
 */

#ifndef OBSERVE_LOG_LINEAR_H
#define OBSERVE_LOG_LINEAR_H

#include <stdint.h>

#define LOG_LINEAR_BUCKETS(exact_bits) \
	((1 << (exact_bits)) + ((32 - (exact_bits)) << ((exact_bits)-1)))

static inline uint32_t
log_linear_bucket(uint32_t value, uint32_t exact_bits)
{
	uint32_t exact = UINT32_C(1) << exact_bits, split = exact / 2;
	uint32_t exponent;

	if (value < exact)
		return value;
	exponent = 31 - (uint32_t)__builtin_clz(value) - exact_bits;
	/* value >> (exponent + 1) lies in split .. 2 split - 1 */
	return exact + exponent * split + (value >> (exponent + 1)) - split;
}

static inline uint32_t
log_linear_middle(uint32_t bucket, uint32_t exact_bits)
{
	uint32_t exact = UINT32_C(1) << exact_bits, split = exact / 2;
	uint32_t exponent, low;

	if (bucket < exact)
		return bucket;
	exponent = (bucket - exact) / split;
	low = (split + (bucket - exact) % split) << (exponent + 1);
	return low + (UINT32_C(1) << exponent);
}

#endif /* OBSERVE_LOG_LINEAR_H */
