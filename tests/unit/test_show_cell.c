/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/show_cell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct text_column column = { "", false };

/* Print a table of one column, whose cells stand in lines below an empty head. */
static void
check_cells(struct text_table *table, const char *expected)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(text_table_print(table, out), 0);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	text_table_destroy(table);
}

static void
fields_are_shown_in_the_form_that_suits_them(void **state)
{
	json_t *object = json_pack("{s:s, s:I, s:i, s:s, s:s, s:i}", "word", "up", "count",
			(json_int_t)1234567, "ms", 90500, "v4", "192.0.2.1", "v6", "2001:db8::1",
			"port", 443);
	struct text_table *table = text_table_create(&column, 1);

	(void)state;

	show_cell_text(table, object, "word");
	show_cell_count(table, object, "count");
	show_cell_id(table, object, "count");
	show_cell_bytes(table, object, "count");
	show_cell_time(table, object, "ms", 1000);
	show_cell_endpoint(table, object, "v4", "port");
	show_cell_endpoint(table, object, "v6", "port");
	check_cells(table,
			"  \n  up\n  1,234,567\n  1234567\n  1.23 MB\n  90.5 s\n  192.0.2.1:443\n"
			"  [2001:db8::1]:443\n");
	json_decref(object);
}

static void
a_field_that_is_missing_or_odd_is_a_dash(void **state)
{
	json_t *object = json_pack("{s:i, s:s, s:i}", "text", 7, "number", "x", "below", -1);
	struct text_table *table = text_table_create(&column, 1);

	(void)state;

	show_cell_text(table, object, "text");
	show_cell_count(table, object, "number");
	show_cell_id(table, object, "below");
	show_cell_bytes(table, object, "none");
	show_cell_time(table, NULL, "ms", 1);
	show_cell_endpoint(table, object, "none", "none");
	show_cell_endpoint(table, object, "number", "none");
	check_cells(table, "  \n  -\n  -\n  -\n  -\n  -\n  -\n  x\n");
	assert_int_equal(show_cell_number(object, "below"), 0);
	assert_string_equal(show_cell_string(object, "text"), SHOW_CELL_NONE);
	json_decref(object);
}

static void
no_number_or_text_is_too_large(void **state)
{
	char ip[1000];
	json_t *object;
	struct text_table *table = text_table_create(&column, 1);

	(void)state;

	memset(ip, ':', sizeof(ip) - 1);
	ip[sizeof(ip) - 1] = '\0';
	object = json_pack("{s:I, s:s}", "n", (json_int_t)INT64_MAX, "ip", ip);
	show_cell_count(table, object, "n");
	show_cell_bytes(table, object, "n");
	show_cell_time(table, object, "n", 1000000);
	check_cells(table, "  \n  9,223,372,036,854,775,807\n  9.22 EB\n  213503982 d 8 h\n");
	table = text_table_create(&column, 1);
	show_cell_endpoint(table, object, "ip", "n");
	text_table_destroy(table);
	json_decref(object);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_shown_in_the_form_that_suits_them),
		cmocka_unit_test(a_field_that_is_missing_or_odd_is_a_dash),
		cmocka_unit_test(no_number_or_text_is_too_large),
	};

	return cmocka_run_group_tests_name("show_cell", tests, NULL, NULL);
}
