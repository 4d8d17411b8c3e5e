/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "observe/event_json.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define START_US UINT64_C(1616244572192719) /* 2021-03-20T12:49:32.192719Z */

static struct record_side
side_of(uint8_t last_byte, uint16_t port, uint64_t pkts, uint64_t bytes)
{
	return (struct record_side){
		.addr = { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 168, [15] = last_byte },
		.port = port,
		.hop_limit = 64,
		.seen = true,
		.pkts = pkts,
		.bytes = bytes,
		.fin = 1,
		.syn_seen = true,
		.mss = 1460,
		.has_wscale = true,
		.wscale = 7,
		.sack = true,
		.timestamps = true,
	};
}

/* As docs/output.md shows it, but for the number. */
static struct record
complete_record(void)
{
	return (struct record){
		.flow_id = 1,
		.ip_version = 4,
		.vlan_count = 1,
		.vlan = { 100 },
		.side = { side_of(60, 39002, 6, 76), side_of(61, 80, 4, 850) },
		.handshake = { .result = HANDSHAKE_COMPLETE,
				.complete = true,
				.silent = SILENT_NOBODY,
				.syn = 1,
				.synack = 1,
				.has_synack_us = true,
				.synack_us = 264,
				.has_ack_us = true,
				.ack_us = 30 },
		.end = END_FIN_BOTH,
		.conn_state = "SF",
		.history = "ShADadFaf",
		.start_us = START_US,
		.end_us = START_US + 1001123,
	};
}

static struct record_rst
server_reset(void)
{
	return (struct record_rst){
		.by = FLOW_SERVER,
		.phase = RST_PHASE_ESTABLISHED,
		.position = RST_EXACT,
		.verdict = RST_MID_CONNECTION,
		.idle_ms = 6837,
		.in_flight = true,
	};
}

static const char *
write_line(const struct record *record, enum event_kind kind, uint64_t time_us)
{
	static char line[EVENT_JSON_LINE_MAX + 1];
	struct event_json json = { 0 };
	size_t len = event_json_write(&json, record, kind, time_us, line);

	assert_in_range(len, 1, EVENT_JSON_LINE_MAX);
	line[len] = '\0';
	assert_ptr_equal(strchr(line, '\n'), line + len - 1);
	return line;
}

#define ENVELOPE(type) \
	"{\"timestamp\":\"2021-03-20T12:49:33.193842Z\",\"event_type\":\"" type "\"," \
	"\"flow_id\":1,\"worker\":0,\"src_ip\":\"192.168.0.60\",\"src_port\":39002," \
	"\"dest_ip\":\"192.168.0.61\",\"dest_port\":80,\"proto\":\"TCP\",\"vlan\":[100],"
#define FLOW_COUNTS \
	"\"pkts_toserver\":6,\"pkts_toclient\":4,\"bytes_toserver\":76," \
	"\"bytes_toclient\":850}}\n"
#define TIME_US (START_US + 1001123)

static void
a_connection_is_written_as_documented(void **state)
{
	struct record record = complete_record();

	(void)state;

	assert_string_equal(write_line(&record, EVENT_CONNECTION, TIME_US),
			ENVELOPE("connection") "\"handshake\":{\"result\":\"complete\",\"complete\":true,\"silent\":null,"
					       "\"implied_ack\":false,\"syn\":1,\"synack\":1,\"syn_retransmits\":0,"
					       "\"synack_retransmits\":0,\"synack_us\":264,\"ack_us\":30},"
					       "\"end\":{\"how\":\"fin_both\",\"rst\":null},"
					       "\"tcp\":{\"conn_state\":\"SF\",\"history\":\"ShADadFaf\","
					       "\"fin_client\":1,\"fin_server\":1,\"rst_client\":0,\"rst_server\":0,"
					       "\"data_retransmits_client\":0,\"data_retransmits_server\":0,"
					       "\"client\":{\"mss\":1460,\"wscale\":7,\"sack\":true,\"timestamps\":true,"
					       "\"ttl\":64},"
					       "\"server\":{\"mss\":1460,\"wscale\":7,\"sack\":true,\"timestamps\":true,"
					       "\"ttl\":64}},"
					       "\"flow\":{\"start\":\"2021-03-20T12:49:32.192719Z\","
					       "\"end\":\"2021-03-20T12:49:33.193842Z\"," FLOW_COUNTS);
}

static void
what_is_not_known_of_a_connection_picked_up_in_the_middle_is_left_out(void **state)
{
	struct record record = complete_record();

	(void)state;

	record.vlan_count = 0;
	record.side[FLOW_CLIENT].syn_seen = false;
	record.side[FLOW_SERVER].syn_seen = false;
	record.side[FLOW_SERVER].seen = false;
	record.handshake = (struct record_handshake){ .result = HANDSHAKE_MIDSTREAM,
		.silent = SILENT_NOBODY };
	record.end = END_TIMEOUT;
	assert_string_equal(write_line(&record, EVENT_CONNECTION, TIME_US),
			"{\"timestamp\":\"2021-03-20T12:49:33.193842Z\","
			"\"event_type\":\"connection\",\"flow_id\":1,\"worker\":0,"
			"\"src_ip\":\"192.168.0.60\",\"src_port\":39002,"
			"\"dest_ip\":\"192.168.0.61\",\"dest_port\":80,\"proto\":\"TCP\","
			"\"handshake\":{\"result\":\"midstream\",\"complete\":false,"
			"\"silent\":null,\"implied_ack\":false,\"syn\":0,\"synack\":0,"
			"\"syn_retransmits\":0,\"synack_retransmits\":0},"
			"\"end\":{\"how\":\"timeout\",\"rst\":null},"
			"\"tcp\":{\"conn_state\":\"SF\",\"history\":\"ShADadFaf\","
			"\"fin_client\":1,\"fin_server\":1,\"rst_client\":0,\"rst_server\":0,"
			"\"data_retransmits_client\":0,\"data_retransmits_server\":0,"
			"\"client\":{\"ttl\":64}},"
			"\"flow\":{\"start\":\"2021-03-20T12:49:32.192719Z\","
			"\"end\":\"2021-03-20T12:49:33.193842Z\"," FLOW_COUNTS);
}

static void
a_reset_names_side_phase_position_and_verdict(void **state)
{
	struct record record = complete_record();

	(void)state;

	record.has_rst = true;
	record.rst = server_reset();
	assert_string_equal(write_line(&record, EVENT_RST, TIME_US),
			ENVELOPE("rst") "\"handshake\":{\"result\":\"complete\"},"
					"\"rst\":{\"by\":\"server\",\"phase\":\"established\","
					"\"position\":\"exact\",\"verdict\":\"mid_connection\",\"ttl_delta\":0,"
					"\"idle_ms\":6837,\"in_flight\":true,\"answered\":false},"
					"\"flow\":{\"start\":\"2021-03-20T12:49:32.192719Z\"," FLOW_COUNTS);
}

static void
an_injected_reset_before_the_handshake_is_settled_shows_the_evidence(void **state)
{
	struct record record = complete_record();

	(void)state;

	record.handshake.result = HANDSHAKE_UNSET;
	record.has_rst = true;
	record.rst = (struct record_rst){
		.by = FLOW_CLIENT,
		.phase = RST_PHASE_HANDSHAKE,
		.position = RST_OUT,
		.verdict = RST_SUSPECTED_INJECTION,
		.after = RST_AFTER_WENT_ON,
		.ttl_delta = -13,
		.answered = true,
		.after_fin = true,
	};
	assert_string_equal(write_line(&record, EVENT_RST, TIME_US),
			ENVELOPE("rst") "\"rst\":{\"by\":\"client\",\"phase\":\"handshake\",\"position\":\"out\","
					"\"verdict\":\"suspected_injection\",\"ttl_delta\":-13,\"idle_ms\":0,"
					"\"in_flight\":false,\"after\":\"went_on\",\"answered\":true,"
					"\"after_fin\":true},"
					"\"flow\":{\"start\":\"2021-03-20T12:49:32.192719Z\"," FLOW_COUNTS);
}

static void
an_incomplete_handshake_says_who_was_silent_and_how_long_it_was_waited(void **state)
{
	struct record record = complete_record();

	(void)state;

	record.handshake = (struct record_handshake){ .result = HANDSHAKE_CLIENT_SILENT,
		.silent = SILENT_CLIENT,
		.fast_open = true,
		.syn = 2,
		.synack = 255,
		.syn_retransmits = 1,
		.synack_retransmits = 254,
		.has_synack_us = true,
		.synack_us = 31 };
	assert_string_equal(write_line(&record, EVENT_INCOMPLETE_HANDSHAKE, TIME_US),
			ENVELOPE("incomplete_handshake") "\"handshake\":{\"result\":\"client_silent\",\"complete\":false,"
							 "\"silent\":\"client\",\"fast_open\":true,\"syn\":2,\"synack\":255,"
							 "\"syn_retransmits\":1,\"synack_retransmits\":254,\"waited_ms\":1001,"
							 "\"synack_us\":31},"
							 "\"flow\":{\"start\":\"2021-03-20T12:49:32.192719Z\"," FLOW_COUNTS);
}

/* The values of docs/output.md's rarer fields, read back by a JSON library. */
static void
rare_fields_appear_only_when_they_are_true(void **state)
{
	struct record record = complete_record();
	json_t *root, *part;

	(void)state;

	root = json_loads(write_line(&record, EVENT_CONNECTION, TIME_US), 0, NULL);
	part = json_object_get(root, "handshake");
	assert_null(json_object_get(part, "fast_open"));
	assert_null(json_object_get(part, "icmp"));
	part = json_object_get(root, "tcp");
	assert_null(json_object_get(part, "history_cut"));
	assert_null(json_object_get(part, "syn_in_connection"));
	json_decref(root);

	record.handshake = (struct record_handshake){ .result = HANDSHAKE_UNREACHABLE,
		.fast_open = true,
		.has_icmp = true,
		.icmp_type = 3,
		.icmp_code = 13 };
	record.history_cut = record.syn_in_connection = true;
	record.side[FLOW_SERVER].mss = 0;
	record.side[FLOW_SERVER].has_wscale = false;
	root = json_loads(write_line(&record, EVENT_CONNECTION, TIME_US), 0, NULL);
	part = json_object_get(root, "handshake");
	assert_true(json_is_true(json_object_get(part, "fast_open")));
	part = json_object_get(part, "icmp");
	assert_int_equal(json_integer_value(json_object_get(part, "type")), 3);
	assert_int_equal(json_integer_value(json_object_get(part, "code")), 13);
	part = json_object_get(root, "tcp");
	assert_true(json_is_true(json_object_get(part, "history_cut")));
	assert_true(json_is_true(json_object_get(part, "syn_in_connection")));
	part = json_object_get(part, "server");
	assert_null(json_object_get(part, "mss"));
	assert_null(json_object_get(part, "wscale"));
	assert_true(json_is_true(json_object_get(part, "sack")));
	json_decref(root);
}

static void
fill_side(struct record_side *side)
{
	memset(side->addr, 0xfe, sizeof(side->addr));
	side->port = UINT16_MAX;
	side->hop_limit = UINT8_MAX;
	side->seen = side->syn_seen = side->has_wscale = true;
	side->pkts = side->bytes = INT64_MAX; /* the most that a JSON library takes */
	side->data_retransmits = side->mss = UINT16_MAX;
	side->fin = side->rst = side->wscale = UINT8_MAX;
	side->sack = side->timestamps = false;
}

static void
the_longest_line_fits_and_is_json(void **state)
{
	struct record record = complete_record();
	json_error_t error;
	json_t *root;

	(void)state;

	fill_side(&record.side[FLOW_CLIENT]);
	fill_side(&record.side[FLOW_SERVER]);
	record.ip_version = 6;
	record.flow_id = (UINT64_C(1) << 53) - 1;
	record.worker = record.vlan[0] = record.vlan[1] = UINT16_MAX;
	record.vlan_count = SEGMENT_VLANS;
	record.handshake = (struct record_handshake){ HANDSHAKE_SIMULTANEOUS_INCOMPLETE, false,
		false, true, SILENT_UNKNOWN, 255, 255, 255, 255, true, true, UINT32_MAX, UINT32_MAX,
		true, 255, 255 };
	record.end = END_RST_SERVER;
	record.has_rst = true;
	record.rst = (struct record_rst){ FLOW_CLIENT, RST_PHASE_NO_CONNECTION,
		RST_POSITION_UNKNOWN, RST_SUSPECTED_INJECTION, RST_AFTER_CHALLENGED, INT16_MAX,
		UINT32_MAX, false, false, true };
	memset(record.history, 'D', sizeof(record.history) - 1);
	memset(record.conn_state, 'R', sizeof(record.conn_state) - 1);
	record.history_cut = record.syn_in_connection = true;
	record.start_us = 0;
	for (int kind = EVENT_INCOMPLETE_HANDSHAKE; kind <= EVENT_CONNECTION; kind <<= 1) {
		root = json_loads(write_line(&record, (enum event_kind)kind, UINT64_MAX),
				JSON_REJECT_DUPLICATES, &error);
		assert_non_null(root);
		assert_string_equal(json_string_value(json_object_get(root, "event_type")),
				event_json_type((enum event_kind)kind));
		json_decref(root);
	}
}

static void
a_clock_that_stepped_back_gives_no_negative_wait(void **state)
{
	struct record record = complete_record();

	(void)state;

	assert_non_null(strstr(
			write_line(&record, EVENT_INCOMPLETE_HANDSHAKE, record.start_us - 5000),
			"\"waited_ms\":0,"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_is_written_as_documented),
		cmocka_unit_test(
				what_is_not_known_of_a_connection_picked_up_in_the_middle_is_left_out),
		cmocka_unit_test(a_reset_names_side_phase_position_and_verdict),
		cmocka_unit_test(
				an_injected_reset_before_the_handshake_is_settled_shows_the_evidence),
		cmocka_unit_test(
				an_incomplete_handshake_says_who_was_silent_and_how_long_it_was_waited),
		cmocka_unit_test(rare_fields_appear_only_when_they_are_true),
		cmocka_unit_test(the_longest_line_fits_and_is_json),
		cmocka_unit_test(a_clock_that_stepped_back_gives_no_negative_wait),
	};

	return cmocka_run_group_tests_name("event_json", tests, NULL, NULL);
}
