/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/meter.h"
#include "detect/meter_hot.h"
#include "tests/unit/detect_fixture.h"

#include <math.h>

#define SERVER 0xc6130009
#define CLIENT 0x0a000001

static void
a_handshake_is_counted_at_its_service_its_address_and_its_prefix(void **state)
{
	struct detect detect = detect_make();
	const struct victim_key levels[] = { detect_service(SERVER, 80), detect_address(SERVER),
		detect_prefix(SERVER) };
	struct flow_entry flow = detect_syn(&detect, CLIENT, SERVER, 80);

	(void)state;

	assert_true((flow.flags & FLOW_METERED) != 0);
	meter_syn_again(detect.meter, &flow, true);
	meter_syn_again(detect.meter, &flow, false);
	meter_synack(detect.meter, &flow);
	meter_end(detect.meter, &flow, HANDSHAKE_COMPLETE, tick_start_us(detect.tick),
			tick_start_us(detect.tick + 3) + 5);
	assert_true((flow.flags & FLOW_METERED) == 0);
	detect_tick(&detect);
	for (uint32_t i = 0; i < ARRAY_LEN(levels); i++) {
		struct victim_counts counts = detect_counts(&detect, levels[i]);

		assert_int_equal(counts.syn, 1);
		assert_int_equal(counts.syn_retransmits, 2);
		assert_int_equal(counts.retried, 1);
		assert_int_equal(counts.synack, 1);
		assert_int_equal(counts.completed, 1);
		assert_int_equal(counts.delay[victim_delay_class(300000)], 1);
		assert_int_equal(victim_ended(&counts), 1);
	}
	assert_int_equal(detect.report->victim_count, 3);
	assert_int_equal(detect.report->tick, detect.tick - 1);
	detect_tick(&detect);
	assert_int_equal(detect.report->victim_count, 0);
	detect_destroy(&detect);
}

static void
each_result_has_its_own_end(void **state)
{
	struct detect detect = detect_make();
	struct victim_counts counts;

	(void)state;

	for (uint32_t result = HANDSHAKE_UNSET + 1; result < HANDSHAKE_RESULT_COUNT; result++) {
		struct flow_entry flow = detect_syn(&detect, CLIENT + result, SERVER, 80);

		detect_end(&detect, &flow, (enum handshake_result)result);
	}
	detect_tick(&detect);
	counts = detect_counts(&detect, detect_service(SERVER, 80));
	assert_int_equal(counts.syn, HANDSHAKE_RESULT_COUNT - 1);
	assert_int_equal(victim_ended(&counts), HANDSHAKE_RESULT_COUNT - 1);
	assert_int_equal(counts.completed, 2);
	assert_int_equal(counts.delay[0], 2);
	assert_int_equal(counts.refused, 2);
	assert_int_equal(counts.client_reset, 1);
	assert_int_equal(counts.client_silent,
			2); /* one of them behind a FIN, which closes nothing */
	assert_int_equal(counts.server_silent, 1);
	assert_int_equal(counts.evicted, 1);
	assert_int_equal(counts.broken_off, HANDSHAKE_RESULT_COUNT - 10);
	detect_destroy(&detect);
}

/* Whatever gives way, nothing gets lost: each level holds what the one below it has. */
static void
everything_is_counted_once_whatever_has_to_give_way(void **state)
{
	struct detect detect = detect_make();
	struct dice dice = { 11 };
	struct victim_counts sum = { 0 };
	uint32_t services = 0, syns = 0, ends = 0, strays = 0;

	(void)state;

	for (uint32_t n = 0; n < 600000; n++) {
		/* From one subnet to the whole Internet. */
		uint32_t server = SERVER ^ (uint32_t)dice_roll(&dice) >> dice_below(&dice, 32);
		uint16_t port = (uint16_t)(dice_below(&dice, 2) != 0 ? 80 : dice_roll(&dice));
		struct flow_entry flow = detect_syn(
				&detect, (uint32_t)dice_roll(&dice), server, port);
		struct segment segment = fixture_ipv4(CLIENT, 80, server, port);

		syns++;
		if (dice_below(&dice, 3) != 0) {
			detect_end(&detect, &flow,
					(enum handshake_result)(1 +
							dice_below(&dice,
									HANDSHAKE_RESULT_COUNT -
											1)));
			ends++;
		}
		if (dice_below(&dice, 5) == 0) {
			meter_stray(detect.meter, &segment, (enum meter_stray)dice_below(&dice, 3));
			strays++;
		}
		if (dice_below(&dice, 50000) == 0 || n == 599999) {
			detect_tick(&detect);
			detect_sum(detect.report, &sum);
			for (uint32_t i = 0; i < detect.report->victim_count; i++)
				if (detect.report->victims[i].key.level == VICTIM_SERVICE)
					services += detect.report->victims[i].counts.syn;
		}
	}
	assert_int_equal(sum.syn, syns);
	assert_int_equal(victim_ended(&sum), ends);
	assert_int_equal(sum.stray_synack + sum.stray_ack + sum.stray_rst, strays);
	assert_true(services < syns);
	detect_destroy(&detect);
}

/* Handshakes with anybody, until one is counted there. */
static struct flow_entry
begin_until(struct detect *detect, uint32_t place, uint32_t *server)
{
	struct dice dice = { 12 };
	struct flow_entry flow;

	do {
		*server = (uint32_t)dice_roll(&dice);
		flow = detect_syn(detect, CLIENT, *server, 80);
	} while ((flow.flags & FLOW_METERED) != place);
	return flow;
}

/* Or who was given a place meanwhile would have more ends than beginnings. */
static void
a_handshake_ends_where_its_beginning_was_counted(void **state)
{
	struct detect detect = detect_make();
	uint32_t nobody, server;
	struct flow_entry nowhere = begin_until(&detect, FLOW_METERED_NOWHERE, &nobody);
	struct flow_entry above = begin_until(&detect, FLOW_METERED_ABOVE, &server);

	(void)state;

	detect_tick(&detect);
	/* Who completes a handshake gets a place. */
	detect_complete(&detect, CLIENT, nobody, 80);
	detect_complete(&detect, CLIENT, server, 80);
	meter_evicted(detect.meter, &nowhere);
	detect_end(&detect, &above, HANDSHAKE_SERVER_SILENT);
	assert_int_equal((nowhere.flags | above.flags) & FLOW_METERED, 0);
	detect_tick(&detect);
	assert_int_equal(detect.report->unfollowed.evicted, 1);
	assert_int_equal(detect_counts(&detect, detect_prefix(nobody)).evicted, 0);
	assert_int_equal(detect_counts(&detect, detect_service(server, 80)).completed, 1);
	assert_int_equal(detect_counts(&detect, detect_service(server, 80)).server_silent, 0);
	detect_destroy(&detect);
}

static void
counts_add_up_from_level_to_level_in_one_report(void **state)
{
	struct detect detect = detect_make();
	uint32_t levels[VICTIM_LEVELS] = { 0 };

	(void)state;

	for (uint32_t n = 0; n < 3000; n++)
		detect_syn(&detect, CLIENT + n, SERVER + n % 40 * 64, (uint16_t)(n % 7));
	detect_tick(&detect);
	for (uint32_t i = 0; i < detect.report->victim_count; i++)
		levels[detect.report->victims[i].key.level] += detect.report->victims[i].counts.syn;
	for (uint32_t level = 0; level < VICTIM_LEVELS; level++)
		assert_int_equal(levels[level], 3000);
	assert_int_equal(detect.report->unfollowed.syn, 0);
	detect_destroy(&detect);
}

static void
a_real_server_survives_a_flood_to_random_destinations(void **state)
{
	struct detect detect = detect_make();
	struct dice dice = { 5 };
	uint32_t client = CLIENT;

	(void)state;

	/* 50 a second that complete, in a million a second that do not. */
	for (uint32_t tick = 0; tick < 40; tick++) {
		for (uint32_t n = 0; n < 100000; n++) {
			detect_syn(&detect, (uint32_t)dice_roll(&dice), (uint32_t)dice_roll(&dice),
					80);
			if (n % 20000 == 0)
				detect_complete(&detect, client++, SERVER, 443);
		}
		detect_tick(&detect);
		assert_int_equal(detect_counts(&detect, detect_service(SERVER, 443)).completed, 5);
		assert_int_equal(detect_counts(&detect, detect_address(SERVER)).completed, 5);
		assert_int_equal(detect_counts(&detect, detect_prefix(SERVER)).completed, 5);
	}
	detect_destroy(&detect);
}

static void
a_server_that_first_speaks_in_the_middle_of_such_a_flood_gets_its_place(void **state)
{
	struct detect detect = detect_make();
	struct dice dice = { 6 };

	(void)state;

	for (uint32_t tick = 0; tick < 10; tick++) {
		for (uint32_t n = 0; n < 100000; n++)
			detect_syn(&detect, (uint32_t)dice_roll(&dice), (uint32_t)dice_roll(&dice),
					80);
		detect_tick(&detect);
	}
	detect_complete(&detect, CLIENT, SERVER, 443);
	detect_tick(&detect);
	assert_int_equal(detect_counts(&detect, detect_service(SERVER, 443)).completed, 1);
	detect_destroy(&detect);
}

/* A million a second, each evicted soon: there are 16 at a time and all is known of each. */
static void
sixteen_victims_are_counted_exactly(void **state)
{
	struct detect detect = detect_make();
	uint32_t client = 0;

	(void)state;

	for (uint32_t tick = 0; tick < 5; tick++) {
		for (uint32_t n = 0; n < 100000; n++) {
			struct flow_entry flow = detect_syn(
					&detect, client++ * 2654435761u, SERVER + n % 16 * 300, 80);

			detect_end(&detect, &flow, HANDSHAKE_EVICTED);
		}
		detect_tick(&detect);
		for (uint32_t victim = 0; victim < 16; victim++) {
			struct victim_counts counts = detect_counts(
					&detect, detect_service(SERVER + victim * 300, 80));

			assert_int_equal(counts.syn, 6250);
			assert_int_equal(counts.evicted, 6250);
		}
	}
	detect_destroy(&detect);
}

static void
a_flood_to_random_ports_shows_at_the_address(void **state)
{
	struct detect detect = detect_make();
	struct dice dice = { 8 };
	uint32_t client = 0;
	const struct sources *sources = NULL;

	(void)state;

	for (uint32_t tick = 0; tick < 5; tick++) {
		for (uint32_t n = 0; n < 20000; n++)
			detect_syn(&detect, client++, SERVER, (uint16_t)dice_roll(&dice));
		detect_tick(&detect);
		assert_int_equal(detect_counts(&detect, detect_address(SERVER)).syn, 20000);
		assert_int_equal(detect_counts(&detect, detect_prefix(SERVER)).syn, 20000);
		sources = detect_sources(&detect, detect_address(SERVER));
		assert_non_null(sources);
	}
	assert_true(fabs(sources_estimate(sources) / 20000 - 1) < 0.05);
	/* All but those of the first tick, at the end of which it was suspected. Services that had a place before learn of it a tick later. */
	assert_in_range(sources_taken(sources), 79000, 80000);
	assert_null(detect_sources(&detect, detect_prefix(SERVER)));
	detect_destroy(&detect);
}

static void
a_carpet_over_a_prefix_adds_up_there_with_its_sources(void **state)
{
	struct detect detect = detect_make();
	uint32_t client = 0;
	const struct sources *sources = NULL;

	(void)state;

	/* 50 a second for each of 256. */
	for (uint32_t tick = 0; tick < 20; tick++) {
		for (uint32_t n = 0; n < 256 * 5; n++)
			detect_syn(&detect, client++, (SERVER & ~255u) + n % 256, 80);
		detect_tick(&detect);
		assert_int_equal(detect_counts(&detect, detect_prefix(SERVER)).syn, 256 * 5);
		sources = detect_sources(&detect, detect_prefix(SERVER));
		assert_non_null(sources);
	}
	assert_true(fabs(sources_estimate(sources) / 1280 - 1) < 0.1);
	detect_destroy(&detect);
}

static void
sources_are_counted_as_soon_as_more_is_half_open_than_usual(void **state)
{
	struct detect detect = detect_make();
	const struct sources *sources;

	(void)state;

	for (uint32_t n = 0; n < 7; n++)
		detect_syn(&detect, CLIENT + n, SERVER, 80);
	detect_tick(&detect);
	assert_null(detect_sources(&detect, detect_service(SERVER, 80)));
	for (uint32_t n = 0; n < 3000; n++)
		detect_syn(&detect, CLIENT + n % 1000, SERVER, 80);
	detect_tick(&detect);
	sources = detect_sources(&detect, detect_service(SERVER, 80));
	assert_non_null(sources);
	assert_true(sources_taken(sources) >= 2990);
	assert_true(fabs(sources_estimate(sources) / 1000 - 1) < 0.04);
	/* What it is part of is no further victim. */
	assert_null(detect_sources(&detect, detect_address(SERVER)));
	assert_null(detect_sources(&detect, detect_prefix(SERVER)));
	detect_destroy(&detect);
}

/* From another client each time: a flood, in which one of three completes. */
static void
flood_with_clients(struct detect *detect, uint32_t first, uint32_t count, uint32_t ports,
		uint32_t servers)
{
	for (uint32_t n = first; n < first + count; n++) {
		uint16_t port = (uint16_t)(80 + n % ports);
		uint32_t server = SERVER ^ (n / 3 % servers);

		if (n % 3 == 0)
			detect_complete(detect, CLIENT + n, server, port);
		else
			detect_syn(detect, CLIENT + n, server, port);
	}
	detect_tick(detect);
}

static void
assert_left_open(struct victim_key victim, uint32_t ports, uint32_t servers)
{
	struct detect detect = detect_make();
	struct sources *sum = calloc(1, sizeof(*sum));
	uint32_t n;

	assert_non_null(sum);
	/* Until it is under suspicion. */
	for (n = 0; n < 12000; n += 3000)
		flood_with_clients(&detect, n, 3000, ports, servers);
	for (; n < 24000; n += 3000) {
		flood_with_clients(&detect, n, 3000, ports, servers);
		assert_non_null(detect_sources(&detect, victim));
		sources_merge(sum, detect_sources(&detect, victim));
	}
	assert_true(fabs(sources_estimate(sum) / 12000 - 1) < 0.04);
	assert_true(fabs(sources_estimate_open(sum) / 8000 - 1) < 0.05);
	free(sum);
	detect_destroy(&detect);
}

static void
who_completes_a_handshake_is_none_of_those_that_leave_theirs_open(void **state)
{
	(void)state;

	assert_left_open(detect_service(SERVER, 80), 1, 1);
	assert_left_open(detect_address(SERVER), 1000, 1);
	assert_left_open(detect_prefix(SERVER), 1, 256);
}

static void
a_busy_server_that_completes_its_handshakes_is_not_suspected(void **state)
{
	struct detect detect = detect_make();

	(void)state;

	for (uint32_t n = 0; n < 10000; n++) {
		detect_complete(&detect, CLIENT + n, SERVER, 80);
		if (n % 1000 == 999)
			detect_tick(&detect);
	}
	assert_int_equal(detect.report->sources_count, 0);
	detect_destroy(&detect);
}

static void
sources_are_let_go_a_second_after_the_suspicion(void **state)
{
	struct detect detect = detect_make();
	struct flow_entry flows[100];

	(void)state;

	for (uint32_t n = 0; n < 100; n++)
		flows[n] = detect_syn(&detect, CLIENT + n, SERVER, 80);
	detect_tick(&detect);
	for (uint32_t n = 0; n < 100; n++)
		detect_end(&detect, &flows[n], HANDSHAKE_CLIENT_SILENT);
	for (uint32_t tick = 0; tick < 5; tick++)
		detect_tick(&detect);
	detect_complete(&detect, CLIENT, SERVER, 80);
	detect_tick(&detect);
	assert_non_null(detect_sources(&detect, detect_service(SERVER, 80)));
	for (uint32_t tick = 0; tick < 20; tick++)
		detect_tick(&detect);
	detect_complete(&detect, CLIENT, SERVER, 80);
	detect_tick(&detect);
	assert_null(detect_sources(&detect, detect_service(SERVER, 80)));
	detect_destroy(&detect);
}

static void
a_heavy_victim_takes_the_sources_of_one_that_hardly_anything_happens_to(void **state)
{
	struct detect detect = detect_make();

	(void)state;

	/* More servers that do not answer than there is room for. */
	for (uint32_t server = 0; server < 2 * METER_SOURCES; server++)
		for (uint32_t n = 0; n < 20; n++)
			detect_syn(&detect, CLIENT + n, SERVER + server * 1000, 80);
	detect_tick(&detect);
	assert_int_equal(detect.report->sources_count, METER_SOURCES);
	for (uint32_t n = 0; n < 2000; n++)
		detect_syn(&detect, CLIENT + n, SERVER ^ 0x01000000, 80);
	detect_tick(&detect);
	assert_non_null(detect_sources(&detect, detect_service(SERVER ^ 0x01000000, 80)));
	assert_true(detect.report->sources_count <= METER_SOURCES);
	detect_destroy(&detect);
}

static const struct report_scanner *
scanner(const struct detect *detect, uint32_t source)
{
	struct victim_key key = detect_address(source);

	for (uint32_t i = 0; i < detect->report->scanner_count; i++)
		if (memcmp(detect->report->scanners[i].addr, key.addr, sizeof(key.addr)) == 0)
			return &detect->report->scanners[i];
	return NULL;
}

static void
who_knocks_at_many_doors_is_reported_with_what_came_of_it(void **state)
{
	struct detect detect = detect_make();
	const struct report_scanner *found;

	(void)state;

	for (uint32_t n = 0; n < 300; n++) {
		struct flow_entry flow = detect_syn(&detect, CLIENT, SERVER + n, 22);

		if (n % 3 == 0)
			detect_end(&detect, &flow, HANDSHAKE_REFUSED);
		if (n % 30 == 1)
			detect_end(&detect, &flow, HANDSHAKE_COMPLETE);
	}
	detect_tick(&detect);
	found = scanner(&detect, CLIENT);
	assert_non_null(found);
	assert_int_equal(found->attempts, 300);
	assert_int_equal(found->refused, 100);
	assert_int_equal(found->completed, 10);
	detect_destroy(&detect);
}

static void
a_flood_on_one_victim_makes_no_scanners(void **state)
{
	struct detect detect = detect_make();

	(void)state;

	for (uint32_t n = 0; n < 50000; n++) {
		struct flow_entry flow = detect_syn(&detect, CLIENT + n, SERVER, 80);

		detect_end(&detect, &flow, n % 2 == 0 ? HANDSHAKE_CLIENT_RESET : HANDSHAKE_REFUSED);
	}
	detect_tick(&detect);
	assert_true(detect.report->scanner_count <= 10);
	detect_destroy(&detect);
}

static void
strays_are_counted_at_whom_they_were_sent_to(void **state)
{
	struct detect detect = detect_make();
	struct segment segment = fixture_ipv4(CLIENT, 80, SERVER, 5000);
	struct flow_entry flow = detect_flow(SERVER, 5000, CLIENT, 80);
	struct victim_counts counts;

	(void)state;

	meter_stray(detect.meter, &segment, METER_STRAY_SYNACK);
	meter_stray(detect.meter, &segment, METER_STRAY_RST);
	meter_stray(detect.meter, &segment, METER_STRAY_ACK);
	/* It began with the SYN-ACK: the victim is the client. */
	flow.flags |= flow_side_flag(FLOW_SYN, FLOW_SERVER);
	meter_stray_answered(detect.meter, &flow);
	detect_tick(&detect);
	counts = detect_counts(&detect, detect_address(SERVER));
	assert_int_equal(counts.stray_synack, 1);
	assert_int_equal(counts.stray_rst, 1);
	assert_int_equal(counts.stray_ack, 1);
	assert_int_equal(counts.stray_answered, 1);
	assert_null(detect_row(detect.report, &(struct victim_key){ .addr = { 0 } }));
	/* A service that is followed has them for itself. */
	detect_complete(&detect, CLIENT, SERVER, 5000);
	meter_stray(detect.meter, &segment, METER_STRAY_RST);
	detect_tick(&detect);
	assert_int_equal(detect_counts(&detect, detect_service(SERVER, 5000)).stray_rst, 1);
	assert_int_equal(detect_counts(&detect, detect_address(SERVER)).stray_rst, 1);
	detect_destroy(&detect);
}

static void
what_comes_while_a_report_is_filled_is_not_lost(void **state)
{
	struct detect detect = detect_make();
	struct dice dice = { 21 };
	struct victim_counts sum = { 0 };
	uint32_t syns = 0;

	(void)state;

	for (uint32_t tick = 0; tick < 6; tick++) {
		for (uint32_t n = 0; n < 9000; n++, syns++)
			detect_syn(&detect, CLIENT, (uint32_t)dice_roll(&dice) >> 8, 80);
		meter_report_begin(detect.meter, detect.report, detect.tick++);
		do
			for (uint32_t n = 0; n < 40 && tick < 5; n++, syns++)
				detect_syn(&detect, CLIENT, (uint32_t)dice_roll(&dice) >> 8, 80);
		while (!meter_report_step(detect.meter, detect.report));
		detect_sum(detect.report, &sum);
	}
	assert_int_equal(sum.syn, syns);
	detect_destroy(&detect);
}

static void
a_long_silence_costs_nothing_and_forgets_the_usual_weights(void **state)
{
	struct detect detect = detect_make();

	(void)state;

	detect_complete(&detect, CLIENT, SERVER, 80);
	detect_tick(&detect);
	detect.tick += UINT64_C(10) * 365 * 86400 * TICKS_PER_SEC;
	detect_complete(&detect, CLIENT, SERVER, 80);
	detect_tick(&detect);
	assert_int_equal(detect_counts(&detect, detect_service(SERVER, 80)).completed, 1);
	detect_destroy(&detect);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handshake_is_counted_at_its_service_its_address_and_its_prefix),
		cmocka_unit_test(each_result_has_its_own_end),
		cmocka_unit_test(everything_is_counted_once_whatever_has_to_give_way),
		cmocka_unit_test(a_handshake_ends_where_its_beginning_was_counted),
		cmocka_unit_test(counts_add_up_from_level_to_level_in_one_report),
		cmocka_unit_test(a_real_server_survives_a_flood_to_random_destinations),
		cmocka_unit_test(
				a_server_that_first_speaks_in_the_middle_of_such_a_flood_gets_its_place),
		cmocka_unit_test(sixteen_victims_are_counted_exactly),
		cmocka_unit_test(a_flood_to_random_ports_shows_at_the_address),
		cmocka_unit_test(a_carpet_over_a_prefix_adds_up_there_with_its_sources),
		cmocka_unit_test(sources_are_counted_as_soon_as_more_is_half_open_than_usual),
		cmocka_unit_test(who_completes_a_handshake_is_none_of_those_that_leave_theirs_open),
		cmocka_unit_test(a_busy_server_that_completes_its_handshakes_is_not_suspected),
		cmocka_unit_test(sources_are_let_go_a_second_after_the_suspicion),
		cmocka_unit_test(
				a_heavy_victim_takes_the_sources_of_one_that_hardly_anything_happens_to),
		cmocka_unit_test(who_knocks_at_many_doors_is_reported_with_what_came_of_it),
		cmocka_unit_test(a_flood_on_one_victim_makes_no_scanners),
		cmocka_unit_test(strays_are_counted_at_whom_they_were_sent_to),
		cmocka_unit_test(what_comes_while_a_report_is_filled_is_not_lost),
		cmocka_unit_test(a_long_silence_costs_nothing_and_forgets_the_usual_weights),
	};

	return cmocka_run_group_tests_name("meter", tests, NULL, NULL);
}
