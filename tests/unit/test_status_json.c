/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/status_json.h"
#include "tests/unit/status_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START_US FIXTURE_STARTED_US

static struct status_fixture fixture;

static const char *
text_of(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static json_int_t
number_of(json_t *object, const char *key)
{
	if (!json_is_integer(json_object_get(object, key)))
		fail_msg("%s is no number", key);
	return json_integer_value(json_object_get(object, key));
}

static struct record
record_of(uint8_t ip_version)
{
	return (struct record){ .flow_id = 4109120212425154,
		.worker = 3,
		.ip_version = ip_version,
		.vlan_count = 1,
		.vlan = { 100 },
		.side = { { .addr = { 0x20, 0x01, 0x0d, 0xb8, [12] = 192, 0, 2, 60 },
					  .port = 39002,
					  .pkts = 6,
					  .bytes = 76 },
				{ .addr = { 0x20, 0x01, 0x0d, 0xb8, [12] = 192, 0, 2, 61 },
						.port = 80,
						.pkts = 4,
						.bytes = 850 } },
		.start_us = START_US,
		.end_us = START_US + 7000 };
}

static void
stats_are_those_of_the_event(void **state)
{
	json_t *reply;

	(void)state;

	fixture_init(&fixture);
	reply = status_json_stats(&fixture.status);
	assert_string_equal(text_of(reply, "timestamp"), "2021-03-20T16:09:32.192719Z");
	assert_int_equal(number_of(json_object_get(json_object_get(reply, "stats"), "proof"),
					 "in_flight"),
			6);
	json_decref(reply);
}

static void
a_wire_shows_its_ports_and_what_is_known_of_them(void **state)
{
	json_t *reply, *wires, *ports;

	(void)state;

	fixture_init(&fixture);
	reply = status_json_wires(&fixture.status);
	wires = json_object_get(reply, "wires");
	assert_int_equal(json_array_size(wires), 2);
	assert_string_equal(text_of(json_array_get(wires, 0), "wire"), "uplink");
	assert_true(json_is_false(json_object_get(json_array_get(wires, 0), "mirror")));
	assert_true(json_is_true(json_object_get(json_array_get(wires, 0), "link_propagation")));
	ports = json_object_get(json_array_get(wires, 0), "ports");
	assert_int_equal(json_array_size(ports), 2);
	assert_string_equal(text_of(json_array_get(ports, 1), "port"), "0000:01:00.1");
	assert_string_equal(text_of(json_array_get(ports, 1), "link"), "down");
	assert_int_equal(number_of(json_array_get(ports, 1), "speed_mbps"), 10000);
	assert_null(json_object_get(json_array_get(ports, 1), "interface"));
	assert_null(json_object_get(json_array_get(ports, 1), "numa_node"));
	assert_true(json_is_true(json_object_get(json_array_get(wires, 1), "mirror")));
	ports = json_object_get(json_array_get(wires, 1), "ports");
	assert_int_equal(json_array_size(ports), 1);
	assert_string_equal(text_of(json_array_get(ports, 0), "interface"), "eth2");
	assert_null(json_object_get(json_array_get(ports, 0), "speed_mbps"));
	json_decref(reply);
}

static void
services_come_in_the_order_that_is_asked_and_no_more_of_them(void **state)
{
	struct services *services = services_create(1);
	struct record record = record_of(6);
	json_t *reply, *list, *first;

	(void)state;

	record.handshake = (struct record_handshake){ .result = HANDSHAKE_COMPLETE,
		.complete = true,
		.has_synack_us = true,
		.synack_us = 25 };
	services_add(services, &record, EVENT_HANDSHAKE);
	services_add(services, &record, EVENT_HANDSHAKE);
	record.ip_version = 4;
	record.handshake = (struct record_handshake){ .result = HANDSHAKE_REFUSED };
	services_add(services, &record, EVENT_INCOMPLETE_HANDSHAKE);
	reply = status_json_services(services, 1, SERVICES_BY_ATTEMPTS);
	list = json_object_get(reply, "services");
	first = json_array_get(list, 0);
	assert_int_equal(json_array_size(list), 1);
	assert_int_equal(number_of(reply, "followed"), 2);
	assert_int_equal(number_of(reply, "room"), SERVICES_KEPT);
	assert_string_equal(text_of(first, "dest_ip"), "2001:db8::c000:23d");
	assert_int_equal(number_of(first, "attempts"), 2);
	assert_int_equal(number_of(first, "completed"), 2);
	assert_int_equal(number_of(json_object_get(first, "synack_us"), "p99"), 25);
	assert_null(json_object_get(first, "ack_us"));
	json_decref(reply);
	reply = status_json_services(services, UINT32_MAX, SERVICES_BY_FAILURES);
	list = json_object_get(reply, "services");
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(text_of(json_array_get(list, 0), "dest_ip"), "192.0.2.61");
	assert_int_equal(number_of(json_array_get(list, 0), "refused"), 1);
	json_decref(reply);
	services_destroy(services);
}

static void
a_flow_is_shown_as_it_stands(void **state)
{
	struct record record = record_of(4);
	json_t *flow = status_json_flow(&record, HS_SYN_SENT, START_US + 9000);

	(void)state;

	assert_string_equal(text_of(flow, "src_ip"), "192.0.2.60");
	assert_int_equal(number_of(flow, "dest_port"), 80);
	assert_string_equal(text_of(flow, "state"), "SYN_SENT");
	assert_null(json_object_get(flow, "handshake"));
	assert_int_equal(number_of(flow, "worker"), 3);
	assert_int_equal(number_of(flow, "age_ms"), 9);
	assert_int_equal(number_of(flow, "idle_ms"), 2);
	assert_int_equal(number_of(flow, "bytes_toclient"), 850);
	assert_int_equal(json_array_size(json_object_get(flow, "vlan")), 1);
	json_decref(flow);
}

static void
what_is_settled_of_a_flow_is_shown_and_no_time_is_negative(void **state)
{
	struct record record = record_of(6);
	json_t *flow, *handshake;

	(void)state;

	record.vlan_count = 0;
	record.handshake.result = HANDSHAKE_CLIENT_SILENT;
	record.handshake.silent = SILENT_CLIENT;
	flow = status_json_flow(&record, HS_SYN_RECEIVED, START_US - 1000000);
	handshake = json_object_get(flow, "handshake");
	assert_string_equal(text_of(handshake, "result"), "client_silent");
	assert_string_equal(text_of(handshake, "silent"), "client");
	assert_int_equal(number_of(flow, "age_ms"), 0);
	assert_int_equal(number_of(flow, "idle_ms"), 0);
	assert_null(json_object_get(flow, "vlan"));
	json_decref(flow);
	record.handshake = (struct record_handshake){ .result = HANDSHAKE_COMPLETE };
	flow = status_json_flow(&record, HS_ESTABLISHED, START_US);
	assert_true(json_is_null(json_object_get(json_object_get(flow, "handshake"), "silent")));
	json_decref(flow);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stats_are_those_of_the_event),
		cmocka_unit_test(a_wire_shows_its_ports_and_what_is_known_of_them),
		cmocka_unit_test(services_come_in_the_order_that_is_asked_and_no_more_of_them),
		cmocka_unit_test(a_flow_is_shown_as_it_stands),
		cmocka_unit_test(what_is_settled_of_a_flow_is_shown_and_no_time_is_negative),
	};

	return cmocka_run_group_tests_name("status_json", tests, NULL, NULL);
}
