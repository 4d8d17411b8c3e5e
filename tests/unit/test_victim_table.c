/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/victim_table.h"
#include "tests/unit/detect_fixture.h"

#define PLACES 256
#define SERVER 0xc0000200

struct table {
	struct victim_table table;
	void *memory;
};

static struct table
make(void)
{
	struct table fixture = { .memory = fixture_memory(victim_table_memory_size(PLACES)) };

	victim_table_init(&fixture.table, fixture.memory, PLACES, detect_key);
	return fixture;
}

static struct victim_entry *
admit_key(struct table *fixture, const struct victim_key *key, struct victim_gone *gone)
{
	struct victim_table *table = &fixture->table;
	uint32_t place = heavy_set_admit(&table->set, victim_table_hash(table->key, key), 1, false);

	return place != HEAVY_SET_NONE ? victim_table_settle(table, key, place, gone) : NULL;
}

static struct victim_entry *
admit(struct table *fixture, uint32_t number, struct victim_gone *gone)
{
	struct victim_key key = detect_service(SERVER + number, (uint16_t)(number / 7));

	return admit_key(fixture, &key, gone);
}

static struct victim_entry *
find(struct table *fixture, uint32_t number)
{
	struct victim_key key = detect_service(SERVER + number, (uint16_t)(number / 7));

	return victim_table_find(&fixture->table, &key);
}

static void
a_victim_is_found_once_it_has_a_place_and_by_its_whole_key(void **state)
{
	struct table fixture = make();
	struct victim_gone gone;
	struct victim_key key = detect_service(SERVER, 80);
	struct victim_entry *entry;

	(void)state;

	assert_null(victim_table_find(&fixture.table, &key));
	entry = admit_key(&fixture, &key, &gone);
	assert_false(gone.any);
	for (uint32_t again = 0; again < 2; again++)
		assert_ptr_equal(victim_table_find(&fixture.table, &key), entry);
	key.port = 81;
	assert_null(victim_table_find(&fixture.table, &key));
	key.port = 80;
	key.ipv6 = true;
	assert_null(victim_table_find(&fixture.table, &key));
	key = detect_service(SERVER ^ 1, 80);
	assert_null(victim_table_find(&fixture.table, &key));
	key = detect_address(SERVER);
	assert_null(victim_table_find(&fixture.table, &key));
	free(fixture.memory);
}

/* The all-zero key is nobody's, until somebody has it. */
static void
an_empty_table_follows_nobody(void **state)
{
	struct table fixture = make();
	struct victim_key key = { .ipv6 = true };

	(void)state;

	assert_null(victim_table_find(&fixture.table, &key));
	for (uint32_t number = 0; number < 10000; number++)
		assert_null(find(&fixture, number));
	free(fixture.memory);
}

/* Against a list of who has which place: the memo must never lead astray. */
static void
whoever_gave_way_is_not_found_any_more_and_all_others_are(void **state)
{
	struct table fixture = make();
	struct dice dice = { 99 };
	uint32_t who[PLACES] = { 0 }; /* number + 1 */
	uint32_t gave_way = 0;

	(void)state;

	for (uint32_t n = 0; n < 200000; n++) {
		uint32_t number = (uint32_t)dice_below(&dice, 600);
		struct victim_entry *entry = find(&fixture, number);
		bool known = false;

		for (uint32_t place = 0; place < PLACES; place++)
			known |= who[place] == number + 1;
		assert_int_equal(entry != NULL, known);
		if (entry == NULL) {
			struct victim_gone gone;

			entry = admit(&fixture, number, &gone);
			if (entry == NULL)
				continue;
			gave_way += who[entry - fixture.table.entries] != 0;
			who[entry - fixture.table.entries] = number + 1;
		}
		assert_int_equal(who[entry - fixture.table.entries], number + 1);
		if (n % 1000 == 0)
			heavy_set_pass(&fixture.table.set, 1);
	}
	assert_true(gave_way > 1000);
	free(fixture.memory);
}

static void
what_was_counted_of_who_gives_way_is_handed_over(void **state)
{
	struct table fixture = make();
	uint32_t admitted = 0, taken = 0, given = 0;

	(void)state;

	for (uint32_t number = 0; number < 5000; number++) {
		struct victim_gone gone;
		struct victim_entry *entry = admit(&fixture, number, &gone);

		if (entry == NULL)
			continue;
		admitted++;
		given += gone.any ? gone.counts.syn : 0;
		assert_int_equal(entry->counts.syn, 0);
		victim_table_counts(&fixture.table, entry)->syn++;
	}
	victim_table_begin_take(&fixture.table);
	for (struct victim_entry *entry; (entry = victim_table_take(&fixture.table)) != NULL;
			entry->counts.syn = 0)
		taken += entry->counts.syn;
	assert_int_equal(taken, PLACES);
	assert_int_equal(given + taken, admitted);
	free(fixture.memory);
}

static void
what_is_counted_while_counts_are_taken_stays_for_the_next_time(void **state)
{
	struct table fixture = make();
	struct victim_entry *first, *second;
	struct victim_gone gone;

	(void)state;

	first = admit(&fixture, 1, &gone);
	second = admit(&fixture, 2, &gone);
	victim_table_counts(&fixture.table, first)->syn++;
	victim_table_counts(&fixture.table, second)->syn++;
	victim_table_counts(&fixture.table, first)->syn++;
	victim_table_begin_take(&fixture.table);
	assert_ptr_equal(victim_table_take(&fixture.table), second);
	second->counts.syn = 0;
	victim_table_counts(&fixture.table, second)->syn++;
	victim_table_counts(&fixture.table, first)->syn++;
	assert_ptr_equal(victim_table_take(&fixture.table), first);
	assert_int_equal(first->counts.syn, 3);
	assert_null(victim_table_take(&fixture.table));
	victim_table_begin_take(&fixture.table);
	assert_ptr_equal(victim_table_take(&fixture.table), second);
	assert_int_equal(second->counts.syn, 1);
	assert_null(victim_table_take(&fixture.table));
	free(fixture.memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_victim_is_found_once_it_has_a_place_and_by_its_whole_key),
		cmocka_unit_test(an_empty_table_follows_nobody),
		cmocka_unit_test(whoever_gave_way_is_not_found_any_more_and_all_others_are),
		cmocka_unit_test(what_was_counted_of_who_gives_way_is_handed_over),
		cmocka_unit_test(what_is_counted_while_counts_are_taken_stays_for_the_next_time),
	};

	return cmocka_run_group_tests_name("victim_table", tests, NULL, NULL);
}
