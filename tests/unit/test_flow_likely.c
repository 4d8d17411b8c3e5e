/* SPDX-License-Identifier: Apache-2.0 */

#include "flow/flow_likely.h"
#include "tests/unit/table_fixture.h"

#define SEED UINT64_C(0x6c696b656c79)
#define IDS 64
#define STEPS 200000

static void
a_flow_is_likely_where_it_lies(void **state)
{
	struct table_fixture fixture = table_make(256, false);
	uint64_t hash = table_hash_with(5, 7);
	struct flow_key key = table_key_of(1);
	uint32_t slot = flow_table_insert(&fixture.table, hash, &key);

	(void)state;

	assert_int_equal(flow_likely_slot(&fixture.table, hash), slot);
	assert_true(flow_likely_is(&fixture.table, slot, &key));
	assert_int_equal(flow_likely_slot(&fixture.table, table_hash_with(5, 8)), FLOW_TABLE_NONE);
	assert_int_equal(flow_likely_slot(&fixture.table, table_hash_with(6, 7)), FLOW_TABLE_NONE);
	free(fixture.memory);
}

/* Its key is still there, as it was for those who asked before. */
static void
a_slot_that_was_freed_is_not_the_flow_s(void **state)
{
	struct table_fixture fixture = table_make(256, false);
	uint64_t hash = table_hash_with(5, 7);
	struct flow_key key = table_key_of(1), other = table_key_of(2);
	uint32_t slot = flow_table_insert(&fixture.table, hash, &key);

	(void)state;

	flow_table_remove(&fixture.table, slot);
	assert_false(flow_likely_is(&fixture.table, slot, &key));
	assert_int_equal(flow_table_insert(&fixture.table, hash, &other), slot);
	assert_false(flow_likely_is(&fixture.table, slot, &key));
	assert_true(flow_likely_is(&fixture.table, slot, &other));
	free(fixture.memory);
}

/* Each part of the key counts. */
static void
a_flow_of_another_key_is_not_the_flow(void **state)
{
	for (uint32_t vlan_in_key = 0; vlan_in_key < 2; vlan_in_key++) {
		struct table_fixture fixture = table_make(256, vlan_in_key != 0);
		struct flow_key key = table_key_of(1), other;
		uint32_t slot = flow_table_insert(&fixture.table, table_hash_with(5, 7), &key);

		(void)state;

		for (uint32_t part = 0; part < 8; part++) {
			other = key;
			if (part < 4)
				other.addr[part / 2][part % 2] ^= UINT64_C(1) << 17 * part;
			else if (part < 6)
				other.port[part - 4] ^= 0x100;
			else
				other.vlan[part - 6] ^= 1;
			assert_int_equal(flow_likely_is(&fixture.table, slot, &other),
					part >= 6 && vlan_in_key == 0);
		}
		other = key;
		other.ipv6 = !other.ipv6;
		assert_false(flow_likely_is(&fixture.table, slot, &other));
		fixture.table.flows[slot].entry.flags |= ~(uint32_t)FLOW_IPV6;
		assert_true(flow_likely_is(&fixture.table, slot, &key));
		free(fixture.memory);
	}
}

/* Flows with few tags come and go between the look and the question. */
static void
what_is_likely_is_what_is_found(void **state)
{
	struct table_fixture fixture = table_make(FLOW_TABLE_SLOTS_MIN, false);
	struct dice dice = { SEED };
	uint32_t likely[IDS], right = 0;

	(void)state;

	for (uint32_t id = 0; id < IDS; id++)
		likely[id] = FLOW_TABLE_NONE;
	for (uint32_t n = 0; n < STEPS; n++) {
		uint32_t id = (uint32_t)dice_below(&dice, IDS);
		uint64_t hash = table_hash_with(id & 1, (uint16_t)(1 + id % 5));
		struct flow_key key = table_key_of(id);
		uint32_t slot = flow_table_find(&fixture.table, hash, &key);

		if (likely[id] != FLOW_TABLE_NONE &&
				flow_likely_is(&fixture.table, likely[id], &key)) {
			assert_int_equal(likely[id], slot);
			right++;
		} else if (slot != FLOW_TABLE_NONE) {
			assert_int_not_equal(likely[id], slot);
		}
		likely[id] = flow_likely_slot(&fixture.table, hash);
		if (slot == FLOW_TABLE_NONE)
			flow_table_insert(&fixture.table, hash, &key);
		else if (dice_below(&dice, 3) == 0)
			flow_table_remove(&fixture.table, slot);
	}
	assert_true(right > STEPS / 100);
	free(fixture.memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flow_is_likely_where_it_lies),
		cmocka_unit_test(a_slot_that_was_freed_is_not_the_flow_s),
		cmocka_unit_test(a_flow_of_another_key_is_not_the_flow),
		cmocka_unit_test(what_is_likely_is_what_is_found),
	};

	return cmocka_run_group_tests_name("flow_likely", tests, NULL, NULL);
}
