/* SPDX-License-Identifier: Apache-2.0 */

/* What is foreseen of a new flow against what it comes to: the same, or nothing is said. */

#include "tests/unit/table_fixture.h"

#define SEED UINT64_C(0x464f5245)
#define NOW FIXTURE_START
#define UNIT_US TABLE_UNIT_US
#define SLOTS (4 * FLOW_TABLE_SLOTS_MIN) /* eight buckets */
#define TAGS 200 /* so few that flows share one */
#define ROUNDS 200000
#define CHANGES_MAX 40 /* more than a bucket's ways, as a burst may make */

static uint64_t
roll_hash(struct dice *dice)
{
	return table_hash_with((uint32_t)dice_below(dice, SLOTS / FLOW_TABLE_WAYS),
			(uint16_t)(1 + dice_below(dice, TAGS)));
}

static uint64_t
roll_due(struct dice *dice)
{
	return NOW + dice_below(dice, 4) * UNIT_US; /* so that many are of one age */
}

static uint8_t
roll_state(struct dice *dice)
{
	return dice_below(dice, 8) == 0 ? HS_ESTABLISHED : HS_SYN_SENT;
}

/* A flow comes in, if need be for another. */
static void
put(struct table_fixture *fixture, uint64_t hash, uint32_t id, struct dice *dice)
{
	struct flow_key key = table_key_of(id);
	uint32_t slot = flow_table_insert(&fixture->table, hash, &key);

	if (slot == FLOW_TABLE_NONE) {
		slot = flow_table_victim(&fixture->table, hash, NOW);
		if (slot == FLOW_TABLE_NONE)
			return;
		flow_table_replace(&fixture->table, slot, hash, &key);
	}
	fixture->table.flows[slot].entry.state = dice_below(dice, 8) == 0 ? HS_ESTABLISHED
									  : HS_SYN_SENT;
	flow_table_set_due(&fixture->table, slot, roll_due(dice), NOW);
}

static bool
is_used(const struct table_fixture *fixture, uint32_t slot)
{
	return fixture->table.buckets[slot / FLOW_TABLE_WAYS].tag[slot % FLOW_TABLE_WAYS] != 0;
}

static void
change(struct table_fixture *fixture, uint32_t id, struct dice *dice)
{
	uint32_t slot = (uint32_t)dice_below(dice, SLOTS);

	uint32_t what = (uint32_t)dice_below(dice, 40);

	if (what == 0 && is_used(fixture, slot))
		flow_table_remove(&fixture->table, slot);
	else if (what < 6 && is_used(fixture, slot))
		flow_table_set_due(&fixture->table, slot, roll_due(dice), NOW);
	else if (what < 20)
		fixture->table.flows[slot].entry.state = roll_state(dice);
	else
		put(fixture, roll_hash(dice), id, dice);
}

static struct table_fixture
fill(struct dice *dice)
{
	struct table_fixture fixture = table_make(SLOTS, false);

	for (uint32_t id = 0; id < 4 * SLOTS; id++)
		put(&fixture, roll_hash(dice), id, dice);
	return fixture;
}

/* The long way comes to the same for a flow that nobody has put in. */
static void
assert_true_foresight(struct table_fixture *fixture, uint64_t hash, uint32_t victim)
{
	static const uint32_t stranger = UINT32_C(1) << 30;

	assert_int_equal(table_find(fixture, hash, stranger), FLOW_TABLE_NONE);
	assert_int_equal(flow_table_victim(&fixture->table, hash, NOW), victim);
	assert_int_equal(table_insert(fixture, hash, stranger), FLOW_TABLE_NONE);
}

static void
what_still_holds_is_true(void **state)
{
	struct dice dice = { SEED };
	struct table_fixture fixture = fill(&dice);
	uint32_t held = 0;

	(void)state;

	for (uint32_t id = 4 * SLOTS; id < ROUNDS; id++) {
		uint64_t hash = roll_hash(&dice);
		struct flow_foresight foresight = flow_table_foresee(&fixture.table, hash, NOW);
		uint32_t changes = (uint32_t)dice_below(&dice, 2) *
				(uint32_t)dice_below(&dice, CHANGES_MAX);
		uint32_t victim;

		while (changes-- != 0)
			change(&fixture, id, &dice);
		victim = flow_table_foreseen(&fixture.table, hash, &foresight);
		if (victim == FLOW_TABLE_NONE)
			continue;
		held++;
		assert_true_foresight(&fixture, hash, victim);
	}
	assert_true(held > ROUNDS / 50);
	free(fixture.memory);
}

/* Two full buckets, and no flow with the tag of the one that is asked for. */
static struct table_fixture
fill_two_buckets(void)
{
	struct table_fixture fixture = table_make(FLOW_TABLE_SLOTS_MIN, false);

	for (uint32_t id = 0; id < FLOW_TABLE_SLOTS_MIN; id++) {
		uint32_t slot = table_insert(&fixture, table_hash_with(0, 3), id);

		fixture.table.flows[slot].entry.state = HS_SYN_SENT;
		flow_table_set_due(&fixture.table, slot, NOW + 1000 * UNIT_US, NOW);
	}
	return fixture;
}

static void
what_has_not_changed_holds(void **state)
{
	struct table_fixture fixture = fill_two_buckets();

	(void)state;

	for (uint32_t bucket = 0; bucket < 2; bucket++) {
		uint64_t hash = table_hash_with(bucket, 5);
		struct flow_foresight foresight = flow_table_foresee(&fixture.table, hash, NOW);

		assert_int_not_equal(foresight.victim, FLOW_TABLE_NONE);
		assert_int_equal(flow_table_foreseen(&fixture.table, hash, &foresight),
				foresight.victim);
		assert_true_foresight(&fixture, hash, foresight.victim);
	}
	free(fixture.memory);
}

static void
where_the_flow_may_be_nothing_is_foreseen(void **state)
{
	struct table_fixture fixture = fill_two_buckets();

	(void)state;

	for (uint32_t bucket = 0; bucket < 2; bucket++)
		assert_int_equal(flow_table_foresee(&fixture.table, table_hash_with(bucket, 3), NOW)
						 .victim,
				FLOW_TABLE_NONE);
	free(fixture.memory);
}

static void
where_there_is_room_nothing_is_foreseen(void **state)
{
	(void)state;

	for (uint32_t slot = 0; slot < FLOW_TABLE_SLOTS_MIN; slot++) {
		struct table_fixture fixture = fill_two_buckets();

		flow_table_remove(&fixture.table, slot);
		assert_int_equal(flow_table_foresee(&fixture.table, table_hash_with(0, 5), NOW)
						 .victim,
				FLOW_TABLE_NONE);
		free(fixture.memory);
	}
}

static bool
holds_after(struct table_fixture *fixture, void (*does)(struct flow_table *table, uint32_t slot),
		uint32_t slot)
{
	uint64_t hash = table_hash_with(0, 5);
	struct flow_foresight foresight = flow_table_foresee(&fixture->table, hash, NOW);

	assert_int_not_equal(foresight.victim, FLOW_TABLE_NONE);
	does(&fixture->table, slot);
	return flow_table_foreseen(&fixture->table, hash, &foresight) != FLOW_TABLE_NONE;
}

static void
nothing(struct flow_table *table, uint32_t slot)
{
	(void)table;
	(void)slot;
}

static void
is_timed_anew(struct flow_table *table, uint32_t slot)
{
	flow_table_set_due(table, slot, NOW + 2000 * UNIT_US, NOW);
}

static void
is_removed(struct flow_table *table, uint32_t slot)
{
	flow_table_remove(table, slot);
}

static void
is_replaced(struct flow_table *table, uint32_t slot)
{
	struct flow_key key = table_key_of(1000 + slot);

	flow_table_replace(table, slot, table_hash_with(slot / FLOW_TABLE_WAYS, 7), &key);
}

/* As a flood may, within a burst: the bucket is as it was, but for the flows in it. */
static void
bucket_is_replaced(struct flow_table *table, uint32_t slot)
{
	for (uint32_t way = 0; way < FLOW_TABLE_WAYS; way++)
		is_replaced(table, slot / FLOW_TABLE_WAYS * FLOW_TABLE_WAYS + way);
}

static void
may_not_go(struct flow_table *table, uint32_t slot)
{
	(void)slot;
	for (uint32_t any = 0; any < FLOW_TABLE_SLOTS_MIN; any++)
		table->flows[any].entry.state = HS_ESTABLISHED;
}

static void
after_a_change_in_either_bucket_nothing_holds(void **state)
{
	static void (*const changes[])(struct flow_table *, uint32_t) = { is_timed_anew, is_removed,
		is_replaced, bucket_is_replaced, may_not_go };

	(void)state;

	for (uint32_t i = 0; i < ARRAY_LEN(changes); i++)
		for (uint32_t slot = 0; slot < FLOW_TABLE_SLOTS_MIN; slot++) {
			struct table_fixture fixture = fill_two_buckets();

			assert_true(holds_after(&fixture, nothing, slot));
			assert_false(holds_after(&fixture, changes[i], slot));
			free(fixture.memory);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_still_holds_is_true),
		cmocka_unit_test(what_has_not_changed_holds),
		cmocka_unit_test(where_the_flow_may_be_nothing_is_foreseen),
		cmocka_unit_test(where_there_is_room_nothing_is_foreseen),
		cmocka_unit_test(after_a_change_in_either_bucket_nothing_holds),
	};

	return cmocka_run_group_tests_name("flow_table_foresight", tests, NULL, NULL);
}
