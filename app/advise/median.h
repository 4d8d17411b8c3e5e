/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The middle one of some numbers; of two in the middle, the smaller.
 */

#ifndef APP_ADVISE_MEDIAN_H
#define APP_ADVISE_MEDIAN_H

#include <stdint.h>
#include <stdlib.h>

static inline int
median_compare(const void *a, const void *b)
{
	const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/** Sorts them; @p count is 1 at least. */
static inline uint64_t
median_of(uint64_t *numbers, uint32_t count)
{
	qsort(numbers, count, sizeof(numbers[0]), median_compare);
	return numbers[(count - 1) / 2];
}

#endif /* APP_ADVISE_MEDIAN_H */
