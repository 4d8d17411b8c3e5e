/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Numbers in network byte order at any address. Headers lie where the ones before them
 * end, so nothing may be said of their alignment: memcpy is the load that may be
 * unaligned, and costs no more than one. The C library turns them round in a way that the
 * compiler sees through, so that what is compared with a constant is not turned at all.
 */

#ifndef PACKET_BYTES_H
#define PACKET_BYTES_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Where a field of one of DPDK's header structures lies, for a header at any address. */
#define BYTES_AT(header, type, field) ((header) + offsetof(struct type, field))

static inline uint16_t
bytes_load16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return be16toh(value);
}

static inline uint32_t
bytes_load32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return be32toh(value);
}

static inline void
bytes_store16(uint8_t *at, uint16_t value)
{
	value = htobe16(value);
	memcpy(at, &value, sizeof(value));
}

static inline void
bytes_store32(uint8_t *at, uint32_t value)
{
	value = htobe32(value);
	memcpy(at, &value, sizeof(value));
}

#endif /* PACKET_BYTES_H */
