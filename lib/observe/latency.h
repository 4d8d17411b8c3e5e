/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * How times are spread: a histogram of fixed size, of the buckets of log_linear.h.
 *
 * A bucket is at most 1/64 as wide as what lies in it is large, and it is reported by its
 * middle, so a percentile is off by 0.8 % at most, anywhere from 1 us to 71 minutes, in
 * 14 KiB. Two histograms add up without loss.
 */

#ifndef OBSERVE_LATENCY_H
#define OBSERVE_LATENCY_H

#include "observe/log_linear.h"

#include <stdint.h>

#define LATENCY_EXACT_BITS 7 /* 64 buckets for each power of two */
#define LATENCY_BUCKETS LOG_LINEAR_BUCKETS(LATENCY_EXACT_BITS)

/* Zero-initialise. */
struct latency {
	uint64_t count;
	uint32_t max_us; /* exact */
	uint64_t buckets[LATENCY_BUCKETS];
};

void latency_record(struct latency *latency, uint32_t us);

/** Add what @p from holds. */
void latency_merge(struct latency *into, const struct latency *from);

/**
 * The smallest time that at least @p per_mille thousandths of all are not longer than.
 *
 * @param per_mille
 *   1 to 1000: 500 for the median; 1000 gives the exact maximum.
 * @return
 *   Microseconds, with the error said above; 0 of an empty histogram.
 */
uint32_t latency_percentile(const struct latency *latency, uint32_t per_mille);

#endif /* OBSERVE_LATENCY_H */
