/* SPDX-License-Identifier: Apache-2.0 */

/* A detector at its edges: more victims and more alarms than it has places, and the first ticks. */

#include "flow/flow_key.h"
#include "tests/unit/detector_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECONDS(n) ((n)*USEC_PER_SEC)
#define PREFIXES METER_PREFIXES

struct edges {
	struct detect_report report;
	struct detector *detector;
	uint32_t notices[3]; /* by phase */
};

static struct edges *
edges_create(void)
{
	struct edges *edges = calloc(1, sizeof(*edges));
	struct detector_params params;

	detector_params_default(&params);
	edges->detector = detector_create(&params, 7);
	return edges;
}

static void
edges_destroy(struct edges *edges)
{
	detector_destroy(edges->detector);
	free(edges);
}

/* A service in a prefix of its own, its address and its prefix, all three with these counts. */
static void
add_service(struct edges *edges, uint64_t prefix, const struct victim_counts *counts)
{
	struct victim_key key = { .addr = { prefix, 1 }, .port = 80, .ipv6 = true };

	for (;;) {
		edges->report.victims[edges->report.victim_count++] = (struct report_victim){
			.key = key, .counts = *counts, .sources = REPORT_NO_SOURCES
		};
		if (key.level == VICTIM_PREFIX)
			return;
		key.level++;
		key.port = 0;
		if (key.level == VICTIM_PREFIX)
			key.addr[1] = 0;
	}
}

static void
judge(struct edges *edges, uint64_t tick)
{
	struct alarm alarm;

	edges->report.tick = tick;
	detector_take(edges->detector, &edges->report);
	detector_judge(edges->detector, tick);
	edges->report.victim_count = 0;
	while (detector_next(edges->detector, &alarm))
		edges->notices[alarm.phase]++;
}

static void
of_storms_without_room_each_is_missed_once(void **state)
{
	const struct victim_counts counts = { .stray_synack = 100 };
	struct edges *edges = edges_create();

	(void)state;
	for (uint64_t tick = 0; tick < 60; tick++) {
		for (uint64_t prefix = 1; prefix <= PREFIXES; prefix++)
			add_service(edges, prefix, &counts);
		judge(edges, WORLD_START + tick);
	}
	/* Whoever is told is told as a service: neither address nor prefix is told, or missed, too. */
	assert_int_equal(edges->notices[ALARM_START], DETECTOR_ALARMS);
	assert_in_range(detector_counters(edges->detector)->alarms_missed,
			PREFIXES - DETECTOR_ALARMS, 3 * PREFIXES - DETECTOR_ALARMS);
	edges_destroy(edges);
}

/* New ones each tick, among them one that is attacked: the others come and go beside it. */
static void
a_victim_is_found_among_more_than_there_are_places_for(void **state)
{
	const struct victim_counts flood = { .syn = 500, .synack = 500 };
	const struct victim_counts stray = { .syn = 1, .refused = 1 };
	struct edges *edges = edges_create();
	uint64_t prefix = 2;

	(void)state;
	for (uint64_t tick = 0; tick < 60; tick++) {
		add_service(edges, 1, &flood);
		for (uint32_t i = 1; i < METER_VICTIMS / 3; i++)
			add_service(edges, prefix++, &stray);
		judge(edges, WORLD_START + tick);
	}
	assert_true(detector_counters(edges->detector)->victims_replaced > 0);
	assert_int_equal(edges->notices[ALARM_START], 1);
	for (uint64_t tick = 60; tick < 300; tick++)
		judge(edges, WORLD_START + tick);
	assert_int_equal(edges->notices[ALARM_END], 1);
	edges_destroy(edges);
}

/* Captures of machines without a clock begin there. */
static void
who_is_there_in_the_first_tick_of_1970_is_judged(void **state)
{
	const struct victim_counts counts = { .syn = 500, .synack = 500 };
	struct edges *edges = edges_create();

	(void)state;
	for (uint64_t tick = 0; tick < 10; tick++) {
		add_service(edges, 1, &counts);
		judge(edges, tick);
	}
	assert_int_equal(edges->notices[ALARM_START], 1);
	edges_destroy(edges);
}

/* What is usual is not known then, and those who are served are no part of the flood. */
static void
a_flood_that_was_there_first_ends_under_many_clients(void **state)
{
	static const double clients_pps[] = { 100, 1000, 5000 };

	(void)state;
	for (uint32_t c = 0; c < 3; c++) {
		struct world *world = world_create();
		const struct victim_key service = world_service(80, 443);
		const struct alarm *end;

		world_clients(world, &service, clients_pps[c], 0, SECONDS(40), 80000);
		world_flood(world, &service, 10000, 0, SECONDS(5), true, 0);
		world_run(world, 400);
		assert_int_equal(world_count(world, ALARM_SYN_FLOOD, ALARM_START), 1);
		end = world_find(world, ALARM_SYN_FLOOD, ALARM_END, 0);
		assert_in_range(world_time(end->ended_us), SECONDS(5), SECONDS(6));
		world_destroy(world);
	}
}

/* So many that were not there before. */
static void
add_sources(struct edges *edges, uint64_t *next, uint32_t count)
{
	struct sources *sources = &edges->report.sources[0];

	sources_reset(sources);
	for (uint32_t i = 0; i < count; i++) {
		const uint64_t addr[2] = { 1, ++*next };

		sources_add(sources, (const uint8_t *)addr, false,
				flow_key_mix(*next * UINT64_C(0x9e3779b97f4a7c15),
						UINT64_C(0xd6e8feb86659fd93)));
	}
	edges->report.sources_count = 1;
	edges->report.victims[0].sources = 0;
}

/* Who came under a suspicion that is older than the flood is none of its sources. */
static void
of_a_flood_only_the_sources_since_its_onset_are_told(void **state)
{
	const struct victim_counts calm = {
		.syn = 20, .synack = 20, .completed = 20, .delay = { [3] = 20 }
	};
	const struct victim_counts flood = { .syn = 300, .synack = 300 };
	struct edges *edges = edges_create();
	const struct alarm *active;
	uint64_t next = 0;

	(void)state;
	for (uint64_t tick = 0; tick < 220; tick++) {
		add_service(edges, 1, tick < 200 ? &calm : &flood);
		add_sources(edges, &next, tick < 200 ? 20 : 300);
		judge(edges, WORLD_START + tick);
	}
	assert_int_equal(detector_active(edges->detector, &active, 1), 1);
	assert_in_range(active->sources_estimate, 5700, 6300);
	edges_destroy(edges);
}

/* However silent its server is. */
static void
below_the_thresholds_is_no_flood(void **state)
{
	(void)state;
	for (uint32_t is_answered = 0; is_answered < 2; is_answered++) {
		struct world *world = world_create();
		const struct victim_key service = world_service(80, 443);

		world->params.min_syn_pps = world->params.min_slow_syn_pps = 1000;
		world_clients(world, &service, 50, 0, SECONDS(20), 80000);
		world_flood(world, &service, 800, SECONDS(20), SECONDS(30), is_answered != 0, 0);
		world_run(world, 400);
		assert_int_equal(world_count(world, ALARM_SYN_FLOOD, ALARM_START), 0);
		world_destroy(world);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_storms_without_room_each_is_missed_once),
		cmocka_unit_test(a_victim_is_found_among_more_than_there_are_places_for),
		cmocka_unit_test(who_is_there_in_the_first_tick_of_1970_is_judged),
		cmocka_unit_test(below_the_thresholds_is_no_flood),
		cmocka_unit_test(of_a_flood_only_the_sources_since_its_onset_are_told),
		cmocka_unit_test(a_flood_that_was_there_first_ends_under_many_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
