/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The tracker alone: what a segment does to its flow, where the flow is known and all of it
 * is in the cache.
 */

#include "base/compiler.h"
#include "flow/flow_key.h"
#include "handshake/plain.h"
#include "handshake/tracker.h"
#include "packet/parse.h"
#include "tests/bench/pipeline/expect.h"
#include "tests/bench/pipeline/memory.h"
#include "tests/bench/pipeline/work.h"

#include <stdlib.h>

#define FLOWS_MAX 512
#define NOW UINT64_C(1616244573000000)
#define STEP_US 3
#define TCP_HEADER_LEN 20
#define TURNS 64

struct state {
	struct traffic traffic;
	struct tracker tracker;
	struct flow_entry entries[FLOWS_MAX];
	struct flow_tally tallies[FLOWS_MAX];
	struct flow_evidence evidence[FLOWS_MAX];
	struct segment *segments; /* the traffic's, parsed */
	bool *second; /* whether a segment's sender is the key's second endpoint */
	uint32_t count;
	uint64_t now_us;
	uint64_t complete;
	uint64_t packets; /* of flows that are there */
};

static struct flow_ref
flow_of(struct state *state, uint32_t flow)
{
	return (struct flow_ref){ &state->entries[flow], &state->tallies[flow],
		&state->evidence[flow] };
}

static void
empty(struct state *state)
{
	memset(state->entries, 0, sizeof(state->entries));
	memset(state->tallies, 0, sizeof(state->tallies));
	memset(state->evidence, 0, sizeof(state->evidence));
	state->complete = 0;
	state->packets = 0;
}

static inline void
track(struct state *state, uint32_t number, bool opens, const struct segment *segment,
		const uint8_t *data, bool second)
{
	struct flow_ref flow = flow_of(state, number);
	const uint8_t *options = data + segment->tcp_offset + TCP_HEADER_LEN;
	uint32_t notes;

	if (opens)
		tracker_open(&flow, segment, options, second, state->now_us);
	else if (!plain_segment(&state->tracker, flow.entry, flow.tally, segment, second,
				 state->now_us) &&
			(tracker_segment(&state->tracker, &flow, segment, options, second,
					 state->now_us, &notes) &
					TRACKER_CONFIRMED) != 0)
		state->complete++;
}

static void
open_all(struct state *state)
{
	struct flow_key key;
	struct segment segment;

	for (uint32_t flow = 0; flow < state->traffic.flows; flow++)
		for (uint32_t step = 0; step < 3; step++) {
			uint8_t buffer[TRAFFIC_BUFFER];
			uint32_t len = traffic_opening(&state->traffic, flow, step, buffer);
			struct frame frame = { buffer, len, len, state->now_us };

			parse_frame(&frame, &segment);
			track(state, flow, step == 0, &segment, buffer,
					flow_key_of(&segment, false, &key));
		}
	state->packets += 3 * state->traffic.flows;
}

static void
parse_all(struct state *state)
{
	struct flow_key key;

	for (uint32_t n = 0; n < state->count; n++) {
		struct frame frame = { &state->traffic.buffers[n * TRAFFIC_BUFFER],
			state->traffic.packets[n].len, state->traffic.packets[n].wire_len, NOW };

		parse_frame(&frame, &state->segments[n]);
		state->second[n] = flow_key_of(&state->segments[n], false, &key);
	}
}

static void
fini(struct work *work)
{
	struct state *state = work->state;

	traffic_fini(&state->traffic);
	memory_give(state->segments, state->count * sizeof(*state->segments));
	free(state->second);
	memory_give(state, sizeof(*state));
}

static int
init(struct work *work, struct err *err)
{
	struct tracker_params params;
	struct state *state = memory_take(sizeof(*state), "the tracker's flows", err);

	if (state == NULL)
		return -1;
	if (traffic_init(&state->traffic, work->traffic, work->flows, err) < 0) {
		memory_give(state, sizeof(*state));
		return -1;
	}
	work->state = state;
	state->count = state->traffic.count;
	state->now_us = NOW;
	state->second = calloc(state->count, sizeof(*state->second));
	state->segments = memory_take(state->count * sizeof(*state->segments), "segments", err);
	if (state->segments == NULL || state->second == NULL) {
		fini(work);
		return err_set(err, ENOMEM, "no memory");
	}
	tracker_params_default(&params);
	tracker_init(&state->tracker, &params);
	parse_all(state);
	if (traffic_is_open(work->traffic))
		open_all(state);
	return 0;
}

static void
pass(struct state *state)
{
	for (uint32_t n = 0; n < state->count; n++) {
		const struct traffic_packet *packet = &state->traffic.packets[n];

		track(state, packet->flow, packet->opens, &state->segments[n],
				&state->traffic.buffers[n * TRAFFIC_BUFFER], state->second[n]);
		state->now_us += n % TRAFFIC_BURST == 0 ? STEP_US : 0;
	}
	state->packets += state->count;
}

static int
check(const struct state *state, struct err *err)
{
	uint64_t packets = 0;
	uint64_t complete = traffic_is_open(state->traffic.kind) ? state->traffic.flows
								 : state->traffic.expect.complete;

	for (uint32_t flow = 0; flow < state->traffic.flows; flow++)
		packets += state->tallies[flow].count[FLOW_CLIENT].pkts +
				state->tallies[flow].count[FLOW_SERVER].pkts;
	return expect(expect(0, "packets of all connections", packets, state->packets, err),
			"handshakes completed", state->complete, complete, err);
}

static int
one_round(struct work *work, struct round *round, struct err *err)
{
	struct state *state = work->state;
	int rc = 0;

	for (uint32_t turn = 0; turn < TURNS && rc == 0; turn++) {
		double start;

		if (!traffic_is_open(work->traffic))
			empty(state);
		start = clock_ns();
		pass(state);
		round->ns += clock_ns() - start;
		round->packets += state->count;
		rc = check(state, err);
	}
	return rc;
}

const struct stage work_tracker = {
	.name = "tracker",
	.purpose = "what a segment does to its flow, both in the cache",
	.traffics = WORK_TRAFFIC(TRAFFIC_ESTABLISHED) | WORK_TRAFFIC(TRAFFIC_HANDSHAKES) |
			WORK_TRAFFIC(TRAFFIC_FRESH) | WORK_TRAFFIC(TRAFFIC_MIXED),
	.flows_max = FLOWS_MAX,
	.init = init,
	.round = one_round,
	.fini = fini,
};
