/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/show_text.h"
#include "observe/status_json.h"
#include "tests/unit/alarm_fixture.h"
#include "tests/unit/status_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct status_fixture fixture;

/* What is printed of a reply, to be freed; the reply is released. */
static char *
print(int (*show)(json_t *reply, FILE *out), json_t *reply)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(show(reply, out), 0);
	fclose(out);
	json_decref(reply);
	return text;
}

static void
check(int (*show)(json_t *reply, FILE *out), json_t *reply, const char *expected)
{
	char *text = print(show, reply);

	assert_string_equal(text, expected);
	free(text);
}

static void
check_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("not there: %s\nin:\n%s", part, text);
}

static void
statistics_fit_one_screen_and_say_whether_a_frame_is_lost(void **state)
{
	char *text;

	(void)state;

	fixture_init(&fixture);
	text = print(show_text_stats, status_json_stats(&fixture.status));
	check_has(text,
			"synwire 1.2.3, running for 3 h 20 min, since 2021-03-20T12:49:32.192719Z\n\n"
			"Frames: 96,024 in = 96,000 out + 18 dropped + 6 in flight\n"
			"  tx_full      12  the outgoing port took no more\n"
			"  worker_full   6  the worker that they were steered to took no more\n\n"
			"Connections: 101 open, < 0.1 % of the room; over: 58,444, with this "
			"handshake\n"
			"  evicted                  3,094     5.3 %  unknown: its place was needed "
			"before the end\n");
	check_has(text,
			"\nWorkers\n"
			"  worker  cpu  state      busy      in     out  dropped  not tracked  "
			"connections  events  events lost\n"
			"       0    2  tracking  0.0 %  33,012  33,000        9          103"
			"           50     105          106\n"
			"       1    3  STALLED   0.0 %  63,012  63,000        9          203"
			"           51     205          206\n"
			"\nPorts\n"
			"  port            wire    link           in    bytes     out    bytes  "
			"dropped  missed  errors\n"
			"  0000:01:00.0    uplink  up         30,008  3.00 MB  30,000  3.00 MB  "
			"      6      10      90\n"
			"  0000:01:00.1    uplink  held down  32,008  3.20 MB  32,000  3.20 MB  "
			"      6      11      93\n");
	check_has(text,
			"\nOutputs\n"
			"  output       path                          lines   lost  state\n"
			"  stdout       -                             1,000      0  ready\n"
			"  file         /var/log/synwire/events.json  2,000      0  ready\n"
			"  unix_stream  /run/collector.sock               5  1,995  nobody listens\n");
	free(text);
}

static void
a_proof_that_does_not_hold_says_so(void **state)
{
	json_t *reply;
	char *text;

	(void)state;

	fixture_init(&fixture);
	reply = status_json_stats(&fixture.status);
	json_object_set_new(json_object_get(json_object_get(reply, "stats"), "proof"), "tx",
			json_integer(95999));
	text = print(show_text_stats, reply);
	check_has(text, "Frames: 96,024 in IS NOT 95,999 out + 18 dropped + 6 in flight\n");
	free(text);
}

static void
a_worker_in_bypass_says_why(void **state)
{
	char *text;

	(void)state;

	fixture_init(&fixture);
	fixture.status.workers[1].is_stalled = false;
	fixture.status.workers[0].tracking = STATUS_BYPASS_ASKED;
	text = print(show_text_stats, status_json_stats(&fixture.status));
	check_has(text, " bypass: operator ");
	check_has(text, " bypass: overload ");
	free(text);
}

static void
statistics_say_how_many_attacks_are_under_way(void **state)
{
	const struct detector_counters counters = { .started = { 1200, 34 } };
	const struct alarm flood = alarm_flood(1, "198.51.100.80", 80);
	char *text;

	(void)state;

	fixture_init(&fixture);
	fixture.status.alarms = (struct status_alarms){
		.counters = &counters, .active_count = 1, .active = { &flood }
	};
	text = print(show_text_stats, status_json_stats(&fixture.status));
	check_has(text, "\nAttacks: 1 under way, 1,234 in all\n");
	free(text);
}

static void
wires_show_their_ports(void **state)
{
	(void)state;

	fixture_init(&fixture);
	check(show_text_wires, status_json_wires(&fixture.status),
			"  wire    links   port            interface  driver   link             speed"
			"   mtu  queues  node      in     out  missed  errors\n"
			"  uplink  joined  0000:01:00.0    -          net_ice  up         10.0 Gbit/s"
			"  1500       2     -  30,008  30,000      10      90\n"
			"  uplink  joined  0000:01:00.1    -          net_ice  held down  10.0 Gbit/s"
			"  1500       2     -  32,008  32,000      11      93\n"
			"  span    mirror  net_af_packet0  eth2       net_ice  up                   -"
			"  1500       2     -  34,008  34,000      12      96\n");
}

static void
services_show_results_and_times(void **state)
{
	json_t *reply = json_loads(
			"{\"followed\":3,\"room\":1024,\"services\":["
			"{\"dest_ip\":\"192.0.2.61\",\"dest_port\":443,\"attempts\":1500,"
			"\"completed\":1498,\"refused\":0,\"server_silent\":1,\"client_silent\":0,"
			"\"other\":1,\"unknown\":0,\"error\":12,\"synack_us\":{\"p50\":944,"
			"\"p90\":1570,\"p99\":1700},\"ack_us\":{\"p50\":30,\"p90\":31,\"p99\":40}},"
			"{\"dest_ip\":\"2001:db8::1\",\"dest_port\":22,\"attempts\":2,"
			"\"completed\":0,\"refused\":2}]}",
			0, NULL);

	(void)state;

	check(show_text_services, reply,
			"  service           attempts  completed  refused  server silent  client silent"
			"  other  unknown  server p50      p90      p99  client p50    p90    p99\n"
			"  192.0.2.61:443       1,500      1,498        0              1              0"
			"      1        0      944 us  1.57 ms  1.70 ms       30 us  31 us  40 us\n"
			"  [2001:db8::1]:22         2          0        2              -              -"
			"      -        -           -        -        -           -      -      -\n"
			"  These are 2 of 3 services that are followed.\n"
			"  More than 1,024 services were seen: each may have been tried 12 times "
			"more.\n");
	check(show_text_services, json_object(), "No handshake was judged yet.\n");
}

static void
flows_show_where_they_stand(void **state)
{
	struct record record = { .worker = 1,
		.ip_version = 4,
		.side = { { .addr = { [12] = 192, 0, 2, 60 },
					  .port = 39002,
					  .pkts = 3,
					  .bytes = 76 },
				{ .addr = { [12] = 192, 0, 2, 61 }, .port = 80 } },
		.start_us = FIXTURE_STARTED_US,
		.end_us = FIXTURE_STARTED_US + 1000000 };
	json_t *flow = status_json_flow(&record, HS_SYN_SENT, FIXTURE_STARTED_US + 3000000);

	(void)state;

	check(show_text_flows, json_pack("{s:[o], s:b}", "flows", flow, "more", 1),
			"  client            server         state     handshake     age    idle  "
			"to server  bytes  to client  bytes  worker\n"
			"  192.0.2.60:39002  192.0.2.61:80  SYN_SENT  -          3.00 s  2.00 s  "
			"        3   76 B          0    0 B       1\n"
			"  These are the first 1; there are more.\n");
	check(show_text_flows, json_pack("{s:[]}", "flows"), "No connection.\n");
}

/* Put something else in the place of each value in turn, and print what then is there. */
static void
spoil(json_t *root, json_t *value, int (*show)(json_t *reply, FILE *out))
{
	json_t *odd[] = { json_null(), json_integer(-7), json_integer(INT64_MAX), json_real(1.5),
		json_string("\x1b[31m"), json_array(), json_object(), json_true() };
	size_t count = json_is_array(value) ? json_array_size(value) : 0;
	const char *key;
	json_t *part;
	void *tmp;

	json_object_foreach_safe(value, tmp, key, part)
	{
		json_incref(part);
		spoil(root, part, show);
		for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
			json_object_set(value, key, odd[i]);
			free(print(show, json_incref(root)));
		}
		json_object_set_new(value, key, part);
	}
	for (size_t n = 0; n < count; n++) {
		part = json_incref(json_array_get(value, n));
		spoil(root, part, show);
		for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
			json_array_set(value, n, odd[i]);
			free(print(show, json_incref(root)));
		}
		json_array_set_new(value, n, part);
	}
	for (size_t i = 0; i < ARRAY_LEN(odd); i++)
		json_decref(odd[i]);
}

static void
spoil_all(json_t *reply, int (*show)(json_t *reply, FILE *out))
{
	spoil(reply, reply, show);
	json_decref(reply);
	free(print(show, NULL));
	free(print(show, json_array()));
}

static void
no_reply_is_too_odd_to_be_shown(void **state)
{
	struct services *services = services_create(1);
	const struct service *best[8];
	struct record record = { .ip_version = 4, .handshake.result = HANDSHAKE_REFUSED };

	(void)state;

	fixture_init(&fixture);
	services_add(services, &record, EVENT_INCOMPLETE_HANDSHAKE);
	spoil_all(status_json_stats(&fixture.status), show_text_stats);
	spoil_all(status_json_wires(&fixture.status), show_text_wires);
	spoil_all(status_json_services(services, best,
				  services_best(services, best, 8, SERVICES_BY_ATTEMPTS)),
			show_text_services);
	spoil_all(json_pack("{s:[o]}", "flows", status_json_flow(&record, HS_SYN_SENT, 1)),
			show_text_flows);
	services_destroy(services);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statistics_fit_one_screen_and_say_whether_a_frame_is_lost),
		cmocka_unit_test(a_proof_that_does_not_hold_says_so),
		cmocka_unit_test(a_worker_in_bypass_says_why),
		cmocka_unit_test(statistics_say_how_many_attacks_are_under_way),
		cmocka_unit_test(wires_show_their_ports),
		cmocka_unit_test(services_show_results_and_times),
		cmocka_unit_test(flows_show_where_they_stand),
		cmocka_unit_test(no_reply_is_too_odd_to_be_shown),
	};

	return cmocka_run_group_tests_name("show_text", tests, NULL, NULL);
}
