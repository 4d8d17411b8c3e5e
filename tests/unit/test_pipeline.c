/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/unit/pipeline_fixture.h"

#define SECOND USEC_PER_SEC
#define HOUR (3600 * USEC_PER_SEC)
#define START FIXTURE_START
#define CLIENT (FIXTURE_CLIENT_ISN + 1)
#define SERVER (FIXTURE_SERVER_ISN + 1)

static struct pipe *
make(uint32_t slots)
{
	struct pipeline_params params = pipe_params(slots);
	struct pipe *pipe = pipe_make(&params);

	/* The first sweep looks at every flow; those that follow, at what is due. */
	pipe_tick_all(pipe, START);
	return pipe;
}

static void
a_connection_is_one_event_when_its_entry_is_released(void **state)
{
	struct pipe *pipe = make(64);
	struct record record;

	(void)state;

	pipe_establish(pipe, 1);
	pipe->now_us += 5 * SECOND;
	pipe_close(pipe, 1);
	assert_int_equal(pipe->count, 0);
	pipe_tick_all(pipe, START + 65 * SECOND - 1);
	assert_int_equal(pipe->count, 0);
	pipe_tick_all(pipe, START + 65 * SECOND);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(pipe->events[0].kinds, EVENT_CONNECTION);
	/* It ended on the wire, so the time is its last segment's. */
	assert_int_equal(pipe->events[0].time_us, START + 5 * SECOND);
	record = pipe_record(pipe, 0);
	assert_int_equal(record.worker, 3);
	assert_int_equal(record.handshake.result, HANDSHAKE_COMPLETE);
	assert_int_equal(record.end, END_FIN_BOTH);
	assert_string_equal(record.conn_state, "SF");
	assert_string_equal(record.history, "ShAFf");
	assert_int_equal(record.side[FLOW_CLIENT].pkts, 4);
	assert_int_equal(record.side[FLOW_SERVER].pkts, 2);
	assert_int_equal(pipe_state(pipe, 1), HS_STATE_UNSET);
	pipe_destroy(pipe);
}

static void
a_burst_of_no_frames_does_nothing(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;

	pipe_flush(pipe);
	assert_int_equal(PIPE_COUNTER(pipe, frames), 0);
	assert_int_equal(pipe->count, 0);
	pipe_destroy(pipe);
}

/* Each state's timer, to the microsecond, and the time that the event bears. */
static void
a_silent_server_is_judged_when_the_client_must_have_given_up(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;

	pipe_syn(pipe, 1);
	pipe->now_us = START + 67 * SECOND;
	pipe_syn(pipe, 1);
	pipe_tick_all(pipe, START + 131 * SECOND - 1);
	assert_int_equal(pipe->count, 0);
	pipe_tick_all(pipe, START + 131 * SECOND);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(pipe->events[0].kinds, EVENT_CONNECTION | EVENT_INCOMPLETE_HANDSHAKE);
	assert_int_equal(pipe->events[0].time_us, START + 131 * SECOND);
	assert_int_equal(pipe_record(pipe, 0).handshake.result, HANDSHAKE_SERVER_SILENT);
	assert_int_equal(pipe_record(pipe, 0).end, END_TIMEOUT);
	assert_int_equal(pipe_record(pipe, 0).handshake.syn, 2);
	pipe_destroy(pipe);
}

static void
a_silent_client_is_judged_when_the_server_must_have_given_up(void **state)
{
	struct pipe *pipe = make(64);
	uint64_t synack_us = START + 3 * SECOND;

	(void)state;

	pipe_syn(pipe, 1);
	pipe->now_us = synack_us;
	pipe_synack(pipe, 1);
	pipe->now_us = synack_us + 31 * SECOND;
	pipe_synack(pipe, 1);
	pipe_tick_all(pipe, synack_us + 63 * SECOND - 1);
	assert_int_equal(pipe->count, 0);
	pipe_tick_all(pipe, synack_us + 63 * SECOND);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(pipe->events[0].time_us, synack_us + 63 * SECOND);
	assert_int_equal(pipe_record(pipe, 0).handshake.result, HANDSHAKE_CLIENT_SILENT);
	assert_int_equal(pipe_record(pipe, 0).handshake.synack, 2);
	assert_int_equal(pipe_record(pipe, 0).handshake.synack_retransmits, 1);
	pipe_destroy(pipe);
}

static void
an_idle_connection_is_released_after_two_hours(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;

	pipe_establish(pipe, 1);
	pipe->now_us = START + HOUR;
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 0);
	for (uint64_t t = START + HOUR; t < START + 3 * HOUR; t += 10 * SECOND)
		pipe_tick_all(pipe, t);
	pipe_tick_all(pipe, START + 3 * HOUR - 1);
	assert_int_equal(pipe->count, 0);
	pipe_tick_all(pipe, START + 3 * HOUR);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(pipe->events[0].kinds, EVENT_CONNECTION);
	assert_int_equal(pipe->events[0].time_us, START + 3 * HOUR);
	assert_int_equal(pipe_record(pipe, 0).end, END_TIMEOUT);
	pipe_destroy(pipe);
}

static void
a_half_closed_connection_is_released_after_two_minutes(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;

	pipe_establish(pipe, 1);
	pipe_send(pipe, 1, FLOW_SERVER, TCP_FIN | TCP_ACK, SERVER, CLIENT, 0);
	pipe_tick_all(pipe, START + 120 * SECOND - 1);
	assert_int_equal(pipe->count, 0);
	pipe_tick_all(pipe, START + 120 * SECOND);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(pipe_record(pipe, 0).end, END_FIN_SERVER);
	pipe_destroy(pipe);
}

static void
a_rst_is_reported_after_a_second_and_its_connection_after_ten(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;

	pipe_establish(pipe, 1);
	pipe_send(pipe, 1, FLOW_SERVER, TCP_RST, SERVER, 0, 0);
	pipe_tick_all(pipe, START + SECOND - 1);
	assert_int_equal(pipe->count, 0);
	pipe_tick_all(pipe, START + SECOND);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(pipe->events[0].kinds, EVENT_RST);
	assert_int_equal(pipe_record(pipe, 0).rst.verdict, RST_MID_CONNECTION);
	pipe_tick_all(pipe, START + 10 * SECOND - 1);
	assert_int_equal(pipe->count, 1);
	pipe_tick_all(pipe, START + 10 * SECOND);
	assert_int_equal(pipe->count, 2);
	assert_int_equal(pipe->events[1].kinds, EVENT_CONNECTION);
	assert_int_equal(pipe_record(pipe, 1).end, END_RST_SERVER);
	pipe_destroy(pipe);
}

/* A frame that comes before the sweep got there sees the flow's timer run out all the same. */
static void
a_segment_after_the_timer_belongs_to_another_connection(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;

	pipe_syn(pipe, 1);
	pipe->now_us = START + 131 * SECOND;
	pipe_syn(pipe, 1);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(pipe->events[0].time_us, START + 131 * SECOND);
	assert_int_equal(pipe_record(pipe, 0).handshake.syn, 1);
	assert_int_equal(pipe_state(pipe, 1), HS_SYN_SENT);
	assert_int_equal(PIPE_COUNTER(pipe, flows_opened), 2);
	pipe_destroy(pipe);
}

static void
with_timeouts_off_a_connection_ends_on_the_wire_only(void **state)
{
	struct pipeline_params params = pipe_params(64);
	struct pipe *pipe;

	(void)state;

	params.tracker.timeouts = false;
	pipe = pipe_make(&params);
	pipe_syn(pipe, 1);
	pipe_establish(pipe, 2);
	pipe_close(pipe, 2);
	pipe->now_us = START + 500 * HOUR;
	assert_true(pipeline_tick(pipe->pipeline, pipe->now_us));
	pipe_syn(pipe, 1);
	assert_int_equal(pipe->count, 0);
	pipe_finish(pipe);
	assert_int_equal(pipe->count, 2);
	for (uint32_t i = 0; i < 2; i++)
		if (pipe_record(pipe, i).end == END_OPEN)
			assert_int_equal(pipe_record(pipe, i).handshake.syn_retransmits, 1);
		else
			assert_int_equal(pipe_record(pipe, i).end, END_FIN_BOTH);
	pipe_destroy(pipe);
}

static void
the_run_s_end_reports_each_open_connection_once(void **state)
{
	struct pipe *pipe = make(4096);
	uint8_t seen[1000] = { 0 };

	(void)state;

	for (uint32_t id = 0; id < 1000; id++)
		id % 2 == 0 ? pipe_syn(pipe, id) : pipe_establish(pipe, id);
	pipe_finish(pipe);
	assert_int_equal(pipe->count, 1000);
	for (uint32_t i = 0; i < pipe->count; i++) {
		struct record record = pipe_record(pipe, i);
		uint32_t id = record.side[FLOW_CLIENT].port - 1024u;

		assert_int_equal(seen[id]++, 0);
		assert_int_equal(record.end, END_OPEN);
		assert_int_equal(record.handshake.result,
				id % 2 == 0 ? HANDSHAKE_SERVER_SILENT : HANDSHAKE_COMPLETE);
		assert_int_equal(pipe->events[i].time_us, pipe->now_us);
	}
	assert_true(pipeline_finish(pipe->pipeline, pipe->now_us));
	assert_int_equal(pipeline_events(pipe->pipeline)->count, 0);
	assert_int_equal(PIPE_COUNTER(pipe, flows_closed), 1000);
	assert_int_equal(pipe_state(pipe, 1), HS_STATE_UNSET);
	pipe_destroy(pipe);
}

/* Half-open flows of random ages; what tick leaves must not be due. */
static void
a_tick_that_says_so_has_left_nothing_that_is_due(void **state)
{
	struct pipe *pipe = make(4096);
	uint64_t start_us[1000];
	struct dice dice = { 20 };

	(void)state;

	for (uint32_t id = 0; id < ARRAY_LEN(start_us); id++) {
		pipe->now_us += dice_below(&dice, 200000);
		start_us[id] = pipe->now_us;
		pipe_syn(pipe, id);
	}
	while (pipe->count < ARRAY_LEN(start_us)) {
		uint32_t due = 0;

		pipe_tick_all(pipe, pipe->now_us + dice_below(&dice, 3 * SECOND));
		for (uint32_t id = 0; id < ARRAY_LEN(start_us); id++)
			due += pipe->now_us >= start_us[id] + 131 * SECOND;
		assert_int_equal(pipe->count, due);
	}
	for (uint32_t i = 0; i < pipe->count; i++) {
		struct record record = pipe_record(pipe, i);
		uint32_t id = record.side[FLOW_CLIENT].port - 1024u;

		assert_int_equal(pipe->events[i].time_us, start_us[id] + 131 * SECOND);
	}
	pipe_destroy(pipe);
}

static void
a_new_attempt_takes_the_place_of_the_old_one(void **state)
{
	struct pipe *pipe = make(64);

	(void)state;

	pipe_syn(pipe, 1);
	pipe->now_us += SECOND;
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_SYN, 5000000, 0, 0);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(pipe->events[0].kinds, EVENT_CONNECTION | EVENT_INCOMPLETE_HANDSHAKE);
	assert_int_equal(pipe_record(pipe, 0).handshake.syn, 1);
	pipe_finish(pipe);
	assert_int_equal(pipe->count, 2);
	assert_int_equal(pipe_record(pipe, 1).start_us, START + SECOND);
	assert_int_not_equal(pipe_record(pipe, 0).flow_id, pipe_record(pipe, 1).flow_id);
	pipe_destroy(pipe);
}

static void
a_syn_in_a_connection_that_is_answered_began_another_at_that_syn(void **state)
{
	struct pipe *pipe = make(64);
	struct record old, new;

	(void)state;

	pipe_establish(pipe, 1);
	pipe->now_us += SECOND;
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_SYN, 5000000, 0, 0);
	assert_int_equal(PIPE_COUNTER(pipe, syn_in_connection), 1);
	assert_int_equal(pipe->count, 0);
	pipe->now_us += 7;
	pipe_send(pipe, 1, FLOW_SERVER, TCP_SYN | TCP_ACK, 9000000, 5000001, 0);
	assert_int_equal(pipe->count, 1);
	old = pipe_record(pipe, 0);
	assert_true(old.syn_in_connection);
	assert_int_equal(old.handshake.syn, 1);
	assert_int_equal(old.side[FLOW_CLIENT].pkts, 2);
	assert_int_equal(pipe_state(pipe, 1), HS_SYN_RECEIVED);
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, 5000001, 9000001, 0);
	pipe_finish(pipe);
	new = pipe_record(pipe, 1);
	assert_int_equal(new.handshake.result, HANDSHAKE_COMPLETE);
	assert_int_equal(new.start_us, START + SECOND);
	assert_int_equal(new.handshake.synack_us, 7);
	assert_int_equal(new.handshake.syn, 1);
	assert_int_equal(new.side[FLOW_CLIENT].pkts, 2);
	assert_false(new.syn_in_connection);
	pipe_destroy(pipe);
}

static void
vlan_tags_tell_flows_apart_only_when_they_are_in_the_key(void **state)
{
	(void)state;

	for (int in_key = 0; in_key <= 1; in_key++) {
		struct pipeline_params params = pipe_params(64);
		struct build_tcp tcp = pipe_spec(1, FLOW_CLIENT, TCP_SYN, 1000, 0, 0);
		struct pipe *pipe;

		params.vlan_in_key = in_key != 0;
		pipe = pipe_make(&params);
		for (int n = 0; n < 2; n++) {
			tcp.vlan_count = 1;
			tcp.vlan[0] = 100;
			pipe_tcp(pipe, &tcp);
			tcp.vlan[0] = 101;
			pipe_tcp(pipe, &tcp);
		}
		tcp.vlan_count = 0;
		pipe_tcp(pipe, &tcp);
		assert_int_equal(PIPE_COUNTER(pipe, flows_opened), in_key != 0 ? 3 : 1);
		assert_int_equal(PIPE_COUNTER(pipe, syn_retransmits), in_key != 0 ? 2 : 4);
		pipe_destroy(pipe);
	}
}

static void
ipv6_goes_the_same_way(void **state)
{
	static const struct {
		enum flow_side side;
		uint8_t flags;
		uint32_t seq, ack;
	} segments[] = {
		{ FLOW_CLIENT, TCP_SYN, 1000, 0 },
		{ FLOW_SERVER, TCP_SYN | TCP_ACK, 700000, 1001 },
		{ FLOW_CLIENT, TCP_ACK, 1001, 700001 },
	};
	struct pipe *pipe = make(64);
	struct record record;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(segments); i++) {
		struct build_tcp tcp = pipe_spec(1, segments[i].side, segments[i].flags,
				segments[i].seq, segments[i].ack, 0);

		tcp.ip_version = 6;
		tcp.src_addr[0] = tcp.dst_addr[0] = 0x20;
		tcp.src_addr[10] = tcp.dst_addr[10] = 0;
		pipe_tcp(pipe, &tcp);
	}
	pipe_finish(pipe);
	record = pipe_record(pipe, 0);
	assert_int_equal(record.ip_version, 6);
	assert_int_equal(record.handshake.result, HANDSHAKE_COMPLETE);
	assert_int_equal(record.side[FLOW_CLIENT].addr[0], 0x20);
	assert_int_equal(record.side[FLOW_SERVER].port, FIXTURE_SERVER_PORT);
	pipe_destroy(pipe);
}

static void
send_unreachable(struct pipe *pipe, const struct build_tcp *quoted)
{
	struct build_icmp icmp = { .hop_limit = 60, .type = 3, .code = 1, .quoted = quoted };
	uint8_t bytes[PIPE_FRAME_ROOM];
	uint32_t len;

	build_ipv4_mapped(UINT32_C(0x0a0000fe), icmp.src_addr);
	len = (uint32_t)build_icmp_frame(&icmp, bytes, sizeof(bytes));
	pipe_bytes(pipe, bytes, len, len);
}

static void
an_icmp_error_that_quotes_the_syn_judges_the_handshake(void **state)
{
	struct pipe *pipe = make(64);
	struct build_tcp syn = pipe_spec(1, FLOW_CLIENT, TCP_SYN, FIXTURE_CLIENT_ISN, 0, 0);
	struct record record;

	(void)state;

	pipe_tcp(pipe, &syn);
	pipe->now_us += 1000;
	send_unreachable(pipe, &syn);
	assert_int_equal(pipe->count, 1);
	assert_int_equal(pipe->events[0].kinds, EVENT_INCOMPLETE_HANDSHAKE);
	assert_int_equal(pipe->events[0].time_us, pipe->now_us);
	record = pipe_record(pipe, 0);
	assert_int_equal(record.handshake.result, HANDSHAKE_UNREACHABLE);
	assert_true(record.handshake.has_icmp);
	assert_int_equal(record.handshake.icmp_type, 3);
	assert_int_equal(record.handshake.icmp_code, 1);
	send_unreachable(pipe, &syn);
	pipe_finish(pipe);
	assert_int_equal(pipe->count, 2);
	assert_int_equal(pipe->events[1].kinds, EVENT_CONNECTION);
	pipe_destroy(pipe);
}

static void
an_icmp_error_about_no_known_connection_opens_none(void **state)
{
	struct pipe *pipe = make(64);
	struct build_tcp syn = pipe_spec(1, FLOW_CLIENT, TCP_SYN, 1000, 0, 0);

	(void)state;

	send_unreachable(pipe, &syn);
	assert_int_equal(PIPE_COUNTER(pipe, flows_opened), 0);
	assert_int_equal(PIPE_COUNTER(pipe, packets[PACKET_ICMP_TCP]), 1);
	pipe_destroy(pipe);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_is_one_event_when_its_entry_is_released),
		cmocka_unit_test(a_burst_of_no_frames_does_nothing),
		cmocka_unit_test(a_silent_server_is_judged_when_the_client_must_have_given_up),
		cmocka_unit_test(a_silent_client_is_judged_when_the_server_must_have_given_up),
		cmocka_unit_test(an_idle_connection_is_released_after_two_hours),
		cmocka_unit_test(a_half_closed_connection_is_released_after_two_minutes),
		cmocka_unit_test(a_rst_is_reported_after_a_second_and_its_connection_after_ten),
		cmocka_unit_test(a_segment_after_the_timer_belongs_to_another_connection),
		cmocka_unit_test(with_timeouts_off_a_connection_ends_on_the_wire_only),
		cmocka_unit_test(the_run_s_end_reports_each_open_connection_once),
		cmocka_unit_test(a_tick_that_says_so_has_left_nothing_that_is_due),
		cmocka_unit_test(a_new_attempt_takes_the_place_of_the_old_one),
		cmocka_unit_test(a_syn_in_a_connection_that_is_answered_began_another_at_that_syn),
		cmocka_unit_test(vlan_tags_tell_flows_apart_only_when_they_are_in_the_key),
		cmocka_unit_test(ipv6_goes_the_same_way),
		cmocka_unit_test(an_icmp_error_that_quotes_the_syn_judges_the_handshake),
		cmocka_unit_test(an_icmp_error_about_no_known_connection_opens_none),
	};

	return cmocka_run_group_tests_name("pipeline", tests, NULL, NULL);
}
