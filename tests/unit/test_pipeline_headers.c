/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Which frames a pipeline keeps the headers of.
 */

#include "tests/unit/pipeline_fixture.h"

#define CLIENT (FIXTURE_CLIENT_ISN + 1)
#define SERVER (FIXTURE_SERVER_ISN + 1)

static struct pipe *
make(uint32_t kept_headers)
{
	struct pipeline_params params = pipe_params(64);

	params.kept_headers = kept_headers;
	return pipe_make(&params);
}

static uint64_t
kept(const struct pipe *pipe)
{
	return pipeline_headers(pipe->pipeline)->kept;
}

static void
a_handshake_is_kept_and_the_connection_behind_it_is_not(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;
	pipe_establish(pipe, 1);
	assert_int_equal(kept(pipe), 2);
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK | TCP_PSH, CLIENT, SERVER, 100);
	pipe_send(pipe, 1, FLOW_SERVER, TCP_ACK, SERVER, CLIENT + 100, 200);
	pipe_send(pipe, 1, FLOW_SERVER, TCP_ACK | TCP_FIN, SERVER + 200, CLIENT + 100, 0);
	assert_int_equal(kept(pipe), 2);
	pipe_destroy(pipe);
}

static void
a_syn_is_kept_each_time_that_it_comes(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;
	for (uint32_t n = 0; n < 3; n++)
		pipe_syn(pipe, 1);
	assert_int_equal(kept(pipe), 3);
	assert_int_equal(header_ring_at(pipeline_headers(pipe->pipeline), 2)->tcp_flags, TCP_SYN);
	pipe_destroy(pipe);
}

static void
a_rst_is_kept_wherever_it_belongs(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;
	pipe_establish(pipe, 1);
	pipe_send(pipe, 1, FLOW_SERVER, TCP_RST, SERVER, 0, 0);
	assert_int_equal(kept(pipe), 3);
	assert_int_equal(header_ring_at(pipeline_headers(pipe->pipeline), 2)->tcp_flags, TCP_RST);
	pipe_send(pipe, 2, FLOW_SERVER, TCP_RST, SERVER, 0, 0);
	assert_int_equal(kept(pipe), 4);
	pipe_destroy(pipe);
}

static void
a_segment_of_no_connection_is_kept_once(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 10);
	assert_int_equal(kept(pipe), 1);
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, CLIENT + 10, SERVER, 10);
	assert_int_equal(kept(pipe), 1);
	pipe_send(pipe, 2, FLOW_SERVER, TCP_SYN | TCP_ACK, FIXTURE_SERVER_ISN, CLIENT, 0);
	assert_int_equal(kept(pipe), 2);
	pipe_destroy(pipe);
}

static void
a_syn_that_finds_no_room_in_the_flow_table_is_kept(void **state)
{
	struct pipe *pipe = make(1024);

	(void)state;
	for (uint32_t id = 0; id < 500; id++)
		pipe_establish(pipe, id);
	assert_int_not_equal(counter_read(&pipeline_counters(pipe->pipeline)->flows_untracked), 0);
	/* A SYN-ACK of no connection and the ACK behind it are kept as well. */
	assert_true(kept(pipe) >= 1000);
	pipe_destroy(pipe);
}

static void
without_room_none_is_kept_and_all_else_is_the_same(void **state)
{
	struct pipe *pipe = make(0), *other = make(64);

	(void)state;
	for (uint32_t id = 0; id < 20; id++) {
		pipe_establish(pipe, id);
		pipe_close(pipe, id);
		pipe_establish(other, id);
		pipe_close(other, id);
	}
	assert_false(header_ring_is_on(pipeline_headers(pipe->pipeline)));
	assert_int_equal(kept(other), 40);
	assert_int_equal(counter_read(&pipeline_counters(pipe->pipeline)->flows_opened), 20);
	assert_int_equal(counter_read(&pipeline_counters(other->pipeline)->flows_opened), 20);
	pipe_destroy(pipe);
	pipe_destroy(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handshake_is_kept_and_the_connection_behind_it_is_not),
		cmocka_unit_test(a_syn_is_kept_each_time_that_it_comes),
		cmocka_unit_test(a_rst_is_kept_wherever_it_belongs),
		cmocka_unit_test(a_segment_of_no_connection_is_kept_once),
		cmocka_unit_test(a_syn_that_finds_no_room_in_the_flow_table_is_kept),
		cmocka_unit_test(without_room_none_is_kept_and_all_else_is_the_same),
	};

	return cmocka_run_group_tests_name("pipeline_headers", tests, NULL, NULL);
}
