/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/unit/table_fixture.h"

#define SEED UINT64_C(0x56494354)
#define NOW FIXTURE_START
#define UNIT_US TABLE_UNIT_US

/* A whole table of two buckets: each flow in a state and with a due time. */
static struct table_fixture
fill_two_buckets(enum hs_state state_of_all)
{
	struct table_fixture fixture = table_make(FLOW_TABLE_SLOTS_MIN, false);

	for (uint32_t id = 0; id < FLOW_TABLE_SLOTS_MIN; id++) {
		uint32_t slot = table_insert(&fixture, table_hash_with(0, 3), id);

		fixture.table.flows[slot].entry.state = (uint8_t)state_of_all;
		flow_table_set_due(&fixture.table, slot, NOW + 1000 * UNIT_US, NOW);
	}
	return fixture;
}

static void
an_established_flow_never_makes_room(void **state)
{
	struct table_fixture fixture = fill_two_buckets(HS_ESTABLISHED);

	(void)state;

	assert_int_equal(flow_table_victim(&fixture.table, table_hash_with(0, 3), NOW),
			FLOW_TABLE_NONE);
	fixture.table.flows[21].entry.state = HS_SYN_SENT;
	flow_table_set_due(&fixture.table, 21, NOW + 2000 * UNIT_US, NOW);
	assert_int_equal(flow_table_victim(&fixture.table, table_hash_with(0, 3), NOW), 21);
	assert_int_equal(flow_table_victim(&fixture.table, table_hash_with(1, 3), NOW), 21);
	free(fixture.memory);
}

static void
the_oldest_makes_room_whichever_bucket_it_is_in(void **state)
{
	struct table_fixture fixture = fill_two_buckets(HS_SYN_SENT);

	(void)state;

	flow_table_set_due(&fixture.table, 7, NOW + 500 * UNIT_US, NOW);
	assert_int_equal(flow_table_victim(&fixture.table, table_hash_with(0, 3), NOW), 7);
	assert_int_equal(flow_table_victim(&fixture.table, table_hash_with(1, 3), NOW), 7);
	flow_table_set_due(&fixture.table, 30, NOW + 499 * UNIT_US, NOW);
	assert_int_equal(flow_table_victim(&fixture.table, table_hash_with(0, 3), NOW), 30);
	assert_int_equal(flow_table_victim(&fixture.table, table_hash_with(1, 3), NOW), 30);
	free(fixture.memory);
}

static void
one_that_is_past_its_time_makes_room_before_one_that_is_not(void **state)
{
	struct table_fixture fixture = fill_two_buckets(HS_SYN_RECEIVED);
	uint64_t later = NOW + 900 * UNIT_US;

	(void)state;

	flow_table_set_due(&fixture.table, 12, NOW + 800 * UNIT_US, NOW);
	flow_table_set_due(&fixture.table, 13, later + 1 * UNIT_US, later);
	assert_int_equal(flow_table_victim(&fixture.table, table_hash_with(0, 3), later), 12);
	free(fixture.memory);
}

static void
a_free_slot_is_no_victim(void **state)
{
	struct table_fixture fixture = fill_two_buckets(HS_SYN_SENT);

	(void)state;

	flow_table_set_due(&fixture.table, 4, NOW, NOW);
	flow_table_remove(&fixture.table, 4);
	assert_int_not_equal(flow_table_victim(&fixture.table, table_hash_with(0, 3), NOW), 4);
	for (uint32_t slot = 0; slot < FLOW_TABLE_SLOTS_MIN; slot++)
		if (slot != 4)
			flow_table_remove(&fixture.table, slot);
	assert_int_equal(flow_table_victim(&fixture.table, table_hash_with(0, 3), NOW),
			FLOW_TABLE_NONE);
	free(fixture.memory);
}

static void
random_victims_agree_with_a_search(void **state)
{
	struct dice dice = { SEED };

	(void)state;

	for (uint32_t run = 0; run < 3000; run++) {
		struct table_fixture fixture = fill_two_buckets(HS_ESTABLISHED);
		uint64_t now = NOW + dice_below(&dice, 100000) * UNIT_US, least = UINT64_MAX;
		uint64_t due[FLOW_TABLE_SLOTS_MIN];
		uint32_t victim;

		for (uint32_t slot = 0; slot < FLOW_TABLE_SLOTS_MIN; slot++) {
			due[slot] = now + dice_below(&dice, 600) * UNIT_US;
			flow_table_set_due(&fixture.table, slot, due[slot], now);
			if (dice_below(&dice, 8) != 0)
				continue;
			fixture.table.flows[slot].entry.state = HS_SYN_SENT;
			least = due[slot] < least ? due[slot] : least;
		}
		victim = flow_table_victim(&fixture.table, table_hash_with(run & 1, 3), now);
		assert_int_equal(victim == FLOW_TABLE_NONE, least == UINT64_MAX);
		if (victim != FLOW_TABLE_NONE) {
			assert_int_equal(fixture.table.flows[victim].entry.state, HS_SYN_SENT);
			assert_int_equal(due[victim], least);
		}
		free(fixture.memory);
	}
}

/* Table by table, to the last byte. */
static void
to_replace_is_to_remove_and_insert(void **state)
{
	const size_t size = flow_table_memory_size(FLOW_TABLE_SLOTS_MIN);
	struct table_fixture one = table_make(FLOW_TABLE_SLOTS_MIN, true);
	struct table_fixture other = table_make(FLOW_TABLE_SLOTS_MIN, true);
	struct dice dice = { SEED };
	uint32_t replaced = 0;

	(void)state;

	for (uint32_t id = 0; id < 5000; id++) {
		uint64_t hash = table_hash_with(
				(uint32_t)dice_below(&dice, 2), (uint16_t)dice_below(&dice, 20));
		struct flow_key key = table_key_of(id);
		uint32_t slot = flow_table_insert(&one.table, hash, &key);

		if (slot == FLOW_TABLE_NONE) {
			slot = flow_table_victim(&one.table, hash, NOW);
			flow_table_replace(&one.table, slot, hash, &key);
			flow_table_remove(&other.table, slot);
			replaced++;
		}
		assert_int_equal(flow_table_insert(&other.table, hash, &key), slot);
		one.table.flows[slot].entry.state = HS_SYN_SENT;
		other.table.flows[slot].entry.state = HS_SYN_SENT;
		flow_table_set_due(&one.table, slot, NOW + id, NOW);
		flow_table_set_due(&other.table, slot, NOW + id, NOW);
		assert_memory_equal(one.memory, other.memory, size);
		assert_int_equal(one.table.used, other.table.used);
	}
	assert_true(replaced > 4000);
	free(one.memory);
	free(other.memory);
}

static void
prefetching_is_harmless_whatever_the_table_holds(void **state)
{
	struct table_fixture fixture = fill_two_buckets(HS_ESTABLISHED);

	(void)state;

	for (uint32_t n = 0; n < 100; n++) {
		flow_table_prefetch_bucket(&fixture.table, table_hash_with(n, (uint16_t)n));
		flow_table_prefetch_new(&fixture.table, table_hash_with(n, (uint16_t)n));
		flow_table_foresee(
				&fixture.table, table_hash_with(n, (uint16_t)n), NOW + n * UNIT_US);
	}
	for (uint32_t id = 0; id < FLOW_TABLE_SLOTS_MIN; id++)
		assert_int_not_equal(
				table_find(&fixture, table_hash_with(0, 3), id), FLOW_TABLE_NONE);
	free(fixture.memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_established_flow_never_makes_room),
		cmocka_unit_test(the_oldest_makes_room_whichever_bucket_it_is_in),
		cmocka_unit_test(one_that_is_past_its_time_makes_room_before_one_that_is_not),
		cmocka_unit_test(a_free_slot_is_no_victim),
		cmocka_unit_test(random_victims_agree_with_a_search),
		cmocka_unit_test(to_replace_is_to_remove_and_insert),
		cmocka_unit_test(prefetching_is_harmless_whatever_the_table_holds),
	};

	return cmocka_run_group_tests_name("flow_table_victim", tests, NULL, NULL);
}
