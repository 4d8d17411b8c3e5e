/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/unit/pipeline_fixture.h"

#define SECOND USEC_PER_SEC
#define START FIXTURE_START
#define CLIENT (FIXTURE_CLIENT_ISN + 1)
#define SERVER (FIXTURE_SERVER_ISN + 1)

static struct pipe *
make(uint32_t slots)
{
	struct pipeline_params params = pipe_params(slots);

	return pipe_make(&params);
}

static uint32_t
client_of(const struct pipe *pipe, uint32_t i)
{
	struct record record = pipe_record(pipe, i);
	uint32_t host = (uint32_t)record.side[FLOW_CLIENT].addr[15] - 1;

	return host * 60000 + record.side[FLOW_CLIENT].port - 1024;
}

/* 100 SYNs that nobody saw before for each slot; a tick between bursts, as in a worker. */
static void
flood(struct pipe *pipe, uint32_t first_id, uint32_t syns)
{
	for (uint32_t n = 0; n < syns; n++) {
		pipe->now_us += 7;
		pipe_syn(pipe, first_id + n);
		if (pipe->queued == 0) {
			pipeline_tick(pipe->pipeline, pipe->now_us);
			pipe_drain(pipe);
		}
	}
	pipe_flush(pipe);
}

static void
a_flood_of_100_times_the_table_loses_no_established_connection(void **state)
{
	const uint32_t slots = 1024, connections = 400;
	struct pipe *pipe = make(slots);
	uint32_t complete = 0;

	(void)state;

	for (uint32_t id = 0; id < connections; id++)
		pipe_establish(pipe, id);
	pipe->burst = PIPELINE_BURST_MAX;
	flood(pipe, 1000, 100 * slots);
	for (uint32_t id = 0; id < connections; id++)
		assert_int_equal(pipe_state(pipe, id), HS_ESTABLISHED);
	pipe->burst = 1;
	for (uint32_t id = 0; id < connections; id++)
		pipe_close(pipe, id);
	pipe_finish(pipe);
	for (uint32_t i = 0; i < pipe->count; i++) {
		struct record record = pipe_record(pipe, i);

		if (record.handshake.result == HANDSHAKE_COMPLETE) {
			assert_int_equal(record.end, END_FIN_BOTH);
			assert_true(client_of(pipe, i) < connections);
			complete++;
			continue;
		}
		assert_true(record.end == END_EVICTED || record.end == END_OPEN);
		if (record.end == END_EVICTED)
			assert_int_equal(record.handshake.result, HANDSHAKE_EVICTED);
	}
	assert_int_equal(complete, connections);
	assert_int_equal(PIPE_COUNTER(pipe, flows_untracked), 0);
	assert_int_equal(PIPE_COUNTER(pipe, flows_opened), connections + 100 * slots);
	assert_int_equal(PIPE_COUNTER(pipe, flows_closed), connections + 100 * slots);
	assert_in_range(PIPE_COUNTER(pipe, flows_evicted), 99 * slots, 100 * slots);
	pipe_destroy(pipe);
}

/* A table of 32 slots with nothing but established connections. */
static struct pipe *
make_full(uint32_t slots)
{
	struct pipe *pipe = make(slots);

	for (uint32_t id = 0; PIPE_COUNTER(pipe, flows_untracked) == 0 || id < 4 * slots; id++)
		pipe_establish(pipe, id);
	assert_int_equal(PIPE_COUNTER(pipe, flows_opened), slots);
	assert_int_equal(pipe->count, 0);
	return pipe;
}

static void
a_table_full_of_established_connections_lets_others_pass_untracked(void **state)
{
	struct pipe *pipe = make_full(32);
	unsigned long before = PIPE_COUNTER(pipe, flows_untracked);
	unsigned long frames = PIPE_COUNTER(pipe, packets[PACKET_TCP]);

	(void)state;

	pipe_syn(pipe, 5000);
	pipe_synack(pipe, 5000);
	pipe_send(pipe, 5000, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 10);
	pipe_send(pipe, 5000, FLOW_CLIENT, TCP_RST, CLIENT + 10, 0, 0);
	assert_int_equal(PIPE_COUNTER(pipe, flows_untracked), before + 4);
	assert_int_equal(PIPE_COUNTER(pipe, packets[PACKET_TCP]), frames + 4);
	assert_int_equal(PIPE_COUNTER(pipe, flows_opened), 32);
	assert_int_equal(PIPE_COUNTER(pipe, flows_evicted), 0);
	assert_int_equal(pipe->count, 0);
	assert_int_equal(pipe_state(pipe, 5000), HS_STATE_UNSET);
	pipe_finish(pipe);
	assert_int_equal(pipe->count, 32);
	for (uint32_t i = 0; i < pipe->count; i++)
		assert_int_equal(pipe_record(pipe, i).handshake.result, HANDSHAKE_COMPLETE);
	pipe_destroy(pipe);
}

static void
what_is_over_makes_room(void **state)
{
	struct pipe *pipe = make_full(32);

	(void)state;

	pipe_close(pipe, 0);
	assert_int_equal(pipe_state(pipe, 0), HS_TIME_WAIT);
	pipe_syn(pipe, 5000);
	assert_int_equal(pipe_state(pipe, 5000), HS_SYN_SENT);
	assert_int_equal(pipe_state(pipe, 0), HS_STATE_UNSET);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(pipe_record(pipe, 0).end, END_FIN_BOTH);
	assert_int_equal(pipe_record(pipe, 0).handshake.result, HANDSHAKE_COMPLETE);
	assert_int_equal(pipe->events[0].kinds, EVENT_CONNECTION);
	pipe_destroy(pipe);
}

/* Fill 32 slots with SYNs, @p step_us apart. */
static struct pipe *
make_half_open(uint64_t step_us)
{
	struct pipe *pipe = make(32);

	for (uint32_t id = 0; id < 32; id++) {
		pipe_syn(pipe, id);
		pipe->now_us += step_us;
	}
	assert_int_equal(PIPE_COUNTER(pipe, flows_opened), 32);
	assert_int_equal(PIPE_COUNTER(pipe, flows_evicted), 0);
	return pipe;
}

static void
the_oldest_half_open_goes_first_and_says_why(void **state)
{
	struct pipe *pipe = make_half_open(SECOND);

	(void)state;

	for (uint32_t n = 0; n < 32; n++) {
		pipe_syn(pipe, 1000 + n);
		assert_int_equal(pipe->count, n + 1);
		assert_int_equal(client_of(pipe, n), n);
		assert_int_equal(pipe->events[n].kinds,
				EVENT_CONNECTION | EVENT_INCOMPLETE_HANDSHAKE);
		assert_int_equal(pipe->events[n].time_us, pipe->now_us);
		assert_int_equal(pipe_record(pipe, n).end, END_EVICTED);
		assert_int_equal(pipe_record(pipe, n).handshake.result, HANDSHAKE_EVICTED);
		assert_int_equal(pipe_record(pipe, n).handshake.silent, SILENT_UNKNOWN);
	}
	pipe_destroy(pipe);
}

static void
an_answered_handshake_is_no_younger_for_it(void **state)
{
	struct pipe *pipe = make_half_open(SECOND);

	(void)state;

	pipe_synack(pipe, 0);
	pipe_syn(pipe, 1000);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(client_of(pipe, 0), 0);
	pipe_destroy(pipe);
}

static void
an_evicted_attempt_that_goes_on_begins_anew_and_is_not_lost(void **state)
{
	struct pipe *pipe = make_half_open(SECOND);

	(void)state;

	pipe_syn(pipe, 1000);
	assert_int_equal(pipe_state(pipe, 0), HS_STATE_UNSET);
	pipe_syn(pipe, 0);
	assert_int_equal(pipe_state(pipe, 0), HS_SYN_SENT);
	assert_int_equal(PIPE_COUNTER(pipe, flows_evicted), 2);
	pipe_destroy(pipe);
}

/* Whatever comes, what was opened was closed or is there, and each was told of once. */
static void
no_flow_is_lost_or_told_of_twice_under_random_pressure(void **state)
{
	(void)state;

	for (uint64_t run = 0; run < 20; run++) {
		struct pipe *pipe = make(64);
		struct dice dice = { 0x505245 + run };

		print_message("seed %#llx\n", (unsigned long long)dice.state);
		pipe->burst = 1 + (uint32_t)dice_below(&dice, PIPELINE_BURST_MAX);
		for (uint32_t n = 0; n < 5000; n++) {
			uint32_t id = (uint32_t)dice_below(&dice, 300);

			pipe->now_us += dice_below(&dice, 200000);
			switch (dice_below(&dice, 5)) {
			case 0:
				pipe_establish(pipe, id);
				break;
			case 1:
				pipe_close(pipe, id);
				break;
			case 2:
				pipe_send(pipe, id, FLOW_SERVER, TCP_RST, SERVER, 0, 0);
				break;
			default:
				pipe_syn(pipe, id);
			}
			if (n % 64 == 0)
				pipe_tick_all(pipe, pipe->now_us);
		}
		pipe_finish(pipe);
		assert_int_equal(pipe_count_kind(pipe, EVENT_CONNECTION),
				PIPE_COUNTER(pipe, flows_opened));
		assert_int_equal(
				PIPE_COUNTER(pipe, flows_closed), PIPE_COUNTER(pipe, flows_opened));
		assert_true(PIPE_COUNTER(pipe, flows_evicted) > 100);
		pipe_destroy(pipe);
	}
}

/* Handshakes that begin in the middle of it need a place for their short life only. */
static void
handshakes_complete_in_the_middle_of_a_flood(void **state)
{
	const uint32_t slots = 1024, connections = 300;
	struct pipe *pipe = make(slots);

	(void)state;

	for (uint32_t id = 0; id < connections; id++) {
		flood(pipe, 1000 + 100 * id, 50);
		pipe_syn(pipe, id);
		flood(pipe, 1050 + 100 * id, 25);
		pipe_synack(pipe, id);
		flood(pipe, 1075 + 100 * id, 25);
		pipe_send(pipe, id, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 0);
	}
	for (uint32_t id = 0; id < connections; id++)
		assert_int_equal(pipe_state(pipe, id), HS_ESTABLISHED);
	pipe_destroy(pipe);
}

/* The sweep looks at it after 63 s, and finds that it may wait until 131 s. */
static void
one_that_the_sweep_has_looked_at_is_still_the_oldest(void **state)
{
	struct pipe *pipe = make(32);

	(void)state;

	pipe_syn(pipe, 0);
	pipe_tick_all(pipe, START + 66 * SECOND);
	for (uint32_t id = 1; id < 32; id++)
		pipe_syn(pipe, id);
	pipe_tick_all(pipe, START + 67 * SECOND);
	assert_int_equal(pipe->count, 0);
	pipe_syn(pipe, 1000);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(client_of(pipe, 0), 0);
	pipe_destroy(pipe);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_of_100_times_the_table_loses_no_established_connection),
		cmocka_unit_test(
				a_table_full_of_established_connections_lets_others_pass_untracked),
		cmocka_unit_test(what_is_over_makes_room),
		cmocka_unit_test(the_oldest_half_open_goes_first_and_says_why),
		cmocka_unit_test(an_answered_handshake_is_no_younger_for_it),
		cmocka_unit_test(an_evicted_attempt_that_goes_on_begins_anew_and_is_not_lost),
		cmocka_unit_test(no_flow_is_lost_or_told_of_twice_under_random_pressure),
		cmocka_unit_test(handshakes_complete_in_the_middle_of_a_flood),
		cmocka_unit_test(one_that_the_sweep_has_looked_at_is_still_the_oldest),
	};

	return cmocka_run_group_tests_name("pipeline_pressure", tests, NULL, NULL);
}
