/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/unit/table_fixture.h"

#define SEED UINT64_C(0x53594e00)

/* What the table should hold, told by a list that is searched from end to end. */
struct oracle {
	struct {
		uint32_t id;
		uint64_t hash;
		uint32_t slot;
	} flow[512];
	uint32_t count;
};

static uint32_t
oracle_find(const struct oracle *oracle, uint32_t id)
{
	for (uint32_t i = 0; i < oracle->count; i++)
		if (oracle->flow[i].id == id)
			return i;
	return UINT32_MAX;
}

static uint32_t
oracle_in_bucket(const struct oracle *oracle, uint32_t bucket)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < oracle->count; i++)
		count += table_bucket_at(oracle->flow[i].slot) == bucket;
	return count;
}

static void
check_insert(struct table_fixture *fixture, struct oracle *oracle, uint32_t id, uint64_t hash)
{
	uint32_t own = flow_table_bucket_of(&fixture->table, hash);
	uint32_t in_own = oracle_in_bucket(oracle, own);
	uint32_t slot = table_insert(fixture, hash, id);

	if (slot == FLOW_TABLE_NONE) {
		assert_int_equal(in_own, FLOW_TABLE_WAYS);
		assert_true(fixture->table.bucket_mask > 1 || oracle->count == 32);
		return;
	}
	/* When it is crowded, but not full, it is the table's choice. */
	if (in_own <= FLOW_TABLE_WAYS / 2 || in_own == FLOW_TABLE_WAYS)
		assert_int_equal(table_bucket_at(slot) == own, in_own != FLOW_TABLE_WAYS);
	for (uint32_t i = 0; i < oracle->count; i++)
		assert_int_not_equal(oracle->flow[i].slot, slot);
	oracle->flow[oracle->count].id = id;
	oracle->flow[oracle->count].hash = hash;
	oracle->flow[oracle->count++].slot = slot;
}

static void
check_remove(struct table_fixture *fixture, struct oracle *oracle, uint32_t i)
{
	flow_table_remove(&fixture->table, oracle->flow[i].slot);
	oracle->flow[i] = oracle->flow[--oracle->count];
}

/* One turn: look for a flow; then put it in if it is not there, or sometimes take it out. */
static void
check_turn(struct table_fixture *fixture, struct oracle *oracle, struct dice *dice, uint32_t ids,
		bool draining)
{
	uint32_t id = (uint32_t)dice_below(dice, ids);
	struct dice of_id = { id };
	uint32_t buckets = fixture->table.bucket_mask + 1;
	/* Few tags, and buckets of which half are rarely named: much collides. */
	uint64_t hash = table_hash_with((uint32_t)(dice_below(&of_id, buckets) & dice_roll(&of_id)),
			(uint16_t)dice_below(&of_id, 3));
	uint32_t known = oracle_find(oracle, id), found = table_find(fixture, hash, id);

	assert_int_equal(found, known == UINT32_MAX ? FLOW_TABLE_NONE : oracle->flow[known].slot);
	if (known == UINT32_MAX)
		check_insert(fixture, oracle, id, hash);
	else if (dice_below(dice, 4) < (draining ? 3 : 1))
		check_remove(fixture, oracle, known);
	assert_int_equal(fixture->table.used, oracle->count);
}

static void
long_random_runs_agree_with_a_list(void **state)
{
	static const uint32_t sizes[] = { 32, 64, 128, 256 };

	(void)state;

	for (uint32_t run = 0; run < 40; run++) {
		uint32_t slots = sizes[run % ARRAY_LEN(sizes)];
		struct table_fixture fixture = table_make(slots, false);
		struct dice dice = { SEED + run };
		static struct oracle oracle;

		oracle.count = 0;
		print_message("seed %#llx\n", (unsigned long long)(SEED + run));
		for (uint32_t turn = 0; turn < 20000; turn++)
			check_turn(&fixture, &oracle, &dice, slots * 3 / 2, turn / 1000 % 2 == 1);
		for (uint32_t i = 0; i < oracle.count; i++)
			assert_int_equal(table_find(&fixture, oracle.flow[i].hash,
							 oracle.flow[i].id),
					oracle.flow[i].slot);
		while (oracle.count != 0)
			check_remove(&fixture, &oracle, 0);
		for (uint32_t bucket = 0; bucket <= fixture.table.bucket_mask; bucket++)
			assert_true(fixture.table.sent_away[bucket] == 0 ||
					fixture.table.sent_away[bucket] == UINT8_MAX);
		free(fixture.memory);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_random_runs_agree_with_a_list),
	};

	return cmocka_run_group_tests_name("flow_table_random", tests, NULL, NULL);
}
