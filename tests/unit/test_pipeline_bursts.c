/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/unit/pipeline_fixture.h"

#define SECOND USEC_PER_SEC
#define SEED UINT64_C(0x42555253)
#define STORY_FRAMES 4000
#define STORY_CLIENTS 48

/* A client and its server, as far as a story goes on with them. */
struct teller {
	uint32_t seq[FLOW_SIDES], ack[FLOW_SIDES];
};

static uint8_t
some_flags(struct dice *dice)
{
	static const uint8_t usual[] = { TCP_SYN, TCP_SYN, TCP_SYN | TCP_ACK, TCP_SYN | TCP_ACK,
		TCP_ACK, TCP_ACK, TCP_ACK, TCP_ACK | TCP_PSH, TCP_ACK | TCP_PSH, TCP_FIN | TCP_ACK,
		TCP_FIN | TCP_ACK, TCP_RST, TCP_RST | TCP_ACK };

	if (dice_below(dice, 50) == 0)
		return (uint8_t)dice_roll(dice);
	return usual[dice_below(dice, ARRAY_LEN(usual))];
}

/* One frame: mostly what could follow, sometimes an old number, a far one, or a new ISN. */
static void
tell(struct pipe *pipe, struct teller *teller, uint32_t id, struct dice *dice)
{
	enum flow_side side = dice_below(dice, 2) == 0 ? FLOW_CLIENT : FLOW_SERVER;
	enum flow_side peer = flow_peer(side);
	uint8_t flags = some_flags(dice);
	uint32_t len = (flags & TCP_PSH) != 0 ? (uint32_t)dice_below(dice, 100) : 0;
	uint32_t seq = teller->seq[side], ack = teller->seq[peer];

	if (dice_below(dice, 12) == 0)
		seq += (uint32_t)dice_below(dice, 3000) - 1500;
	if (dice_below(dice, 40) == 0)
		seq = (uint32_t)dice_roll(dice);
	if (dice_below(dice, 12) == 0)
		ack -= (uint32_t)dice_below(dice, 1500);
	pipe_send(pipe, id, side, flags, seq, ack, len);
	teller->seq[side] = seq + len + ((flags & (TCP_SYN | TCP_FIN)) != 0);
}

enum ticking {
	NO_TICKS,
	TICKS_AT_THE_SAME_FRAMES,
	TICKS_AFTER_EACH_BURST,
};

static struct pipe *
run_story(uint64_t seed, uint32_t burst, enum ticking ticking)
{
	struct pipeline_params params = pipe_params(1 << 14);
	struct pipe *pipe = pipe_make(&params);
	struct teller tellers[STORY_CLIENTS] = { 0 };
	struct dice dice = { seed };

	pipe->burst = burst;
	for (uint32_t n = 0; n < STORY_FRAMES; n++) {
		uint32_t id = (uint32_t)dice_below(&dice, STORY_CLIENTS);

		pipe->now_us += UINT64_C(1) << dice_below(&dice, 23);
		tell(pipe, &tellers[id], id, &dice);
		if (ticking == TICKS_AT_THE_SAME_FRAMES && n % 101 == 100) {
			pipe_flush(pipe);
			pipe_tick_all(pipe, pipe->now_us);
		} else if (ticking == TICKS_AFTER_EACH_BURST && pipe->queued == 0) {
			pipe_tick_all(pipe, pipe->now_us);
		}
	}
	pipe_flush(pipe);
	pipe_tick_all(pipe, pipe->now_us);
	pipe_finish(pipe);
	return pipe;
}

static int
compare_events(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct event));
}

static void
sort_events(struct pipe *pipe)
{
	qsort(pipe->events, pipe->count, sizeof(*pipe->events), compare_events);
}

static void
assert_same_events(const struct pipe *a, const struct pipe *b)
{
	assert_int_equal(a->count, b->count);
	for (uint32_t i = 0; i < a->count; i++)
		if (compare_events(&a->events[i], &b->events[i]) != 0)
			fail_msg("event %u differs", i);
	assert_memory_equal(pipeline_counters(a->pipeline), pipeline_counters(b->pipeline),
			sizeof(struct counters));
}

static void
the_same_frames_in_any_bursts_give_the_same_events(void **state)
{
	static const uint32_t bursts[] = { 2, 7, 31, PIPELINE_BURST_MAX };

	(void)state;

	for (uint64_t run = 0; run < 5; run++) {
		struct pipe *one = run_story(SEED + run, 1, TICKS_AT_THE_SAME_FRAMES);

		print_message("seed %#llx\n", (unsigned long long)(SEED + run));
		assert_true(one->count > STORY_FRAMES / 10);
		for (size_t i = 0; i < ARRAY_LEN(bursts); i++) {
			struct pipe *many = run_story(
					SEED + run, bursts[i], TICKS_AT_THE_SAME_FRAMES);

			assert_same_events(one, many);
			pipe_destroy(many);
		}
		pipe_destroy(one);
	}
}

/* When the sweep comes changes when an event goes out, not what is in it. */
static void
when_timers_are_looked_at_does_not_change_what_is_said(void **state)
{
	(void)state;

	for (uint64_t run = 0; run < 5; run++) {
		struct pipe *often = run_story(SEED + run, 1, TICKS_AFTER_EACH_BURST);
		struct pipe *seldom = run_story(SEED + run, PIPELINE_BURST_MAX, NO_TICKS);

		print_message("seed %#llx\n", (unsigned long long)(SEED + run));
		sort_events(often);
		sort_events(seldom);
		assert_same_events(often, seldom);
		pipe_destroy(often);
		pipe_destroy(seldom);
	}
}

/* 32 connections at once, in every burst a segment of each. */
static void
a_burst_may_hold_a_segment_of_32_connections(void **state)
{
	struct pipeline_params params = pipe_params(1024);
	struct pipe *pipe = pipe_make(&params);

	(void)state;

	pipe->burst = PIPELINE_BURST_MAX;
	for (uint32_t id = 0; id < PIPELINE_BURST_MAX; id++)
		pipe_syn(pipe, id);
	for (uint32_t id = 0; id < PIPELINE_BURST_MAX; id++)
		pipe_synack(pipe, id);
	for (uint32_t id = 0; id < PIPELINE_BURST_MAX; id++)
		pipe_send(pipe, id, FLOW_CLIENT, TCP_ACK, FIXTURE_CLIENT_ISN + 1,
				FIXTURE_SERVER_ISN + 1, id);
	assert_int_equal(pipe->queued, 0);
	for (uint32_t id = 0; id < PIPELINE_BURST_MAX; id++)
		assert_int_equal(pipe_state(pipe, id), HS_ESTABLISHED);
	pipe_finish(pipe);
	assert_int_equal(pipe->count, PIPELINE_BURST_MAX);
	for (uint32_t i = 0; i < pipe->count; i++) {
		struct record record = pipe_record(pipe, i);

		assert_int_equal(record.side[FLOW_CLIENT].bytes,
				record.side[FLOW_CLIENT].port - 1024);
	}
	pipe_destroy(pipe);
}

/* And all of one connection, in order. */
static void
a_burst_may_hold_a_whole_connection_and_the_next_on_its_key(void **state)
{
	struct pipeline_params params = pipe_params(1024);
	struct pipe *pipe = pipe_make(&params);

	(void)state;

	pipe->burst = PIPELINE_BURST_MAX;
	for (uint32_t n = 0; n < 5; n++) {
		uint32_t client = 1000 + n * 100000, server = 700000 + n * 100000;

		pipe_send(pipe, 1, FLOW_CLIENT, TCP_SYN, client, 0, 0);
		pipe_send(pipe, 1, FLOW_SERVER, TCP_SYN | TCP_ACK, server, client + 1, 0);
		pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, client + 1, server + 1, 10 + n);
		pipe_send(pipe, 1, FLOW_SERVER, TCP_FIN | TCP_ACK, server + 1, client + 11 + n, 0);
		pipe_send(pipe, 1, FLOW_CLIENT, TCP_FIN | TCP_ACK, client + 11 + n, server + 2, 0);
		pipe_send(pipe, 1, FLOW_SERVER, TCP_ACK, server + 2, client + 12 + n, 0);
	}
	pipe_finish(pipe);
	assert_int_equal(pipe->count, 5);
	for (uint32_t i = 0; i < pipe->count; i++) {
		assert_int_equal(pipe_record(pipe, i).handshake.result, HANDSHAKE_COMPLETE);
		assert_int_equal(pipe_record(pipe, i).end, END_FIN_BOTH);
		assert_int_equal(pipe_record(pipe, i).side[FLOW_CLIENT].bytes, 10 + i);
	}
	pipe_destroy(pipe);
}

/*
 * The most that one frame can say: a RST that nobody objected to is confirmed, its flow is
 * reported, and the frame begins another. One event for the RST, one for the connection.
 */
static void
a_burst_of_the_frames_that_say_most_fits_the_batch(void **state)
{
	struct pipeline_params params = pipe_params(1024);
	struct pipe *pipe = pipe_make(&params);

	(void)state;

	pipe->burst = PIPELINE_BURST_MAX;
	for (uint32_t id = 0; id < PIPELINE_BURST_MAX; id++) {
		pipe_establish(pipe, id);
		pipe_send(pipe, id, FLOW_SERVER, TCP_RST, FIXTURE_SERVER_ISN + 101, 0, 0);
	}
	assert_int_equal(pipe->count, 0);
	pipe->now_us += 2 * SECOND;
	for (uint32_t id = 0; id < PIPELINE_BURST_MAX; id++)
		pipe_send(pipe, id, FLOW_CLIENT, TCP_SYN, 5000000, 0, 0);
	assert_int_equal(pipe->queued, 0);
	assert_int_equal(pipe->count, 2 * PIPELINE_BURST_MAX);
	assert_int_equal(pipe->fullest, 2 * PIPELINE_BURST_MAX);
	assert_int_equal(pipe_count_kind(pipe, EVENT_RST), PIPELINE_BURST_MAX);
	assert_int_equal(pipe_count_kind(pipe, EVENT_CONNECTION), PIPELINE_BURST_MAX);
	/* The same behind a longer gap, where the flow is released by its own timer. */
	for (uint32_t id = 0; id < PIPELINE_BURST_MAX; id++) {
		pipe_send(pipe, id, FLOW_SERVER, TCP_SYN | TCP_ACK, 700000, 5000001, 0);
		pipe_send(pipe, id, FLOW_CLIENT, TCP_ACK, 5000001, 700001, 0);
		pipe_send(pipe, id, FLOW_SERVER, TCP_RST, 700101, 0, 0);
	}
	pipe->now_us += 60 * SECOND;
	for (uint32_t id = 0; id < PIPELINE_BURST_MAX; id++)
		pipe_send(pipe, id, FLOW_CLIENT, TCP_SYN, 6000000, 0, 0);
	assert_int_equal(pipe->fullest, 2 * PIPELINE_BURST_MAX);
	assert_int_equal(pipe->count, 4 * PIPELINE_BURST_MAX);
	pipe_destroy(pipe);
}

/* In a table so small that flows are evicted, too. */
static void
no_random_frame_says_more_than_two_things(void **state)
{
	(void)state;

	for (uint64_t run = 0; run < 10; run++) {
		struct pipeline_params params = pipe_params(FLOW_TABLE_SLOTS_MIN);
		struct pipe *pipe = pipe_make(&params);
		struct teller tellers[STORY_CLIENTS] = { 0 };
		struct dice dice = { SEED + run };

		print_message("seed %#llx\n", (unsigned long long)(SEED + run));
		for (uint32_t n = 0; n < STORY_FRAMES; n++) {
			uint32_t id = (uint32_t)dice_below(&dice, STORY_CLIENTS);

			pipe->now_us += UINT64_C(1) << dice_below(&dice, 25);
			tell(pipe, &tellers[id], id, &dice);
		}
		assert_true(PIPE_COUNTER(pipe, flows_evicted) > 0);
		assert_int_equal(pipe->fullest, 2);
		pipe_destroy(pipe);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_frames_in_any_bursts_give_the_same_events),
		cmocka_unit_test(when_timers_are_looked_at_does_not_change_what_is_said),
		cmocka_unit_test(a_burst_may_hold_a_segment_of_32_connections),
		cmocka_unit_test(a_burst_may_hold_a_whole_connection_and_the_next_on_its_key),
		cmocka_unit_test(a_burst_of_the_frames_that_say_most_fits_the_batch),
		cmocka_unit_test(no_random_frame_says_more_than_two_things),
	};

	return cmocka_run_group_tests_name("pipeline_bursts", tests, NULL, NULL);
}
