/* SPDX-License-Identifier: Apache-2.0 */

/* SYNs that are only noted where they are seen, and counted with the others of their burst. */

#include "detect/meter_hot.h"
#include "tests/unit/detect_fixture.h"

#include <math.h>

#define SERVER 0xc6130009
#define CLIENT 0x0a000001

/* As in a pipeline: segments and flows stay where they are until the burst is over. */
struct burst {
	struct detect detect;
	struct segment syns[METER_BURST_MAX];
	struct flow_entry flows[METER_BURST_MAX];
	uint32_t count;
	struct dice dice;
};

static struct burst *
make(void)
{
	struct burst *burst = calloc(1, sizeof(*burst));

	assert_non_null(burst);
	burst->detect = detect_make();
	burst->dice.state = 12;
	return burst;
}

static void
destroy(struct burst *burst)
{
	detect_destroy(&burst->detect);
	free(burst);
}

static void
end(struct burst *burst)
{
	meter_burst_end(burst->detect.meter);
	burst->count = 0;
}

/* Gives its flow, whose slot is @p flow or, for a NULL, one that is free. */
static struct flow_entry *
syn(struct burst *burst, struct flow_entry *flow, uint32_t client, uint32_t server, uint16_t port)
{
	const uint32_t n = burst->count++;

	if (flow == NULL)
		flow = &burst->flows[n];
	burst->syns[n] = fixture_ipv4(client, 40000, server, port);
	*flow = detect_flow(client, 40000, server, port);
	meter_syn_later(burst->detect.meter, flow, &burst->syns[n]);
	if (burst->count == METER_BURST_MAX)
		end(burst);
	return flow;
}

/* From anybody to anybody, until there is no place left. */
static void
fill(struct burst *burst)
{
	for (uint32_t n = 0; n < 16 * METER_SERVICES; n++)
		syn(burst, NULL, (uint32_t)dice_roll(&burst->dice),
				(uint32_t)dice_roll(&burst->dice), 80);
	end(burst);
	detect_tick(&burst->detect);
}

static void
a_flow_that_has_taken_the_slot_of_one_in_its_burst_keeps_its_own_place(void **state)
{
	struct burst *burst = make();
	uint32_t elsewhere = 0;

	(void)state;

	fill(burst);
	detect_complete(&burst->detect, CLIENT, SERVER, 80);
	for (uint32_t n = 0; n < 100; n++) {
		struct flow_entry *first = syn(
				burst, NULL, CLIENT, (uint32_t)dice_roll(&burst->dice), 80);
		struct flow_entry *flow;

		end(burst);
		elsewhere += (first->flags & FLOW_METERED) != FLOW_METERED_SERVICE;
		flow = syn(burst, NULL, CLIENT, (uint32_t)dice_roll(&burst->dice), 80);
		assert_ptr_equal(syn(burst, flow, CLIENT + n, SERVER, 80), flow);
		end(burst);
		assert_int_equal(flow->flags & FLOW_METERED, FLOW_METERED_SERVICE);
	}
	assert_true(elsewhere > 50); /* most find no place, or the test would say nothing */
	destroy(burst);
}

static void
sources_of_a_carpet_are_counted_for_its_prefix(void **state)
{
	struct burst *burst = make();
	const struct sources *sources = NULL;
	uint32_t client = 0;

	(void)state;

	for (uint32_t tick = 0; tick < 20; tick++) {
		for (uint32_t n = 0; n < 256 * 5; n++)
			syn(burst, NULL, client++, (SERVER & ~255u) + n % 256, 80);
		end(burst);
		detect_tick(&burst->detect);
		assert_int_equal(detect_counts(&burst->detect, detect_prefix(SERVER)).syn, 256 * 5);
		sources = detect_sources(&burst->detect, detect_prefix(SERVER));
		assert_non_null(sources);
	}
	assert_true(fabs(sources_estimate(sources) / 1280 - 1) < 0.1);
	destroy(burst);
}

/* Though not one of its doors gets a place. */
static void
who_knocks_at_many_doors_in_a_flood_is_reported(void **state)
{
	struct burst *burst = make();
	const struct victim_key source = detect_address(CLIENT);
	uint32_t attempts = 0;

	(void)state;

	fill(burst);
	for (uint32_t n = 0; n < 2000; n++)
		syn(burst, NULL, CLIENT, (uint32_t)dice_roll(&burst->dice), 22);
	end(burst);
	detect_tick(&burst->detect);
	for (uint32_t i = 0; i < burst->detect.report->scanner_count; i++) {
		const struct report_scanner *scanner = &burst->detect.report->scanners[i];

		if (memcmp(scanner->addr, source.addr, sizeof(source.addr)) == 0)
			attempts = scanner->attempts;
	}
	assert_in_range(attempts, 1500, 2000);
	destroy(burst);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
				a_flow_that_has_taken_the_slot_of_one_in_its_burst_keeps_its_own_place),
		cmocka_unit_test(sources_of_a_carpet_are_counted_for_its_prefix),
		cmocka_unit_test(who_knocks_at_many_doors_in_a_flood_is_reported),
	};

	return cmocka_run_group_tests_name("meter_burst", tests, NULL, NULL);
}
