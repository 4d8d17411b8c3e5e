/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "observe/text_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct text_column columns[] = {
	{ "name", false },
	{ "count", true },
	{ "state", false },
};

static void
check_table(const char *const *cells, size_t count, const char *expected)
{
	struct text_table *table = text_table_create(columns, ARRAY_LEN(columns));
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < count; i++)
		text_table_cell(table, cells[i]);
	assert_int_equal(text_table_print(table, out), 0);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	text_table_destroy(table);
}

static void
columns_are_as_wide_as_their_widest_cell_and_numbers_end_below_one_another(void **state)
{
	static const char *const cells[] = { "a", "1,000,000", "up", "longer name", "7", "down" };

	(void)state;

	check_table(cells, ARRAY_LEN(cells),
			"  name             count  state\n"
			"  a            1,000,000  up\n"
			"  longer name          7  down\n");
}

static void
characters_are_counted_not_bytes_and_a_terminal_is_not_told_what_to_do(void **state)
{
	static const char *const cells[] = { "Br\303\274cke", "1", "\x1b[2J", "x\xc2\x9by\xff", "2",
		"" };

	(void)state;

	check_table(cells, ARRAY_LEN(cells),
			"  name    count  state\n"
			"  Br\303\274cke      1  ?[2J\n"
			"  x??y?       2  \n");
}

static void
without_rows_there_are_heads_and_a_row_begun_is_not_printed(void **state)
{
	static const char *const cells[] = { "a", "1" };

	(void)state;

	check_table(NULL, 0, "  name  count  state\n");
	check_table(cells, ARRAY_LEN(cells), "  name  count  state\n");
}

static void
many_rows_are_kept(void **state)
{
	struct text_table *table = text_table_create(columns, ARRAY_LEN(columns));
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;

	for (uint32_t i = 0; i < 3 * 10000; i++)
		text_table_cell(table, "x");
	assert_int_equal(text_table_rows(table), 30000 / ARRAY_LEN(columns));
	assert_int_equal(text_table_print(table, out), 0);
	fclose(out);
	assert_int_equal(size, 10001 * strlen("  name  count  state\n") - 10000 * strlen("tate"));
	free(text);
	text_table_destroy(table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
				columns_are_as_wide_as_their_widest_cell_and_numbers_end_below_one_another),
		cmocka_unit_test(
				characters_are_counted_not_bytes_and_a_terminal_is_not_told_what_to_do),
		cmocka_unit_test(without_rows_there_are_heads_and_a_row_begun_is_not_printed),
		cmocka_unit_test(many_rows_are_kept),
	};

	return cmocka_run_group_tests_name("text_table", tests, NULL, NULL);
}
