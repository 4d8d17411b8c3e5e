/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/exposition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct page {
	struct exposition text;
	char *bytes;
	size_t size;
};

static void
page_open(struct page *page)
{
	*page = (struct page){ 0 };
	page->text.out = open_memstream(&page->bytes, &page->size);
	assert_non_null(page->text.out);
}

static void
page_check(struct page *page, const char *expected)
{
	fclose(page->text.out);
	assert_string_equal(page->bytes, expected);
	free(page->bytes);
}

static void
a_family_says_its_help_and_type_and_a_sample_its_labels_and_value(void **state)
{
	struct page page;

	(void)state;

	page_open(&page);
	exposition_family(&page.text, "flows", "gauge", "Connections in the flow table");
	exposition_begin(&page.text, "flows");
	exposition_label_number(&page.text, "worker", 0);
	exposition_label(&page.text, "wire", "uplink");
	exposition_count(&page.text, UINT64_MAX);
	exposition_begin(&page.text, "flows");
	exposition_count(&page.text, 0);
	page_check(&page,
			"# HELP synwire_flows Connections in the flow table\n"
			"# TYPE synwire_flows gauge\n"
			"synwire_flows{worker=\"0\",wire=\"uplink\"} 18446744073709551615\n"
			"synwire_flows 0\n");
}

static void
a_label_of_any_bytes_is_escaped(void **state)
{
	struct page page;

	(void)state;

	page_open(&page);
	exposition_begin(&page.text, "x");
	exposition_label(&page.text, "path", "C:\\\"new\"\nline \xc3\xbc\xff\xc3");
	exposition_count(&page.text, 1);
	page_check(&page, "synwire_x{path=\"C:\\\\\\\"new\\\"\\nline \xc3\xbc??\"} 1\n");
}

static void
times_are_written_in_seconds_to_the_microsecond(void **state)
{
	struct page page;

	(void)state;

	page_open(&page);
	exposition_begin(&page.text, "x");
	exposition_seconds(&page.text, 1000007);
	exposition_begin(&page.text, "x");
	exposition_label(&page.text, "a", "");
	exposition_seconds(&page.text, 264);
	page_check(&page, "synwire_x 1.000007\nsynwire_x{a=\"\"} 0.000264\n");
}

static void
shares_are_written_with_four_digits(void **state)
{
	struct page page;

	(void)state;

	page_open(&page);
	exposition_begin(&page.text, "x");
	exposition_ratio(&page.text, 0.50004);
	exposition_begin(&page.text, "x");
	exposition_label(&page.text, "a", "b");
	exposition_ratio(&page.text, 1);
	page_check(&page, "synwire_x 0.5000\nsynwire_x{a=\"b\"} 1.0000\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_family_says_its_help_and_type_and_a_sample_its_labels_and_value),
		cmocka_unit_test(a_label_of_any_bytes_is_escaped),
		cmocka_unit_test(times_are_written_in_seconds_to_the_microsecond),
		cmocka_unit_test(shares_are_written_with_four_digits),
	};

	return cmocka_run_group_tests_name("exposition", tests, NULL, NULL);
}
