/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The headers of the frames that detection deals with, the latest of them: those with SYN or
 * RST, and those that belong to no connection. So when an alarm is raised, what led to it can
 * still be looked at.
 *
 * Frames are numbered from 0 on, in the order in which they were kept; a new one takes the
 * place of the oldest. One owner, no locks, no allocation.
 */

#ifndef DETECT_HEADER_RING_H
#define DETECT_HEADER_RING_H

#include "base/compiler.h"
#include "packet/frame.h"
#include "packet/segment.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Enough for Ethernet, two VLAN tags, IPv6 and TCP with all its options: 14 + 8 + 40 + 60. */
#define HEADER_RING_SNAP 128

/* The first line is what is looked at, the other two what is written down. */
struct kept_header {
	uint8_t src_addr[16]; /* as in struct segment */
	uint8_t dst_addr[16];
	uint64_t time_us;
	uint32_t wire_len;
	uint16_t src_port;
	uint16_t dst_port;
	uint16_t len; /* of bytes */
	uint8_t tcp_flags;
	uint8_t ip_version;
	uint32_t zero;
	uint8_t bytes[HEADER_RING_SNAP] CACHE_ALIGNED;
} CACHE_ALIGNED;

static_assert(sizeof(struct kept_header) == 3 * CACHE_LINE, "three lines a frame");

struct header_ring {
	struct kept_header *slots; /* NULL: none are kept */
	uint32_t mask;
	uint64_t kept; /* so far: the number of the next */
};

/** Bytes that header_ring_init() needs; a multiple of CACHE_LINE. */
size_t header_ring_memory_size(uint32_t slots);

/**
 * @param memory
 *   header_ring_memory_size() bytes, aligned to CACHE_LINE; the caller's.
 * @param slots
 *   How many frames; rounded up to a power of two. 0: none are kept, and nothing else may be
 *   called but header_ring_is_on().
 */
void header_ring_init(struct header_ring *ring, void *memory, uint32_t slots);

static inline bool
header_ring_is_on(const struct header_ring *ring)
{
	return ring->slots != NULL;
}

/** Keep a frame whose segment is this one. */
void header_ring_push(
		struct header_ring *ring, const struct frame *frame, const struct segment *segment);

/** The number of the oldest that is still there; kept, if there is none. */
static inline uint64_t
header_ring_oldest(const struct header_ring *ring)
{
	return ring->kept > ring->mask ? ring->kept - ring->mask - 1 : 0;
}

/** One of those that are there. */
static inline const struct kept_header *
header_ring_at(const struct header_ring *ring, uint64_t number)
{
	return &ring->slots[number & ring->mask];
}

#endif /* DETECT_HEADER_RING_H */
