/* SPDX-License-Identifier: Apache-2.0 */

/* What a detector shows to whoever asks while and after something happens. */

#include "tests/unit/detector_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECONDS(n) ((n)*USEC_PER_SEC)
#define CAPTURE "/var/lib/synwire/flood-1.pcap"
#define FLOODS 3

struct fixture {
	struct world *world;
	struct detector *detector;
	struct detect_report report;
};

/* A flood a second at one service after the other; none ends before a minute. */
static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->world = world_create();
	for (uint32_t n = 0; n < FLOODS; n++) {
		const struct victim_key service = world_service(n + 1, 443);

		world_clients(fixture->world, &service, 20, 0, SECONDS(20), 30000);
		world_flood(fixture->world, &service, 400, SECONDS(20 + n), SECONDS(30), true, 0);
	}
	fixture->detector = detector_create(&fixture->world->params, 12345);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	detector_destroy(fixture->detector);
	world_destroy(fixture->world);
	free(fixture);
	return 0;
}

static void
run(struct fixture *fixture, uint64_t from, uint64_t to)
{
	for (uint64_t tick = from; tick < to; tick++) {
		world_report(fixture->world, &fixture->report, tick);
		detector_take(fixture->detector, &fixture->report);
		detector_judge(fixture->detector, WORLD_START + tick);
	}
}

static void
what_is_under_way_is_shown_with_the_oldest_first(void **state)
{
	struct fixture *fixture = *state;
	const struct alarm *active[8];

	run(fixture, 0, 280);
	assert_int_equal(detector_active(fixture->detector, active, 8), FLOODS);
	for (uint32_t n = 1; n < FLOODS; n++)
		assert_true(active[n - 1]->id < active[n]->id);
	assert_int_equal(detector_active(fixture->detector, active, 2), 2);
	assert_int_equal(detector_ended(fixture->detector, active, 8), 0);
}

static void
what_is_over_is_shown_with_the_latest_first(void **state)
{
	struct fixture *fixture = *state;
	const struct alarm *ended[8];

	run(fixture, 0, 280);
	detector_finish(fixture->detector);
	assert_int_equal(detector_active(fixture->detector, ended, 8), 0);
	assert_int_equal(detector_ended(fixture->detector, ended, 8), FLOODS);
	assert_int_equal(detector_ended(fixture->detector, ended, 2), 2);
	for (uint32_t n = 0; n < 2; n++)
		assert_int_equal(ended[n]->phase, ALARM_END);
	assert_true(ended[0]->id > ended[1]->id);
}

static void
where_its_packets_are_kept_is_shown_of_that_flood_alone(void **state)
{
	struct fixture *fixture = *state;
	const struct alarm *active[8];

	run(fixture, 0, 280);
	assert_int_equal(detector_active(fixture->detector, active, 8), FLOODS);
	detector_note_capture(fixture->detector, active[1]->id, CAPTURE);
	assert_string_equal(active[0]->capture, "");
	assert_string_equal(active[1]->capture, CAPTURE);
	detector_finish(fixture->detector);
	/* Of one that is over nothing more is noted. */
	detector_note_capture(fixture->detector, active[0]->id, CAPTURE);
	assert_int_equal(detector_ended(fixture->detector, active, 8), FLOODS);
	assert_int_equal(active[0]->capture[0] + active[2]->capture[0], 0);
	assert_string_equal(active[1]->capture, CAPTURE);
}

static void
new_thresholds_hold_from_then_on_and_what_is_under_way_stays(void **state)
{
	struct fixture *fixture = *state;
	struct detector_params params = fixture->world->params;
	const struct alarm *active[8];

	run(fixture, 0, 208); /* the first flood has been told, the second has not begun */
	assert_int_equal(detector_active(fixture->detector, active, 8), 1);
	params.min_syn_pps = params.min_slow_syn_pps = 1000000;
	detector_retune(fixture->detector, &params);
	run(fixture, 208, 280);
	assert_int_equal(detector_active(fixture->detector, active, 8), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_under_way_is_shown_with_the_oldest_first,
				set_up, tear_down),
		cmocka_unit_test_setup_teardown(
				what_is_over_is_shown_with_the_latest_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
				where_its_packets_are_kept_is_shown_of_that_flood_alone, set_up,
				tear_down),
		cmocka_unit_test_setup_teardown(
				new_thresholds_hold_from_then_on_and_what_is_under_way_stays,
				set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
