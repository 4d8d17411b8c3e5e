/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One frame through everything that looks at a frame before the flow table does: the parser,
 * the checksum, the options, the key, the steering and the ring of headers.
 *
 * The first byte tells by how much the capture cut the frame off; the rest are its bytes.
 */

#include "detect/header_ring.h"
#include "flow/flow_key.h"
#include "fuzz.h"
#include "packet/build.h"
#include "packet/checksum.h"
#include "packet/parse.h"
#include "packet/tcp_options.h"
#include "pipeline/steer.h"

#define TCP_HEADER_LEN 20
#define TCP_HEADER_LEN_MAX 60
#define PAYLOAD_MAX 1400
#define WORKERS 3

static void
check_key(const struct segment *segment, bool vlan_in_key)
{
	struct segment back = *segment;
	struct flow_key there_key, back_key;
	const struct flow_hash_key secret = { { 1, 2, 3, 4 } };

	memcpy(back.src_addr, segment->dst_addr, sizeof(back.src_addr));
	memcpy(back.dst_addr, segment->src_addr, sizeof(back.dst_addr));
	back.src_port = segment->dst_port;
	back.dst_port = segment->src_port;
	flow_key_of(segment, vlan_in_key, &there_key);
	flow_key_of(&back, vlan_in_key, &back_key);
	FUZZ_REQUIRE(flow_key_hash(&there_key, &secret) == flow_key_hash(&back_key, &secret));
}

/* What the parser read, built anew, reads the same. */
static void
check_round_trip(const struct segment *segment)
{
	static uint8_t bytes[PAYLOAD_MAX + 256];
	struct build_tcp tcp = { .ip_version = segment->ip_version,
		.hop_limit = segment->hop_limit,
		.src_port = segment->src_port,
		.dst_port = segment->dst_port,
		.seq = segment->seq,
		.ack = segment->ack,
		.window = segment->window,
		.tcp_flags = segment->tcp_flags,
		.payload_len = segment->payload_len };
	struct segment again;
	struct frame frame = { .data = bytes };

	if (segment->payload_len > PAYLOAD_MAX)
		return;
	memcpy(tcp.src_addr, segment->src_addr, sizeof(tcp.src_addr));
	memcpy(tcp.dst_addr, segment->dst_addr, sizeof(tcp.dst_addr));
	frame.len = (uint32_t)build_tcp_frame(&tcp, bytes, sizeof(bytes));
	FUZZ_REQUIRE(frame.len != 0);
	frame.wire_len = frame.len;
	parse_frame(&frame, &again);
	FUZZ_REQUIRE(again.kind == PACKET_TCP && checksum_tcp_ok(&frame, &again));
	FUZZ_REQUIRE(again.seq == segment->seq && again.ack == segment->ack);
	FUZZ_REQUIRE(again.src_port == segment->src_port && again.dst_port == segment->dst_port);
	FUZZ_REQUIRE(again.window == segment->window && again.tcp_flags == segment->tcp_flags);
	FUZZ_REQUIRE(again.payload_len == segment->payload_len);
	FUZZ_REQUIRE(memcmp(again.src_addr, segment->src_addr, 16) == 0);
	FUZZ_REQUIRE(memcmp(again.dst_addr, segment->dst_addr, 16) == 0);
}

static void
keep(const struct frame *frame, const struct segment *segment)
{
	static _Alignas(CACHE_LINE) uint8_t memory[2 * sizeof(struct kept_header)];
	struct header_ring ring;
	const struct kept_header *kept;

	FUZZ_REQUIRE(header_ring_memory_size(2) <= sizeof(memory));
	header_ring_init(&ring, memory, 2);
	header_ring_push(&ring, frame, segment);
	kept = header_ring_at(&ring, header_ring_oldest(&ring));
	FUZZ_REQUIRE(kept->len <= HEADER_RING_SNAP && kept->len <= frame->len);
	FUZZ_REQUIRE(memcmp(kept->bytes, frame->data, kept->len) == 0);
}

static void
check_tcp(const struct frame *frame, const struct segment *segment)
{
	struct tcp_options options;

	FUZZ_REQUIRE(segment->tcp_header_len >= TCP_HEADER_LEN);
	FUZZ_REQUIRE(segment->tcp_header_len <= TCP_HEADER_LEN_MAX);
	FUZZ_REQUIRE(segment->tcp_offset + segment->tcp_header_len <= frame->len);
	tcp_options_parse(frame->data + segment->tcp_offset + TCP_HEADER_LEN,
			segment->tcp_header_len - TCP_HEADER_LEN, &options);
	(void)checksum_tcp_ok(frame, segment);
	keep(frame, segment);
	check_round_trip(segment);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, data + size };
	const struct steer steer = { .secret = { { 5, 6, 7, 8 } }, .workers = WORKERS };
	const uint32_t cut = fuzz_byte(&input) * 8U;
	struct segment segment;
	struct frame frame = { 0 };
	const uint8_t *bytes;
	const size_t len = fuzz_bytes(&input, UINT16_MAX, &bytes);

	frame.data = fuzz_copy(bytes, len);
	frame.len = (uint32_t)len;
	frame.wire_len = frame.len + cut;
	parse_frame(&frame, &segment);
	FUZZ_REQUIRE(segment.kind < PACKET_BAD_CHECKSUM);
	FUZZ_REQUIRE(segment.vlan_count <= SEGMENT_VLANS);
	FUZZ_REQUIRE(steer_frame(&steer, &frame) < WORKERS);
	if (segment.kind <= PACKET_FRAGMENT)
		FUZZ_REQUIRE(segment.ip_version == 4 || segment.ip_version == 6);
	if (segment.kind <= PACKET_ICMP_TCP) {
		check_key(&segment, false);
		check_key(&segment, true);
	}
	if (segment.kind == PACKET_TCP)
		check_tcp(&frame, &segment);
	FUZZ_REQUIRE(len == 0 || memcmp(frame.data, bytes, len) == 0);
	free(frame.data);
	return 0;
}
