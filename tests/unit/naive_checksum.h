/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The internet checksum as one reads it in RFC 1071: 16 bits at a time, in network byte
 * order, each carry added at once.
 */

#ifndef TESTS_NAIVE_CHECKSUM_H
#define TESTS_NAIVE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t
naive_checksum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2) {
		sum += (uint32_t)bytes[i] << 8 | (i + 1 < len ? bytes[i + 1] : 0);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)~sum;
}

#endif /* TESTS_NAIVE_CHECKSUM_H */
