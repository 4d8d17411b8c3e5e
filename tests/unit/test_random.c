/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
splitmix64_gives_the_numbers_of_its_authors(void **state)
{
	uint64_t seed = 1234567;

	(void)state;

	assert_int_equal(random_split(&seed), UINT64_C(6457827717110365317));
	assert_int_equal(random_split(&seed), UINT64_C(3203168211198807973));
	assert_int_equal(random_split(&seed), UINT64_C(9817491932198370423));
}

static void
xoshiro256_gives_the_numbers_of_its_authors(void **state)
{
	static const uint64_t expected[] = { 11520, 0, 1509978240, UINT64_C(1215971899390074240),
		UINT64_C(1216172134540287360), UINT64_C(607988272756665600),
		UINT64_C(16172922978634559625), UINT64_C(8476171486693032832) };
	struct random random = { .state = { 1, 2, 3, 4 } };

	(void)state;

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_int_equal(random_next(&random), expected[i]);
}

static void
every_number_of_a_range_comes_about_as_often(void **state)
{
	struct random random;
	uint32_t seen[7] = { 0 };

	(void)state;

	random_init(&random, 1);
	for (int i = 0; i < 70000; i++)
		seen[random_between(&random, 10, 16) - 10]++;
	for (int i = 0; i < 7; i++)
		assert_in_range(seen[i], 9500, 10500);
	for (int i = 0; i < 100; i++)
		assert_int_equal(random_below(&random, 1), 0);
}

/* Of exponential waits 1/e are longer than the mean, and 1/e^3 longer than three of it. */
static void
waits_are_those_of_people_who_know_nothing_of_each_other(void **state)
{
	const uint64_t mean_ns = 500000, waits = 100000;
	uint64_t sum = 0, longer = 0, much_longer = 0;
	struct random random;

	(void)state;

	random_init(&random, 1);
	for (uint64_t i = 0; i < waits; i++) {
		uint64_t wait = random_wait_ns(&random, mean_ns);

		sum += wait;
		longer += wait > mean_ns;
		much_longer += wait > 3 * mean_ns;
	}
	assert_in_range(sum / waits, mean_ns - 5000, mean_ns + 5000);
	assert_in_range(longer, 36300, 37300);
	assert_in_range(much_longer, 4750, 5210);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splitmix64_gives_the_numbers_of_its_authors),
		cmocka_unit_test(xoshiro256_gives_the_numbers_of_its_authors),
		cmocka_unit_test(every_number_of_a_range_comes_about_as_often),
		cmocka_unit_test(waits_are_those_of_people_who_know_nothing_of_each_other),
	};

	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
