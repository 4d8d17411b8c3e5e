/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Traffic in memory: the frames of one pass, prepared in buffers as a port's are, and handed
 * out in bursts without a copy. With them comes what must be counted after a pass.
 *
 * The same kind and flows make the same bytes everywhere. Buffers lie one behind the other, so
 * that a pass of many flows is larger than any cache, as what a port has just written is not
 * in the first ones. Only headers are there: a longer frame is one that was cut off.
 */

#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include "base/err.h"
#include "packet/frame.h"

#include <stdbool.h>
#include <stdint.h>

#define TRAFFIC_BURST 32
#define TRAFFIC_BUFFER 128 /* two cache lines hold the headers of any of these frames */

/* X(id, name, purpose) */
#define TRAFFIC_KINDS(X) \
	X(TRAFFIC_ESTABLISHED, "established", "bare ACKs of connections that are open") \
	X(TRAFFIC_HANDSHAKES, "handshakes", "SYN, SYN-ACK and ACK, many under way at once") \
	X(TRAFFIC_FRESH, "fresh", "SYNs never seen before; the table has room") \
	X(TRAFFIC_FLOOD, "flood", "SYNs never seen before; the table is full") \
	X(TRAFFIC_AGAIN, "again", "SYNs that nobody answers, again and again") \
	X(TRAFFIC_MIXED, "mixed", "connections from SYN to end, some cut by a RST, and a flood") \
	X(TRAFFIC_IMIX, "imix", "open connections: 7 of 60 bytes, 4 of 590, 1 of 1514") \
	X(TRAFFIC_IPV6, "ipv6", "bare ACKs of connections that are open, over IPv6")

enum traffic_kind {
#define X(id, name, purpose) id,
	TRAFFIC_KINDS(X)
#undef X
	TRAFFIC_KIND_COUNT
};

struct traffic_packet {
	uint32_t flow;
	uint16_t wire_len;
	uint8_t len; /* of what the buffer holds */
	bool opens; /* the first of its flow */
};

/* What one pass is. */
struct traffic_expect {
	uint64_t packets;
	uint64_t bytes;
	uint64_t opened; /* flows that begin in it */
	uint64_t complete; /* handshakes that complete in it */
	uint64_t silent; /* SYNs that nobody answers */
	uint64_t cut; /* connections that a RST ends */
	uint64_t sum; /* of sequence and port numbers, as traffic_sum() adds them */
};

struct traffic {
	enum traffic_kind kind;
	uint32_t flows;
	uint32_t count; /* packets in a pass */
	uint32_t made; /* so far, while it is laid out */
	uint64_t pass; /* how often it was renewed */
	uint8_t *buffers;
	struct traffic_packet *packets;
	uint32_t *sent; /* data bytes that each flow's server sends in a pass; NULL: none */
	struct traffic_expect expect;
};

/** Lay out a pass for so many flows: a power of two. 0, or -ENOMEM with the sentence. */
int traffic_init(struct traffic *traffic, enum traffic_kind kind, uint32_t flows, struct err *err);

void traffic_fini(struct traffic *traffic);

/** Make the next pass of it: other sources for a flood, later numbers where data is sent. */
void traffic_renew(struct traffic *traffic);

/** Whether its connections are open before; then traffic_opening() gives how they came to be. */
bool traffic_is_open(enum traffic_kind kind);

/** Whether each pass must come to an empty table. */
bool traffic_begins_anew(enum traffic_kind kind);

/** Step 0 to 2 of a flow's handshake, into a buffer; the frame's length. */
uint32_t traffic_opening(
		const struct traffic *traffic, uint32_t flow, uint32_t step, uint8_t *buffer);

const char *traffic_name(enum traffic_kind kind);

/** How traffic_expect.sum grows with a segment. */
static inline uint64_t
traffic_sum(uint32_t seq, uint16_t src_port, uint16_t dst_port)
{
	return (uint64_t)seq + src_port + ((uint64_t)dst_port << 1);
}

/**
 * The next frames, as a worker makes them of what a port gives.
 *
 * @return
 *   How many; 0 behind the last.
 */
static inline uint32_t
traffic_burst(const struct traffic *traffic, uint32_t first, uint64_t now_us, struct frame *frames)
{
	uint32_t left = traffic->count - first;
	uint32_t count = left < TRAFFIC_BURST ? left : TRAFFIC_BURST;

	for (uint32_t n = 0; n < count; n++) {
		const struct traffic_packet *packet = &traffic->packets[first + n];
		uint8_t *data = &traffic->buffers[(uint64_t)(first + n) * TRAFFIC_BUFFER];

		__builtin_prefetch(data);
		frames[n] = (struct frame){
			.data = data,
			.len = packet->len,
			.wire_len = packet->wire_len,
			.time_us = now_us,
		};
	}
	return count;
}

#endif /* BENCH_TRAFFIC_H */
