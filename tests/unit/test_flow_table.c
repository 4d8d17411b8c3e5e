/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/unit/table_fixture.h"

#define NOW FIXTURE_START

static void
slots_are_a_power_of_two_within_the_limits(void **state)
{
	(void)state;

	assert_int_equal(flow_table_slots(0), FLOW_TABLE_SLOTS_MIN);
	assert_int_equal(flow_table_slots(FLOW_TABLE_SLOTS_MIN), FLOW_TABLE_SLOTS_MIN);
	assert_int_equal(flow_table_slots(FLOW_TABLE_SLOTS_MIN + 1), 64);
	assert_int_equal(flow_table_slots(1000), 1024);
	assert_int_equal(flow_table_slots(1024), 1024);
	assert_int_equal(flow_table_slots(1025), 2048);
	assert_int_equal(flow_table_slots(FLOW_TABLE_SLOTS_MAX), FLOW_TABLE_SLOTS_MAX);
	assert_int_equal(flow_table_slots(UINT32_MAX), FLOW_TABLE_SLOTS_MAX);
}

/* 160 for each slot; for each 16 a byte of sent_away and two of turn; for each 1024 two of group_due. */
static void
a_flow_costs_160_bytes_and_a_fifth(void **state)
{
	(void)state;

	for (uint32_t slots = 1 << 16; slots <= FLOW_TABLE_SLOTS_MAX && slots != 0; slots <<= 1) {
		size_t extra = flow_table_memory_size(slots) - (size_t)slots * 160;

		assert_true(extra <= slots / 5);
	}
}

/* The sanitizer sees every byte behind the memory that the size function asked for. */
static void
a_full_table_stays_within_its_memory(void **state)
{
	static const uint32_t sizes[] = { 1, 32, 64, 1024, 2048, 16384 };

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct table_fixture fixture = table_make(sizes[i], false);
		uint32_t slots = flow_table_slots(sizes[i]), given = 0, cursor = 0;
		uint32_t list[FLOW_TABLE_WAYS];
		int count;

		for (uint32_t id = 0; fixture.table.used < slots; id++) {
			uint32_t slot = table_insert(
					&fixture, table_hash_with(id, (uint16_t)(1 + id)), id);

			if (slot == FLOW_TABLE_NONE)
				continue;
			memset(&fixture.table.flows[slot].tally, 0xff, sizeof(struct flow_tally));
			memset(&fixture.table.evidence[slot], 0xff, sizeof(struct flow_evidence));
			flow_table_set_due(&fixture.table, slot, NOW + id, NOW);
		}
		while ((count = flow_table_walk(&fixture.table, &cursor, list)) >= 0)
			given += (uint32_t)count;
		assert_int_equal(given, slots);
		free(fixture.memory);
	}
}

static void
a_new_slot_holds_the_key_and_nothing_else(void **state)
{
	struct table_fixture fixture = table_make(64, true);
	struct flow_key key = table_key_of(7);
	struct flow_entry entry = { 0 };
	struct flow_tally tally = { 0 };
	struct flow_evidence evidence = { 0 };
	uint32_t slot;

	(void)state;

	key.ipv6 = true;
	key.vlan[0] = 100 | FLOW_VLAN_PRESENT;
	key.vlan[1] = 7 | FLOW_VLAN_PRESENT;
	memcpy(entry.addr, key.addr, sizeof(entry.addr));
	memcpy(entry.port, key.port, sizeof(entry.port));
	entry.flags = FLOW_IPV6;
	memcpy(evidence.vlan, key.vlan, sizeof(evidence.vlan));
	slot = flow_table_insert(&fixture.table, table_hash_with(1, 9), &key);
	assert_memory_equal(&fixture.table.flows[slot].entry, &entry, sizeof(entry));
	assert_memory_equal(&fixture.table.flows[slot].tally, &tally, sizeof(tally));
	assert_memory_equal(&fixture.table.evidence[slot], &evidence, sizeof(evidence));
	free(fixture.memory);
}

static void
nothing_of_the_flow_before_lives_on_in_its_slot(void **state)
{
	struct table_fixture fixture = table_make(64, false);
	struct flow_entry entry = { 0 };
	struct flow_tally tally = { 0 };
	struct flow_evidence evidence = { 0 };
	struct flow_key key = table_key_of(2);
	uint32_t first = table_insert(&fixture, table_hash_with(3, 9), 1), second;

	(void)state;

	memset(&fixture.table.flows[first].entry, 0xff, sizeof(entry));
	fixture.table.flows[first].entry.flags = ~FLOW_SENT_AWAY;
	memset(&fixture.table.flows[first].tally, 0xff, sizeof(tally));
	memset(&fixture.table.evidence[first], 0xff, sizeof(evidence));
	flow_table_remove(&fixture.table, first);
	second = table_insert(&fixture, table_hash_with(3, 9), 2);
	assert_int_equal(second, first);
	memcpy(entry.addr, key.addr, sizeof(entry.addr));
	memcpy(entry.port, key.port, sizeof(entry.port));
	assert_memory_equal(&fixture.table.flows[second].entry, &entry, sizeof(entry));
	assert_memory_equal(&fixture.table.flows[second].tally, &tally, sizeof(tally));
	assert_memory_equal(&fixture.table.evidence[second], &evidence, sizeof(evidence));
	free(fixture.memory);
}

static void
a_removed_flow_is_not_found_by_its_stale_key(void **state)
{
	struct table_fixture fixture = table_make(64, false);
	uint64_t hash = table_hash_with(2, 77);
	uint32_t slot = table_insert(&fixture, hash, 1);

	(void)state;

	assert_int_equal(table_find(&fixture, hash, 1), slot);
	flow_table_remove(&fixture.table, slot);
	assert_int_equal(table_find(&fixture, hash, 1), FLOW_TABLE_NONE);
	assert_int_equal(fixture.table.used, 0);
	assert_int_equal(table_insert(&fixture, hash, 2), slot);
	assert_int_equal(table_find(&fixture, hash, 1), FLOW_TABLE_NONE);
	assert_int_equal(table_find(&fixture, hash, 2), slot);
	free(fixture.memory);
}

/* A tag of zero means a free way, so no flow may have it. */
static void
a_hash_with_no_tag_bits_is_found_and_matches_no_free_way(void **state)
{
	struct table_fixture fixture = table_make(64, false);
	uint64_t hash = table_hash_with(1, 0);
	struct flow_key zero = { 0 };
	uint32_t slot;

	(void)state;

	assert_int_equal(flow_table_find(&fixture.table, hash, &zero), FLOW_TABLE_NONE);
	slot = flow_table_insert(&fixture.table, hash, &zero);
	assert_int_equal(flow_table_find(&fixture.table, hash, &zero), slot);
	flow_table_remove(&fixture.table, slot);
	assert_int_equal(flow_table_find(&fixture.table, hash, &zero), FLOW_TABLE_NONE);
	free(fixture.memory);
}

static void
keys_that_differ_in_one_field_are_different_flows(void **state)
{
	struct table_fixture fixture = table_make(64, true);
	struct flow_key keys[10];
	uint32_t slots[10];

	(void)state;

	for (uint32_t i = 0; i < ARRAY_LEN(keys); i++)
		keys[i] = table_key_of(1);
	for (uint32_t i = 0; i < 4; i++)
		keys[1 + i].addr[i / 2][i % 2] ^= UINT64_C(1) << (13 + 8 * i);
	keys[5].port[0] ^= 0x8000;
	keys[6].port[1] ^= 1;
	keys[7].vlan[0] = FLOW_VLAN_PRESENT;
	keys[8].vlan[1] = FLOW_VLAN_PRESENT | 1;
	keys[9].ipv6 = true; /* the same bytes: an IPv4-mapped address in an IPv6 packet */
	for (uint32_t i = 0; i < ARRAY_LEN(keys); i++) {
		assert_int_equal(flow_table_find(&fixture.table, table_hash_with(1, 5), &keys[i]),
				FLOW_TABLE_NONE);
		slots[i] = flow_table_insert(&fixture.table, table_hash_with(1, 5), &keys[i]);
	}
	for (uint32_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_int_equal(flow_table_find(&fixture.table, table_hash_with(1, 5), &keys[i]),
				slots[i]);
	free(fixture.memory);
}

/* The evidence keeps the tags of every flow; they must not tell flows apart by themselves. */
static void
vlan_tags_do_not_matter_unless_they_are_in_the_key(void **state)
{
	struct table_fixture fixture = table_make(64, false);
	uint32_t slot = table_insert(&fixture, table_hash_with(1, 5), 1);

	(void)state;

	fixture.table.evidence[slot].vlan[0] = FLOW_VLAN_PRESENT | 100;
	assert_int_equal(table_find(&fixture, table_hash_with(1, 5), 1), slot);
	free(fixture.memory);
}

/* How crowded is the table's own business; half full is not. */
static void
a_flow_lives_in_its_own_bucket_until_that_is_crowded(void **state)
{
	struct table_fixture fixture = table_make(64, false);
	uint32_t slot, id = 0;

	(void)state;

	while (table_bucket_at(slot = table_insert(&fixture, table_hash_with(2, 9), id)) == 2)
		id++;
	assert_int_not_equal(slot, FLOW_TABLE_NONE);
	assert_in_range(id, FLOW_TABLE_WAYS / 2, FLOW_TABLE_WAYS);
	assert_int_equal(fixture.table.sent_away[2], 1);
	assert_int_equal(table_find(&fixture, table_hash_with(2, 9), id), slot);
	free(fixture.memory);
}

static void
a_flow_sent_away_is_found_when_its_own_bucket_has_room_again(void **state)
{
	struct table_fixture fixture = table_make(64, false);
	uint32_t slots[FLOW_TABLE_WAYS], away;

	(void)state;

	for (uint32_t id = 0; id < FLOW_TABLE_WAYS; id++)
		slots[id] = table_insert(&fixture, table_hash_with(2, 9), id);
	away = table_insert(&fixture, table_hash_with(2, 9), 100);
	assert_int_not_equal(table_bucket_at(away), 2);
	for (uint32_t id = 0; id < FLOW_TABLE_WAYS; id++)
		flow_table_remove(&fixture.table, slots[id]);
	assert_int_equal(fixture.table.sent_away[2], 1);
	assert_int_equal(table_find(&fixture, table_hash_with(2, 9), 100), away);
	flow_table_remove(&fixture.table, away);
	assert_int_equal(fixture.table.sent_away[2], 0);
	assert_int_equal(table_find(&fixture, table_hash_with(2, 9), 100), FLOW_TABLE_NONE);
	free(fixture.memory);
}

static void
there_is_no_slot_when_both_buckets_are_full(void **state)
{
	struct table_fixture fixture = table_make(FLOW_TABLE_SLOTS_MIN, false);

	(void)state;

	for (uint32_t id = 0; id < FLOW_TABLE_SLOTS_MIN; id++)
		assert_int_not_equal(
				table_insert(&fixture, table_hash_with(0, 3), id), FLOW_TABLE_NONE);
	assert_int_equal(fixture.table.sent_away[0], FLOW_TABLE_WAYS);
	assert_int_equal(table_insert(&fixture, table_hash_with(0, 3), 100), FLOW_TABLE_NONE);
	assert_int_equal(table_insert(&fixture, table_hash_with(1, 3), 101), FLOW_TABLE_NONE);
	assert_int_equal(fixture.table.used, FLOW_TABLE_SLOTS_MIN);
	assert_int_equal(fixture.table.sent_away[0], FLOW_TABLE_WAYS);
	free(fixture.memory);
}

struct away {
	uint32_t id;
	uint64_t hash;
	uint32_t slot;
};

/* Crowd bucket 5 until it has sent @p count away, which their tags spread; they fit. */
static void
send_away(struct table_fixture *fixture, uint32_t count, struct away *away)
{
	for (uint32_t id = 0; count != 0; id++) {
		uint64_t hash = table_hash_with(5, (uint16_t)(1 + id));
		uint32_t slot = table_insert(fixture, hash, id);

		assert_int_not_equal(slot, FLOW_TABLE_NONE);
		if (table_bucket_at(slot) == 5)
			continue;
		*away++ = (struct away){ .id = id, .hash = hash, .slot = slot };
		count--;
	}
}

static void
a_count_of_those_sent_away_goes_up_and_down(void **state)
{
	struct table_fixture fixture = table_make(1 << 14, false);
	struct away away[254];

	(void)state;

	send_away(&fixture, ARRAY_LEN(away), away);
	assert_int_equal(fixture.table.sent_away[5], 254);
	for (uint32_t id = 0; id < ARRAY_LEN(away); id++)
		flow_table_remove(&fixture.table, away[id].slot);
	assert_int_equal(fixture.table.sent_away[5], 0);
	free(fixture.memory);
}

static void
a_count_of_those_sent_away_that_is_full_sticks(void **state)
{
	struct table_fixture fixture = table_make(1 << 14, false);
	struct away away[300];

	(void)state;

	send_away(&fixture, ARRAY_LEN(away), away);
	assert_int_equal(fixture.table.sent_away[5], UINT8_MAX);
	for (uint32_t id = 0; id < 290; id++)
		flow_table_remove(&fixture.table, away[id].slot);
	assert_int_equal(fixture.table.sent_away[5], UINT8_MAX);
	for (uint32_t id = 290; id < ARRAY_LEN(away); id++)
		assert_int_equal(table_find(&fixture, away[id].hash, away[id].id), away[id].slot);
	free(fixture.memory);
}

static void
a_walk_visits_each_flow_once(void **state)
{
	struct table_fixture fixture = table_make(2048, false);
	uint8_t *visits = calloc(2048, 1);
	uint32_t cursor = 0, list[FLOW_TABLE_WAYS];
	int count;

	(void)state;

	for (uint32_t id = 0; id < 700; id++)
		visits[table_insert(&fixture, table_hash_with(id * 7, (uint16_t)(id + 1)), id)]--;
	while ((count = flow_table_walk(&fixture.table, &cursor, list)) >= 0) {
		assert_true(count <= FLOW_TABLE_WAYS);
		for (int i = 0; i < count; i++)
			visits[list[i]]++;
	}
	for (uint32_t slot = 0; slot < 2048; slot++)
		assert_int_equal(visits[slot], 0);
	assert_int_equal(flow_table_walk(&fixture.table, &cursor, list), -1);
	free(visits);
	free(fixture.memory);
}

static void
a_walk_that_removes_what_it_visits_empties_the_table(void **state)
{
	struct table_fixture fixture = table_make(1024, false);
	uint32_t cursor = 0, list[FLOW_TABLE_WAYS];
	int count;

	(void)state;

	for (uint32_t id = 0; id < 600; id++)
		table_insert(&fixture, table_hash_with(id & 15, (uint16_t)(id + 1)), id);
	assert_true(fixture.table.used > 400);
	while ((count = flow_table_walk(&fixture.table, &cursor, list)) >= 0)
		for (int i = 0; i < count; i++)
			flow_table_remove(&fixture.table, list[i]);
	assert_int_equal(fixture.table.used, 0);
	free(fixture.memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_are_a_power_of_two_within_the_limits),
		cmocka_unit_test(a_flow_costs_160_bytes_and_a_fifth),
		cmocka_unit_test(a_full_table_stays_within_its_memory),
		cmocka_unit_test(a_new_slot_holds_the_key_and_nothing_else),
		cmocka_unit_test(nothing_of_the_flow_before_lives_on_in_its_slot),
		cmocka_unit_test(a_removed_flow_is_not_found_by_its_stale_key),
		cmocka_unit_test(a_hash_with_no_tag_bits_is_found_and_matches_no_free_way),
		cmocka_unit_test(keys_that_differ_in_one_field_are_different_flows),
		cmocka_unit_test(vlan_tags_do_not_matter_unless_they_are_in_the_key),
		cmocka_unit_test(a_flow_lives_in_its_own_bucket_until_that_is_crowded),
		cmocka_unit_test(a_flow_sent_away_is_found_when_its_own_bucket_has_room_again),
		cmocka_unit_test(there_is_no_slot_when_both_buckets_are_full),
		cmocka_unit_test(a_count_of_those_sent_away_goes_up_and_down),
		cmocka_unit_test(a_count_of_those_sent_away_that_is_full_sticks),
		cmocka_unit_test(a_walk_visits_each_flow_once),
		cmocka_unit_test(a_walk_that_removes_what_it_visits_empties_the_table),
	};

	return cmocka_run_group_tests_name("flow_table", tests, NULL, NULL);
}
