/* SPDX-License-Identifier: Apache-2.0 */

/* What the book keeps when nobody takes its notices, and when an attack outlives its series. */

#include "detect/alarm_book.h"
#include "detect/tick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define TICK UINT64_C(16000000000)

struct fixture {
	struct detector_counters counters;
	struct alarm_book book;
};

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->book.counters = &fixture->counters;
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	free(*state);
	return 0;
}

static struct alarm_entry *
begin(struct alarm_book *book, uint64_t tick)
{
	struct alarm_entry *entry = alarm_book_begin(
			book, ALARM_SCAN, NULL, tick_start_us(tick), tick);

	assert_non_null(entry);
	alarm_book_tell(book, entry, ALARM_START, tick);
	return entry;
}

/* Updates until there is no room, each of a tick of its own. */
static uint64_t
fill(struct alarm_book *book, struct alarm_entry *entry, uint64_t tick)
{
	while (book->notice_count < ALARM_BOOK_NOTICES)
		alarm_book_tell(book, entry, ALARM_UPDATE, ++tick);
	return tick;
}

static void
an_update_for_which_there_is_no_room_is_dropped(void **state)
{
	struct alarm_book *book = &((struct fixture *)*state)->book;
	struct alarm_entry *entry = begin(book, TICK);
	const uint64_t last = fill(book, entry, TICK);
	struct alarm alarm;

	alarm_book_tell(book, entry, ALARM_UPDATE, last + 1);
	assert_int_equal(book->notice_count, ALARM_BOOK_NOTICES);
	while (alarm_book_next(book, &alarm))
		assert_true(alarm.time_us <= tick_end_us(last));
	assert_int_equal(alarm.time_us, tick_end_us(last));
}

static void
the_end_takes_the_place_of_the_oldest_update_and_comes_last(void **state)
{
	struct alarm_book *book = &((struct fixture *)*state)->book;
	struct alarm_entry *entry = begin(book, TICK);
	uint64_t last, before_us = 0;
	struct alarm alarm;

	/* The ring begins somewhere in its middle. */
	assert_true(alarm_book_next(book, &alarm));
	alarm_book_tell(book, entry, ALARM_START, TICK);
	last = fill(book, entry, TICK);
	alarm_book_end(book, entry, last + 1);

	assert_true(alarm_book_next(book, &alarm));
	assert_int_equal(alarm.phase, ALARM_START);
	assert_true(alarm_book_next(book, &alarm));
	assert_int_equal(alarm.phase, ALARM_UPDATE);
	assert_int_equal(alarm.time_us, tick_end_us(TICK + 2)); /* that of TICK + 1 made room */
	for (uint32_t n = 2; n < ALARM_BOOK_NOTICES; n++) {
		assert_true(alarm.time_us > before_us);
		before_us = alarm.time_us;
		assert_true(alarm_book_next(book, &alarm));
	}
	assert_int_equal(alarm.phase, ALARM_END);
	assert_false(alarm_book_next(book, &alarm));
}

static void
starts_and_ends_make_room_for_nobody(void **state)
{
	struct alarm_book *book = &((struct fixture *)*state)->book;
	struct alarm alarm;
	uint32_t starts = 0;

	for (uint64_t tick = TICK; book->notice_count < ALARM_BOOK_NOTICES; tick++)
		alarm_book_end(book, begin(book, tick), tick);
	begin(book, TICK + ALARM_BOOK_NOTICES);
	assert_int_equal(book->notice_count, ALARM_BOOK_NOTICES);
	while (alarm_book_next(book, &alarm))
		starts += alarm.phase == ALARM_START;
	assert_int_equal(starts, ALARM_BOOK_NOTICES / 2);
}

static void
a_series_keeps_the_last_seconds_of_a_long_attack(void **state)
{
	struct alarm_book *book = &((struct fixture *)*state)->book;
	struct alarm_entry *entry = begin(book, TICK);
	uint64_t tick = TICK;

	for (uint32_t second = 0; second < ALARM_SERIES + 5; second++)
		for (uint32_t n = 0; n < TICKS_PER_SEC; n++)
			alarm_book_count(entry, second, n == 0 ? second : 0, second * TICKS_PER_SEC,
					tick++);
	assert_int_equal(entry->alarm.series_count, ALARM_SERIES);
	for (uint32_t i = 0; i < ALARM_SERIES; i++) {
		assert_int_equal(entry->alarm.series_pps[i], (i + 5) * TICKS_PER_SEC);
		assert_int_equal(entry->alarm.series_completed[i], i + 5);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
				an_update_for_which_there_is_no_room_is_dropped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
				the_end_takes_the_place_of_the_oldest_update_and_comes_last, set_up,
				tear_down),
		cmocka_unit_test_setup_teardown(
				starts_and_ends_make_room_for_nobody, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_series_keeps_the_last_seconds_of_a_long_attack,
				set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
