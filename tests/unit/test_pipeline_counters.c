/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/unit/pipeline_fixture.h"

#define SECOND USEC_PER_SEC
#define CLIENT (FIXTURE_CLIENT_ISN + 1)
#define SERVER (FIXTURE_SERVER_ISN + 1)

/* Where things lie in an untagged IPv4 frame of build.c. */
#define AT_ETHER_TYPE 12
#define AT_IP 14
#define AT_FRAGMENT 20
#define AT_PROTOCOL 23
#define AT_ICMP_TYPE 34
#define AT_TCP_OFFSET 46
#define AT_TCP_CHECKSUM 50

static struct pipe *
make(bool verify_checksum)
{
	struct pipeline_params params = pipe_params(64);

	params.verify_checksum = verify_checksum;
	return pipe_make(&params);
}

/* A good SYN's frame with one 16-bit word or one byte of it changed. */
static void
send_altered(struct pipe *pipe, uint32_t at, uint8_t value, uint32_t len)
{
	struct build_tcp tcp = pipe_spec(1, FLOW_CLIENT, TCP_SYN, 1000, 0, 0);
	uint8_t bytes[PIPE_FRAME_ROOM];

	build_tcp_frame(&tcp, bytes, sizeof(bytes));
	bytes[at] = value;
	if (at == AT_PROTOCOL)
		bytes[AT_ICMP_TYPE] = 8; /* an echo request, should it be ICMP */
	pipe_bytes(pipe, bytes, len, 60);
}

static void
every_kind_of_frame_is_counted_and_only_tcp_is_tracked(void **state)
{
	static const struct {
		enum packet_kind kind;
		uint32_t at;
		uint8_t value;
		uint32_t len;
	} frames[] = {
		{ PACKET_UDP, AT_PROTOCOL, 17, 60 },
		{ PACKET_ICMP, AT_PROTOCOL, 1, 60 },
		{ PACKET_IP_OTHER, AT_PROTOCOL, 47, 60 },
		{ PACKET_FRAGMENT, AT_FRAGMENT + 1, 16, 60 },
		{ PACKET_ARP, AT_ETHER_TYPE + 1, 6, 60 },
		{ PACKET_NOT_IP, AT_ETHER_TYPE, 0x88, 60 },
		{ PACKET_BAD_LINK, 0, 2, 10 },
		{ PACKET_BAD_IP, AT_IP, 0x42, 60 },
		{ PACKET_BAD_TCP, AT_TCP_OFFSET, 0x40, 60 },
	};
	struct pipe *pipe = make(false);

	(void)state;

	pipe->burst = 5;
	for (size_t i = 0; i < ARRAY_LEN(frames); i++)
		for (size_t n = 0; n <= i; n++)
			send_altered(pipe, frames[i].at, frames[i].value, frames[i].len);
	pipe_flush(pipe);
	for (size_t i = 0; i < ARRAY_LEN(frames); i++)
		assert_int_equal(PIPE_COUNTER(pipe, packets[frames[i].kind]), i + 1);
	assert_int_equal(PIPE_COUNTER(pipe, packets[PACKET_TCP]), 0);
	assert_int_equal(PIPE_COUNTER(pipe, frames), 45);
	assert_int_equal(PIPE_COUNTER(pipe, flows_opened), 0);
	assert_int_equal(PIPE_COUNTER(pipe, syn), 0);
	pipe_destroy(pipe);
}

static void
bytes_are_those_of_the_wire_not_of_the_capture(void **state)
{
	struct build_tcp tcp = pipe_spec(1, FLOW_CLIENT, TCP_ACK | TCP_PSH, 1000, 1, 300);
	struct pipe *pipe = make(false);
	uint8_t bytes[PIPE_FRAME_ROOM];
	uint32_t len = (uint32_t)build_tcp_frame(&tcp, bytes, sizeof(bytes));

	(void)state;

	pipe_bytes(pipe, bytes, 54, len);
	pipe_bytes(pipe, bytes, len, len);
	assert_int_equal(PIPE_COUNTER(pipe, frames), 2);
	assert_int_equal(PIPE_COUNTER(pipe, bytes), 2 * len);
	pipe_finish(pipe);
	assert_int_equal(pipe_record(pipe, 0).side[FLOW_CLIENT].bytes, 600);
	pipe_destroy(pipe);
}

/* One of each thing that has a counter, and two or three where they could be mixed up. */
static void
tell_everything(struct pipe *pipe)
{
	/* 1: complete, closed; a retransmitted SYN, two SYN-ACKs, one datum sent twice. */
	pipe_syn(pipe, 1);
	pipe_syn(pipe, 1);
	pipe_synack(pipe, 1);
	pipe_synack(pipe, 1);
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 10);
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 10);
	pipe_send(pipe, 1, FLOW_SERVER, TCP_FIN | TCP_ACK, SERVER, CLIENT + 10, 0);
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_FIN | TCP_ACK, CLIENT + 10, SERVER + 1, 0);
	/* 2: a bad SYN-ACK, twice; silence. */
	pipe_syn(pipe, 2);
	for (int n = 0; n < 2; n++)
		pipe_send(pipe, 2, FLOW_SERVER, TCP_SYN | TCP_ACK, 5, 77, 0);
	/* 3: refused. */
	pipe_syn(pipe, 3);
	pipe_send(pipe, 3, FLOW_SERVER, TCP_RST | TCP_ACK, 0, CLIENT, 0);
	/* 4: a SYN in the connection, then cut. */
	pipe_establish(pipe, 4);
	pipe_send(pipe, 4, FLOW_CLIENT, TCP_SYN, 99999, 0, 0);
	pipe_send(pipe, 4, FLOW_SERVER, TCP_ACK, SERVER, CLIENT, 0);
	pipe_send(pipe, 4, FLOW_SERVER, TCP_RST, SERVER, 0, 0);
	/* 5: impossible flags, of a flow that they begin: SYN+FIN, none, SYN+RST, PSH+URG. */
	pipe_send(pipe, 5, FLOW_CLIENT, TCP_SYN | TCP_FIN, 1, 0, 0);
	pipe_send(pipe, 5, FLOW_CLIENT, 0, 1, 0, 0);
	pipe_send(pipe, 5, FLOW_CLIENT, TCP_SYN | TCP_RST, 1, 0, 0);
	pipe_send(pipe, 5, FLOW_CLIENT, TCP_PSH | TCP_URG, 1, 0, 0);
}

static void
every_counter_is_exact(void **state)
{
	struct pipe *pipe = make(false);

	(void)state;

	tell_everything(pipe);
	pipe_finish(pipe);
	assert_int_equal(PIPE_COUNTER(pipe, frames), 8 + 3 + 2 + 6 + 4);
	assert_int_equal(PIPE_COUNTER(pipe, bytes), 60 * 21 + 64 * 2);
	assert_int_equal(PIPE_COUNTER(pipe, packets[PACKET_TCP]), 23);
	assert_int_equal(PIPE_COUNTER(pipe, flows_opened), 5);
	assert_int_equal(PIPE_COUNTER(pipe, flows_closed), 5);
	assert_int_equal(PIPE_COUNTER(pipe, flows_evicted), 0);
	assert_int_equal(PIPE_COUNTER(pipe, flows_untracked), 0);
	assert_int_equal(PIPE_COUNTER(pipe, syn_retransmits), 1);
	assert_int_equal(PIPE_COUNTER(pipe, synack), 2 + 2 + 1);
	assert_int_equal(PIPE_COUNTER(pipe, synack_retransmits), 1);
	assert_int_equal(PIPE_COUNTER(pipe, synack_bad), 2);
	assert_int_equal(PIPE_COUNTER(pipe, data_retransmits), 1);
	assert_int_equal(PIPE_COUNTER(pipe, syn_in_connection), 1);
	assert_int_equal(PIPE_COUNTER(pipe, illegal_flags), 4);
	pipe_destroy(pipe);
}

/* Those with impossible flags are these and those at once. */
static void
flags_are_counted_by_what_the_header_says(void **state)
{
	struct pipe *pipe = make(false);

	(void)state;

	tell_everything(pipe);
	assert_int_equal(PIPE_COUNTER(pipe, syn), 2 + 1 + 1 + 2 + 2);
	assert_int_equal(PIPE_COUNTER(pipe, rst), 1 + 1 + 1);
	assert_int_equal(PIPE_COUNTER(pipe, fin), 2 + 1);
	pipe_destroy(pipe);
}

static void
results_and_ends_are_counted_when_connections_are_released(void **state)
{
	struct pipe *pipe = make(false);

	(void)state;

	tell_everything(pipe);
	for (uint32_t i = 0; i < HANDSHAKE_RESULT_COUNT; i++)
		assert_int_equal(PIPE_COUNTER(pipe, handshakes[i]), 0);
	pipe_finish(pipe);
	assert_int_equal(PIPE_COUNTER(pipe, handshakes[HANDSHAKE_COMPLETE]), 2);
	assert_int_equal(PIPE_COUNTER(pipe, handshakes[HANDSHAKE_BAD_SYNACK]), 1);
	assert_int_equal(PIPE_COUNTER(pipe, handshakes[HANDSHAKE_REFUSED]), 1);
	assert_int_equal(PIPE_COUNTER(pipe, handshakes[HANDSHAKE_MIDSTREAM]), 1);
	assert_int_equal(PIPE_COUNTER(pipe, handshakes[HANDSHAKE_UNSET]), 0);
	assert_int_equal(PIPE_COUNTER(pipe, ends[END_FIN_BOTH]), 1);
	assert_int_equal(PIPE_COUNTER(pipe, ends[END_OPEN]), 2);
	assert_int_equal(PIPE_COUNTER(pipe, ends[END_RST_SERVER]), 2);
	pipe_destroy(pipe);
}

static void
each_rst_is_counted_once_as_finally_judged(void **state)
{
	struct pipe *pipe = make(false);

	(void)state;

	tell_everything(pipe);
	/* 6: after a FIN. 7: of no connection. 8: given up by the client. 9: out of window. */
	pipe_establish(pipe, 6);
	pipe_send(pipe, 6, FLOW_CLIENT, TCP_FIN | TCP_ACK, CLIENT, SERVER, 0);
	pipe_send(pipe, 6, FLOW_CLIENT, TCP_RST, CLIENT + 1, 0, 0);
	pipe_send(pipe, 7, FLOW_CLIENT, TCP_RST, 1, 0, 0);
	pipe_syn(pipe, 8);
	pipe_synack(pipe, 8);
	pipe_send(pipe, 8, FLOW_CLIENT, TCP_RST, CLIENT, 0, 0);
	pipe_establish(pipe, 9);
	pipe_send(pipe, 9, FLOW_SERVER, TCP_RST, SERVER + 1000000, 0, 0);
	pipe_tick_all(pipe, pipe->now_us + 5 * SECOND);
	pipe_finish(pipe);
	assert_int_equal(PIPE_COUNTER(pipe, rst_verdicts[RST_REFUSED]), 1);
	assert_int_equal(PIPE_COUNTER(pipe, rst_verdicts[RST_MID_CONNECTION]), 1);
	assert_int_equal(PIPE_COUNTER(pipe, rst_verdicts[RST_LATE]), 1);
	assert_int_equal(PIPE_COUNTER(pipe, rst_verdicts[RST_STRAY]), 1);
	assert_int_equal(PIPE_COUNTER(pipe, rst_verdicts[RST_ABORTED_HANDSHAKE]), 1);
	assert_int_equal(PIPE_COUNTER(pipe, rst_verdicts[RST_SUSPECTED_INJECTION]), 1);
	assert_int_equal(PIPE_COUNTER(pipe, rst_verdicts[RST_VERDICT_UNSET]), 0);
	pipe_destroy(pipe);
}

static void
send_with_bad_checksum(struct pipe *pipe, uint32_t id, enum flow_side side, uint8_t flags)
{
	struct build_tcp tcp = pipe_spec(id, side, flags,
			side == FLOW_CLIENT ? FIXTURE_CLIENT_ISN : FIXTURE_SERVER_ISN, CLIENT, 0);
	uint8_t bytes[PIPE_FRAME_ROOM];
	uint32_t len = (uint32_t)build_tcp_frame(&tcp, bytes, sizeof(bytes));

	bytes[AT_TCP_CHECKSUM] ^= 1;
	pipe_bytes(pipe, bytes, len, len);
}

static void
a_bad_checksum_is_not_looked_at_by_default(void **state)
{
	struct pipe *pipe = make(false);

	(void)state;

	send_with_bad_checksum(pipe, 1, FLOW_CLIENT, TCP_SYN);
	assert_int_equal(pipe_state(pipe, 1), HS_SYN_SENT);
	assert_int_equal(PIPE_COUNTER(pipe, packets[PACKET_TCP]), 1);
	assert_int_equal(PIPE_COUNTER(pipe, packets[PACKET_BAD_CHECKSUM]), 0);
	pipe_destroy(pipe);
}

static void
a_verified_bad_checksum_moves_nothing(void **state)
{
	struct pipe *pipe = make(true);

	(void)state;

	send_with_bad_checksum(pipe, 1, FLOW_CLIENT, TCP_SYN);
	assert_int_equal(pipe_state(pipe, 1), HS_STATE_UNSET);
	pipe_syn(pipe, 1);
	assert_int_equal(pipe_state(pipe, 1), HS_SYN_SENT);
	send_with_bad_checksum(pipe, 1, FLOW_SERVER, TCP_SYN | TCP_ACK);
	assert_int_equal(pipe_state(pipe, 1), HS_SYN_SENT);
	send_with_bad_checksum(pipe, 1, FLOW_SERVER, TCP_RST | TCP_ACK);
	assert_int_equal(pipe_state(pipe, 1), HS_SYN_SENT);
	pipe_synack(pipe, 1);
	assert_int_equal(pipe_state(pipe, 1), HS_SYN_RECEIVED);
	assert_int_equal(PIPE_COUNTER(pipe, packets[PACKET_BAD_CHECKSUM]), 3);
	assert_int_equal(PIPE_COUNTER(pipe, packets[PACKET_TCP]), 2);
	assert_int_equal(PIPE_COUNTER(pipe, rst), 0);
	pipe_finish(pipe);
	assert_int_equal(pipe_record(pipe, 0).side[FLOW_SERVER].pkts, 1);
	pipe_destroy(pipe);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_frame_is_counted_and_only_tcp_is_tracked),
		cmocka_unit_test(bytes_are_those_of_the_wire_not_of_the_capture),
		cmocka_unit_test(every_counter_is_exact),
		cmocka_unit_test(flags_are_counted_by_what_the_header_says),
		cmocka_unit_test(results_and_ends_are_counted_when_connections_are_released),
		cmocka_unit_test(each_rst_is_counted_once_as_finally_judged),
		cmocka_unit_test(a_bad_checksum_is_not_looked_at_by_default),
		cmocka_unit_test(a_verified_bad_checksum_moves_nothing),
	};

	return cmocka_run_group_tests_name("pipeline_counters", tests, NULL, NULL);
}
