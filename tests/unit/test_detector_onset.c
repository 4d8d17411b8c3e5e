/* SPDX-License-Identifier: Apache-2.0 */

/* How soon a flood is told, from servers of ten handshakes a second to a million. */

#define WORLD_VICTIMS 16
#include "tests/unit/detector_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define MS(n) ((n)*USEC_PER_MSEC)
#define SECONDS(n) ((n)*USEC_PER_SEC)
#define LENGTH SECONDS(8)

/* From so many handshakes a second on they are made a millisecond's at a time. */
#define CROWD_PPS 100000

static void
make_traffic(struct world *world, const struct victim_key *service, double usual_pps,
		double flood_pps, uint64_t onset_us, uint32_t round_trip_us)
{
	if (usual_pps >= CROWD_PPS) {
		world_crowd(world, service, usual_pps, 0, SECONDS(60), round_trip_us, true);
		world_crowd(world, service, flood_pps, onset_us, onset_us + LENGTH, round_trip_us,
				false);
	} else {
		world_clients(world, service, usual_pps, 0, SECONDS(60), round_trip_us);
		world_flood(world, service, flood_pps, onset_us, onset_us + LENGTH, true, 0);
	}
}

/* Between onset and alarm; UINT64_MAX: none. Everything else of the flood is checked. */
static uint64_t
delay_of(double usual_pps, double flood_pps, uint64_t onset_us, uint32_t round_trip_us,
		uint64_t seed)
{
	struct world *world = world_create();
	const struct victim_key service = world_service(80, 443);
	const struct alarm *start, *end;
	uint64_t delay_us = UINT64_MAX;

	world->random = seed;
	make_traffic(world, &service, usual_pps, flood_pps, onset_us, round_trip_us);
	world_run(world, 600);
	start = world_find(world, ALARM_SYN_FLOOD, ALARM_START, 0);
	end = world_find(world, ALARM_SYN_FLOOD, ALARM_END, 0);
	if (start != NULL) {
		const int64_t onset_error = (int64_t)world_time(end->onset_us) - (int64_t)onset_us;
		const uint64_t hold_us = world->params.hold_ticks * TICK_US;

		delay_us = world_time(start->time_us) - onset_us;
		assert_int_equal(world_count(world, ALARM_SYN_FLOOD, ALARM_START), 1);
		assert_true(victim_key_equal(&start->victim, &service));
		if (llabs(onset_error) > 200000 || delay_us > SECONDS(60))
			fail_msg("onset of %g on %g at %lu: off by %ld us", flood_pps, usual_pps,
					onset_us, onset_error);
		if (world_time(end->time_us) > onset_us + LENGTH + hold_us + SECONDS(1))
			fail_msg("end of %g on %g: %lu us late", flood_pps, usual_pps,
					world_time(end->time_us) - onset_us - LENGTH - hold_us);
		if (llabs((int64_t)world_time(end->ended_us) - (int64_t)(onset_us + LENGTH)) >
				200000)
			fail_msg("end of %g on %g: told to be %ld us late", flood_pps, usual_pps,
					(int64_t)world_time(end->ended_us) -
							(int64_t)(onset_us + LENGTH));
		assert_int_equal(end->kind, FLOOD_SPOOFED);
		assert_true(end->spoofed_share > 0.9);
		assert_in_range(end->peak_pps, (uint64_t)((flood_pps + usual_pps) * 0.93),
				(uint64_t)((flood_pps + usual_pps) * 1.07 + 10));
	}
	world_destroy(world);
	return delay_us;
}

static int
compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
ten_times_the_usual_rate_is_told_within_300_ms(void **state)
{
	static const double usual[] = { 10, 25, 100, 1000, 1000000 };
	uint64_t delays[5 * 30], count = 0;

	(void)state;
	for (uint32_t u = 0; u < 5; u++)
		for (uint32_t i = 0; i < 30; i++)
			delays[count++] = delay_of(usual[u], 9 * usual[u], SECONDS(20) + MS(i * 37),
					u >= 3 ? 60000 : 30000, 7 * i + u);
	qsort(delays, count, sizeof(delays[0]), compare);
	printf("median %lu us, last %lu us\n", delays[count / 2], delays[count - 1]);
	assert_in_range(delays[count / 2], 0, 200000);
	assert_in_range(delays[count - 1], 0, 300000);
}

static void
three_times_the_usual_rate_is_told_within_two_seconds(void **state)
{
	static const double usual[] = { 10, 100, 1000, 1000000 };
	uint64_t worst = 0;

	(void)state;
	for (uint32_t u = 0; u < 4; u++)
		for (uint32_t i = 0; i < 10; i++) {
			const uint64_t delay = delay_of(usual[u], 2 * usual[u],
					SECONDS(20) + MS(i * 137), 30000, 7 * i + u);

			worst = delay > worst ? delay : worst;
		}
	printf("worst %lu us\n", worst);
	assert_in_range(worst, 0, SECONDS(2));
}

static void
a_slow_flood_on_a_small_server_is_told_within_ten_seconds(void **state)
{
	uint64_t worst = 0;

	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		const uint64_t delay = delay_of(5, 50, SECONDS(20) + MS(i * 137), 30000, 7 * i);

		worst = delay > worst ? delay : worst;
	}
	printf("worst %lu us\n", worst);
	assert_in_range(worst, 0, SECONDS(10));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_times_the_usual_rate_is_told_within_300_ms),
		cmocka_unit_test(three_times_the_usual_rate_is_told_within_two_seconds),
		cmocka_unit_test(a_slow_flood_on_a_small_server_is_told_within_ten_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
