/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "observe/summary_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
digits_stand_in_groups_of_three(void **state)
{
	(void)state;

	assert_string_equal(summary_text_count(0).text, "0");
	assert_string_equal(summary_text_count(999).text, "999");
	assert_string_equal(summary_text_count(1000).text, "1,000");
	assert_string_equal(summary_text_count(1234567).text, "1,234,567");
	assert_string_equal(summary_text_count(UINT64_MAX).text, "18,446,744,073,709,551,615");
}

static void
times_have_the_unit_that_suits_them(void **state)
{
	static const struct {
		uint64_t us;
		const char *text;
	} times[] = {
		{ 0, "0 us" },
		{ 999, "999 us" },
		{ 1000, "1.00 ms" },
		{ 9994, "9.99 ms" },
		{ 9995, "10.0 ms" },
		{ 99949, "99.9 ms" },
		{ 99950, "100 ms" },
		{ 999499, "999 ms" },
		{ 999500, "1.00 s" },
		{ 119499999, "119 s" },
		{ 119500000, "2 min 0 s" },
		{ 200000000, "3 min 20 s" },
		{ 7199499999, "119 min 59 s" },
		{ 7199500000, "2 h 0 min" },
		{ UINT64_C(259199499999), "71 h 59 min" },
		{ UINT64_C(259199500000), "3 d 0 h" },
		{ UINT64_MAX, "213503982 d 8 h" },
	};

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		assert_string_equal(summary_text_time(times[i].us).text, times[i].text);
}

static void
sizes_have_three_digits(void **state)
{
	(void)state;

	assert_string_equal(summary_text_size(0, "B").text, "0 B");
	assert_string_equal(summary_text_size(999, "B").text, "999 B");
	assert_string_equal(summary_text_size(1000, "B").text, "1.00 kB");
	assert_string_equal(summary_text_size(812345678, "B").text, "812 MB");
	assert_string_equal(summary_text_size(6.37e9, "bit/s").text, "6.37 Gbit/s");
	assert_string_equal(summary_text_size(999.6e6, "B").text, "1.00 GB");
}

static void
a_share_is_never_rounded_to_nothing_or_to_all(void **state)
{
	(void)state;

	assert_string_equal(summary_text_share(0, 7).text, "0.0 %");
	assert_string_equal(summary_text_share(1, 3).text, "33.3 %");
	assert_string_equal(summary_text_share(7, 7).text, "100.0 %");
	assert_string_equal(summary_text_share(1, 1000000).text, "< 0.1 %");
	assert_string_equal(summary_text_share(999999, 1000000).text, "> 99.9 %");
	assert_string_equal(summary_text_share(0, 0).text, "0.0 %");
}

static void
check_rows(const struct summary_row *rows, uint32_t count, uint64_t whole, const char *expected)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	summary_text_rows(out, rows, count, whole);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void
rows_are_aligned_and_empty_ones_left_out(void **state)
{
	struct summary_row rows[] = {
		{ "few", 5, "a handful" },
		{ "a_longer_one_not_printed", 0, "never" },
		{ "thousands", 4321, "" },
		{ "five", 5, "as many" },
	};

	(void)state;

	check_rows(rows, 4, 0,
			"  few            5  a handful\n"
			"  thousands  4,321\n"
			"  five           5  as many\n");
	summary_text_sort(rows, 4);
	check_rows(rows, 4, 4331,
			"  thousands  4,321    99.8 %\n"
			"  few            5     0.1 %  a handful\n"
			"  five           5     0.1 %  as many\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_stand_in_groups_of_three),
		cmocka_unit_test(times_have_the_unit_that_suits_them),
		cmocka_unit_test(sizes_have_three_digits),
		cmocka_unit_test(a_share_is_never_rounded_to_nothing_or_to_all),
		cmocka_unit_test(rows_are_aligned_and_empty_ones_left_out),
	};

	return cmocka_run_group_tests_name("summary_text", tests, NULL, NULL);
}
