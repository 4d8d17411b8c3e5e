/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Time is a number of microseconds since the Unix epoch, and always an argument:
 * nothing under lib/ reads a clock. A live worker passes its clock, a replay the
 * times of the capture.
 */

#ifndef BASE_USEC_H
#define BASE_USEC_H

#include <stdint.h>

#define USEC_PER_MSEC UINT64_C(1000)
#define USEC_PER_SEC UINT64_C(1000000)

/** later - earlier, or 0 where a capture's clock stepped back. */
static inline uint64_t
usec_since(uint64_t earlier, uint64_t later)
{
	return later > earlier ? later - earlier : 0;
}

#endif /* BASE_USEC_H */
