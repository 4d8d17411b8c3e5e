/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/meter.h"
#include "detect/tick.h"
#include "pipeline/pipeline_flow.h"
#include "tests/unit/detect_fixture.h"
#include "tests/unit/pipeline_fixture.h"

#define SECOND USEC_PER_SEC
#define CLIENT (FIXTURE_CLIENT_ISN + 1)
#define SERVER (FIXTURE_SERVER_ISN + 1)

static struct detect_report report;

static struct pipe *
make(uint32_t slots)
{
	struct pipeline_params params = pipe_params(slots);

	params.detect = true;
	params.meter.prefixes = (struct victim_prefixes){ 24, 64 };
	memcpy(params.meter.key, detect_key, sizeof(detect_key));
	return pipe_make(&params);
}

/* Whatever was counted since the last time. */
static struct victim_counts
take(struct pipe *pipe)
{
	struct victim_counts sum = { 0 };

	detect_report(pipeline_meter(pipe->pipeline), &report, tick_of(pipe->now_us));
	detect_sum(&report, &sum);
	return sum;
}

static struct victim_counts
counts_of(struct victim_key key)
{
	const struct report_victim *row = detect_row(&report, &key);

	return row != NULL ? row->counts : (struct victim_counts){ 0 };
}

static void
without_detection_there_is_no_meter(void **state)
{
	struct pipeline_params params = pipe_params(64);
	size_t size = pipeline_memory_size(&params);
	struct pipe *pipe = pipe_make(&params);

	(void)state;

	assert_null(pipeline_meter(pipe->pipeline));
	pipe_establish(pipe, 1);
	pipe_syn(pipe, 2);
	pipe_send(pipe, 3, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 0);
	pipe_finish(pipe);
	params.detect = true;
	assert_int_equal(pipeline_memory_size(&params), size + meter_memory_size());
	pipe_destroy(pipe);
}

static void
a_handshake_that_completes_is_counted_with_its_delay(void **state)
{
	struct pipe *pipe = make(64);
	struct victim_counts sum;

	(void)state;

	pipe_syn(pipe, 1);
	sum = take(pipe);
	assert_int_equal(sum.syn, 1);
	assert_int_equal(victim_ended(&sum), 0);
	pipe->now_us += 200000;
	pipe_synack(pipe, 1);
	pipe_synack(pipe, 1);
	pipe->now_us += 100000;
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 0);
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 10);
	pipe_close(pipe, 1);
	pipe_finish(pipe);
	sum = take(pipe);
	assert_int_equal(sum.syn, 0);
	assert_int_equal(sum.synack, 1);
	assert_int_equal(sum.completed, 1);
	assert_int_equal(sum.delay[victim_delay_class(300000)], 1);
	assert_int_equal(victim_ended(&sum), 1);
	assert_int_equal(counts_of(detect_service(FIXTURE_SERVER_ADDR, FIXTURE_SERVER_PORT))
					 .completed,
			1);
	pipe_destroy(pipe);
}

static void
a_syn_sent_again_is_no_new_handshake(void **state)
{
	struct pipe *pipe = make(64);
	struct victim_counts sum;

	(void)state;

	for (uint32_t n = 0; n < 4; n++)
		pipe_syn(pipe, 1);
	pipe_establish(pipe, 2);
	pipe_syn(pipe, 2); /* a late copy of one that is over */
	sum = take(pipe);
	assert_int_equal(sum.syn, 2);
	assert_int_equal(sum.syn_retransmits, 3);
	assert_int_equal(sum.retried, 1);
	pipe_destroy(pipe);
}

static void
a_refused_handshake_and_one_that_the_client_resets(void **state)
{
	struct pipe *pipe = make(64);
	struct victim_counts sum;

	(void)state;

	pipe_syn(pipe, 1);
	pipe_send(pipe, 1, FLOW_SERVER, TCP_RST | TCP_ACK, 0, CLIENT, 0);
	pipe_syn(pipe, 2);
	pipe_synack(pipe, 2);
	pipe_send(pipe, 2, FLOW_CLIENT, TCP_RST, CLIENT, 0, 0);
	sum = take(pipe);
	assert_int_equal(sum.syn, 2);
	assert_int_equal(sum.refused, 1);
	assert_int_equal(sum.client_reset, 1);
	assert_int_equal(victim_ended(&sum), 2);
	assert_int_equal(sum.stray_rst, 0);
	pipe_destroy(pipe);
}

static void
timers_end_a_handshake_by_who_was_silent(void **state)
{
	struct pipe *pipe = make(64);
	struct victim_counts sum;

	(void)state;

	pipe_syn(pipe, 1);
	pipe_syn(pipe, 2);
	pipe_synack(pipe, 2);
	pipe_tick_all(pipe, pipe->now_us + 200 * SECOND);
	sum = take(pipe);
	assert_int_equal(sum.server_silent, 1);
	assert_int_equal(sum.client_silent, 1);
	assert_int_equal(victim_ended(&sum), 2);
	pipe_destroy(pipe);
}

static void
an_unreachable_server_ends_it_and_what_comes_later_ends_nothing(void **state)
{
	struct pipe *pipe = make(64);
	struct build_tcp syn = pipe_spec(1, FLOW_CLIENT, TCP_SYN, FIXTURE_CLIENT_ISN, 0, 0);
	struct build_icmp icmp = { .type = 3, .code = 1, .hop_limit = 64, .quoted = &syn };
	uint8_t bytes[PIPE_FRAME_ROOM];
	uint32_t len;
	struct victim_counts sum;

	(void)state;

	memcpy(icmp.src_addr, syn.dst_addr, sizeof(icmp.src_addr));
	len = (uint32_t)build_icmp_frame(&icmp, bytes, sizeof(bytes));
	pipe_syn(pipe, 1);
	pipe_bytes(pipe, bytes, len, len);
	pipe_synack(pipe, 1);
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 0);
	assert_int_equal(pipe_state(pipe, 1), HS_ESTABLISHED);
	pipe_finish(pipe);
	sum = take(pipe);
	assert_int_equal(sum.broken_off, 1);
	assert_int_equal(sum.stray_answered, 0);
	assert_int_equal(victim_ended(&sum), 1);
	pipe_destroy(pipe);
}

static void
what_makes_room_is_evicted_and_what_is_replaced_ends(void **state)
{
	struct pipe *pipe = make(32);
	struct victim_counts sum;

	(void)state;

	for (uint32_t id = 0; id < 100; id++)
		pipe_syn(pipe, id);
	sum = take(pipe);
	assert_int_equal(sum.syn, 100);
	assert_int_equal(sum.evicted, PIPE_COUNTER(pipe, flows_evicted));
	assert_int_equal(victim_ended(&sum), sum.evicted);
	/* Another attempt on the same ports. */
	pipe_send(pipe, 99, FLOW_CLIENT, TCP_SYN, FIXTURE_CLIENT_ISN + 777, 0, 0);
	sum = take(pipe);
	assert_int_equal(sum.syn, 1);
	assert_int_equal(sum.server_silent, 1);
	pipe_finish(pipe);
	sum = take(pipe);
	assert_int_equal(victim_ended(&sum), 32);
	pipe_destroy(pipe);
}

static void
each_is_counted_at_its_own_service_though_a_burst_evicts_what_it_began(void **state)
{
	struct pipe *pipe = make(32);

	(void)state;

	for (uint32_t id = 0; id < 32; id++)
		pipe_syn(pipe, id);
	take(pipe);
	pipe->burst = PIPELINE_BURST_MAX;
	for (uint32_t round = 0; round < 4; round++) {
		for (uint32_t id = 0; id < PIPELINE_BURST_MAX; id++) {
			struct build_tcp tcp = pipe_spec(100 * round + id, FLOW_CLIENT, TCP_SYN,
					FIXTURE_CLIENT_ISN, 0, 0);

			/* Ever earlier, so that the last one is the first to go. */
			pipe->now_us -= 3 * SECOND;
			build_ipv4_mapped(0xc6130000 + 256 * id, tcp.dst_addr);
			pipe_tcp(pipe, &tcp);
		}
		take(pipe);
		for (uint32_t id = 0; id < PIPELINE_BURST_MAX; id++)
			assert_int_equal(counts_of(detect_service(0xc6130000 + 256 * id,
								   FIXTURE_SERVER_PORT))
							 .syn,
					1);
	}
	pipe_destroy(pipe);
}

static void
a_syn_in_a_connection_is_a_handshake_once_it_is_answered(void **state)
{
	struct pipe *pipe = make(64);
	struct victim_counts sum;

	(void)state;

	pipe_establish(pipe, 1);
	take(pipe);
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_SYN, 5000000, 0, 0);
	sum = take(pipe);
	assert_int_equal(sum.syn, 0);
	pipe_send(pipe, 1, FLOW_SERVER, TCP_SYN | TCP_ACK, 9000000, 5000001, 0);
	sum = take(pipe);
	assert_int_equal(sum.syn, 1);
	assert_int_equal(sum.synack, 1);
	assert_int_equal(victim_ended(&sum), 0);
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, 5000001, 9000001, 0);
	sum = take(pipe);
	assert_int_equal(sum.completed, 1);
	pipe_destroy(pipe);
}

static void
segments_without_a_connection_are_strays_of_their_kind(void **state)
{
	struct pipe *pipe = make(64);
	struct victim_counts sum;

	(void)state;

	pipe_synack(pipe, 1);
	pipe_synack(pipe, 1);
	pipe_send(pipe, 2, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 0);
	pipe_send(pipe, 3, FLOW_CLIENT, TCP_RST, CLIENT, 0, 0);
	sum = take(pipe);
	assert_int_equal(sum.syn, 0);
	assert_int_equal(sum.stray_synack, 2);
	assert_int_equal(sum.stray_ack, 1);
	assert_int_equal(sum.stray_rst, 1);
	assert_int_equal(counts_of(detect_address(FIXTURE_SERVER_ADDR)).stray_ack, 1);
	assert_int_equal(counts_of(detect_address(FIXTURE_SERVER_ADDR)).stray_synack, 0);
	assert_int_equal(counts_of(detect_address(0x0a000001)).stray_synack, 2);
	pipe_finish(pipe);
	sum = take(pipe);
	assert_int_equal(victim_ended(&sum), 0);
	pipe_destroy(pipe);
}

static void
a_connection_picked_up_in_the_middle_is_real_once_both_sides_speak(void **state)
{
	struct pipe *pipe = make(64);
	struct victim_counts sum;

	(void)state;

	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 10);
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, CLIENT + 10, SERVER, 10);
	sum = take(pipe);
	assert_int_equal(sum.stray_ack, 1);
	assert_int_equal(sum.stray_answered, 0);
	pipe_send(pipe, 1, FLOW_SERVER, TCP_ACK, SERVER, CLIENT + 20, 0);
	pipe_send(pipe, 1, FLOW_SERVER, TCP_ACK, SERVER, CLIENT + 20, 10);
	sum = take(pipe);
	assert_int_equal(sum.stray_answered, 1);
	assert_int_equal(counts_of(detect_address(FIXTURE_SERVER_ADDR)).stray_answered, 1);
	pipe_synack(pipe, 2);
	pipe_send(pipe, 2, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 0);
	sum = take(pipe);
	assert_int_equal(sum.stray_synack, 1);
	assert_int_equal(sum.stray_answered, 1);
	assert_int_equal(counts_of(detect_address(0x0a000001)).stray_answered, 1);
	assert_int_equal(sum.completed, 0);
	pipe_destroy(pipe);
}

/* As behind a router that sends the other direction elsewhere. */
static void
a_handshake_seen_in_one_direction_is_not_left_open(void **state)
{
	struct pipe *pipe = make(64);
	struct victim_counts sum;

	(void)state;

	pipe_syn(pipe, 1);
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 0);
	pipe_send(pipe, 1, FLOW_CLIENT, TCP_ACK, CLIENT, SERVER, 10);
	pipe_synack(pipe, 2);
	pipe_send(pipe, 2, FLOW_SERVER, TCP_ACK, SERVER, CLIENT + 10, 10);
	pipe_send(pipe, 2, FLOW_SERVER, TCP_ACK, SERVER + 10, CLIENT + 10, 10);
	sum = take(pipe);
	assert_int_equal(sum.syn, 1);
	assert_int_equal(sum.broken_off, 1);
	assert_int_equal(sum.stray_synack, 1);
	assert_int_equal(sum.stray_answered, 1);
	pipe_finish(pipe);
	sum = take(pipe);
	assert_int_equal(victim_ended(&sum), 0);
	pipe_destroy(pipe);
}

static void
a_rst_that_changes_nothing_is_stray_and_one_that_ends_it_is_not(void **state)
{
	struct pipe *pipe = make(64);
	struct victim_counts sum;

	(void)state;

	pipe_establish(pipe, 1);
	for (uint32_t n = 0; n < 5; n++)
		pipe_send(pipe, 1, FLOW_SERVER, TCP_RST, SERVER + 100000000 * n + 50000000, 0, 0);
	sum = take(pipe);
	assert_int_equal(sum.stray_rst, 5);
	assert_int_equal(counts_of(detect_address(0x0a000001)).stray_rst, 5);
	pipe_send(pipe, 1, FLOW_SERVER, TCP_RST, SERVER, 0, 0);
	sum = take(pipe);
	assert_int_equal(sum.stray_rst, 0);
	pipe_destroy(pipe);
}

static uint32_t
metered(const struct pipe *pipe)
{
	const struct flow_table *table = &pipe->pipeline->table;
	uint32_t slots[FLOW_TABLE_WAYS], cursor = 0, count = 0;

	for (int in_use; (in_use = flow_table_walk(table, &cursor, slots)) >= 0;)
		for (int i = 0; i < in_use; i++)
			count += (table->flows[slots[i]].entry.flags & FLOW_METERED) != 0;
	return count;
}

/* One random segment of one of some conversations. */
static void
disturb(struct pipe *pipe, struct dice *dice)
{
	static const uint8_t flags[] = { TCP_SYN, TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK, TCP_ACK,
		TCP_FIN | TCP_ACK, TCP_RST, TCP_RST | TCP_ACK, TCP_FIN, 0 };
	enum flow_side side = (enum flow_side)dice_below(dice, FLOW_SIDES);
	uint32_t own = side == FLOW_CLIENT ? FIXTURE_CLIENT_ISN : FIXTURE_SERVER_ISN;
	uint32_t peer = side == FLOW_CLIENT ? FIXTURE_SERVER_ISN : FIXTURE_CLIENT_ISN;

	pipe_send(pipe, (uint32_t)dice_below(dice, 150), side, flags[dice_below(dice, 10)],
			own + (uint32_t)dice_below(dice, 3), peer + (uint32_t)dice_below(dice, 3),
			(uint32_t)dice_below(dice, 2) * 10);
}

/* To a service of IPv4, one of IPv6, or one of IPv6 that has the address of the first. */
static void
send_syn_to(struct pipe *pipe, uint32_t id, uint32_t service)
{
	struct build_tcp syn = pipe_spec(id, FLOW_CLIENT, TCP_SYN, FIXTURE_CLIENT_ISN, 0, 0);

	if (service != 0)
		syn.ip_version = 6;
	if (service == 1)
		syn.dst_addr[0] = 0x20;
	pipe_tcp(pipe, &syn);
}

static void
each_syn_of_a_burst_is_counted_at_its_own_service(void **state)
{
	struct pipe *pipe = make(256);
	struct victim_key services[3];
	uint32_t syns[3] = { 0 }, sent[3] = { 0 }, evicted = 0;
	struct dice dice = { 5 };

	(void)state;

	for (uint32_t i = 0; i < 3; i++)
		services[i] = detect_service(FIXTURE_SERVER_ADDR, FIXTURE_SERVER_PORT);
	services[1].ipv6 = services[2].ipv6 = true;
	*(uint8_t *)services[1].addr = 0x20;
	pipe->burst = PIPELINE_BURST_MAX;
	for (uint32_t n = 0; n < 8000; n++) {
		/* At times all go to one of them, else to any. */
		uint32_t any = (uint32_t)dice_below(&dice, 3);
		uint32_t service = n / 1000 % 2 == 0 ? n / 1000 % 3 : any;

		sent[service]++;
		send_syn_to(pipe, n, service);
		if (n % 1000 != 999)
			continue;
		pipe_flush(pipe);
		evicted += take(pipe).evicted;
		for (uint32_t i = 0; i < 3; i++)
			syns[i] += counts_of(services[i]).syn;
	}
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(syns[i], sent[i]);
	assert_int_equal(evicted, PIPE_COUNTER(pipe, flows_evicted));
	pipe_destroy(pipe);
}

static void
every_handshake_has_ended_once_or_is_still_in_the_table(void **state)
{
	(void)state;

	for (uint64_t run = 0; run < 12; run++) {
		struct pipe *pipe = make(64);
		struct dice dice = { 0x4d45544552 + run };
		struct victim_counts sum = { 0 };

		print_message("seed %#llx\n", (unsigned long long)dice.state);
		pipe->burst = 1 + (uint32_t)dice_below(&dice, PIPELINE_BURST_MAX);
		for (uint32_t n = 0; n < 20000; n++) {
			pipe->now_us += dice_below(&dice, 60000);
			disturb(pipe, &dice);
			if (n % 8 == 0)
				pipe_establish(pipe, (uint32_t)dice_below(&dice, 150));
			if (n % 64 == 0)
				pipe_tick_all(pipe, pipe->now_us);
			if (n % 2500 == 0) {
				struct victim_counts more = take(pipe);

				victim_counts_add(&sum, &more);
				assert_int_equal(sum.syn - victim_ended(&sum), metered(pipe));
			}
		}
		pipe_finish(pipe);
		detect_report(pipeline_meter(pipe->pipeline), &report, tick_of(pipe->now_us));
		detect_sum(&report, &sum);
		assert_int_equal(sum.syn, victim_ended(&sum));
		assert_true(sum.syn > 1000 && sum.completed > 10 && sum.evicted > 10);
		pipe_destroy(pipe);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_detection_there_is_no_meter),
		cmocka_unit_test(a_handshake_that_completes_is_counted_with_its_delay),
		cmocka_unit_test(a_syn_sent_again_is_no_new_handshake),
		cmocka_unit_test(a_refused_handshake_and_one_that_the_client_resets),
		cmocka_unit_test(timers_end_a_handshake_by_who_was_silent),
		cmocka_unit_test(an_unreachable_server_ends_it_and_what_comes_later_ends_nothing),
		cmocka_unit_test(what_makes_room_is_evicted_and_what_is_replaced_ends),
		cmocka_unit_test(
				each_is_counted_at_its_own_service_though_a_burst_evicts_what_it_began),
		cmocka_unit_test(a_syn_in_a_connection_is_a_handshake_once_it_is_answered),
		cmocka_unit_test(segments_without_a_connection_are_strays_of_their_kind),
		cmocka_unit_test(
				a_connection_picked_up_in_the_middle_is_real_once_both_sides_speak),
		cmocka_unit_test(a_handshake_seen_in_one_direction_is_not_left_open),
		cmocka_unit_test(a_rst_that_changes_nothing_is_stray_and_one_that_ends_it_is_not),
		cmocka_unit_test(each_syn_of_a_burst_is_counted_at_its_own_service),
		cmocka_unit_test(every_handshake_has_ended_once_or_is_still_in_the_table),
	};

	return cmocka_run_group_tests_name("pipeline_meter", tests, NULL, NULL);
}
