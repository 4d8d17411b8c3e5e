/* SPDX-License-Identifier: Apache-2.0 */

/* Whom an alarm names: each attack is one, at the level that says most. */

#include "tests/unit/detector_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS(n) ((n)*USEC_PER_MSEC)
#define SECONDS(n) ((n)*USEC_PER_SEC)

static void
many_sources(struct world *world)
{
	world->sources = calloc(1, sizeof(*world->sources));
	for (uint64_t i = 0; i < 1000; i++) {
		const uint64_t addr[2] = { 1, i };

		sources_add(world->sources, (const uint8_t *)addr, false,
				i * UINT64_C(0x9e3779b97f4a7c15));
	}
	memset(world->sources->top, 0, sizeof(world->sources->top)); /* none stands out */
	world->sources->sampled = UINT32_MAX; /* all along */
	world->sources->skip = 0;
}

static void
sixteen_victims_are_sixteen_floods(void **state)
{
	struct world *world = world_create();

	(void)state;
	many_sources(world);
	for (uint32_t n = 0; n < 16; n++) {
		const struct victim_key service = world_service(n + 1, 443);

		world_clients(world, &service, 20, 0, SECONDS(30), 30000);
		world_flood(world, &service, 200, SECONDS(20) + MS(n * 7), SECONDS(25), true, 0);
	}
	world_run(world, 450);
	assert_int_equal(world_count(world, ALARM_SYN_FLOOD, ALARM_START), 16);
	for (uint32_t n = 0; n < 16; n++) {
		const struct alarm *start = world_find(world, ALARM_SYN_FLOOD, ALARM_START, n);

		assert_int_equal(start->victim.level, VICTIM_SERVICE);
		assert_in_range(world_time(start->time_us), SECONDS(20), SECONDS(20) + MS(420));
	}
	world_destroy(world);
}

static void
a_prefix_that_is_hit_evenly_is_one_flood(void **state)
{
	static const double pps_of_each[] = { 4, 40, 400 };

	(void)state;
	for (uint32_t r = 0; r < 3; r++) {
		struct world *world = world_create();
		const struct victim_key known = world_service(80, 443);
		const struct alarm *start;

		many_sources(world);
		world_clients(world, &known, 50, 0, SECONDS(30), 30000);
		for (uint32_t n = 0; n < 256; n++) {
			const struct victim_key service = world_service(n, 80);

			world_flood(world, &service, pps_of_each[r],
					SECONDS(20) +
							world_random(world,
									(uint32_t)(1e6 /
											pps_of_each[r])),
					SECONDS(24), true, 0);
		}
		world_run(world, 450);
		start = world_find(world, ALARM_SYN_FLOOD, ALARM_START, 0);
		assert_int_equal(world_count(world, ALARM_SYN_FLOOD, ALARM_START), 1);
		assert_int_equal(start->victim.level, VICTIM_PREFIX);
		assert_int_equal(start->prefix_len, 24);
		assert_in_range(world_time(start->time_us), SECONDS(20), SECONDS(21));
		world_destroy(world);
	}
}

static void
many_ports_of_one_address_are_one_flood(void **state)
{
	struct world *world = world_create();
	const struct victim_key known = world_service(80, 443);
	const struct alarm *start;

	(void)state;
	many_sources(world);
	world_clients(world, &known, 50, 0, SECONDS(30), 30000);
	for (uint64_t at = SECONDS(20); at < SECONDS(24); at += 1000) {
		const struct victim_key service = world_service(
				80, (uint16_t)(1 + world_random(world, 200)));

		world_handshake(world, &service, at, 0, 0, WORLD_NEVER);
	}
	world_run(world, 450);
	start = world_find(world, ALARM_SYN_FLOOD, ALARM_START, 0);
	assert_int_equal(world_count(world, ALARM_SYN_FLOOD, ALARM_START), 1);
	assert_int_equal(start->victim.level, VICTIM_ADDRESS);
	assert_in_range(world_time(start->time_us), SECONDS(20), SECONDS(20) + MS(400));
	world_destroy(world);
}

static void
one_source_at_many_ports_is_no_flood(void **state)
{
	struct world *world = world_create();
	const struct victim_key known = world_service(80, 443);
	const uint64_t addr[2] = { 1, 2 };

	(void)state;
	world->sources = calloc(1, sizeof(*world->sources));
	sources_add(world->sources, (const uint8_t *)addr, false, 42);
	world->sources->sampled = UINT32_MAX; /* all along */
	world->sources->skip = 0;
	world_clients(world, &known, 50, 0, SECONDS(30), 30000);
	for (uint64_t at = SECONDS(20); at < SECONDS(24); at += 1000) {
		const struct victim_key service = world_service(
				80, (uint16_t)(1 + world_random(world, 200)));

		world_handshake(world, &service, at, 0, 0, WORLD_NEVER);
	}
	world_run(world, 450);
	assert_int_equal(world_count(world, ALARM_SYN_FLOOD, ALARM_START), 0);
	world_destroy(world);
}

static void
the_share_that_is_spoofed_is_told(void **state)
{
	static const uint32_t resets[] = { 0, 30, 60, 100 };

	(void)state;
	for (uint32_t r = 0; r < 4; r++) {
		struct world *world = world_create();
		const struct victim_key service = world_service(80, 443);
		const struct alarm *end;

		world_clients(world, &service, 100, 0, SECONDS(30), 30000);
		world_flood(world, &service, 1000, SECONDS(20), SECONDS(25), true, resets[r]);
		world_run(world, 450);
		assert_int_equal(world_count(world, ALARM_SYN_FLOOD, ALARM_START), 1);
		end = world_find(world, ALARM_SYN_FLOOD, ALARM_END, 0);
		assert_true(end->has_spoofed_share);
		assert_in_range((uint64_t)(100 * end->spoofed_share + 0.5),
				resets[r] < 95 ? 95 - resets[r] : 0, 105 - resets[r]);
		assert_int_equal(end->kind, resets[r] > 50 ? FLOOD_UNSPOOFED : FLOOD_SPOOFED);
		world_destroy(world);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sixteen_victims_are_sixteen_floods),
		cmocka_unit_test(a_prefix_that_is_hit_evenly_is_one_flood),
		cmocka_unit_test(many_ports_of_one_address_are_one_flood),
		cmocka_unit_test(one_source_at_many_ports_is_no_flood),
		cmocka_unit_test(the_share_that_is_spoofed_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
