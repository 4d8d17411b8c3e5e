/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/heavy_set.h"
#include "tests/unit/flow_fixture.h"

#define PLACES 64 /* four buckets */

struct places {
	struct heavy_set set;
	void *memory;
	uint64_t hash[PLACES]; /* who has each place */
};

static struct places
make(void)
{
	struct places places = { .memory = fixture_memory(heavy_set_memory_size(PLACES)) };

	heavy_set_init(&places.set, places.memory, PLACES, 7);
	return places;
}

static uint32_t
admit(struct places *places, uint64_t hash, uint32_t weight, bool proven)
{
	uint32_t place = heavy_set_admit(&places->set, hash, weight, proven);

	if (place != HEAVY_SET_NONE)
		places->hash[place] = hash;
	return place;
}

/* Somebody else of the same bucket for each number. */
static uint64_t
hash_of(uint32_t bucket, uint32_t number)
{
	return (uint64_t)(number + 1) << 48 | bucket;
}

static void
fill(struct places *places, uint32_t weight, bool proven)
{
	for (uint32_t n = 0; n < HEAVY_SET_WAYS; n++)
		assert_int_not_equal(admit(places, hash_of(1, n), weight, proven), HEAVY_SET_NONE);
}

/* How often, of many tries, one with this weight gets a place. */
static uint32_t
admitted(uint32_t lightest_weight, uint32_t weight)
{
	uint32_t count = 0;

	for (uint32_t n = 0; n < 4000; n++) {
		struct places places = make();

		places.set.random = n;
		fill(&places, lightest_weight, false);
		count += admit(&places, hash_of(1, 100), weight, false) != HEAVY_SET_NONE;
		free(places.memory);
	}
	return count;
}

static void
a_newcomer_wins_with_the_inverse_of_the_lightest_weight_and_one(void **state)
{
	(void)state;

	assert_in_range(admitted(1, 1), 1880, 2120);
	assert_in_range(admitted(9, 1), 340, 460);
	assert_in_range(admitted(99, 1), 15, 70);
	assert_in_range(admitted(10, 30), 2880, 3120);
}

static void
a_place_is_found_by_its_hash(void **state)
{
	struct places places = make();

	(void)state;

	for (uint32_t n = 0; n < PLACES; n++) {
		uint32_t place = admit(&places, hash_of(n % 4, n), 1, false);

		assert_int_equal(place / HEAVY_SET_WAYS, n % 4);
		assert_int_equal(heavy_set_ways(&places.set, hash_of(n % 4, n)),
				1u << place % HEAVY_SET_WAYS);
	}
	assert_int_equal(heavy_set_ways(&places.set, hash_of(0, 1)), 0);
	free(places.memory);
}

static void
the_lightest_gives_way_and_its_weight_is_inherited(void **state)
{
	struct places places = make();
	uint32_t place;

	(void)state;

	fill(&places, 50, false);
	places.set.weight[HEAVY_SET_WAYS + 5] = 0;
	assert_int_equal(admit(&places, hash_of(1, 100), 3, false), HEAVY_SET_WAYS + 5);
	places.set.weight[HEAVY_SET_WAYS + 5] = 0;
	places.set.weight[HEAVY_SET_WAYS + 9] = 2;
	places.set.weight[HEAVY_SET_WAYS + 5] = 1000;
	do
		place = admit(&places, hash_of(1, 101), 1, false);
	while (place == HEAVY_SET_NONE);
	assert_int_equal(place, HEAVY_SET_WAYS + 9);
	assert_int_equal(places.set.weight[place], 3);
	free(places.memory);
}

static void
weights_fade_an_eighth_each_beat_and_come_to_nothing(void **state)
{
	struct places places = make();
	uint32_t place = admit(&places, hash_of(1, 0), 800, false);

	(void)state;

	heavy_set_pass(&places.set, 1);
	heavy_set_refresh(&places.set, place);
	assert_int_equal(places.set.weight[place], 700);
	heavy_set_refresh(&places.set, place);
	assert_int_equal(places.set.weight[place], 700);
	heavy_set_pass(&places.set, 2);
	heavy_set_refresh(&places.set, place);
	assert_int_equal(places.set.weight[place], 700 - 88 - 77);
	places.set.weight[place] = UINT32_MAX;
	heavy_set_pass(&places.set, 200);
	heavy_set_refresh(&places.set, place);
	assert_int_equal(places.set.weight[place], 0);
	free(places.memory);
}

static void
the_proven_stay_while_anybody_else_is_there(void **state)
{
	struct places places = make();

	(void)state;

	for (uint32_t n = 0; n < HEAVY_SET_WAYS - 1; n++)
		admit(&places, hash_of(1, n), 1, true);
	admit(&places, hash_of(1, 50), 1, false);
	for (uint32_t n = 0; n < 10000; n++)
		admit(&places, hash_of(1, 100 + n), 1, false);
	for (uint32_t n = 0; n < HEAVY_SET_WAYS - 1; n++)
		assert_true(heavy_set_ways(&places.set, hash_of(1, n)) != 0 &&
				places.hash[HEAVY_SET_WAYS + n] == hash_of(1, n));
	free(places.memory);
}

static void
the_unproven_keep_nobody_proven_out(void **state)
{
	struct places places = make();
	uint32_t place;

	(void)state;

	fill(&places, 1000000, false);
	place = admit(&places, hash_of(1, 100), 1, true);
	assert_int_not_equal(place, HEAVY_SET_NONE);
	assert_true(heavy_set_is_proven(&places.set, place));
	free(places.memory);
}

static void
what_was_proven_is_forgotten_after_one_to_two_turns(void **state)
{
	struct places places = make();
	uint32_t place = admit(&places, hash_of(1, 0), 1, true);

	(void)state;

	heavy_set_pass(&places.set, HEAVY_SET_TURN + 10);
	heavy_set_refresh(&places.set, place);
	assert_true(heavy_set_is_proven(&places.set, place));
	heavy_set_prove(&places.set, place);
	heavy_set_pass(&places.set, HEAVY_SET_TURN);
	heavy_set_refresh(&places.set, place);
	assert_true(heavy_set_is_proven(&places.set, place));
	heavy_set_pass(&places.set, HEAVY_SET_TURN);
	heavy_set_refresh(&places.set, place);
	assert_false(heavy_set_is_proven(&places.set, place));
	free(places.memory);
}

static void
who_is_held_never_gives_way(void **state)
{
	struct places places = make();

	(void)state;

	fill(&places, 1, false);
	for (uint32_t way = 0; way < HEAVY_SET_WAYS; way++)
		heavy_set_hold(&places.set, HEAVY_SET_WAYS + way, true);
	for (uint32_t n = 0; n < 1000; n++)
		assert_int_equal(admit(&places, hash_of(1, 100 + n), 1000, n % 2 == 0),
				HEAVY_SET_NONE);
	heavy_set_hold(&places.set, HEAVY_SET_WAYS + 3, false);
	assert_int_equal(admit(&places, hash_of(1, 100), 1, true), HEAVY_SET_WAYS + 3);
	free(places.memory);
}

/* One that knows what the lightest weighs, and one that looks into a bucket each time. */
static void
who_is_sent_away_without_a_look_would_not_have_won(void **state)
{
	struct places surveyed = make(), plain = make();
	struct dice dice = { 5 };
	uint32_t floor_most = 0;

	(void)state;

	for (uint32_t n = 0; n < 200000; n++) {
		uint64_t hash = dice_roll(&dice) | UINT64_C(1) << 63;
		uint32_t weight = (uint32_t)(1 + dice_below(&dice, 4) / 3 * dice_below(&dice, 50));
		bool proven = dice_below(&dice, 20000) == 0;
		uint32_t beats = dice_below(&dice, 5000) == 0 ? (uint32_t)(1 + dice_below(&dice, 4))
							      : 0;

		assert_int_equal(admit(&surveyed, hash, weight, proven),
				admit(&plain, hash, weight, proven));
		heavy_set_pass(&surveyed.set, beats);
		heavy_set_pass(&plain.set, beats);
		if (beats == 1)
			heavy_set_survey(&surveyed.set);
		if (surveyed.set.floor > floor_most)
			floor_most = surveyed.set.floor;
	}
	assert_true(floor_most > 20);
	assert_int_equal(plain.set.floor, 0);
	for (uint32_t place = 0; place < PLACES; place++) {
		heavy_set_refresh(&surveyed.set, place);
		heavy_set_refresh(&plain.set, place);
		assert_int_equal(surveyed.set.weight[place], plain.set.weight[place]);
	}
	free(surveyed.memory);
	free(plain.memory);
}

static void
as_long_as_a_place_is_free_nobody_is_sent_away(void **state)
{
	struct places places = make();

	(void)state;

	for (uint32_t bucket = 0; bucket < 3; bucket++)
		for (uint32_t n = 0; n < HEAVY_SET_WAYS; n++)
			admit(&places, hash_of(bucket, n), 1000, false);
	heavy_set_survey(&places.set);
	for (uint32_t n = 0; n < HEAVY_SET_WAYS; n++)
		assert_int_not_equal(admit(&places, hash_of(3, n), 1, false), HEAVY_SET_NONE);
	free(places.memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_newcomer_wins_with_the_inverse_of_the_lightest_weight_and_one),
		cmocka_unit_test(a_place_is_found_by_its_hash),
		cmocka_unit_test(the_lightest_gives_way_and_its_weight_is_inherited),
		cmocka_unit_test(weights_fade_an_eighth_each_beat_and_come_to_nothing),
		cmocka_unit_test(the_proven_stay_while_anybody_else_is_there),
		cmocka_unit_test(the_unproven_keep_nobody_proven_out),
		cmocka_unit_test(what_was_proven_is_forgotten_after_one_to_two_turns),
		cmocka_unit_test(who_is_held_never_gives_way),
		cmocka_unit_test(who_is_sent_away_without_a_look_would_not_have_won),
		cmocka_unit_test(as_long_as_a_place_is_free_nobody_is_sent_away),
	};

	return cmocka_run_group_tests_name("heavy_set", tests, NULL, NULL);
}
