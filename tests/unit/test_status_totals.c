/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/status_totals.h"
#include "tests/unit/status_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
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

#define PASSES 2000000

/* A worker: what comes in by the first port goes out by the last, one frame after the other. */
static void *
pass_frames(void *context)
{
	struct port_counters *ports = context;
	struct port_counters *in = &ports[0], *to = &ports[FIXTURE_PORTS - 1];

	for (uint32_t i = 0; i < PASSES; i++) {
		counter_add(&in->rx_frames, 1);
		/* Stores of x86 keep their order; elsewhere the proof may be off by what is not. */
		atomic_thread_fence(memory_order_release);
		counter_add(i % 8 == 0 ? &in->drop_tx_full : &to->tx_frames, 1);
	}
	return NULL;
}

static void
while_frames_pass_none_is_seen_to_be_sent_before_it_came(void **state)
{
	struct status_totals totals;
	pthread_t thread;

	(void)state;

	fixture_init(&fixture);
	memset(fixture.ports, 0, sizeof(fixture.ports));
	assert_int_equal(pthread_create(&thread, NULL, pass_frames, fixture.ports[0]), 0);
	do {
		status_totals_sum(&fixture.status, &totals);
		assert_true(totals.frames.rx_frames >=
				totals.frames.tx_frames + totals.frames.drops);
	} while (totals.frames.rx_frames < PASSES);
	pthread_join(thread, NULL);
	status_totals_sum(&fixture.status, &totals);
	assert_int_equal(status_totals_in_flight(&totals.frames), 0);
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
		cmocka_unit_test(while_frames_pass_none_is_seen_to_be_sent_before_it_came),
		cmocka_unit_test(differences_are_never_negative),
	};

	return cmocka_run_group_tests_name("status_totals", tests, NULL, NULL);
}
