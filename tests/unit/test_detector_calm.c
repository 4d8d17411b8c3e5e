/* SPDX-License-Identifier: Apache-2.0 */

/* What is no flood, however many SYNs there are. */

#define WORLD_VICTIMS 16
#include "tests/unit/detector_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS(n) ((n)*USEC_PER_MSEC)
#define SECONDS(n) ((n)*USEC_PER_SEC)

static void
nothing_is_told(struct world *world, uint64_t ticks)
{
	world_run(world, ticks);
	assert_int_equal(world->notice_count, 0);
	world_destroy(world);
}

static void
a_crowd_of_a_hundred_times_the_usual_clients_is_none(void **state)
{
	static const uint32_t round_trips_us[] = { 1000, 30000, 100000, 300000 };

	(void)state;
	for (uint32_t r = 0; r < 4; r++)
		for (uint32_t i = 0; i < 20; i++) {
			struct world *world = world_create();
			const struct victim_key service = world_service(80, 443);

			world->random = 100 * r + i;
			world_clients(world, &service, 10, 0, SECONDS(60), round_trips_us[r]);
			world_clients(world, &service, 1000, SECONDS(20) + MS(37 * i), SECONDS(35),
					round_trips_us[r]);
			nothing_is_told(world, 600);
		}
}

/* One in a hundred SYNs or ACKs is lost and comes a second later. */
static void
a_crowd_that_loses_packets_is_none(void **state)
{
	struct world *world = world_create();
	const struct victim_key service = world_service(80, 443);

	(void)state;
	world_clients(world, &service, 10, 0, SECONDS(60), 30000);
	for (uint64_t at = SECONDS(20); at < SECONDS(35); at += 1000)
		world_handshake(world, &service, at, 300,
				world_random(world, 100) < 2 ? SECONDS(1) : 20000, WORLD_COMPLETED);
	nothing_is_told(world, 600);
}

static void
a_crowd_on_a_server_nobody_knows_yet_is_none(void **state)
{
	static const uint32_t round_trips_us[] = { 1000, 30000, 300000 };

	(void)state;
	for (uint32_t r = 0; r < 3; r++) {
		struct world *world = world_create();
		const struct victim_key service = world_service(80, 443);

		world_clients(world, &service, 5000, SECONDS(1), SECONDS(20), round_trips_us[r]);
		nothing_is_told(world, 300);
	}
}

static void
a_server_that_refuses_for_a_while_is_none(void **state)
{
	struct world *world = world_create();
	const struct victim_key service = world_service(80, 443);

	(void)state;
	world_clients(world, &service, 100, 0, SECONDS(20), 30000);
	for (uint64_t at = SECONDS(20); at < SECONDS(30); at += 5000)
		world_handshake(world, &service, at, 0, 300, WORLD_REFUSED);
	world_clients(world, &service, 150, SECONDS(30), SECONDS(60), 30000);
	nothing_is_told(world, 600);
}

/* At once, however soon they were served or refused before: on servers known and new. */
static void
clients_that_stop_coming_are_none(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		struct world *world = world_create();
		const struct victim_key service = world_service(80, 443);
		const struct victim_key closed = world_service(80, 444);
		const uint64_t stop = SECONDS(1 + i % 5) + MS(37 * i);

		world->random = i;
		world_clients(world, &service, 14, 0, SECONDS(60), 100000);
		for (uint64_t at = stop - MS(900); at < stop; at += 4000) {
			const bool is_refused = i % 2 == 0;

			world_handshake(world, is_refused ? &closed : &service, at, 0,
					300 + world_random(world, 2000),
					is_refused ? WORLD_REFUSED : WORLD_COMPLETED);
		}
		nothing_is_told(world, 200);
	}
}

/* Clients send each SYN twice more, as kernels do. */
static void
server_is_silent(struct world *world, const struct victim_key *service, uint64_t from_us,
		uint64_t to_us, uint64_t every_us)
{
	for (uint64_t at = from_us; at < to_us; at += every_us) {
		world_handshake(world, service, at, 0, 0, WORLD_NEVER);
		WORLD_ADD(world, service, at + SECONDS(1), retried);
		WORLD_ADD(world, service, at + SECONDS(1), syn_retransmits);
		WORLD_ADD(world, service, at + SECONDS(3), syn_retransmits);
	}
}

static void
a_server_that_is_silent_is_down_not_flooded(void **state)
{
	static const uint64_t usual[] = { 10, 100, 2000 };

	(void)state;
	for (uint32_t u = 0; u < 3; u++) {
		struct world *world = world_create();
		const struct victim_key service = world_service(80, 443);

		world_clients(world, &service, (double)usual[u], 0, SECONDS(20), 30000);
		server_is_silent(world, &service, SECONDS(20), SECONDS(30),
				USEC_PER_SEC / usual[u] * 2 / 3);
		world_clients(world, &service, (double)usual[u], SECONDS(30), SECONDS(60), 30000);
		world_run(world, 600);
		assert_true(world_count(world, ALARM_SYN_FLOOD, ALARM_START) == 1);
		for (uint32_t i = 0; i < world->notice_count; i++) {
			assert_int_equal(world->notices[i].type, ALARM_SYN_FLOOD);
			assert_int_equal(world->notices[i].kind, FLOOD_SERVER_DOWN);
		}
		assert_in_range(world_time(world_find(world, ALARM_SYN_FLOOD, ALARM_END, 0)
								->time_us),
				SECONDS(40), SECONDS(41) + MS(500));
		world_destroy(world);
	}
}

static void
clients_of_a_server_that_never_was_are_none(void **state)
{
	struct world *world = world_create();
	const struct victim_key service = world_service(80, 443);

	(void)state;
	server_is_silent(world, &service, SECONDS(5), SECONDS(50), MS(20));
	nothing_is_told(world, 600);
}

static void
one_page_of_failing_connections_is_none(void **state)
{
	struct world *world = world_create();
	const struct victim_key service = world_service(80, 443);

	(void)state;
	world_clients(world, &service, 10, 0, SECONDS(60), 30000);
	for (uint64_t second = 10; second < 50; second += 5)
		for (uint64_t i = 0; i < 16; i++)
			world_handshake(world, &service, SECONDS(second) + 200 * i, 300, 0,
					WORLD_NEVER);
	nothing_is_told(world, 600);
}

static void
a_large_server_with_its_usual_failures_is_none(void **state)
{
	struct world *world = world_create();
	const struct victim_key service = world_service(80, 443);

	(void)state;
	world_clients(world, &service, 5000, 0, SECONDS(60), 100000);
	world_flood(world, &service, 250, 0, SECONDS(60), true, 0); /* one in twenty fails */
	nothing_is_told(world, 600);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crowd_of_a_hundred_times_the_usual_clients_is_none),
		cmocka_unit_test(a_crowd_that_loses_packets_is_none),
		cmocka_unit_test(a_crowd_on_a_server_nobody_knows_yet_is_none),
		cmocka_unit_test(a_server_that_refuses_for_a_while_is_none),
		cmocka_unit_test(clients_that_stop_coming_are_none),
		cmocka_unit_test(a_server_that_is_silent_is_down_not_flooded),
		cmocka_unit_test(clients_of_a_server_that_never_was_are_none),
		cmocka_unit_test(one_page_of_failing_connections_is_none),
		cmocka_unit_test(a_large_server_with_its_usual_failures_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
