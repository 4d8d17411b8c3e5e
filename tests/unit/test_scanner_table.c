/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/scanner_table.h"
#include "flow/address_hash.h"
#include "tests/unit/detect_fixture.h"

#include <math.h>

#define SCANNER 0xc6336401

struct table {
	struct scanner_table table;
	void *memory;
};

static struct table
make(void)
{
	struct table fixture = { .memory = fixture_memory(scanner_table_memory_size()) };

	scanner_table_init(&fixture.table, fixture.memory, detect_key);
	return fixture;
}

static struct scanner_knock
knock_of(uint32_t source, const struct victim_key *target)
{
	struct victim_key address = detect_address(source);

	return (struct scanner_knock){ .addr = { address.addr[0], address.addr[1] },
		.hash = address_hash(detect_key, address.addr, 0),
		.target = target };
}

static void
attempt(struct table *fixture, uint32_t source, uint32_t addr, uint16_t port)
{
	struct victim_key target = detect_service(addr, port);
	struct scanner_knock knock = knock_of(source, &target);

	scanner_table_attempt(&fixture->table, &knock);
}

/* The report of one source; false: it is not in it. */
static bool
take(struct table *fixture, uint32_t source, struct report_scanner *wanted)
{
	struct victim_key address = detect_address(source);
	struct report_scanner scanner;
	bool found = false;

	scanner_table_begin_take(&fixture->table);
	while (scanner_table_take(&fixture->table, &scanner))
		if (memcmp(scanner.addr, address.addr, sizeof(scanner.addr)) == 0) {
			assert_false(found);
			*wanted = scanner;
			found = true;
		}
	return found;
}

/* Linear counting. */
static double
distinct(const uint64_t *map, uint32_t words)
{
	uint32_t set = 0;

	for (uint32_t i = 0; i < words; i++)
		set += (uint32_t)__builtin_popcountll(map[i]);
	return -64.0 * words * log(1 - set / (64.0 * words));
}

/* As port scanners try them, under whatever key. */
static void
sequential_ports_can_be_told_under_any_key(void **state)
{
	uint64_t random = 1;

	(void)state;

	for (uint32_t n = 0; n < 50; n++) {
		struct table fixture = make();
		struct report_scanner scanner;

		for (uint32_t word = 0; word < 4; word++)
			fixture.table.key[word] = random = random * UINT64_C(6364136223846793005) +
					UINT64_C(1442695040888963407);
		for (uint16_t port = 1; port <= 1000; port++)
			attempt(&fixture, SCANNER, 0x0a000001, port);
		assert_true(take(&fixture, SCANNER, &scanner));
		/* The standard error is 2.6 %. */
		assert_true(fabs(distinct(scanner.targets, SCAN_MAP_WORDS) / 1000 - 1) < 0.13);
		free(fixture.memory);
	}
}

static void
different_targets_and_addresses_can_be_told(void **state)
{
	struct table fixture = make();
	struct report_scanner scanner;

	(void)state;

	for (uint32_t again = 0; again < 3; again++)
		for (uint32_t n = 0; n < 400; n++)
			attempt(&fixture, SCANNER, 0x0a000000 + n / 4, (uint16_t)(n % 4));
	assert_true(take(&fixture, SCANNER, &scanner));
	assert_int_equal(scanner.attempts, 1200);
	assert_true(fabs(distinct(scanner.targets, SCAN_MAP_WORDS) - 400) < 40);
	assert_true(fabs(distinct(scanner.addresses, SCAN_MAP_WORDS / 4) - 100) < 20);
	free(fixture.memory);
}

static void
a_tick_s_maps_and_counts_begin_anew(void **state)
{
	struct table fixture = make();
	struct report_scanner scanner;

	(void)state;

	for (uint32_t n = 0; n < 100; n++)
		attempt(&fixture, SCANNER, n, 80);
	assert_true(take(&fixture, SCANNER, &scanner));
	assert_false(take(&fixture, SCANNER, &scanner));
	attempt(&fixture, SCANNER, 7, 443);
	assert_true(take(&fixture, SCANNER, &scanner));
	assert_int_equal(scanner.attempts, 1);
	assert_int_equal((int)(distinct(scanner.targets, SCAN_MAP_WORDS) + 0.5), 1);
	assert_int_equal(scanner.last.port, 443);
	assert_int_equal(scanner.last.level, VICTIM_SERVICE);
	free(fixture.memory);
}

static void
what_came_of_it_is_counted_but_completion_makes_nobody_followed(void **state)
{
	struct table fixture = make();
	struct victim_key target = detect_service(0x0a000001, 80);
	struct scanner_knock knock = knock_of(SCANNER, &target);
	struct report_scanner scanner;

	(void)state;

	scanner_table_completed(&fixture.table, &knock);
	assert_false(take(&fixture, SCANNER, &scanner));
	scanner_table_refused(&fixture.table, &knock);
	scanner_table_reset(&fixture.table, &knock);
	scanner_table_completed(&fixture.table, &knock);
	assert_true(take(&fixture, SCANNER, &scanner));
	assert_int_equal(scanner.attempts, 0);
	assert_int_equal(scanner.refused, 1);
	assert_int_equal(scanner.completed, 1);
	free(fixture.memory);
}

static void
a_scanner_stays_among_a_multitude_that_knocks_once_each(void **state)
{
	struct table fixture = make();
	struct dice dice = { 3 };
	struct report_scanner scanner;
	uint32_t followed = 0;

	(void)state;

	for (uint32_t tick = 0; tick < 20; tick++) {
		/* 1000 a second, in a flood of a million a second. */
		for (uint32_t n = 0; n < 100000; n++) {
			attempt(&fixture, (uint32_t)dice_roll(&dice), n, 80);
			if (n % 1000 == 0)
				attempt(&fixture, SCANNER, n, 80);
		}
		followed += take(&fixture, SCANNER, &scanner) && scanner.attempts > 90;
		heavy_set_pass(&fixture.table.set, 1);
	}
	assert_true(followed >= 17);
	free(fixture.memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequential_ports_can_be_told_under_any_key),
		cmocka_unit_test(different_targets_and_addresses_can_be_told),
		cmocka_unit_test(a_tick_s_maps_and_counts_begin_anew),
		cmocka_unit_test(what_came_of_it_is_counted_but_completion_makes_nobody_followed),
		cmocka_unit_test(a_scanner_stays_among_a_multitude_that_knocks_once_each),
	};

	return cmocka_run_group_tests_name("scanner_table", tests, NULL, NULL);
}
