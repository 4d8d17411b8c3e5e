/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A clock that is not true: of bursts that are some milliseconds early or late, as those of
 * processors whose counters drift, or that jump and come back. No connection may be judged
 * otherwise for it, and no time that is told may be one that cannot be.
 */

#include "tests/unit/pipeline_fixture.h"

#define CONNECTIONS 200
#define OFF_US (5 * USEC_PER_MSEC)
#define STEP_US (2 * USEC_PER_MSEC) /* of a conversation: its frames may seem to go back in time */
#define CLIENT_PORT_FIRST 1024 /* of connection 0 */
#define CLIENT (FIXTURE_CLIENT_ISN + 1)
#define SERVER (FIXTURE_SERVER_ISN + 1)

static uint64_t
next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

/* Somewhere around the true time. */
static void
set_clock(struct pipe *pipe, uint64_t true_us, uint64_t *random)
{
	pipe->now_us = true_us - OFF_US + next_random(random) % (2 * OFF_US);
}

static void
say(struct pipe *pipe, uint32_t id, uint32_t step)
{
	switch (step) {
	case 0:
		pipe_syn(pipe, id);
		break;
	case 1:
		pipe_synack(pipe, id);
		break;
	case 2:
		pipe_send(pipe, id, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 100);
		break;
	case 3:
		pipe_send(pipe, id, FLOW_SERVER, TCP_ACK, SERVER, CLIENT + 100, 100);
		break;
	case 4:
		pipe_send(pipe, id, FLOW_CLIENT, TCP_FIN | TCP_ACK, CLIENT + 100, SERVER + 100, 0);
		break;
	case 5:
		pipe_send(pipe, id, FLOW_SERVER, TCP_FIN | TCP_ACK, SERVER + 100, CLIENT + 101, 0);
		break;
	case 6:
		pipe_send(pipe, id, FLOW_CLIENT, TCP_ACK, CLIENT + 101, SERVER + 101, 0);
		break;
	}
}

static void
check_record(const struct record *record)
{
	const struct record_handshake *handshake = &record->handshake;

	assert_int_equal(handshake->result, HANDSHAKE_COMPLETE);
	assert_int_equal(record->end, END_FIN_BOTH);
	assert_true(handshake->has_synack_us && handshake->has_ack_us);
	assert_true(record->start_us <= record->end_us);
	assert_true(record->end_us - record->start_us <= 6 * STEP_US + 2 * OFF_US);
	assert_true(handshake->synack_us <= STEP_US + 2 * OFF_US);
	assert_true(handshake->ack_us <= STEP_US + 2 * OFF_US);
}

static void
a_clock_that_is_off_by_milliseconds_changes_no_verdict(void **state)
{
	struct pipeline_params params = pipe_params(1024);
	struct pipe *pipe = pipe_make(&params);
	uint64_t random = 1, true_us = FIXTURE_START, latest_us[CONNECTIONS] = { 0 };

	(void)state;
	for (uint32_t step = 0; step < 7; step++, true_us += STEP_US) {
		for (uint32_t id = 0; id < CONNECTIONS; id++) {
			set_clock(pipe, true_us, &random);
			if (latest_us[id] < pipe->now_us)
				latest_us[id] = pipe->now_us;
			say(pipe, id, step);
			if (id % 16 == 0)
				pipe_tick_all(pipe, pipe->now_us);
		}
	}
	pipe_finish(pipe);
	assert_int_equal(pipe->count, CONNECTIONS);
	for (uint32_t i = 0; i < pipe->count; i++) {
		const struct record record = pipe_record(pipe, i);

		check_record(&record);
		assert_int_equal(record.end_us,
				latest_us[record.side[FLOW_CLIENT].port - CLIENT_PORT_FIRST]);
	}
	assert_int_equal(PIPE_COUNTER(pipe, data_retransmits), 0);
	assert_int_equal(PIPE_COUNTER(pipe, flows_evicted), 0);
	pipe_destroy(pipe);
}

/* By a second, and in both directions; the usual timeouts are longer. */
static void
a_clock_that_jumps_and_comes_back_ends_nothing(void **state)
{
	struct pipeline_params params = pipe_params(1024);
	struct pipe *pipe = pipe_make(&params);
	uint64_t random = 2;

	(void)state;
	for (uint32_t id = 0; id < CONNECTIONS; id++)
		pipe_establish(pipe, id);
	for (uint32_t turn = 0; turn < 1000; turn++) {
		const uint64_t off_us = next_random(&random) % (2 * USEC_PER_SEC);

		pipe_tick_all(pipe, FIXTURE_START + turn * USEC_PER_MSEC + USEC_PER_SEC - off_us);
		pipe_send(pipe, turn % CONNECTIONS, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 0);
	}
	assert_int_equal(pipe->count, 0);
	for (uint32_t id = 0; id < CONNECTIONS; id++)
		assert_int_equal(pipe_state(pipe, id), HS_ESTABLISHED);
	pipe_destroy(pipe);
}

/* As a virtual machine that was asleep: every timer is due, and each connection told once. */
static void
a_clock_that_jumps_ahead_for_good_lets_all_that_is_due_end(void **state)
{
	struct pipeline_params params = pipe_params(1024);
	struct pipe *pipe = pipe_make(&params);

	(void)state;
	for (uint32_t id = 0; id < CONNECTIONS; id++)
		pipe_establish(pipe, id);
	pipe_tick_all(pipe, FIXTURE_START + params.tracker.established_us + USEC_PER_SEC);
	assert_int_equal(pipe->count, CONNECTIONS);
	for (uint32_t i = 0; i < pipe->count; i++)
		assert_int_equal(pipe_record(pipe, i).end, END_TIMEOUT);
	pipe_syn(pipe, 1);
	assert_int_equal(pipe_state(pipe, 1), HS_SYN_SENT);
	pipe_destroy(pipe);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_is_off_by_milliseconds_changes_no_verdict),
		cmocka_unit_test(a_clock_that_jumps_and_comes_back_ends_nothing),
		cmocka_unit_test(a_clock_that_jumps_ahead_for_good_lets_all_that_is_due_end),
	};

	return cmocka_run_group_tests_name("pipeline_clock", tests, NULL, NULL);
}
