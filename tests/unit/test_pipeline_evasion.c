/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Who knows the code sends something behind each SYN of a flood, so that the handshake may look
 * finished while the server still waits: none of it may take the handshake out of the count of
 * those that are left open.
 */

#include "detect/meter.h"
#include "pipeline/pipeline_flow.h"
#include "tests/unit/detect_fixture.h"
#include "tests/unit/pipeline_fixture.h"

#define ATTEMPTS 100
#define ISN FIXTURE_CLIENT_ISN

static struct pipe *
make(void)
{
	struct pipeline_params params = pipe_params(1024);

	params.detect = true;
	params.meter.prefixes = (struct victim_prefixes){ 24, 64 };
	memcpy(params.meter.key, detect_key, sizeof(detect_key));
	return pipe_make(&params);
}

static struct victim_counts
counts_so_far(struct pipe *pipe)
{
	static struct detect_report report;
	const struct victim_key service = detect_service(FIXTURE_SERVER_ADDR, FIXTURE_SERVER_PORT);
	const struct report_victim *row;

	detect_report(pipeline_meter(pipe->pipeline), &report, tick_of(pipe->now_us));
	row = detect_row(&report, &service);
	assert_non_null(row);
	return row->counts;
}

/* As detection sums it up: what nothing has resolved. */
static uint32_t
left_open(const struct victim_counts *counts)
{
	return counts->syn - counts->completed - counts->refused - counts->broken_off;
}

static void
an_ack_behind_the_syn_hides_nothing_once_the_server_answers(void **state)
{
	struct pipe *pipe = make();
	struct victim_counts counts;

	(void)state;

	for (uint32_t id = 0; id < ATTEMPTS; id++) {
		pipe_syn(pipe, id);
		pipe_send(pipe, id, FLOW_CLIENT, TCP_ACK, ISN + 1, 0x12345678, 0);
		pipe_synack(pipe, id);
	}
	counts = counts_so_far(pipe);
	assert_int_equal(left_open(&counts), ATTEMPTS);
	assert_int_equal(counts.syn, ATTEMPTS);
	assert_int_equal(counts.synack, ATTEMPTS);
	pipe_destroy(pipe);
}

/* The end was told in an earlier tick; then it is as a new one. */
static void
nor_does_it_when_the_answer_comes_in_a_later_tick(void **state)
{
	struct pipe *pipe = make();
	struct victim_counts counts;
	uint32_t open;

	(void)state;

	for (uint32_t id = 0; id < ATTEMPTS; id++) {
		pipe_syn(pipe, id);
		pipe_send(pipe, id, FLOW_CLIENT, TCP_ACK, ISN + 1, 0x12345678, 0);
	}
	counts = counts_so_far(pipe);
	open = left_open(&counts);
	assert_int_equal(open, 0); /* as if one direction were not seen */
	pipe->now_us += 200000;
	for (uint32_t id = 0; id < ATTEMPTS; id++)
		pipe_synack(pipe, id);
	counts = counts_so_far(pipe);
	assert_int_equal(open + left_open(&counts), ATTEMPTS);
	pipe_destroy(pipe);
}

static void
a_fin_behind_the_syn_hides_nothing(void **state)
{
	struct pipe *pipe = make();
	struct victim_counts counts;

	(void)state;

	for (uint32_t id = 0; id < ATTEMPTS; id++) {
		pipe_syn(pipe, id);
		pipe_send(pipe, id, FLOW_CLIENT, TCP_FIN | TCP_ACK, ISN + 1, 0x12345678, 0);
		pipe_synack(pipe, id);
	}
	counts = counts_so_far(pipe);
	assert_int_equal(left_open(&counts), ATTEMPTS);
	pipe_destroy(pipe);
}

static void
a_rst_behind_the_syn_hides_nothing(void **state)
{
	struct pipe *pipe = make();
	struct victim_counts counts;

	(void)state;

	for (uint32_t id = 0; id < ATTEMPTS; id++) {
		pipe_syn(pipe, id);
		pipe_send(pipe, id, FLOW_CLIENT, TCP_RST, ISN + 1, 0, 0);
		pipe_synack(pipe, id);
	}
	counts = counts_so_far(pipe);
	assert_int_equal(left_open(&counts), ATTEMPTS);
	pipe_destroy(pipe);
}

/* Sent to the server, as all of the flood is; a router would have sent it to the client. */
static void
an_icmp_error_about_the_syn_that_is_sent_to_the_server_hides_nothing(void **state)
{
	struct pipe *pipe = make();
	struct victim_counts counts;

	(void)state;

	for (uint32_t id = 0; id < ATTEMPTS; id++) {
		struct build_tcp syn = pipe_spec(id, FLOW_CLIENT, TCP_SYN, ISN, 0, 0);
		struct build_icmp error = { .hop_limit = 60, .type = 3, .code = 1, .quoted = &syn };
		uint8_t bytes[PIPE_FRAME_ROOM];
		uint32_t len;

		pipe_syn(pipe, id);
		memcpy(error.src_addr, syn.src_addr, sizeof(error.src_addr));
		len = (uint32_t)build_icmp_frame(&error, bytes, sizeof(bytes));
		assert_int_not_equal(len, 0);
		/* Whom it is sent to: behind the Ethernet header and 16 bytes of the IP header. */
		memcpy(bytes + 14 + 16, syn.dst_addr + 12, 4);
		pipe_bytes(pipe, bytes, len, len);
	}
	assert_int_equal(PIPE_COUNTER(pipe, packets[PACKET_ICMP]), ATTEMPTS);
	counts = counts_so_far(pipe);
	assert_int_equal(left_open(&counts), ATTEMPTS);
	pipe_destroy(pipe);
}

static void
a_refusal_that_does_not_acknowledge_the_syn_hides_nothing(void **state)
{
	struct pipe *pipe = make();
	struct victim_counts counts;

	(void)state;

	for (uint32_t id = 0; id < ATTEMPTS; id++) {
		pipe_syn(pipe, id);
		pipe_send(pipe, id, FLOW_SERVER, TCP_RST | TCP_ACK, 0, ISN + 77, 0);
		pipe_synack(pipe, id);
	}
	counts = counts_so_far(pipe);
	assert_int_equal(left_open(&counts), ATTEMPTS);
	pipe_destroy(pipe);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ack_behind_the_syn_hides_nothing_once_the_server_answers),
		cmocka_unit_test(nor_does_it_when_the_answer_comes_in_a_later_tick),
		cmocka_unit_test(a_fin_behind_the_syn_hides_nothing),
		cmocka_unit_test(a_rst_behind_the_syn_hides_nothing),
		cmocka_unit_test(
				an_icmp_error_about_the_syn_that_is_sent_to_the_server_hides_nothing),
		cmocka_unit_test(a_refusal_that_does_not_acknowledge_the_syn_hides_nothing),
	};

	return cmocka_run_group_tests_name("pipeline_evasion", tests, NULL, NULL);
}
