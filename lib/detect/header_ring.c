/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/header_ring.h"

#include <string.h>

static uint32_t
round_up(uint32_t slots)
{
	uint32_t rounded = 1;

	while (rounded < slots)
		rounded *= 2;
	return rounded;
}

size_t
header_ring_memory_size(uint32_t slots)
{
	return slots > 0 ? round_up(slots) * sizeof(struct kept_header) : 0;
}

void
header_ring_init(struct header_ring *ring, void *memory, uint32_t slots)
{
	*ring = (struct header_ring){ .slots = NULL };
	if (slots == 0)
		return;
	ring->slots = memory;
	ring->mask = round_up(slots) - 1;
}

void
header_ring_push(struct header_ring *ring, const struct frame *frame, const struct segment *segment)
{
	struct kept_header *header = &ring->slots[ring->kept++ & ring->mask];

	memcpy(header->src_addr, segment->src_addr, sizeof(header->src_addr));
	memcpy(header->dst_addr, segment->dst_addr, sizeof(header->dst_addr));
	header->time_us = frame->time_us;
	header->wire_len = frame->wire_len;
	header->src_port = segment->src_port;
	header->dst_port = segment->dst_port;
	header->len = (uint16_t)(frame->len < HEADER_RING_SNAP ? frame->len : HEADER_RING_SNAP);
	header->tcp_flags = segment->tcp_flags;
	header->ip_version = segment->ip_version;
	memcpy(header->bytes, frame->data, header->len);
}
