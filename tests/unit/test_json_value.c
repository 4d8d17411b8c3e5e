/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/json_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
check_text(const char *text, const char *expected)
{
	json_t *value = json_value_text(text);

	assert_string_equal(json_string_value(value), expected);
	json_decref(value);
}

static void
what_is_no_utf8_becomes_question_marks_and_the_rest_stays(void **state)
{
	(void)state;

	check_text("", "");
	check_text("uplink \"1\"\n", "uplink \"1\"\n");
	check_text("Br\xc3\xbc"
		   "cke",
			"Br\xc3\xbc"
			"cke");
	check_text("Br\xc3", "Br?");
	check_text("\xff"
		   "a\xe2\x82",
			"?a??");
}

static void
a_number_too_large_for_a_reader_is_the_largest_it_can_hold(void **state)
{
	json_t *value = json_value_count(UINT64_MAX);

	(void)state;

	assert_true(json_integer_value(value) == INT64_MAX);
	json_decref(value);
	value = json_value_count(7);
	assert_int_equal(json_integer_value(value), 7);
	json_decref(value);
}

static void
times_and_addresses_are_written_as_in_events(void **state)
{
	static const uint8_t addr[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	json_t *value = json_value_time(UINT64_C(1616244572192719));

	(void)state;

	assert_string_equal(json_string_value(value), "2021-03-20T12:49:32.192719Z");
	json_decref(value);
	value = json_value_address(addr, 6);
	assert_string_equal(json_string_value(value), "2001:db8::1");
	json_decref(value);
}

static void
a_line_is_written_whole_or_not_at_all(void **state)
{
	json_t *value = json_pack("{s:i}", "a", 1);
	char out[9] = "????????";

	(void)state;

	assert_int_equal(json_value_line(value, out, 7), 0);
	assert_int_equal(json_value_line(value, out, 8), 8);
	assert_memory_equal(out, "{\"a\":1}\n", 8);
	assert_int_equal(json_value_line(NULL, out, 8), 0);
	json_decref(value);
}

/* 0.99 has no exact double; nobody wants to read the next one. */
static void
a_fraction_has_no_more_digits_than_it_is_worth(void **state)
{
	json_t *value = json_pack("{s:f}", "a", 0.99);
	char out[32];

	(void)state;

	assert_int_equal(json_value_line(value, out, sizeof(out)), 11);
	assert_memory_equal(out, "{\"a\":0.99}\n", 11);
	json_decref(value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_utf8_becomes_question_marks_and_the_rest_stays),
		cmocka_unit_test(a_number_too_large_for_a_reader_is_the_largest_it_can_hold),
		cmocka_unit_test(times_and_addresses_are_written_as_in_events),
		cmocka_unit_test(a_line_is_written_whole_or_not_at_all),
		cmocka_unit_test(a_fraction_has_no_more_digits_than_it_is_worth),
	};

	return cmocka_run_group_tests_name("json_value", tests, NULL, NULL);
}
