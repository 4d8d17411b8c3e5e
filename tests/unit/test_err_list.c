/* SPDX-License-Identifier: Apache-2.0 */

#include "base/err_list.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *
printed(const struct err_list *list)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	err_list_print(list, "synwire", out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void
sentences_are_kept_in_order_and_printed_a_line_each(void **state)
{
	struct err_list list = { 0 };
	char *text;

	(void)state;

	assert_int_equal(err_list_add(&list, EINVAL, "%s:%d: gone", "wire.yaml", 12), -EINVAL);
	assert_int_equal(err_list_add(&list, ENOENT, "nowhere"), -ENOENT);
	assert_int_equal(list.count, 2);
	text = printed(&list);
	assert_string_equal(text, "synwire: wire.yaml:12: gone\nsynwire: nowhere\n");
	free(text);
}

static void
a_list_without_sentences_prints_nothing(void **state)
{
	const struct err_list list = { 0 };
	char *text = printed(&list);

	(void)state;

	assert_string_equal(text, "");
	free(text);
}

static void
what_finds_no_room_is_counted_and_said_to_be_missing(void **state)
{
	static const char end[] = "synwire: sentence 31\nsynwire: and 2 more\n";
	struct err_list list = { 0 };
	char *text;

	(void)state;

	for (int i = 0; i < ERR_LIST_MAX + 2; i++)
		assert_int_equal(err_list_add(&list, EINVAL, "sentence %d", i), -EINVAL);
	assert_int_equal(list.count, ERR_LIST_MAX);
	assert_int_equal(list.more, 2);
	text = printed(&list);
	assert_true(strlen(text) > strlen(end));
	assert_string_equal(text + strlen(text) - strlen(end), end);
	free(text);
}

static void
a_caller_that_wants_no_sentences_still_gets_the_code(void **state)
{
	(void)state;

	assert_int_equal(err_list_add(NULL, EINVAL, "nobody reads this"), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences_are_kept_in_order_and_printed_a_line_each),
		cmocka_unit_test(a_list_without_sentences_prints_nothing),
		cmocka_unit_test(what_finds_no_room_is_counted_and_said_to_be_missing),
		cmocka_unit_test(a_caller_that_wants_no_sentences_still_gets_the_code),
	};

	return cmocka_run_group_tests_name("err_list", tests, NULL, NULL);
}
