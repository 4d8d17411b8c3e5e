/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What only a running appliance does with its pipelines: go on with other parameters, let
 * frames pass unseen, and hear of each handshake.
 */

#include "tests/unit/pipeline_fixture.h"

#define SECOND USEC_PER_SEC
#define HOUR (3600 * SECOND)
#define START FIXTURE_START
#define CLIENT (FIXTURE_CLIENT_ISN + 1)
#define SERVER (FIXTURE_SERVER_ISN + 1)

static struct pipe *
make(uint32_t slots)
{
	struct pipeline_params params = pipe_params(slots);

	return pipe_make(&params);
}

static void
a_shorter_timeout_holds_for_connections_that_are_there(void **state)
{
	struct pipeline_params params = pipe_params(64);
	struct pipe *pipe = pipe_make(&params);

	(void)state;
	pipe_establish(pipe, 1);
	pipe_tick_all(pipe, START + 60 * SECOND);
	params.tracker.established_us = 100 * SECOND;
	pipeline_retune(pipe->pipeline, &params);
	pipe_tick_all(pipe, START + 100 * SECOND - 1);
	assert_int_equal(pipe->count, 0);
	pipe_tick_all(pipe, START + 100 * SECOND);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(pipe->events[0].time_us, START + 100 * SECOND);
	pipe_destroy(pipe);
}

static void
a_connection_past_a_shorter_timeout_is_released_at_the_next_look(void **state)
{
	struct pipeline_params params = pipe_params(64);
	struct pipe *pipe = pipe_make(&params);

	(void)state;
	pipe_establish(pipe, 1);
	pipe_tick_all(pipe, START + HOUR);
	params.tracker.established_us = 100 * SECOND;
	pipeline_retune(pipe->pipeline, &params);
	pipe_tick_all(pipe, START + HOUR + 1);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(pipe_record(pipe, 0).end, END_TIMEOUT);
	pipe_destroy(pipe);
}

static void
a_longer_timeout_holds_for_connections_that_are_there(void **state)
{
	struct pipeline_params params = pipe_params(64);
	struct pipe *pipe = pipe_make(&params);

	(void)state;
	pipe_establish(pipe, 1);
	pipe_tick_all(pipe, START + HOUR);
	params.tracker.established_us = 5 * HOUR;
	pipeline_retune(pipe->pipeline, &params);
	pipe_tick_all(pipe, START + 5 * HOUR - 1);
	assert_int_equal(pipe->count, 0);
	pipe_tick_all(pipe, START + 5 * HOUR);
	assert_int_equal(pipe->count, 1);
	pipe_destroy(pipe);
}

static void
send_bad_checksum(struct pipe *pipe, uint32_t id)
{
	struct build_tcp tcp = pipe_spec(id, FLOW_CLIENT, TCP_SYN, FIXTURE_CLIENT_ISN, 0, 0);
	uint8_t bytes[PIPE_FRAME_ROOM];
	const uint32_t len = (uint32_t)build_tcp_frame(&tcp, bytes, sizeof(bytes));

	bytes[14 + 20 + 16] ^= 0xff;
	pipe_bytes(pipe, bytes, len, len);
}

static void
checksums_are_verified_from_the_moment_it_is_asked_for(void **state)
{
	struct pipeline_params params = pipe_params(64);
	struct pipe *pipe = pipe_make(&params);

	(void)state;
	send_bad_checksum(pipe, 1);
	assert_int_equal(PIPE_COUNTER(pipe, flows_opened), 1);
	params.verify_checksum = true;
	pipeline_retune(pipe->pipeline, &params);
	send_bad_checksum(pipe, 2);
	assert_int_equal(PIPE_COUNTER(pipe, flows_opened), 1);
	assert_int_equal(PIPE_COUNTER(pipe, packets[PACKET_BAD_CHECKSUM]), 1);
	params.verify_checksum = false;
	pipeline_retune(pipe->pipeline, &params);
	send_bad_checksum(pipe, 2);
	assert_int_equal(PIPE_COUNTER(pipe, flows_opened), 2);
	pipe_destroy(pipe);
}

/* A reload makes parameters anew: another secret, and none of what only the start decides. */
static void
what_only_the_start_decides_other_parameters_do_not_change(void **state)
{
	struct pipeline_params params = pipe_params(64), other = pipe_params(4096);
	struct pipe *pipe;

	(void)state;
	params.tell_handshakes = true;
	pipe = pipe_make(&params);
	pipe_syn(pipe, 1);
	memset(other.hash_key, 0x77, sizeof(other.hash_key));
	other.vlan_in_key = true;
	other.worker = 0;
	pipeline_retune(pipe->pipeline, &other);
	assert_int_equal(pipe_state(pipe, 1), HS_SYN_SENT);
	pipe_establish(pipe, 1);
	assert_int_equal(PIPE_COUNTER(pipe, flows_opened), 1);
	assert_int_equal(pipe_count_kind(pipe, EVENT_HANDSHAKE), 1);
	assert_int_equal(pipe->events[0].worker, 3);
	pipe_destroy(pipe);
}

static void
nothing_is_said_blind_of_a_pipeline_that_sees_all_frames(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;
	pipe_establish(pipe, 1);
	pipe_finish(pipe);
	assert_int_equal(pipe->count, 1);
	assert_false(pipe->events[0].blind);
	pipe_destroy(pipe);
}

/* Captures have been seen whose time begins at zero. */
static void
nothing_is_said_blind_of_a_connection_that_began_at_time_zero(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;
	pipe->now_us = 0;
	pipe_establish(pipe, 1);
	pipe_finish(pipe);
	assert_int_equal(pipe->count, 1);
	assert_false(pipe->events[0].blind);
	pipe_destroy(pipe);
}

static void
what_is_said_of_a_connection_that_had_begun_before_frames_passed_unseen_is_marked(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;
	pipe_establish(pipe, 1);
	pipe->now_us = START + 10 * SECOND;
	pipe_syn(pipe, 2);
	pipeline_note_blind(pipe->pipeline, START + 10 * SECOND);
	pipe->now_us = START + 20 * SECOND;
	pipe_send(pipe, 1, FLOW_SERVER, TCP_RST, SERVER, 0, 0);
	pipe_tick_all(pipe, START + 600 * SECOND);
	assert_int_equal(pipe_count_kind(pipe, EVENT_RST), 1);
	assert_int_equal(pipe_count_kind(pipe, EVENT_INCOMPLETE_HANDSHAKE), 1);
	assert_int_equal(pipe_count_kind(pipe, EVENT_CONNECTION), 2);
	for (uint32_t i = 0; i < pipe->count; i++)
		assert_true(pipe->events[i].blind);
	pipe_destroy(pipe);
}

static void
a_connection_that_begins_after_frames_passed_unseen_is_not_marked(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;
	pipeline_note_blind(pipe->pipeline, START);
	pipe->now_us = START + 1;
	pipe_establish(pipe, 1);
	pipe_syn(pipe, 2);
	pipe_finish(pipe);
	assert_int_equal(pipe_count_kind(pipe, EVENT_CONNECTION), 2);
	for (uint32_t i = 0; i < pipe->count; i++)
		assert_false(pipe->events[i].blind);
	pipe_destroy(pipe);
}

static struct pipe *
make_telling(void)
{
	struct pipeline_params params = pipe_params(64);

	params.tell_handshakes = true;
	return pipe_make(&params);
}

static void
each_handshake_that_completes_is_told_once(void **state)
{
	struct pipe *pipe = make_telling();
	struct record record;

	(void)state;
	pipe_syn(pipe, 1);
	pipe->now_us += 30;
	pipe_synack(pipe, 1);
	assert_int_equal(pipe->count, 0);
	pipe->now_us += 70;
	for (int n = 0; n < 3; n++) /* retransmitted */
		pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 0);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(pipe->events[0].kinds, EVENT_HANDSHAKE);
	assert_int_equal(pipe->events[0].time_us, START + 100);
	record = pipe_record(pipe, 0);
	assert_int_equal(record.handshake.result, HANDSHAKE_COMPLETE);
	assert_int_equal(record.handshake.synack_us, 30);
	pipe_send(pipe, 1, FLOW_SERVER, TCP_ACK, SERVER, CLIENT, 0);
	pipe_close(pipe, 1);
	pipe_finish(pipe);
	assert_int_equal(pipe_count_kind(pipe, EVENT_HANDSHAKE), 1);
	assert_int_equal(pipe_count_kind(pipe, EVENT_CONNECTION), 1);
	pipe_destroy(pipe);
}

static void
the_handshake_of_a_connection_on_the_same_ports_is_told_too(void **state)
{
	struct pipe *pipe = make_telling();

	(void)state;
	pipe_establish(pipe, 1);
	pipe->now_us += SECOND;
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_SYN, 5000000, 0, 0);
	pipe_send(pipe, 1, FLOW_SERVER, TCP_SYN | TCP_ACK, 9000000, 5000001, 0);
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, 5000001, 9000001, 0);
	assert_int_equal(pipe_count_kind(pipe, EVENT_HANDSHAKE), 2);
	assert_int_equal(pipe_count_kind(pipe, EVENT_CONNECTION), 1);
	pipe_destroy(pipe);
}

static void
a_handshake_that_does_not_complete_is_not_told_as_one_that_does(void **state)
{
	struct pipe *pipe = make_telling();

	(void)state;
	pipe_syn(pipe, 1); /* no answer */
	pipe_syn(pipe, 2); /* no acknowledgement */
	pipe_synack(pipe, 2);
	pipe_syn(pipe, 3); /* refused */
	pipe_send(pipe, 3, FLOW_SERVER, TCP_RST | TCP_ACK, 0, CLIENT, 0);
	pipe_send(pipe, 4, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 100); /* begun before */
	pipe_send(pipe, 4, FLOW_SERVER, TCP_ACK, SERVER, CLIENT + 100, 0);
	pipe_tick_all(pipe, START + HOUR);
	pipe_finish(pipe);
	assert_int_equal(pipe_count_kind(pipe, EVENT_CONNECTION), 4);
	assert_int_equal(pipe_count_kind(pipe, EVENT_HANDSHAKE), 0);
	pipe_destroy(pipe);
}

static void
handshakes_are_told_only_to_who_asked_for_them(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;
	pipe_establish(pipe, 1);
	assert_int_equal(pipe->count, 0);
	pipe_finish(pipe);
	assert_int_equal(pipe_count_kind(pipe, EVENT_HANDSHAKE), 0);
	assert_int_equal(pipe_count_kind(pipe, EVENT_CONNECTION), 1);
	pipe_destroy(pipe);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shorter_timeout_holds_for_connections_that_are_there),
		cmocka_unit_test(a_connection_past_a_shorter_timeout_is_released_at_the_next_look),
		cmocka_unit_test(a_longer_timeout_holds_for_connections_that_are_there),
		cmocka_unit_test(checksums_are_verified_from_the_moment_it_is_asked_for),
		cmocka_unit_test(what_only_the_start_decides_other_parameters_do_not_change),
		cmocka_unit_test(nothing_is_said_blind_of_a_pipeline_that_sees_all_frames),
		cmocka_unit_test(
				what_is_said_of_a_connection_that_had_begun_before_frames_passed_unseen_is_marked),
		cmocka_unit_test(nothing_is_said_blind_of_a_connection_that_began_at_time_zero),
		cmocka_unit_test(a_connection_that_begins_after_frames_passed_unseen_is_not_marked),
		cmocka_unit_test(each_handshake_that_completes_is_told_once),
		cmocka_unit_test(the_handshake_of_a_connection_on_the_same_ports_is_told_too),
		cmocka_unit_test(a_handshake_that_does_not_complete_is_not_told_as_one_that_does),
		cmocka_unit_test(handshakes_are_told_only_to_who_asked_for_them),
	};

	return cmocka_run_group_tests_name("pipeline_live", tests, NULL, NULL);
}
