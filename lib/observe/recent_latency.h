/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * How the latest times are spread: a histogram small enough for a thousand of them, which
 * forgets.
 *
 * It is that of latency.h with fewer buckets (a percentile is off by 3.2 % at most) of two
 * bytes: not quite 1 KiB. Before a bucket could overflow, all are halved, so that the
 * older half weighs as much as half of the newer: percentiles are those of the last
 * 32768 to 65535 times, and a service that became slow is seen to be slow however long
 * it was fast. Count, sum and maximum forget nothing.
 */

#ifndef OBSERVE_RECENT_LATENCY_H
#define OBSERVE_RECENT_LATENCY_H

#include "observe/log_linear.h"

#include <stdint.h>

#define RECENT_LATENCY_EXACT_BITS 5 /* 16 buckets for each power of two */
#define RECENT_LATENCY_BUCKETS LOG_LINEAR_BUCKETS(RECENT_LATENCY_EXACT_BITS)

/* Zero-initialise. */
struct recent_latency {
	uint64_t count;
	uint64_t sum_us;
	uint32_t max_us;
	uint32_t kept; /* the sum of the buckets, never more than one can hold */
	uint16_t buckets[RECENT_LATENCY_BUCKETS];
};

void recent_latency_record(struct recent_latency *latency, uint32_t us);

/**
 * The smallest time that at least @p per_mille thousandths of the latest are not longer than.
 *
 * @param per_mille
 *   1 to 1000.
 * @return
 *   Microseconds, with the error said above; 0 of an empty histogram.
 */
uint32_t recent_latency_percentile(const struct recent_latency *latency, uint32_t per_mille);

#endif /* OBSERVE_RECENT_LATENCY_H */
