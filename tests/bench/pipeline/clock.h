/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Processor time of this thread: what others do with the processor meanwhile is not in it,
 * though what they do to its caches is.
 */

#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <time.h>

static inline double
clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

#endif /* BENCH_CLOCK_H */
