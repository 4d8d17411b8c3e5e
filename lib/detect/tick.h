/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The beat of detection. Ticks are numbered from 1970 on, so that all workers mean the same
 * tenth of a second by one number.
 */

#ifndef DETECT_TICK_H
#define DETECT_TICK_H

#include "base/usec.h"

#include <stdint.h>

#define TICK_US (100 * USEC_PER_MSEC)
#define TICKS_PER_SEC 10

/** The tick that a moment lies in. */
static inline uint64_t
tick_of(uint64_t time_us)
{
	return time_us / TICK_US;
}

static inline uint64_t
tick_start_us(uint64_t tick)
{
	return tick * TICK_US;
}

static inline uint64_t
tick_end_us(uint64_t tick)
{
	return (tick + 1) * TICK_US;
}

#endif /* DETECT_TICK_H */
