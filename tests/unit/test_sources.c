/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/sources.h"
#include "tests/unit/detect_fixture.h"

#include <math.h>

/* Three times 1.04 / sqrt(8192). */
#define ERROR_MAX (3 * 0.0115)

static uint64_t
hash_of(uint64_t number)
{
	struct dice dice = { number * UINT64_C(0xd1342543de82ef95) };

	return dice_roll(&dice);
}

static void
add(struct sources *sources, uint64_t number)
{
	const uint64_t addr[2] = { 0, number };

	sources_add(sources, (const uint8_t *)addr, false, hash_of(number));
}

static void
assert_estimate(const struct sources *sources, double truth)
{
	double estimate = sources_estimate(sources);

	if (fabs(estimate - truth) > ERROR_MAX * truth)
		fail_msg("%.0f sources were estimated as %.0f", truth, estimate);
}

static void
the_estimate_is_within_three_standard_errors_from_ten_to_ten_million(void **state)
{
	struct sources *sources = calloc(1, sizeof(*sources));
	uint64_t next = 100;

	(void)state;

	assert_non_null(sources);
	for (uint64_t n = 1; n <= 10000000; n++) {
		add(sources, n);
		if (n == 10) {
			assert_in_range((uint64_t)(sources_estimate(sources) + 0.5), 10, 10);
		} else if (n == next) {
			assert_estimate(sources, (double)n);
			next += next / 3;
		}
	}
	free(sources);
}

static void
many_estimates_have_the_error_that_the_theory_says_and_no_bias(void **state)
{
	struct sources *sources = calloc(1, sizeof(*sources));
	double sum = 0, squares = 0;

	(void)state;

	assert_non_null(sources);
	for (uint64_t run = 0; run < 200; run++) {
		double error;

		sources_reset(sources);
		for (uint64_t n = 0; n < 30000; n++)
			add(sources, run << 40 | n);
		error = sources_estimate(sources) / 30000 - 1;
		sum += error;
		squares += error * error;
	}
	assert_true(fabs(sum / 200) < 3 * 0.0115 / sqrt(200));
	assert_true(sqrt(squares / 200) < 1.2 * 0.0115);
	free(sources);
}

static void
few_sources_are_counted_exactly_and_none_is_zero(void **state)
{
	struct sources sources;

	(void)state;

	sources_reset(&sources);
	assert_true(sources_estimate(&sources) < 0.5);
	for (uint64_t n = 1; n <= 50; n++) {
		for (uint32_t again = 0; again < 20; again++)
			add(&sources, n);
		assert_int_equal((int)(sources_estimate(&sources) + 0.5), n);
	}
	assert_int_equal(sources_taken(&sources), 1000);
}

static void
what_two_workers_saw_counts_once(void **state)
{
	struct sources a, b;

	(void)state;

	sources_reset(&a);
	sources_reset(&b);
	for (uint64_t n = 0; n < 60000; n++)
		add(&a, n);
	for (uint64_t n = 40000; n < 100000; n++)
		add(&b, n);
	sources_merge(&a, &b);
	assert_estimate(&a, 100000);
	assert_int_equal(sources_taken(&a), 120000);
}

static void
complete(struct sources *sources, uint64_t number)
{
	add(sources, number);
	sources_complete(sources, hash_of(number));
}

/* One completed for each two that are left open: as the header says. */
static void
those_left_open_have_the_error_that_the_theory_says_and_no_bias(void **state)
{
	struct sources *sources = calloc(1, sizeof(*sources));
	const double theory = 0.0115 * sqrt(1.5 * 1.5 - 0.5 * 0.5);
	double sum = 0, squares = 0;

	(void)state;

	assert_non_null(sources);
	for (uint64_t run = 0; run < 200; run++) {
		double error;

		sources_reset(sources);
		for (uint64_t n = 0; n < 30000; n++) {
			if (n % 3 == 0)
				complete(sources, run << 40 | n);
			else
				add(sources, run << 40 | n);
		}
		error = sources_estimate_open(sources) / 20000 - 1;
		sum += error;
		squares += error * error;
	}
	assert_true(fabs(sum / 200) < 3 * theory / sqrt(200));
	assert_true(sqrt(squares / 200) < 1.2 * theory);
	free(sources);
}

/* Clients whose SYN one worker saw, or nobody yet, and whose ACK came in another tick. */
static void
those_left_open_add_up_over_four_workers_and_many_ticks(void **state)
{
	struct sources workers[4], all;

	(void)state;

	sources_reset(&all);
	for (uint32_t worker = 0; worker < 4; worker++)
		sources_reset(&workers[worker]);
	for (uint64_t tick = 0; tick < 20; tick++) {
		for (uint64_t n = 0; n < 1000; n++)
			add(&workers[n % 4], tick * 1000 + n);
		/* Of each tick a fifth, two ticks later; of the first two more were under way. */
		for (uint64_t n = 0; n < 200; n++)
			sources_complete(&workers[n % 4], hash_of((tick - 2) * 1000 + n * 4));
		for (uint32_t worker = 0; worker < 4; worker++) {
			sources_merge(&all, &workers[worker]);
			sources_begin_tick(&workers[worker]);
		}
	}
	assert_estimate(&all, 20000);
	assert_true(fabs(sources_estimate_open(&all) / (20000 - 18 * 200) - 1) < ERROR_MAX * 1.2);
}

static void
where_all_complete_none_is_left_open(void **state)
{
	struct sources sources;

	(void)state;

	sources_reset(&sources);
	assert_true(fabs(sources_estimate_open(&sources)) < 0.5);
	for (uint64_t n = 0; n < 50000; n++)
		complete(&sources, n % 20000);
	assert_true(fabs(sources_estimate_open(&sources)) < 0.5);
	for (uint64_t n = 0; n < 10; n++)
		add(&sources, 1000000 + n);
	assert_true(sources_estimate_open(&sources) < 30);
	sources_begin_tick(&sources);
	assert_true(fabs(sources_estimate_open(&sources)) < 0.5);
}

static uint32_t
count_of(const struct sources *sources, uint64_t number)
{
	for (uint32_t i = 0; i < SOURCES_TOP; i++)
		if (sources->top[i].count != 0 && sources->top[i].addr[1] == number)
			return sources->top[i].count;
	return 0;
}

static void
few_sources_share_the_count_as_they_share_the_syns(void **state)
{
	(void)state;

	/* Round robin, so that a sample in step with them would see one of them only. */
	for (uint64_t senders = 1; senders <= SOURCES_TOP; senders++) {
		struct sources sources;

		sources_reset(&sources);
		for (uint64_t n = 0; n < 200000; n++)
			add(&sources, n % senders);
		for (uint64_t sender = 0; sender < senders; sender++) {
			double share = 200000.0 / (double)senders;

			assert_true(fabs(count_of(&sources, sender) - share) < 0.15 * share);
		}
	}
}

static void
of_few_syns_the_counts_are_exact(void **state)
{
	struct sources sources;

	(void)state;

	sources_reset(&sources);
	for (uint64_t n = 0; n < 120; n++)
		add(&sources, n % 10 < 5 ? 1 : n % 10);
	assert_int_equal(count_of(&sources, 1), 60);
	for (uint64_t sender = 5; sender < 10; sender++)
		assert_int_equal(count_of(&sources, sender), 12);
}

static void
a_heavy_source_stands_out_of_a_multitude_which_leaves_nothing(void **state)
{
	struct sources sources;
	uint32_t noise = 0;

	(void)state;

	sources_reset(&sources);
	for (uint64_t n = 0; n < 400000; n++)
		add(&sources, n % 5 == 0 ? 1 : 1000 + n);
	/* A fifth of all, less a seventeenth at most. */
	assert_in_range(count_of(&sources, 1), 50000, 90000);
	for (uint32_t i = 0; i < SOURCES_TOP; i++)
		if (sources.top[i].addr[1] != 1)
			noise = sources.top[i].count > noise ? sources.top[i].count : noise;
	assert_true(noise < 4000);
}

static void
a_new_tick_counts_all_anew_and_keeps_how_many_were_taken(void **state)
{
	struct sources sources;

	(void)state;

	sources_reset(&sources);
	for (uint64_t n = 0; n < 1000; n++)
		add(&sources, n);
	sources_begin_tick(&sources);
	assert_true(sources_estimate(&sources) == 0);
	assert_int_equal(sources_taken(&sources), 1000);
	for (uint64_t n = 0; n < 100; n++)
		add(&sources, 5);
	assert_int_equal(count_of(&sources, 5), 100);
	assert_int_equal(sources_taken(&sources), 1100);
}

static void
the_tops_of_two_workers_add_up(void **state)
{
	struct sources a, b;

	(void)state;

	sources_reset(&a);
	sources_reset(&b);
	for (uint64_t n = 0; n < 100; n++) {
		add(&a, 1 + n % 2);
		add(&b, 2 + n % 2);
	}
	sources_merge(&a, &b);
	assert_int_equal(count_of(&a, 1), 50);
	assert_int_equal(count_of(&a, 2), 100);
	assert_int_equal(count_of(&a, 3), 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
				the_estimate_is_within_three_standard_errors_from_ten_to_ten_million),
		cmocka_unit_test(many_estimates_have_the_error_that_the_theory_says_and_no_bias),
		cmocka_unit_test(few_sources_are_counted_exactly_and_none_is_zero),
		cmocka_unit_test(what_two_workers_saw_counts_once),
		cmocka_unit_test(those_left_open_have_the_error_that_the_theory_says_and_no_bias),
		cmocka_unit_test(those_left_open_add_up_over_four_workers_and_many_ticks),
		cmocka_unit_test(where_all_complete_none_is_left_open),
		cmocka_unit_test(few_sources_share_the_count_as_they_share_the_syns),
		cmocka_unit_test(of_few_syns_the_counts_are_exact),
		cmocka_unit_test(a_heavy_source_stands_out_of_a_multitude_which_leaves_nothing),
		cmocka_unit_test(a_new_tick_counts_all_anew_and_keeps_how_many_were_taken),
		cmocka_unit_test(the_tops_of_two_workers_add_up),
	};

	return cmocka_run_group_tests_name("sources", tests, NULL, NULL);
}
