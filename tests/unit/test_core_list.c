/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "config/core_list.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
assert_cores(const char *text, const uint32_t *expected, int count)
{
	uint32_t cores[CORE_LIST_MAX];
	struct err err = { "" };

	if (core_list_parse(text, cores, CORE_LIST_MAX, &err) != count)
		fail_msg("'%s' %s", text, err.text);
	for (int i = 0; i < count; i++)
		assert_int_equal(cores[i], expected[i]);
}

static void
assert_refused(const char *text, const char *why)
{
	uint32_t cores[CORE_LIST_MAX];
	struct err err = { "" };

	assert_int_equal(core_list_parse(text, cores, CORE_LIST_MAX, &err), -EINVAL);
	assert_string_equal(err.text, why);
}

static void
cores_come_in_the_order_in_which_they_are_named(void **state)
{
	(void)state;

	assert_cores("3", (const uint32_t[]){ 3 }, 1);
	assert_cores("2-5,8", (const uint32_t[]){ 2, 3, 4, 5, 8 }, 5);
	assert_cores("8,2-3,0", (const uint32_t[]){ 8, 2, 3, 0 }, 4);
	assert_cores("7-7", (const uint32_t[]){ 7 }, 1);
	assert_cores(" 1 , 2 - 3 ", (const uint32_t[]){ 1, 2, 3 }, 3);
	assert_cores("1023", (const uint32_t[]){ 1023 }, 1);
}

static void
no_text_names_no_core(void **state)
{
	(void)state;

	assert_cores("", NULL, 0);
	assert_cores("  ", NULL, 0);
}

static void
what_is_no_list_is_refused_with_the_place(void **state)
{
	(void)state;

	assert_refused("all", "a number is missing before 'all'");
	assert_refused("1,", "a number is missing before ''");
	assert_refused(",1", "a number is missing before ',1'");
	assert_refused("1,,2", "a number is missing before ',2'");
	assert_refused("1-", "a number is missing before ''");
	assert_refused("-1", "a number is missing before '-1'");
	assert_refused("1-2-3", "what is '-3'?");
	assert_refused("1 2", "what is '2'?");
	assert_refused("0x1", "what is 'x1'?");
	assert_refused("5-2", "the range 5-2 runs backwards");
}

static void
a_core_is_named_once(void **state)
{
	(void)state;

	assert_refused("1,1", "core 1 is named twice");
	assert_refused("2-5,4", "core 4 is named twice");
	assert_refused("4,2-5", "core 4 is named twice");
}

static void
a_core_that_no_machine_has_is_refused(void **state)
{
	(void)state;

	assert_refused("1024", "the highest core is 1023");
	assert_refused("0-99999999999999999999", "the highest core is 1023");
	assert_refused("4294967297", "the highest core is 1023");
}

static void
no_more_are_written_than_there_is_room_for(void **state)
{
	uint32_t cores[4] = { 0, 0, 0, 4711 };
	struct err err;

	(void)state;

	assert_int_equal(core_list_parse("1-3", cores, 3, &err), 3);
	assert_int_equal(core_list_parse("1-4", cores, 3, &err), -E2BIG);
	assert_string_equal(err.text, "more than 3 cores are named");
	assert_int_equal(core_list_parse("1-4", cores, 3, NULL), -E2BIG);
	assert_int_equal(cores[3], 4711);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cores_come_in_the_order_in_which_they_are_named),
		cmocka_unit_test(no_text_names_no_core),
		cmocka_unit_test(what_is_no_list_is_refused_with_the_place),
		cmocka_unit_test(a_core_is_named_once),
		cmocka_unit_test(a_core_that_no_machine_has_is_refused),
		cmocka_unit_test(no_more_are_written_than_there_is_room_for),
	};

	return cmocka_run_group_tests_name("core_list", tests, NULL, NULL);
}
