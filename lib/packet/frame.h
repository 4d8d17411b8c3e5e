/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A frame as the pipeline takes it: bytes, length and time. It knows no mbuf, so
 * that tests, fuzzers and tools can make one from anything.
 */

#ifndef PACKET_FRAME_H
#define PACKET_FRAME_H

#include <stdint.h>

struct frame {
	uint8_t *data; /* from the destination MAC address on */
	uint32_t len; /* bytes that may be read at data; at least the headers of a good frame */
	uint32_t wire_len; /* bytes of the whole frame; len or more */
	uint64_t time_us; /* when it arrived; all of a live burst share one time */
};

#endif /* PACKET_FRAME_H */
