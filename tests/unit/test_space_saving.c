/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/space_saving.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEED UINT64_C(0x0123456789abcdef)
#define PLACES 16
#define SERVERS 64

static struct space_saving_server
server_of(uint32_t number)
{
	struct space_saving_server server = { .port = (uint16_t)(number % 3),
		.ip_version = number % 2 == 0 ? 4 : 6 };

	memcpy(&server.addr[12], &number, sizeof(number));
	return server;
}

/* xorshift (Marsaglia 2003): the same numbers each time. */
static uint32_t
next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* The paper's algorithm over a list, with the place that was given to each. */
struct naive {
	uint32_t number[PLACES];
	uint64_t weight[PLACES];
	uint64_t error[PLACES];
	uint32_t count;
};

static uint64_t
lightest(const struct naive *naive)
{
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < naive->count; i++)
		least = naive->weight[i] < least ? naive->weight[i] : least;
	return least;
}

static uint32_t
naive_find(const struct naive *naive, uint32_t number)
{
	for (uint32_t i = 0; i < naive->count; i++)
		if (naive->number[i] == number)
			return i;
	return SPACE_SAVING_NONE;
}

/* Which of the lightest goes is free to choose: the list follows. */
static void
naive_follow(struct naive *naive, uint32_t place, uint32_t number)
{
	if (naive->count < PLACES) {
		assert_int_equal(place, naive->count);
		naive->count++;
	} else {
		assert_int_equal(naive->weight[place], lightest(naive));
		naive->error[place] = naive->weight[place];
	}
	naive->number[place] = number;
}

static void
a_random_stream_is_followed_as_the_paper_says(void **state)
{
	static struct naive naive;
	struct space_saving *saving = space_saving_create(PLACES, SEED);
	uint32_t seed = 20050105;

	(void)state;

	for (uint32_t i = 0; i < 100000; i++) {
		uint32_t random = next_random(&seed);
		uint32_t number = random % 4 == 0 ? random >> 8 & 3 : random >> 8 & (SERVERS - 1);
		struct space_saving_server server = server_of(number);
		uint32_t place = space_saving_find(saving, &server);

		assert_int_equal(place, naive_find(&naive, number));
		if (place == SPACE_SAVING_NONE) {
			place = space_saving_follow(saving, &server);
			naive_follow(&naive, place, number);
		}
		assert_int_equal(space_saving_error(saving, place), naive.error[place]);
		assert_int_equal(space_saving_count(saving), naive.count);
		space_saving_add(saving, place);
		naive.weight[place]++;
	}
	for (uint32_t number = 0; number < 4; number++)
		assert_int_not_equal(naive_find(&naive, number), SPACE_SAVING_NONE);
	space_saving_destroy(saving);
}

static void
it_is_full_when_all_places_are_taken(void **state)
{
	struct space_saving *saving = space_saving_create(PLACES, SEED);

	(void)state;

	for (uint32_t i = 0; i < PLACES; i++) {
		struct space_saving_server server = server_of(i);

		assert_false(space_saving_is_full(saving));
		space_saving_follow(saving, &server);
	}
	assert_true(space_saving_is_full(saving));
	space_saving_destroy(saving);
}

static void
the_server_of_a_connection_is_the_side_that_was_called(void **state)
{
	struct record record = { .ip_version = 6,
		.side = { { .port = 39002, .addr = { 1 } }, { .port = 80, .addr = { 2 } } } };
	struct space_saving_server server = space_saving_server_of(&record);

	(void)state;

	assert_int_equal(server.port, 80);
	assert_int_equal(server.ip_version, 6);
	assert_int_equal(server.addr[0], 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_random_stream_is_followed_as_the_paper_says),
		cmocka_unit_test(it_is_full_when_all_places_are_taken),
		cmocka_unit_test(the_server_of_a_connection_is_the_side_that_was_called),
	};

	return cmocka_run_group_tests_name("space_saving", tests, NULL, NULL);
}
