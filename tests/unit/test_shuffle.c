/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/shuffle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HALF_BITS_MAX 8
#define RANGE_MAX (1 << 2 * HALF_BITS_MAX)

static struct shuffle
make(uint32_t half_bits, uint64_t seed)
{
	struct shuffle shuffle;
	struct random random;

	random_init(&random, seed);
	shuffle_init(&shuffle, half_bits, &random);
	return shuffle;
}

static void
every_number_comes_once(void **state)
{
	static uint8_t seen[RANGE_MAX];

	(void)state;

	for (uint32_t half_bits = 1; half_bits <= HALF_BITS_MAX; half_bits++) {
		struct shuffle shuffle = make(half_bits, half_bits);
		uint64_t range = UINT64_C(1) << 2 * half_bits;

		memset(seen, 0, sizeof(seen));
		for (uint64_t i = 0; i < range; i++) {
			uint64_t number = shuffle_next(&shuffle);

			assert_true(number < range);
			assert_int_equal(seen[number]++, 0);
		}
	}
}

static void
it_begins_again_when_all_were_given(void **state)
{
	struct shuffle shuffle = make(2, 1);
	uint64_t first = shuffle_next(&shuffle);

	(void)state;

	for (int i = 1; i < 16; i++)
		shuffle_next(&shuffle);
	assert_int_equal(shuffle_next(&shuffle), first);
}

static void
another_seed_is_another_order(void **state)
{
	struct shuffle one = make(24, 1);
	struct shuffle other = make(24, 2);
	uint32_t same = 0;
	uint32_t rising = 0;
	uint64_t before = 0;

	(void)state;

	for (int i = 0; i < 10000; i++) {
		uint64_t number = shuffle_next(&one);

		same += number == shuffle_next(&other);
		rising += number > before;
		before = number;
	}
	assert_true(same < 3);
	assert_in_range(rising, 4800, 5200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_comes_once),
		cmocka_unit_test(it_begins_again_when_all_were_given),
		cmocka_unit_test(another_seed_is_another_order),
	};

	return cmocka_run_group_tests_name("shuffle", tests, NULL, NULL);
}
