/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A pipeline with frames made by hand: conversations of numbered clients with one server,
 * gathered into bursts, and all events kept in their order.
 */

#ifndef TESTS_PIPELINE_FIXTURE_H
#define TESTS_PIPELINE_FIXTURE_H

#include "packet/build.h"
#include "pipeline/invariant.h"
#include "pipeline/pipeline.h"
#include "tests/unit/flow_fixture.h"

#define PIPE_FRAME_ROOM 512

struct pipe {
	struct pipeline *pipeline;
	void *memory;
	struct frame frames[PIPELINE_BURST_MAX];
	uint8_t bytes[PIPELINE_BURST_MAX][PIPE_FRAME_ROOM];
	uint32_t queued;
	uint32_t burst; /* frames to gather before the pipeline gets them */
	uint32_t fullest; /* most events of one call */
	uint64_t now_us; /* the time of frames to come */
	struct event *events;
	uint32_t count, room;
	struct invariant_watch invariants;
	uint32_t drained; /* how often */
};

/* A test of millions of frames looks at the invariants after one call in so many. */
#define PIPE_CHECK_EVERY 8

static inline struct pipeline_params
pipe_params(uint32_t slots)
{
	struct pipeline_params params = { .worker = 3, .flow_slots = slots };

	for (uint32_t i = 0; i < FLOW_HASH_KEY_LEN; i++)
		params.hash_key[i] = (uint8_t)(i * 37 + 11);
	tracker_params_default(&params.tracker);
	return params;
}

static inline struct pipe *
pipe_make(const struct pipeline_params *params)
{
	struct pipe *pipe = calloc(1, sizeof(*pipe));

	assert_non_null(pipe);
	pipe->memory = fixture_memory(pipeline_memory_size(params));
	pipe->pipeline = pipeline_init(pipe->memory, params);
	pipe->burst = 1;
	pipe->now_us = FIXTURE_START;
	return pipe;
}

/* Now and then a step; where a test rests, all of it. */
static inline void
pipe_check(struct pipe *pipe, bool whole)
{
	struct invariant_breach breach;
	char text[INVARIANT_TEXT_MAX];

	if (invariant_step(pipe->pipeline, &pipe->invariants, &breach) &&
			(!whole || invariant_all_hold(pipe->pipeline, &breach)))
		return;
	invariant_text(&breach, text);
	fail_msg("%s", text);
}

static inline void
pipe_destroy(struct pipe *pipe)
{
	pipe_check(pipe, true);
	free(pipe->events);
	free(pipe->memory);
	free(pipe);
}

static inline void
pipe_drain(struct pipe *pipe)
{
	struct event_batch *batch = pipeline_events(pipe->pipeline);

	assert_true(batch->count <= EVENT_BATCH_ROOM);
	if (batch->count > pipe->fullest)
		pipe->fullest = batch->count;
	if (pipe->count + batch->count > pipe->room) {
		pipe->room = 2 * (pipe->count + batch->count);
		pipe->events = realloc(pipe->events, pipe->room * sizeof(*pipe->events));
		assert_non_null(pipe->events);
	}
	if (batch->count != 0)
		memcpy(pipe->events + pipe->count, batch->events,
				batch->count * sizeof(*batch->events));
	pipe->count += batch->count;
	batch->count = 0;
	if (pipe->drained++ % PIPE_CHECK_EVERY == 0)
		pipe_check(pipe, false);
}

static inline void
pipe_flush(struct pipe *pipe)
{
	uint8_t verdicts[PIPELINE_BURST_MAX];

	memset(verdicts, 0xff, sizeof(verdicts));
	pipeline_burst(pipe->pipeline, pipe->frames, pipe->queued, verdicts);
	for (uint32_t n = 0; n < PIPELINE_BURST_MAX; n++)
		assert_int_equal(verdicts[n], n < pipe->queued ? PIPELINE_FORWARD : 0xff);
	pipe->queued = 0;
	pipe_drain(pipe);
}

/* Queue a frame's bytes; @p len of @p wire_len were captured. */
static inline void
pipe_bytes(struct pipe *pipe, const uint8_t *bytes, uint32_t len, uint32_t wire_len)
{
	uint32_t n = pipe->queued++;

	assert_true(len <= PIPE_FRAME_ROOM);
	memcpy(pipe->bytes[n], bytes, len);
	pipe->frames[n] = (struct frame){
		.data = pipe->bytes[n],
		.len = len,
		.wire_len = wire_len,
		.time_us = pipe->now_us,
	};
	if (pipe->queued == pipe->burst)
		pipe_flush(pipe);
}

static inline void
pipe_tcp(struct pipe *pipe, const struct build_tcp *tcp)
{
	uint8_t bytes[PIPE_FRAME_ROOM];
	uint32_t len = (uint32_t)build_tcp_frame(tcp, bytes, sizeof(bytes));

	assert_int_not_equal(len, 0);
	pipe_bytes(pipe, bytes, len, len);
}

/* A segment between client number @p id and the server. */
static inline struct build_tcp
pipe_spec(uint32_t id, enum flow_side side, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	struct build_tcp tcp = {
		.ip_version = 4,
		.hop_limit = 64,
		.window = FIXTURE_WINDOW,
		.tcp_flags = flags,
		.seq = seq,
		.ack = ack,
		.payload_len = len,
	};
	uint32_t client = UINT32_C(0x0a000001) + id / 60000;
	uint16_t port = (uint16_t)(1024 + id % 60000);

	build_ipv4_mapped(side == FLOW_CLIENT ? client : FIXTURE_SERVER_ADDR, tcp.src_addr);
	build_ipv4_mapped(side == FLOW_CLIENT ? FIXTURE_SERVER_ADDR : client, tcp.dst_addr);
	tcp.src_port = side == FLOW_CLIENT ? port : FIXTURE_SERVER_PORT;
	tcp.dst_port = side == FLOW_CLIENT ? FIXTURE_SERVER_PORT : port;
	return tcp;
}

static inline void
pipe_send(struct pipe *pipe, uint32_t id, enum flow_side side, uint8_t flags, uint32_t seq,
		uint32_t ack, uint32_t len)
{
	struct build_tcp tcp = pipe_spec(id, side, flags, seq, ack, len);

	pipe_tcp(pipe, &tcp);
}

static inline void
pipe_syn(struct pipe *pipe, uint32_t id)
{
	pipe_send(pipe, id, FLOW_CLIENT, TCP_SYN, FIXTURE_CLIENT_ISN, 0, 0);
}

static inline void
pipe_synack(struct pipe *pipe, uint32_t id)
{
	pipe_send(pipe, id, FLOW_SERVER, TCP_SYN | TCP_ACK, FIXTURE_SERVER_ISN,
			FIXTURE_CLIENT_ISN + 1, 0);
}

static inline void
pipe_establish(struct pipe *pipe, uint32_t id)
{
	pipe_syn(pipe, id);
	pipe_synack(pipe, id);
	pipe_send(pipe, id, FLOW_CLIENT, TCP_ACK, FIXTURE_CLIENT_ISN + 1, FIXTURE_SERVER_ISN + 1,
			0);
}

/* Both FINs and their acknowledgements, of a connection on which nothing was sent. */
static inline void
pipe_close(struct pipe *pipe, uint32_t id)
{
	uint32_t client = FIXTURE_CLIENT_ISN + 1, server = FIXTURE_SERVER_ISN + 1;

	pipe_send(pipe, id, FLOW_CLIENT, TCP_FIN | TCP_ACK, client, server, 0);
	pipe_send(pipe, id, FLOW_SERVER, TCP_FIN | TCP_ACK, server, client + 1, 0);
	pipe_send(pipe, id, FLOW_CLIENT, TCP_ACK, client + 1, server + 1, 0);
}

static inline void
pipe_tick_all(struct pipe *pipe, uint64_t now_us)
{
	bool done;

	pipe->now_us = now_us;
	do {
		done = pipeline_tick(pipe->pipeline, now_us);
		pipe_drain(pipe);
	} while (!done);
	pipe_check(pipe, true);
}

static inline void
pipe_finish(struct pipe *pipe)
{
	bool done;

	if (pipe->queued != 0)
		pipe_flush(pipe);
	do {
		done = pipeline_finish(pipe->pipeline, pipe->now_us);
		pipe_drain(pipe);
	} while (!done);
	pipe_check(pipe, true);
}

/* The state of a client's connection; HS_STATE_UNSET if it is not tracked. */
static inline enum hs_state
pipe_state(const struct pipe *pipe, uint32_t id)
{
	struct build_tcp tcp = pipe_spec(id, FLOW_CLIENT, TCP_SYN, 0, 0, 0);
	struct segment segment = {
		.ip_version = 4, .src_port = tcp.src_port, .dst_port = tcp.dst_port
	};
	struct flow_snapshot snapshot;

	memcpy(segment.src_addr, tcp.src_addr, sizeof(segment.src_addr));
	memcpy(segment.dst_addr, tcp.dst_addr, sizeof(segment.dst_addr));
	if (!pipeline_peek(pipe->pipeline, &segment, &snapshot))
		return HS_STATE_UNSET;
	return (enum hs_state)snapshot.entry.state;
}

static inline uint32_t
pipe_count_kind(const struct pipe *pipe, enum event_kind kind)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < pipe->count; i++)
		count += (pipe->events[i].kinds & kind) != 0;
	return count;
}

static inline struct record
pipe_record(const struct pipe *pipe, uint32_t i)
{
	struct record record;

	assert_true(i < pipe->count);
	event_to_record(&pipe->events[i], &record);
	return record;
}

#define PIPE_COUNTER(pipe, field) \
	((unsigned long)counter_read(&pipeline_counters((pipe)->pipeline)->field))

#endif /* TESTS_PIPELINE_FIXTURE_H */
