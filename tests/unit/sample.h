/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Frames to parse: good ones from build.c, and knives to alter them with.
 */

#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include "packet/build.h"
#include "packet/parse.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_ETHERNET 14 /* length of the header, and where the packet begins */
#define SAMPLE_ETHER_TYPE 12

struct sample {
	uint8_t bytes[4096];
	uint32_t len;
};

/* A SYN-ACK's options and some data: every field has a value of its own. */
static inline struct build_tcp
sample_spec(uint8_t ip_version)
{
	struct build_tcp tcp = {
		.src_mac = { 0x02, 0, 0, 0, 0, 1 },
		.dst_mac = { 0x02, 0, 0, 0, 0, 2 },
		.ip_version = ip_version,
		.src_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
		.dst_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 },
		.hop_limit = 57,
		.ip_id = 4660,
		.src_port = 39002,
		.dst_port = 80,
		.seq = 284972257,
		.ack = 4026531841,
		.window = 64240,
		.tcp_flags = TCP_SYN | TCP_ACK,
		.options = { .mss = 1460,
				.sack_permitted = true,
				.timestamps = true,
				.ts_val = 7,
				.ts_ecr = 9,
				.has_wscale = true,
				.wscale = 7 },
		.payload_len = 33,
	};

	if (ip_version == 4) {
		build_ipv4_mapped(0xc0a8003c, tcp.src_addr);
		build_ipv4_mapped(0xc0a8003d, tcp.dst_addr);
	}
	return tcp;
}

static inline struct sample
sample_build(const struct build_tcp *tcp)
{
	struct sample sample;

	sample.len = (uint32_t)build_tcp_frame(tcp, sample.bytes, sizeof(sample.bytes));
	return sample;
}

static inline struct sample
sample_tcp(uint8_t ip_version)
{
	struct build_tcp tcp = sample_spec(ip_version);

	return sample_build(&tcp);
}

static inline struct sample
sample_icmp(uint8_t ip_version, uint8_t type, uint8_t code)
{
	struct build_tcp tcp = sample_spec(ip_version);
	struct build_icmp icmp = { .hop_limit = 250, .type = type, .code = code, .quoted = &tcp };
	struct sample sample;

	memcpy(icmp.src_addr, tcp.dst_addr, sizeof(icmp.src_addr));
	sample.len = (uint32_t)build_icmp_frame(&icmp, sample.bytes, sizeof(sample.bytes));
	return sample;
}

static inline void
sample_insert(struct sample *sample, uint32_t at, const void *bytes, uint32_t len)
{
	assert(sample->len + len <= sizeof(sample->bytes) && at <= sample->len);
	memmove(sample->bytes + at + len, sample->bytes + at, sample->len - at);
	memcpy(sample->bytes + at, bytes, len);
	sample->len += len;
}

static inline void
sample_set16(struct sample *sample, uint32_t at, uint16_t value)
{
	sample->bytes[at] = (uint8_t)(value >> 8);
	sample->bytes[at + 1] = (uint8_t)value;
}

/* Parse from a heap block of exactly the frame's size, so that a sanitizer sees any overrun. */
static inline struct segment
sample_parse_cut(const struct sample *sample, uint32_t len)
{
	uint8_t *bytes = malloc(len == 0 ? 1 : len);
	struct frame frame = { .data = bytes, .len = len, .wire_len = sample->len };
	struct segment segment;

	assert(bytes != NULL);
	memcpy(bytes, sample->bytes, len);
	memset(&segment, 0xa5, sizeof(segment));
	parse_frame(&frame, &segment);
	free(bytes);
	return segment;
}

static inline struct segment
sample_parse(const struct sample *sample)
{
	return sample_parse_cut(sample, sample->len);
}

#endif /* TESTS_SAMPLE_H */
