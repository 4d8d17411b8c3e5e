/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/status_check.h"
#include "tests/unit/status_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct status_fixture fixture;
static char text[STATUS_CHECK_TEXT_MAX];

static bool
look(struct status_check *check)
{
	struct status_totals totals;

	status_totals_sum(&fixture.status, &totals);
	return status_check(check, &totals, text);
}

static void
sums_that_grow_hold(void **state)
{
	struct status_check check = { 0 };

	(void)state;

	fixture_init(&fixture);
	for (uint32_t n = 0; n < 10; n++) {
		assert_true(look(&check));
		counter_add(&fixture.ports[0][0].rx_frames, 5);
		counter_add(&fixture.ports[0][1].tx_frames, 3);
		counter_add(&fixture.pipelines[1].syn, 1);
	}
}

static void
more_out_than_in_is_seen(void **state)
{
	struct status_check check = { 0 };

	(void)state;

	fixture_init(&fixture);
	assert_true(look(&check));
	counter_add(&fixture.ports[1][2].tx_frames, FIXTURE_WORKERS * FIXTURE_PORTS);
	assert_true(look(&check)); /* all that was on its way has left */
	counter_add(&fixture.ports[0][1].drop_tx_down, 1);
	assert_false(look(&check));
	assert_non_null(strstr(text, "that came in"));
}

/* Every one of them: whatever is counted, of ports, workers and pipelines. */
static void
each_counter_that_goes_down_is_seen(void **state)
{
	struct counter *blocks[] = { (struct counter *)&fixture.ports[1][2],
		(struct counter *)&fixture.workers[1], (struct counter *)&fixture.pipelines[1] };
	size_t counts[3] = { 0 };

	(void)state;

#define X(field, metric, help) counts[0]++;
	PORT_COUNTERS(X)
	PORT_DROPS(X)
#undef X
#define X(field, metric, help) counts[1]++;
	WORKER_COUNTERS(X)
#undef X
#define X(field, metric, help) counts[2]++;
	COUNTERS(X)
#undef X
	counts[2] += PACKET_KIND_COUNT + HANDSHAKE_RESULT_COUNT + END_HOW_COUNT + RST_VERDICT_COUNT;
	for (size_t block = 0; block < ARRAY_LEN(blocks); block++)
		for (size_t i = 0; i < counts[block]; i++) {
			struct status_check check = { 0 };

			fixture_init(&fixture);
			counter_add(&blocks[block][i], 2);
			counter_add(&fixture.ports[0][0].rx_frames, 100);
			assert_true(look(&check));
			atomic_store(&blocks[block][i].value, counter_read(&blocks[block][i]) - 1);
			assert_false(look(&check));
			assert_non_null(strstr(text, " went down from "));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_that_grow_hold),
		cmocka_unit_test(more_out_than_in_is_seen),
		cmocka_unit_test(each_counter_that_goes_down_is_seen),
	};

	return cmocka_run_group_tests_name("status_check", tests, NULL, NULL);
}
