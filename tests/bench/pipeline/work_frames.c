/* SPDX-License-Identifier: Apache-2.0 */

/* What is done with a frame before any table comes in: get it, parse it, hash its key. */

#include "flow/flow_key.h"
#include "packet/parse.h"
#include "packet/parse_plain.h"
#include "tests/bench/pipeline/expect.h"
#include "tests/bench/pipeline/work.h"

#include <stdlib.h>

#define NOW UINT64_C(1616244573000000)
#define SEGMENTS 4096 /* for the hash, which is measured without waiting for memory */
#define HASH_TURNS 64

static const struct flow_hash_key secret = { { UINT64_C(0x243f6a8885a308d3),
		UINT64_C(0x13198a2e03707344), UINT64_C(0xa4093822299f31d0),
		UINT64_C(0x082efa98ec4e6c89) } };

static void
fini(struct work *work)
{
	traffic_fini(work->state);
	free(work->state);
}

static int
init(struct work *work, struct err *err)
{
	struct traffic *traffic = calloc(1, sizeof(*traffic));

	if (traffic == NULL)
		return err_set(err, ENOMEM, "no memory");
	if (traffic_init(traffic, work->traffic, work->flows, err) < 0) {
		free(traffic);
		return -1;
	}
	work->state = traffic;
	return 0;
}

static int
source_round(struct work *work, struct round *round, struct err *err)
{
	const struct traffic *traffic = work->state;
	struct frame frames[TRAFFIC_BURST];
	uint64_t bytes = 0;
	double start = clock_ns();
	uint32_t count;

	for (uint32_t first = 0; first < traffic->count; first += count) {
		count = traffic_burst(traffic, first, NOW, frames);
		for (uint32_t n = 0; n < count; n++)
			bytes += frames[n].wire_len;
	}
	round->ns += clock_ns() - start;
	round->packets += traffic->count;
	return expect(0, "bytes", bytes, traffic->expect.bytes, err);
}

/* As a pipeline does it. */
static inline void
parse(const struct frame *frame, struct segment *segment)
{
	if (!parse_plain_v4(frame->data, frame->len, segment) &&
			!parse_plain_v6(frame->data, frame->len, segment))
		parse_frame(frame, segment);
}

static int
parse_round(struct work *work, struct round *round, struct err *err)
{
	const struct traffic *traffic = work->state;
	struct frame frames[TRAFFIC_BURST];
	struct segment segments[TRAFFIC_BURST];
	uint64_t sum = 0, segments_of_tcp = 0;
	double start = clock_ns();
	uint32_t count;
	int rc;

	for (uint32_t first = 0; first < traffic->count; first += count) {
		count = traffic_burst(traffic, first, NOW, frames);
		for (uint32_t n = 0; n < count; n++)
			parse(&frames[n], &segments[n]);
		for (uint32_t n = 0; n < count; n++) {
			segments_of_tcp += segments[n].kind == PACKET_TCP;
			sum += traffic_sum(segments[n].seq, segments[n].src_port,
					segments[n].dst_port);
		}
	}
	round->ns += clock_ns() - start;
	round->packets += traffic->count;
	rc = expect(0, "TCP segments", segments_of_tcp, traffic->expect.packets, err);
	return expect(rc, "the sum of all numbers", sum, traffic->expect.sum, err);
}

static uint64_t
hash_all(const struct segment *segments, uint32_t count)
{
	uint64_t sum = 0;

	for (uint32_t n = 0; n < count; n++) {
		struct flow_key key;

		flow_key_of(&segments[n], false, &key);
		sum += flow_key_hash(&key, &secret);
	}
	return sum;
}

/* The other direction of the same connection, which must have the same hash. */
static struct segment
mirrored(const struct segment *segment)
{
	struct segment mirror = *segment;

	memcpy(mirror.src_addr, segment->dst_addr, sizeof(mirror.src_addr));
	memcpy(mirror.dst_addr, segment->src_addr, sizeof(mirror.dst_addr));
	mirror.src_port = segment->dst_port;
	mirror.dst_port = segment->src_port;
	return mirror;
}

static int
hash_round(struct work *work, struct round *round, struct err *err)
{
	static struct segment segments[SEGMENTS];
	const struct traffic *traffic = work->state;
	uint32_t count = traffic->count < SEGMENTS ? traffic->count : SEGMENTS;
	uint64_t sum = 0, mirror_sum = 0;
	double start;

	for (uint32_t n = 0; n < count; n++) {
		struct frame frame = { &traffic->buffers[n * TRAFFIC_BUFFER],
			traffic->packets[n].len, traffic->packets[n].wire_len, NOW };

		parse_frame(&frame, &segments[n]);
	}
	start = clock_ns();
	for (uint32_t turn = 0; turn < HASH_TURNS; turn++)
		sum += hash_all(segments, count);
	round->ns += clock_ns() - start;
	round->packets += (uint64_t)HASH_TURNS * count;
	for (uint32_t n = 0; n < count; n++) {
		segments[n] = mirrored(&segments[n]);
		mirror_sum += hash_all(&segments[n], 1);
	}
	return expect(0, "the hashes of both directions", sum, mirror_sum * HASH_TURNS, err);
}

const struct stage work_source = {
	.name = "source",
	.purpose = "frames from memory, as a worker gets them of a port; it is in parse and pipeline",
	.traffics = WORK_TRAFFIC_ALL,
	.init = init,
	.round = source_round,
	.fini = fini,
};

const struct stage work_parse = {
	.name = "parse",
	.purpose = "source, and from frame to segment",
	.traffics = WORK_TRAFFIC_ALL,
	.init = init,
	.round = parse_round,
	.fini = fini,
};

const struct stage work_hash = {
	.name = "hash",
	.purpose = "from segment to key and keyed hash, in the cache",
	.traffics = WORK_TRAFFIC(TRAFFIC_ESTABLISHED) | WORK_TRAFFIC(TRAFFIC_IPV6),
	.flows_max = SEGMENTS,
	.init = init,
	.round = hash_round,
	.fini = fini,
};
