/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/latency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES 20000

/* xorshift (Marsaglia 2003): the same numbers each time. */
static uint32_t
next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static int
compare_u32(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* The value at the rank that the definition names, in sorted data. */
static uint32_t
exact_percentile(const uint32_t *sorted, uint64_t count, uint32_t per_mille)
{
	uint64_t rank = (count * per_mille + 999) / 1000;

	return sorted[rank == 0 ? 0 : rank - 1];
}

static void
check_percentiles(uint32_t *samples, uint32_t count)
{
	struct latency latency = { 0 };

	for (uint32_t i = 0; i < count; i++)
		latency_record(&latency, samples[i]);
	qsort(samples, count, sizeof(samples[0]), compare_u32);
	for (uint32_t per_mille = 1; per_mille <= 1000; per_mille++) {
		double exact = exact_percentile(samples, count, per_mille);
		double found = latency_percentile(&latency, per_mille);
		double off = found > exact ? found - exact : exact - found;

		assert_true(off <= exact / 128);
	}
	assert_int_equal(latency_percentile(&latency, 1000), samples[count - 1]);
	assert_int_equal(latency.count, count);
}

static void
percentiles_of_random_times_of_any_size_are_within_one_part_in_128(void **state)
{
	static uint32_t samples[SAMPLES];
	uint32_t seed = 20210320;

	(void)state;

	for (uint32_t bits = 1; bits <= 32; bits++) {
		for (uint32_t i = 0; i < SAMPLES; i++)
			samples[i] = next_random(&seed) >> (32 - bits);
		check_percentiles(samples, SAMPLES);
	}
	for (uint32_t i = 0; i < SAMPLES; i++)
		samples[i] = next_random(&seed) >> next_random(&seed) % 32;
	check_percentiles(samples, SAMPLES);
}

static void
each_single_time_is_found_again(void **state)
{
	(void)state;

	for (uint32_t bit = 0; bit < 32; bit++) {
		uint32_t power = UINT32_C(1) << bit;
		uint32_t samples[] = { power - 1, power, power + 1, power | power >> 1 };

		for (uint32_t i = 0; i < 4; i++)
			check_percentiles(&samples[i], 1);
	}
	check_percentiles((uint32_t[]){ UINT32_MAX }, 1);
}

static void
small_times_are_exact(void **state)
{
	struct latency latency = { 0 };

	(void)state;

	for (uint32_t us = 1; us <= 100; us++)
		latency_record(&latency, us);
	assert_int_equal(latency_percentile(&latency, 500), 50);
	assert_int_equal(latency_percentile(&latency, 900), 90);
	assert_int_equal(latency_percentile(&latency, 990), 99);
	assert_int_equal(latency_percentile(&latency, 1), 1);
}

static void
merged_histograms_say_what_one_would_have_said(void **state)
{
	static struct latency first, second, both;
	uint32_t seed = 7;

	(void)state;

	for (uint32_t i = 0; i < SAMPLES; i++) {
		uint32_t us = next_random(&seed) >> i % 32;

		latency_record(i % 3 == 0 ? &first : &second, us);
		latency_record(&both, us);
	}
	latency_merge(&first, &second);
	assert_memory_equal(&first, &both, sizeof(both));
}

static void
an_empty_histogram_says_zero(void **state)
{
	static const struct latency latency;

	(void)state;

	assert_int_equal(latency_percentile(&latency, 500), 0);
	assert_int_equal(latency_percentile(&latency, 1000), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
				percentiles_of_random_times_of_any_size_are_within_one_part_in_128),
		cmocka_unit_test(each_single_time_is_found_again),
		cmocka_unit_test(small_times_are_exact),
		cmocka_unit_test(merged_histograms_say_what_one_would_have_said),
		cmocka_unit_test(an_empty_histogram_says_zero),
	};

	return cmocka_run_group_tests_name("latency", tests, NULL, NULL);
}
