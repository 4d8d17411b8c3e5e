/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A conversation between 192.168.0.60 and .61, segment by segment, through the pipeline:
 * the numbers of talk_say() are absolute, the times microseconds since the first segment.
 */

#ifndef TESTS_TALK_H
#define TESTS_TALK_H

#include "observe/conversation.h"
#include "packet/build.h"
#include "packet/parse.h"
#include "pipeline/pipeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TALK_START_US UINT64_C(1616244573192719) /* 2021-03-20 12:49:33.192719 UTC */
#define TALK_CLIENT_PORT 39002
#define TALK_SERVER_PORT 80

struct talk {
	void *memory;
	struct pipeline *pipeline;
	struct conversation *conversation;
	uint64_t frames;
	uint64_t last_us;
	uint8_t ip_version;
	struct build_options options; /* of SYN and SYN-ACK */
	uint8_t server_hop_limit;
};

static inline struct talk
talk_begin(void)
{
	struct pipeline_params params = { .flow_slots = 64, .hash_key = { 1, 2, 3 } };
	struct talk talk = {
		.ip_version = 4,
		.server_hop_limit = 64,
		.options = { .mss = 1460, .sack_permitted = true, .has_wscale = true, .wscale = 7 }
	};
	size_t size;

	tracker_params_default(&params.tracker);
	params.tracker.timeouts = false;
	size = pipeline_memory_size(&params);
	talk.memory = aligned_alloc(CACHE_LINE, (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);
	assert_non_null(talk.memory);
	memset(talk.memory, 0, size);
	talk.pipeline = pipeline_init(talk.memory, &params);
	talk.conversation = conversation_create();
	assert_non_null(talk.conversation);
	return talk;
}

static inline void
talk_frame(struct talk *talk, struct frame *frame)
{
	struct flow_snapshot now;
	struct segment segment;
	uint8_t verdict;

	talk->last_us = frame->time_us;
	pipeline_burst(talk->pipeline, frame, 1, &verdict);
	parse_frame(frame, &segment);
	assert_true(pipeline_peek(talk->pipeline, &segment, &now));
	assert_int_equal(
			conversation_add(talk->conversation, frame, &segment, ++talk->frames, &now),
			0);
}

static inline size_t
talk_build(const struct talk *talk, enum flow_side from, uint8_t flags, uint32_t seq, uint32_t ack,
		uint16_t window, uint32_t payload_len, uint8_t *bytes, size_t room)
{
	bool client = from == FLOW_CLIENT;
	struct build_tcp tcp = { .ip_version = talk->ip_version,
		.src_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = client ? 1 : 2 },
		.dst_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = client ? 2 : 1 },
		.hop_limit = client ? 64 : talk->server_hop_limit,
		.src_port = client ? TALK_CLIENT_PORT : TALK_SERVER_PORT,
		.dst_port = client ? TALK_SERVER_PORT : TALK_CLIENT_PORT,
		.seq = seq,
		.ack = ack,
		.window = window,
		.tcp_flags = flags,
		.payload_len = payload_len };

	if (talk->ip_version == 4) {
		build_ipv4_mapped(client ? 0xc0a8003c : 0xc0a8003d, tcp.src_addr);
		build_ipv4_mapped(client ? 0xc0a8003d : 0xc0a8003c, tcp.dst_addr);
	}
	if ((flags & TCP_SYN) != 0)
		tcp.options = talk->options;
	return build_tcp_frame(&tcp, bytes, room);
}

/** One segment. */
static inline void
talk_say(struct talk *talk, uint64_t at_us, enum flow_side from, uint8_t flags, uint32_t seq,
		uint32_t ack, uint16_t window, uint32_t payload_len)
{
	uint8_t bytes[2048];
	struct frame frame = { .data = bytes, .time_us = TALK_START_US + at_us };

	frame.len = (uint32_t)talk_build(
			talk, from, flags, seq, ack, window, payload_len, bytes, sizeof(bytes));
	assert_int_not_equal(frame.len, 0);
	frame.wire_len = frame.len;
	talk_frame(talk, &frame);
}

/** Three segments: from here on both sides' first byte is 1 behind these numbers. */
static inline void
talk_handshake(struct talk *talk, uint32_t client_isn, uint32_t server_isn)
{
	talk_say(talk, 0, FLOW_CLIENT, TCP_SYN, client_isn, 0, 64240, 0);
	talk_say(talk, 264, FLOW_SERVER, TCP_SYN | TCP_ACK, server_isn, client_isn + 1, 65160, 0);
	talk_say(talk, 294, FLOW_CLIENT, TCP_ACK, client_isn + 1, server_isn + 1, 502, 0);
}

/** The run ends: the record is what the pipeline says of the connection. */
static inline void
talk_end(struct talk *talk)
{
	struct event_batch *batch = pipeline_events(talk->pipeline);
	struct record record;
	bool done = false, found = false;

	while (!done) {
		batch->count = 0;
		done = pipeline_finish(talk->pipeline, talk->last_us);
		for (uint32_t i = 0; i < batch->count; i++) {
			if ((batch->events[i].kinds & EVENT_CONNECTION) == 0)
				continue;
			event_to_record(&batch->events[i], &record);
			conversation_finish(talk->conversation, &record);
			found = true;
		}
	}
	assert_true(found);
}

static inline void
talk_free(struct talk *talk)
{
	conversation_destroy(talk->conversation);
	free(talk->memory);
}

#endif /* TESTS_TALK_H */
