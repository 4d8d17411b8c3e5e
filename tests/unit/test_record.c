/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/record.h"
#include "handshake/zeek.h"
#include "tests/unit/conn_fixture.h"

/* A snapshot of which every field has a value of its own. */
static struct flow_snapshot
full_snapshot(void)
{
	struct flow_snapshot flow = { 0 };
	struct segment segment = fixture_segment(C, TCP_SYN, 0, 0, 0);
	struct flow_key key;

	if (flow_key_of(&segment, false, &key))
		flow.entry.flags |= FLOW_CLIENT_IS_SECOND;
	memcpy(flow.entry.addr, key.addr, sizeof(key.addr));
	memcpy(flow.entry.port, key.port, sizeof(key.port));
	flow.entry.flags |= flow_side_flag(FLOW_SEQ_KNOWN | FLOW_SYN | FLOW_SACK, C) |
			flow_side_flag(FLOW_SEQ_KNOWN | FLOW_SYN | FLOW_TIMESTAMPS, S) |
			FLOW_IMPLIED_ACK | FLOW_RST_SEEN;
	flow.entry.hop_limit[C] = 61;
	flow.entry.hop_limit[S] = 250;
	flow.entry.wscale = 9 << 4 | 7;
	flow.entry.state = HS_RESET;
	flow.tally = (struct flow_tally){
		.start_us = FIXTURE_START,
		.last_us = FIXTURE_START + 123456,
		.zeek_client = ZEEK_ESTABLISHED,
		.zeek_server = ZEEK_RESET,
		.result = HANDSHAKE_COMPLETE,
		.rst_is_end = 1,
		.count = { { .bytes = UINT64_C(0xffffffffffff),
					   .mss = 1460,
					   .pkts = UINT64_C(0xffffffffff),
					   .data_retransmits = 16383,
					   .fin = 15,
					   .rst = 63 },
				{ .bytes = 5,
						.mss = 536,
						.pkts = 4,
						.data_retransmits = 3,
						.fin = 2,
						.rst = 1 } },
		.synack_us = 264,
		.ack_us = 30,
	};
	flow.evidence.rst.idle_100us = 68374;
	flow.evidence.rst.ttl_delta = -9;
	flow.evidence.rst.phase = RST_PHASE_ESTABLISHED;
	flow.evidence.rst.position = RST_WINDOW;
	flow.evidence.rst.verdict = RST_MID_CONNECTION;
	flow.evidence.rst.after = RST_AFTER_SILENT;
	flow.evidence.rst.by = S;
	flow.evidence.rst.in_flight = 1;
	flow.evidence.vlan[0] = FLOW_VLAN_PRESENT | 100;
	flow.evidence.syn = 11;
	flow.evidence.synack = 6;
	flow.evidence.syn_retransmits = 10;
	flow.evidence.synack_retransmits = 255;
	return flow;
}

static struct record
unpack(const struct flow_snapshot *flow)
{
	struct record record;

	memset(&record, 0xff, sizeof(record));
	record_unpack(flow, &record);
	return record;
}

static void
sides_keep_their_endpoints_and_counts(void **state)
{
	static const uint8_t client[16] = { [10] = 255, [11] = 255, 192, 168, 0, 60 };
	static const uint8_t server[16] = { [10] = 255, [11] = 255, 192, 168, 0, 61 };
	struct flow_snapshot flow = full_snapshot();
	struct record record = unpack(&flow);

	(void)state;

	assert_memory_equal(record.side[C].addr, client, 16);
	assert_memory_equal(record.side[S].addr, server, 16);
	assert_int_equal(record.side[C].port, FIXTURE_CLIENT_PORT);
	assert_int_equal(record.side[S].port, FIXTURE_SERVER_PORT);
	assert_int_equal(record.side[C].hop_limit, 61);
	assert_int_equal(record.side[S].hop_limit, 250);
	assert_true(record.side[C].pkts == UINT64_C(0xffffffffff));
	assert_true(record.side[C].bytes == UINT64_C(0xffffffffffff));
	assert_int_equal(record.side[C].data_retransmits, 16383);
	assert_int_equal(record.side[C].fin, 15);
	assert_int_equal(record.side[C].rst, 63);
	assert_int_equal(record.side[S].bytes, 5);
	assert_int_equal(record.side[S].pkts, 4);
	assert_int_equal(record.side[S].data_retransmits, 3);
	assert_int_equal(record.side[S].fin, 2);
	assert_int_equal(record.side[S].rst, 1);
}

static void
the_client_is_whichever_endpoint_of_the_key_it_is(void **state)
{
	struct flow_snapshot flow = full_snapshot();
	struct record record;

	(void)state;

	flow.entry.flags ^= FLOW_CLIENT_IS_SECOND;
	record = unpack(&flow);
	assert_int_equal(record.side[C].port, FIXTURE_SERVER_PORT);
	assert_int_equal(record.side[S].port, FIXTURE_CLIENT_PORT);
	assert_int_equal(record.side[C].addr[15], 61);
	assert_int_equal(record.side[C].hop_limit, 61); /* by side, not by endpoint */
}

static void
options_are_those_of_each_side_s_syn(void **state)
{
	struct flow_snapshot flow = full_snapshot();
	struct record record = unpack(&flow);

	(void)state;

	assert_int_equal(record.side[C].mss, 1460);
	assert_true(record.side[C].has_wscale);
	assert_int_equal(record.side[C].wscale, 7);
	assert_true(record.side[C].sack);
	assert_false(record.side[C].timestamps);
	assert_int_equal(record.side[S].mss, 536);
	assert_int_equal(record.side[S].wscale, 9);
	assert_false(record.side[S].sack);
	assert_true(record.side[S].timestamps);
	assert_true(record.side[C].syn_seen && record.side[S].syn_seen);
	flow.entry.flags &= ~flow_side_flag(FLOW_SYN, S);
	flow.entry.wscale = FLOW_WSCALE_NONE << 4;
	record = unpack(&flow);
	assert_true(record.side[C].syn_seen);
	assert_false(record.side[S].syn_seen);
	assert_true(record.side[C].has_wscale); /* a shift of 0 is one */
	assert_int_equal(record.side[C].wscale, 0);
	assert_false(record.side[S].has_wscale);
}

static void
a_side_is_seen_if_it_sent_something(void **state)
{
	struct conn conn;

	(void)state;

	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	assert_true(conn_record(&conn).side[C].seen);
	assert_false(conn_record(&conn).side[S].seen);
	conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 0);
	assert_true(conn_record(&conn).side[S].seen);
}

static void
the_handshake_is_told_with_its_evidence(void **state)
{
	struct flow_snapshot flow = full_snapshot();
	struct record record = unpack(&flow);

	(void)state;

	assert_int_equal(record.handshake.result, HANDSHAKE_COMPLETE);
	assert_true(record.handshake.complete);
	assert_int_equal(record.handshake.silent, SILENT_NOBODY);
	assert_true(record.handshake.implied_ack);
	assert_false(record.handshake.fast_open);
	assert_int_equal(record.handshake.syn, 11);
	assert_int_equal(record.handshake.synack, 6);
	assert_int_equal(record.handshake.syn_retransmits, 10);
	assert_int_equal(record.handshake.synack_retransmits, 255);
	assert_true(record.handshake.has_synack_us);
	assert_int_equal(record.handshake.synack_us, 264);
	assert_true(record.handshake.has_ack_us);
	assert_int_equal(record.handshake.ack_us, 30);
	assert_false(record.handshake.has_icmp);
}

static void
complete_and_silent_follow_from_the_result(void **state)
{
	struct flow_snapshot flow = full_snapshot();

	(void)state;

	for (uint32_t result = HANDSHAKE_COMPLETE; result < HANDSHAKE_RESULT_COUNT; result++) {
		struct record record;

		flow.tally.result = result & 0x1f;
		record = unpack(&flow);
		assert_int_equal(record.handshake.result, result);
		assert_int_equal(record.handshake.complete,
				result == HANDSHAKE_COMPLETE || result == HANDSHAKE_SIMULTANEOUS);
		assert_int_equal(record.handshake.silent,
				verdict_silent_party((enum handshake_result)result));
	}
}

static void
times_that_are_not_known_are_absent(void **state)
{
	struct flow_snapshot flow = full_snapshot();
	struct record record;

	(void)state;

	flow.tally.synack_us = UINT32_MAX;
	flow.tally.ack_us = UINT32_MAX;
	record = unpack(&flow);
	assert_false(record.handshake.has_synack_us);
	assert_false(record.handshake.has_ack_us);
	assert_int_equal(record.handshake.synack_us, 0);
	assert_int_equal(record.handshake.ack_us, 0);
	flow.tally.synack_us = UINT32_MAX - 1;
	flow.tally.ack_us = 0;
	record = unpack(&flow);
	assert_true(record.handshake.has_synack_us);
	assert_true(record.handshake.has_ack_us);
	assert_true(record.handshake.synack_us == UINT32_MAX - 1);
}

static void
an_icmp_error_is_told_in_place_of_the_ack_s_time(void **state)
{
	struct flow_snapshot flow = full_snapshot();
	struct record record;

	(void)state;

	flow.tally.ack_us = UINT32_MAX;
	flow.entry.flags |= FLOW_UNREACHABLE;
	flow.tally.icmp.type = 3;
	flow.tally.icmp.code = 13;
	record = unpack(&flow);
	assert_true(record.handshake.has_icmp);
	assert_int_equal(record.handshake.icmp_type, 3);
	assert_int_equal(record.handshake.icmp_code, 13);
	assert_false(record.handshake.has_ack_us);
	flow.entry.flags |= FLOW_FAST_OPEN | FLOW_SYN_IN_CONNECTION;
	record = unpack(&flow);
	assert_true(record.handshake.fast_open);
	assert_true(record.syn_in_connection);
}

static void
the_rst_is_told_whole(void **state)
{
	struct flow_snapshot flow = full_snapshot();
	struct record record = unpack(&flow);

	(void)state;

	assert_true(record.has_rst);
	assert_int_equal(record.rst.by, S);
	assert_int_equal(record.rst.phase, RST_PHASE_ESTABLISHED);
	assert_int_equal(record.rst.position, RST_WINDOW);
	assert_int_equal(record.rst.verdict, RST_MID_CONNECTION);
	assert_int_equal(record.rst.after, RST_AFTER_SILENT);
	assert_int_equal(record.rst.ttl_delta, -9);
	assert_int_equal(record.rst.idle_ms, 6837);
	assert_true(record.rst.in_flight);
	assert_false(record.rst.answered);
	assert_false(record.rst.after_fin);
	flow.evidence.rst.answered = 1;
	flow.evidence.rst.after_fin = 1;
	flow.evidence.rst.in_flight = 0;
	flow.evidence.rst.by = C;
	flow.evidence.rst.ttl_delta = FLOW_NO_TTL_DELTA;
	record = unpack(&flow);
	assert_true(record.rst.answered);
	assert_true(record.rst.after_fin);
	assert_false(record.rst.in_flight);
	assert_int_equal(record.rst.by, C);
	assert_int_equal(record.rst.ttl_delta, RECORD_NO_TTL_DELTA);
}

/* Its place in the evidence holds something else then. */
static void
without_a_rst_there_is_none_in_the_record(void **state)
{
	struct flow_snapshot flow = full_snapshot();
	struct record record;

	(void)state;

	flow.entry.flags &= ~(uint32_t)FLOW_RST_SEEN;
	record = unpack(&flow);
	assert_false(record.has_rst);
	assert_int_equal(record.rst.idle_ms, 0);
	assert_int_equal(record.rst.verdict, RST_VERDICT_UNSET);
}

static void
tags_times_and_version_are_told(void **state)
{
	struct flow_snapshot flow = full_snapshot();
	struct record record = unpack(&flow);

	(void)state;

	assert_int_equal(record.ip_version, 4);
	assert_int_equal(record.vlan_count, 1);
	assert_int_equal(record.vlan[0], 100);
	assert_int_equal(record.start_us, FIXTURE_START);
	assert_int_equal(record.end_us, FIXTURE_START + 123456);
	assert_false(record.syn_in_connection);
	assert_string_equal(record.conn_state, "RSTR");
	assert_string_equal(record.history, "");
	assert_false(record.history_cut);
	flow.evidence.vlan[1] = FLOW_VLAN_PRESENT | 7;
	flow.entry.flags |= FLOW_IPV6;
	flow.tally.history_cut = 1;
	record = unpack(&flow);
	assert_int_equal(record.ip_version, 6);
	assert_int_equal(record.vlan_count, 2);
	assert_int_equal(record.vlan[1], 7);
	assert_true(record.history_cut);
	flow.evidence.vlan[0] = flow.evidence.vlan[1] = 0;
	assert_int_equal(unpack(&flow).vlan_count, 0);
}

static void
what_the_snapshot_does_not_hold_is_left_to_the_caller(void **state)
{
	struct flow_snapshot flow = full_snapshot();
	struct record record = unpack(&flow);

	(void)state;

	assert_int_equal(record.worker, 0);
	assert_int_equal(record.end, END_UNSET);
}

static void
a_connection_keeps_its_number_and_others_have_another(void **state)
{
	struct flow_snapshot flow = full_snapshot(), later, other;
	uint64_t id = unpack(&flow).flow_id;

	(void)state;

	assert_true(id < UINT64_C(1) << 53);
	later = flow;
	later.tally.last_us++;
	later.tally.count[C].pkts = 1;
	later.entry.state = HS_TIME_WAIT;
	assert_true(unpack(&later).flow_id == id);
	for (uint32_t i = 0; i < 8; i++) {
		other = flow;
		if (i < 4)
			other.entry.addr[i / 2][i % 2] ^= UINT64_C(1) << 60;
		else if (i < 6)
			other.entry.port[i - 4]++;
		else
			other.tally.start_us = FIXTURE_START + (i == 6 ? 1 : 1000000);
		assert_true(unpack(&other).flow_id != id);
	}
}

/* As many as a busy worker sees in a while: the chance that any two agree is 1 in 4000. */
static void
numbers_of_many_connections_differ(void **state)
{
	const uint32_t count = 1 << 20;
	uint64_t *ids = calloc(2 * (size_t)count, sizeof(*ids));
	struct flow_snapshot flow = full_snapshot();

	(void)state;

	for (uint32_t n = 0; n < count; n++) {
		uint64_t id, at;

		flow.entry.port[0] = (uint16_t)n;
		flow.tally.start_us = (FIXTURE_START + n / 3) & ((UINT64_C(1) << 52) - 1);
		id = unpack(&flow).flow_id;
		for (at = id % (2 * count); ids[at] != 0; at = (at + 1) % (2 * count))
			assert_true(ids[at] != id);
		ids[at] = id;
	}
	free(ids);
}

/* Five days or more: the evidence holds no more, and the record must not turn it into none. */
static void
a_very_long_idle_time_does_not_wrap(void **state)
{
	struct flow_snapshot flow = full_snapshot();

	(void)state;

	flow.evidence.rst.idle_100us = UINT32_MAX;
	assert_in_range(unpack(&flow).rst.idle_ms, 429496729, 429496730);
}

static void
a_handshake_that_completed_after_it_was_judged_incomplete_says_so(void **state)
{
	struct flow_snapshot flow = full_snapshot();
	struct record record;

	(void)state;

	record_unpack(&flow, &record);
	assert_false(record.handshake.given_up);
	flow.tally.result_reported = 1;
	record_unpack(&flow, &record);
	assert_true(record.handshake.given_up);
	flow.tally.result = HANDSHAKE_UNREACHABLE;
	record_unpack(&flow, &record);
	assert_false(record.handshake.given_up);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sides_keep_their_endpoints_and_counts),
		cmocka_unit_test(the_client_is_whichever_endpoint_of_the_key_it_is),
		cmocka_unit_test(options_are_those_of_each_side_s_syn),
		cmocka_unit_test(a_side_is_seen_if_it_sent_something),
		cmocka_unit_test(the_handshake_is_told_with_its_evidence),
		cmocka_unit_test(complete_and_silent_follow_from_the_result),
		cmocka_unit_test(times_that_are_not_known_are_absent),
		cmocka_unit_test(an_icmp_error_is_told_in_place_of_the_ack_s_time),
		cmocka_unit_test(the_rst_is_told_whole),
		cmocka_unit_test(without_a_rst_there_is_none_in_the_record),
		cmocka_unit_test(tags_times_and_version_are_told),
		cmocka_unit_test(what_the_snapshot_does_not_hold_is_left_to_the_caller),
		cmocka_unit_test(a_connection_keeps_its_number_and_others_have_another),
		cmocka_unit_test(numbers_of_many_connections_differ),
		cmocka_unit_test(a_very_long_idle_time_does_not_wrap),
		cmocka_unit_test(a_handshake_that_completed_after_it_was_judged_incomplete_says_so),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
