/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Detection, filled to the brim: what has no place is counted, and what is told stays bounded.
 * The edges of single tables are in the tests of each; here is what comes out of all together.
 */

#include "detect/alarm_book.h"
#include "detect/followed_table.h"
#include "detect/scan.h"
#include "tests/unit/detect_fixture.h"

#define TICK DETECT_TICK

/* Every place of a meter taken, and more knocking than there are: the report holds it all. */
static void
a_report_of_full_tables_fits_and_what_has_no_place_is_counted(void **state)
{
	const uint32_t victims = 4 * METER_SERVICES;
	struct detect detect = detect_make();
	struct victim_counts sum = { 0 };

	(void)state;

	for (uint32_t n = 0; n < victims; n++)
		for (uint32_t times = 0; times < 1 + n % 3; times++)
			detect_syn(&detect, 0x0b000000 + n, 0x0a000000 + n * 256, 80);
	detect_tick(&detect);
	assert_in_range(detect.report->victim_count, METER_VICTIMS / 2, METER_VICTIMS);
	assert_true(detect.report->scanner_count <= METER_SCANNERS);
	assert_true(detect.report->sources_count <= METER_SOURCES);
	assert_true(detect.report->unfollowed.syn > 0);
	detect_sum(detect.report, &sum);
	assert_int_equal(sum.syn, victims / 3 * 3 * 2 + (victims % 3 == 1 ? 1 : 0));
	detect_destroy(&detect);
}

/* More under suspicion at once than have blocks: 32 are counted, the others are told without. */
static void
more_suspects_than_blocks_are_told_without_sources(void **state)
{
	struct detect detect = detect_make();
	uint32_t with = 0, without = 0;

	(void)state;

	for (uint32_t tick = 0; tick < 3; tick++) {
		for (uint32_t n = 0; n < 4 * METER_SOURCES; n++)
			for (uint32_t times = 0; times < 50; times++)
				detect_syn(&detect, 0x0b000000 + tick * 6400 + n * 50 + times,
						0x0a000000 + n * 256, 80);
		detect_tick(&detect);
	}
	for (uint32_t i = 0; i < detect.report->victim_count; i++) {
		const struct report_victim *row = &detect.report->victims[i];

		if (row->key.level != VICTIM_SERVICE)
			continue;
		assert_int_equal(row->counts.syn, 50);
		with += row->sources != REPORT_NO_SOURCES;
		without += row->sources == REPORT_NO_SOURCES;
	}
	assert_int_equal(with, METER_SOURCES);
	assert_int_equal(without, 3 * METER_SOURCES);
	detect_destroy(&detect);
}

static struct alarm_book *
book_make(void)
{
	struct alarm_book *book = calloc(1, sizeof(*book));

	assert_non_null(book);
	book->counters = calloc(1, sizeof(*book->counters));
	assert_non_null(book->counters);
	return book;
}

static void
book_destroy(struct alarm_book *book)
{
	free(book->counters);
	free(book);
}

/* Nobody takes the notices: updates give way, each start and each end is told. */
static void
starts_and_ends_are_told_though_nobody_takes_the_notices(void **state)
{
	struct alarm_book *book = book_make();
	uint32_t told[3] = { 0 };
	struct alarm alarm;

	(void)state;

	for (uint32_t n = 0; n < DETECTOR_ALARMS; n++)
		alarm_book_tell(book, alarm_book_begin(book, ALARM_SCAN, NULL, 0, TICK),
				ALARM_START, TICK);
	assert_null(alarm_book_begin(book, ALARM_SCAN, NULL, 0, TICK));
	for (uint64_t tick = 1; tick < 100; tick++)
		for (uint32_t n = 0; n < DETECTOR_ALARMS; n++)
			alarm_book_tell(book, &book->entries[n], ALARM_UPDATE, TICK + tick);
	assert_int_equal(book->notice_count, ALARM_BOOK_NOTICES);
	for (uint32_t n = 0; n < DETECTOR_ALARMS; n++)
		alarm_book_end(book, &book->entries[n], TICK + 100);
	assert_int_equal(book->notice_count, ALARM_BOOK_NOTICES);
	while (alarm_book_next(book, &alarm))
		told[alarm.phase]++;
	assert_int_equal(told[ALARM_START], DETECTOR_ALARMS);
	assert_int_equal(told[ALARM_END], DETECTOR_ALARMS);
	assert_int_equal(told[ALARM_UPDATE], ALARM_BOOK_NOTICES - 2 * DETECTOR_ALARMS);
	book_destroy(book);
}

/* Of those that are over the latest are remembered. */
static void
of_hundreds_that_are_over_the_latest_are_remembered(void **state)
{
	struct alarm_book *book = book_make();
	struct alarm alarm;

	(void)state;

	for (uint32_t n = 0; n < 5 * DETECTOR_ENDED; n++) {
		alarm_book_end(book, alarm_book_begin(book, ALARM_SCAN, NULL, 0, TICK + n),
				TICK + n);
		while (alarm_book_next(book, &alarm))
			continue;
	}
	assert_int_equal(book->ended_count, 5 * DETECTOR_ENDED);
	for (uint32_t n = 0; n < DETECTOR_ENDED; n++)
		assert_int_equal(book->ended[(4 * DETECTOR_ENDED + n) % DETECTOR_ENDED].id,
				4 * DETECTOR_ENDED + n + 1);
	book_destroy(book);
}

/* All places taken, and as many again: one gives way for each, is counted, and is not found. */
static void
a_full_table_of_victims_lets_the_quiet_give_way(void **state)
{
	struct followed_table *table = followed_table_create(1);
	uint32_t found = 0;

	(void)state;

	assert_non_null(table);
	for (uint32_t n = 0; n < 2 * FOLLOWED_MAX; n++) {
		const struct victim_key key = detect_service(0x0a000000 + n, 80);

		assert_non_null(followed_table_wake(table, &key, TICK + n / 64));
		followed_table_rest(table, TICK + n / 64);
	}
	assert_int_equal(followed_table_count(table), FOLLOWED_MAX);
	assert_int_equal(followed_table_replaced(table), FOLLOWED_MAX);
	for (uint32_t n = 0; n < 2 * FOLLOWED_MAX; n++) {
		const struct victim_key key = detect_service(0x0a000000 + n, 80);

		found += followed_table_find(table, &key) != NULL;
	}
	assert_int_equal(found, FOLLOWED_MAX);
	followed_table_destroy(table);
}

static void
scanners_without_room_for_an_alarm_are_counted_once_each(void **state)
{
	const uint32_t scanners = SCAN_SOURCES / 2;
	struct alarm_book *book = book_make();
	struct scan *scan = calloc(1, sizeof(*scan));
	struct detector_params params;

	(void)state;

	assert_non_null(scan);
	detector_params_default(&params);
	address_hash_key_of(1, scan->key);
	for (uint64_t tick = TICK; tick < TICK + 30; tick++) {
		for (uint32_t n = 0; n < scanners; n++) {
			struct report_scanner scanner = { .attempts = 200,
				.last = detect_service(0x0a000001, 80) };

			build_ipv4_mapped(0x0b000000 + n, (uint8_t *)scanner.addr);
			memset(scanner.targets, 0x55, sizeof(scanner.targets));
			memset(scanner.addresses, 0x55, sizeof(scanner.addresses));
			scan_take(scan, &scanner, tick);
		}
		scan_step(scan, book, &params, tick);
	}
	assert_int_equal(book->counters->alarms, DETECTOR_ALARMS);
	assert_in_range(book->counters->alarms_missed, scanners - DETECTOR_ALARMS - 32,
			scanners - DETECTOR_ALARMS);
	free(scan);
	book_destroy(book);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_of_full_tables_fits_and_what_has_no_place_is_counted),
		cmocka_unit_test(more_suspects_than_blocks_are_told_without_sources),
		cmocka_unit_test(starts_and_ends_are_told_though_nobody_takes_the_notices),
		cmocka_unit_test(of_hundreds_that_are_over_the_latest_are_remembered),
		cmocka_unit_test(a_full_table_of_victims_lets_the_quiet_give_way),
		cmocka_unit_test(scanners_without_room_for_an_alarm_are_counted_once_each),
	};

	return cmocka_run_group_tests_name("detect_brim", tests, NULL, NULL);
}
