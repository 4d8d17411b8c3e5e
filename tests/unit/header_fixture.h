/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Frames made from a description, parsed, and put into a ring of headers.
 */

#ifndef TESTS_HEADER_FIXTURE_H
#define TESTS_HEADER_FIXTURE_H

#include "detect/header_ring.h"
#include "packet/build.h"
#include "packet/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEADER_VICTIM UINT32_C(0xc0000201) /* 192.0.2.1 */
#define HEADER_CLIENT UINT32_C(0x0a000001) /* 10.0.0.1 */

static inline struct header_ring *
header_ring_make(uint32_t slots)
{
	struct header_ring *ring = calloc(1, sizeof(*ring));
	void *memory = aligned_alloc(CACHE_LINE, header_ring_memory_size(slots));

	assert_non_null(ring);
	assert_non_null(memory);
	header_ring_init(ring, memory, slots);
	return ring;
}

static inline void
header_ring_free(struct header_ring *ring)
{
	free(ring->slots);
	free(ring);
}

/* A SYN of a client to port 80 of the victim. */
static inline struct build_tcp
header_syn(uint32_t client)
{
	struct build_tcp tcp = {
		.ip_version = 4,
		.hop_limit = 64,
		.src_port = 40000,
		.dst_port = 80,
		.seq = client,
		.tcp_flags = TCP_SYN,
	};

	build_ipv4_mapped(HEADER_CLIENT + client, tcp.src_addr);
	build_ipv4_mapped(HEADER_VICTIM, tcp.dst_addr);
	return tcp;
}

/* The other way round. */
static inline struct build_tcp
header_answer(const struct build_tcp *tcp, uint8_t flags)
{
	struct build_tcp answer = *tcp;

	memcpy(answer.src_addr, tcp->dst_addr, sizeof(answer.src_addr));
	memcpy(answer.dst_addr, tcp->src_addr, sizeof(answer.dst_addr));
	answer.src_port = tcp->dst_port;
	answer.dst_port = tcp->src_port;
	answer.tcp_flags = flags;
	return answer;
}

static inline void
header_push(struct header_ring *ring, const struct build_tcp *tcp, uint64_t time_us)
{
	uint8_t bytes[2048];
	struct frame frame = { .data = bytes, .time_us = time_us };
	struct segment segment;

	frame.len = (uint32_t)build_tcp_frame(tcp, bytes, sizeof(bytes));
	frame.wire_len = frame.len;
	assert_int_not_equal(frame.len, 0);
	parse_frame(&frame, &segment);
	assert_int_equal(segment.kind, PACKET_TCP);
	header_ring_push(ring, &frame, &segment);
}

/* SYNs of the clients first, first + 1, ..., at their number of microseconds. */
static inline void
header_push_syns(struct header_ring *ring, uint32_t first, uint32_t count)
{
	for (uint32_t client = first; client < first + count; client++) {
		const struct build_tcp syn = header_syn(client);

		header_push(ring, &syn, client);
	}
}

#endif /* TESTS_HEADER_FIXTURE_H */
