/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The time of a frame from a capture file, past the year 2038.
 *
 * A pcap file holds the seconds in 32 bits. libpcap takes them for signed, so what it
 * gives from January 2038 on lies before 1970; no capture is that old.
 */

#ifndef IO_CAPTURE_TIME_H
#define IO_CAPTURE_TIME_H

#include "base/usec.h"

#include <stdint.h>

/**
 * @param time_us
 *   Microseconds, as computed from libpcap's signed seconds.
 * @return
 *   Microseconds since the epoch.
 */
static inline uint64_t
capture_time_us(uint64_t time_us)
{
	return (int64_t)time_us < 0 ? time_us + (UINT64_C(1) << 32) * USEC_PER_SEC : time_us;
}

#endif /* IO_CAPTURE_TIME_H */
