/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/status_totals.h"
#include "tests/unit/status_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct status_fixture fixture;

static void
a_port_is_summed_over_the_workers_and_a_worker_over_the_ports(void **state)
{
	struct status_frames frames;

	(void)state;

	fixture_init(&fixture);
	frames = status_totals_of_port(&fixture.status, 1);
	assert_int_equal(frames.tx_frames, 11000 + 21000);
	assert_int_equal(frames.drop_tx_full, 4);
	assert_int_equal(frames.drops, 6);
	frames = status_totals_of_worker(&fixture.status, 1);
	assert_int_equal(frames.tx_frames, 20000 + 21000 + 22000);
	assert_int_equal(frames.drops, 9);
}

static void
the_whole_is_the_sum_of_its_ports(void **state)
{
	struct status_totals totals;
	uint64_t rx = 0, bytes = 0, drops = 0;

	(void)state;

	fixture_init(&fixture);
	status_totals_sum(&fixture.status, &totals);
	for (uint32_t i = 0; i < FIXTURE_PORTS; i++) {
		struct status_frames frames = status_totals_of_port(&fixture.status, i);

		rx += frames.rx_frames;
		bytes += frames.rx_bytes;
		drops += frames.drops;
	}
	assert_int_equal(totals.frames.rx_frames, rx);
	assert_int_equal(totals.frames.rx_bytes, bytes);
	assert_int_equal(totals.frames.drops, drops);
	assert_int_equal(status_totals_in_flight(&totals.frames), FIXTURE_WORKERS * FIXTURE_PORTS);
	assert_int_equal(totals.turns, 100 + 200);
	assert_int_equal(totals.pipeline.frames, 1000 + 2000);
	assert_int_equal(totals.flow_slots, 2 * 65536);
}

static void
a_thread_that_only_hands_frames_over_has_no_flows(void **state)
{
	struct status_totals totals;

	(void)state;

	fixture_init(&fixture);
	fixture.status.workers[0].pipeline = NULL;
	status_totals_sum(&fixture.status, &totals);
	assert_int_equal(totals.pipeline.frames, 2000);
}

static void
differences_are_never_negative(void **state)
{
	struct status_frames frames = { .rx_frames = 10, .tx_frames = 9, .drops = 2 };

	(void)state;

	assert_int_equal(status_totals_in_flight(&frames), 0);
	assert_int_equal(status_totals_flows(3, 4), 0);
	assert_int_equal(status_totals_flows(4, 3), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_is_summed_over_the_workers_and_a_worker_over_the_ports),
		cmocka_unit_test(the_whole_is_the_sum_of_its_ports),
		cmocka_unit_test(a_thread_that_only_hands_frames_over_has_no_flows),
		cmocka_unit_test(differences_are_never_negative),
	};

	return cmocka_run_group_tests_name("status_totals", tests, NULL, NULL);
}
