/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What the tests of flows, handshakes and pipelines share: seeded dice, and segments and
 * flows made by hand, without a frame.
 */

#ifndef TESTS_FLOW_FIXTURE_H
#define TESTS_FLOW_FIXTURE_H

#include "base/compiler.h"
#include "base/usec.h"
#include "flow/flow_key.h"
#include "handshake/hs_fsm.h"
#include "handshake/tracker.h"
#include "packet/build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* splitmix64 (Steele, Lea, Flood 2014): a run is named by its seed. */
struct dice {
	uint64_t state;
};

static inline uint64_t
dice_roll(struct dice *dice)
{
	uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline uint64_t
dice_below(struct dice *dice, uint64_t limit)
{
	return dice_roll(dice) % limit;
}

static inline void *
fixture_memory(size_t size)
{
	void *memory = aligned_alloc(CACHE_LINE, size);

	assert_non_null(memory);
	return memset(memory, 0, size);
}

#define FIXTURE_CLIENT_ADDR UINT32_C(0xc0a8003c) /* 192.168.0.60 */
#define FIXTURE_SERVER_ADDR UINT32_C(0xc0a8003d) /* 192.168.0.61 */
#define FIXTURE_CLIENT_PORT 39002
#define FIXTURE_SERVER_PORT 80
#define FIXTURE_CLIENT_ISN UINT32_C(1000)
#define FIXTURE_SERVER_ISN UINT32_C(700000)
#define FIXTURE_WINDOW 5000
#define FIXTURE_START (UINT64_C(1616244573) * USEC_PER_SEC)

static inline struct segment
fixture_ipv4(uint32_t src, uint16_t src_port, uint32_t dst, uint16_t dst_port)
{
	struct segment segment = {
		.kind = PACKET_TCP,
		.ip_version = 4,
		.hop_limit = 64,
		.window = FIXTURE_WINDOW,
		.tcp_header_len = 20,
		.src_port = src_port,
		.dst_port = dst_port,
	};

	build_ipv4_mapped(src, segment.src_addr);
	build_ipv4_mapped(dst, segment.dst_addr);
	return segment;
}

/* One side's segment of the connection that the tests of lib/handshake are about. */
static inline struct segment
fixture_segment(enum flow_side side, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	struct segment segment = side == FLOW_CLIENT
			? fixture_ipv4(FIXTURE_CLIENT_ADDR, FIXTURE_CLIENT_PORT,
					  FIXTURE_SERVER_ADDR, FIXTURE_SERVER_PORT)
			: fixture_ipv4(FIXTURE_SERVER_ADDR, FIXTURE_SERVER_PORT,
					  FIXTURE_CLIENT_ADDR, FIXTURE_CLIENT_PORT);

	segment.tcp_flags = flags;
	segment.seq = seq;
	segment.ack = ack;
	segment.payload_len = len;
	return segment;
}

#endif /* TESTS_FLOW_FIXTURE_H */
