/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/recent_latency.h"

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

/* Against the value at the rank that the definition names, in sorted data. */
static void
check_percentiles(uint32_t *samples, uint32_t count)
{
	struct recent_latency latency = { 0 };

	for (uint32_t i = 0; i < count; i++)
		recent_latency_record(&latency, samples[i]);
	qsort(samples, count, sizeof(samples[0]), compare_u32);
	for (uint32_t per_mille = 1; per_mille <= 1000; per_mille++) {
		const uint64_t rank = ((uint64_t)count * per_mille + 999) / 1000;
		double exact = samples[rank - 1];
		double found = recent_latency_percentile(&latency, per_mille);
		double off = found > exact ? found - exact : exact - found;

		assert_true(off <= exact / 31);
	}
	assert_int_equal(latency.count, count);
	assert_int_equal(latency.max_us, samples[count - 1]);
}

static void
percentiles_of_random_times_of_any_size_are_within_one_part_in_31(void **state)
{
	static uint32_t samples[SAMPLES];
	uint32_t seed = 20240229;

	(void)state;

	for (uint32_t bits = 1; bits <= 32; bits++) {
		for (uint32_t i = 0; i < SAMPLES; i++)
			samples[i] = next_random(&seed) >> (32 - bits);
		check_percentiles(samples, SAMPLES);
	}
	check_percentiles((uint32_t[]){ 0 }, 1);
	check_percentiles((uint32_t[]){ UINT32_MAX }, 1);
}

static void
small_times_are_exact(void **state)
{
	struct recent_latency latency = { 0 };

	(void)state;

	for (uint32_t us = 1; us <= 31; us++)
		recent_latency_record(&latency, us);
	assert_int_equal(recent_latency_percentile(&latency, 500), 16);
	assert_int_equal(recent_latency_percentile(&latency, 900), 28);
	assert_int_equal(recent_latency_percentile(&latency, 1), 1);
}

static void
a_service_that_became_slow_is_soon_seen_to_be_however_long_it_was_fast(void **state)
{
	static struct recent_latency latency;

	(void)state;

	for (uint32_t i = 0; i < 3000000; i++)
		recent_latency_record(&latency, 20);
	assert_int_equal(recent_latency_percentile(&latency, 500), 20);
	for (uint32_t i = 0; i < 70000; i++)
		recent_latency_record(&latency, 31);
	assert_int_equal(recent_latency_percentile(&latency, 500), 31);
	assert_int_equal(latency.count, 3070000);
	assert_int_equal(latency.sum_us, UINT64_C(3000000) * 20 + 70000 * 31);
}

static void
the_spread_outlives_the_forgetting(void **state)
{
	static struct recent_latency latency;

	(void)state;

	for (uint32_t i = 0; i < 1000000; i++)
		recent_latency_record(&latency, i % 100 < 90 ? 10 : i % 100 < 99 ? 20 : 30);
	assert_int_equal(recent_latency_percentile(&latency, 500), 10);
	assert_int_equal(recent_latency_percentile(&latency, 899), 10);
	assert_int_equal(recent_latency_percentile(&latency, 905), 20);
	assert_int_equal(recent_latency_percentile(&latency, 989), 20);
	assert_int_equal(recent_latency_percentile(&latency, 995), 30);
	assert_in_range(latency.kept, 30000, UINT16_MAX);
}

static void
an_empty_histogram_says_zero(void **state)
{
	static const struct recent_latency latency;

	(void)state;

	assert_int_equal(recent_latency_percentile(&latency, 500), 0);
	assert_int_equal(recent_latency_percentile(&latency, 1000), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_of_random_times_of_any_size_are_within_one_part_in_31),
		cmocka_unit_test(small_times_are_exact),
		cmocka_unit_test(
				a_service_that_became_slow_is_soon_seen_to_be_however_long_it_was_fast),
		cmocka_unit_test(the_spread_outlives_the_forgetting),
		cmocka_unit_test(an_empty_histogram_says_zero),
	};

	return cmocka_run_group_tests_name("recent_latency", tests, NULL, NULL);
}
