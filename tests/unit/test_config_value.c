/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "config/config_value.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct config_key number = { .type = CONFIG_NUMBER, .min = 1, .max = 127 };
static const struct config_key wide = { .type = CONFIG_NUMBER, .max = UINT64_MAX };
static const struct config_key power = { .type = CONFIG_POWER_OF_TWO, .min = 16, .max = 1024 };
static const struct config_key duration = { .type = CONFIG_DURATION, .max = UINT64_MAX };
static const struct config_key mode = { .type = CONFIG_OCTAL, .max = 0777 };
static const struct config_key size = { .type = CONFIG_SIZE, .min = 1, .max = UINT64_MAX };
static const struct config_key unset = {
	.type = CONFIG_NUMBER, .min = 68, .max = 9216, .standard = "0"
};
static const struct config_key on_off = { .type = CONFIG_SWITCH, .max = 1 };
static const struct config_key choice = { .type = CONFIG_CHOICE, .max = 2, .choices = "a bc d" };

static uint64_t
taken(const struct config_key *key, const char *text)
{
	uint64_t value = UINT64_MAX;
	struct err err = { "" };

	if (config_value_parse(key, text, &value, &err) != 0)
		fail_msg("'%s' %s", text, err.text);
	return value;
}

static void
assert_refused(const struct config_key *key, const char *text, const char *why)
{
	uint64_t value = 4711;
	struct err err;

	assert_int_equal(config_value_parse(key, text, &value, &err), -EINVAL);
	assert_string_equal(err.text, why);
	assert_int_equal(value, 4711);
}

static void
a_number_is_digits_within_its_range(void **state)
{
	(void)state;

	assert_int_equal(taken(&number, "1"), 1);
	assert_int_equal(taken(&number, "127"), 127);
	assert_int_equal(taken(&number, "007"), 7);
	assert_refused(&number, "0", "must be a number from 1 to 127, got 0");
	assert_refused(&number, "128", "must be a number from 1 to 127, got 128");
	assert_refused(&number, "", "must be a number from 1 to 127, got nothing");
	assert_refused(&number, "-1", "must be a number from 1 to 127, got -1");
	assert_refused(&number, "+1", "must be a number from 1 to 127, got +1");
	assert_refused(&number, " 1", "must be a number from 1 to 127, got  1");
	assert_refused(&number, "0x10", "must be a number from 1 to 127, got 0x10");
	assert_refused(&number, "1.5", "must be a number from 1 to 127, got 1.5");
}

static void
a_number_too_large_for_the_machine_is_not_taken_for_a_small_one(void **state)
{
	(void)state;

	assert_int_equal(taken(&wide, "18446744073709551615"), UINT64_MAX);
	assert_refused(&wide, "18446744073709551616",
			"must be a number from 0 to 18446744073709551615, "
			"got 18446744073709551616");
	assert_refused(&duration, "18446744073709552s",
			"must be a time from 0 to 18446744073709551615us, "
			"got 18446744073709552s");
}

static void
a_power_of_two_is_nothing_else(void **state)
{
	(void)state;

	assert_int_equal(taken(&power, "16"), 16);
	assert_int_equal(taken(&power, "1024"), 1024);
	assert_refused(&power, "1000", "must be a power of two from 16 to 1024, got 1000");
	assert_refused(&power, "8", "must be a power of two from 16 to 1024, got 8");
	assert_refused(&power, "0", "must be a power of two from 16 to 1024, got 0");
}

static void
a_time_has_a_unit_or_is_seconds(void **state)
{
	(void)state;

	assert_int_equal(taken(&duration, "50us"), 50);
	assert_int_equal(taken(&duration, "250ms"), 250000);
	assert_int_equal(taken(&duration, "120s"), 120000000);
	assert_int_equal(taken(&duration, "120"), 120000000);
	assert_int_equal(taken(&duration, "90m"), 5400000000);
	assert_int_equal(taken(&duration, "2h"), 7200000000);
	assert_int_equal(taken(&duration, "30d"), 2592000000000);
	assert_int_equal(taken(&duration, "0"), 0);
}

static void
other_units_and_fractions_are_no_time(void **state)
{
	static const char *const texts[] = { "1.5h", "2 h", "h", "2hours", "2H", "", "-1s", "1s1" };
	struct err err;
	uint64_t value;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_int_equal(config_value_parse(&duration, texts[i], &value, &err), -EINVAL);
}

static void
a_size_has_a_unit_or_is_bytes(void **state)
{
	(void)state;

	assert_int_equal(taken(&size, "64KiB"), 65536);
	assert_int_equal(taken(&size, "10MiB"), 10485760);
	assert_int_equal(taken(&size, "1GiB"), 1073741824);
	assert_int_equal(taken(&size, "2TiB"), 2199023255552);
	assert_int_equal(taken(&size, "1000"), 1000);
	assert_refused(&size, "0", "must be a size from 1 to 18446744073709551615, got 0");
	assert_refused(&size, "1kB", "must be a size from 1 to 18446744073709551615, got 1kB");
	assert_refused(&size, "1 KiB", "must be a size from 1 to 18446744073709551615, got 1 KiB");
	assert_refused(&size, "16777216TiB",
			"must be a size from 1 to 18446744073709551615, got 16777216TiB");
}

static void
a_mode_is_octal_with_or_without_a_zero_in_front(void **state)
{
	(void)state;

	assert_int_equal(taken(&mode, "0600"), 0600);
	assert_int_equal(taken(&mode, "660"), 0660);
	assert_int_equal(taken(&mode, "0"), 0);
	assert_refused(&mode, "0608", "must be an octal number from 0000 to 0777, got 0608");
	assert_refused(&mode, "1000", "must be an octal number from 0000 to 0777, got 1000");
	assert_refused(&mode, "", "must be an octal number from 0000 to 0777, got nothing");
	assert_refused(&mode, "77777777777777777777777",
			"must be an octal number from 0000 to 0777, got 77777777777777777777777");
}

static void
a_default_outside_of_the_range_is_taken_for_not_set(void **state)
{
	(void)state;

	assert_int_equal(taken(&unset, "0"), 0);
	assert_int_equal(taken(&unset, "68"), 68);
	assert_refused(&unset, "67", "must be a number from 68 to 9216, or 0, got 67");
}

static void
a_switch_is_true_or_false_in_full(void **state)
{
	(void)state;

	assert_int_equal(taken(&on_off, "true"), 1);
	assert_int_equal(taken(&on_off, "false"), 0);
	assert_refused(&on_off, "yes", "must be true or false, got yes");
	assert_refused(&on_off, "truely", "must be true or false, got truely");
	assert_refused(&on_off, "", "must be true or false, got nothing");
}

static void
a_choice_is_one_of_its_whole_words(void **state)
{
	(void)state;

	assert_int_equal(taken(&choice, "a"), 0);
	assert_int_equal(taken(&choice, "bc"), 1);
	assert_int_equal(taken(&choice, "d"), 2);
	assert_refused(&choice, "b", "must be a, bc or d, got b");
	assert_refused(&choice, "bcd", "must be a, bc or d, got bcd");
	assert_refused(&choice, "", "must be a, bc or d, got nothing");
	assert_refused(&choice, "a bc", "must be a, bc or d, got a bc");
}

static void
what_is_printed_is_read_back_as_the_same_value(void **state)
{
	static const uint64_t times[] = { 0, 1, 999, 1000, 250000, 1000000, 90000000, 120000000,
		3600000000, 5400000000, 7200000000, 86400000000, 90000000000, 2592000000001 };
	static const uint64_t sizes[] = { 0, 1, 1000, 1024, 65536, 1048577, 1073741824,
		1099511627776 };
	static const struct config_key any = { .type = CONFIG_SIZE, .max = UINT64_MAX };
	char text[CONFIG_VALUE_TEXT];

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		config_value_print(&any, sizes[i], text, sizeof(text));
		assert_int_equal(taken(&any, text), sizes[i]);
	}
	for (uint64_t i = 0; i <= 0777; i++) {
		config_value_print(&mode, i, text, sizeof(text));
		assert_int_equal(taken(&mode, text), i);
	}
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		config_value_print(&duration, times[i], text, sizeof(text));
		assert_int_equal(taken(&duration, text), times[i]);
	}
	for (uint64_t i = 0; i < 3; i++) {
		config_value_print(&choice, i, text, sizeof(text));
		assert_int_equal(taken(&choice, text), i);
	}
}

static void
times_are_printed_in_the_unit_that_a_person_would_choose(void **state)
{
	char text[CONFIG_VALUE_TEXT];

	(void)state;

	config_value_print(&duration, 7200000000, text, sizeof(text));
	assert_string_equal(text, "2h");
	config_value_print(&duration, 120000000, text, sizeof(text));
	assert_string_equal(text, "120s");
	config_value_print(&duration, 250000, text, sizeof(text));
	assert_string_equal(text, "250ms");
}

static void
sizes_are_printed_in_the_largest_unit_that_is_exact(void **state)
{
	char text[CONFIG_VALUE_TEXT];

	(void)state;

	config_value_print(&size, 67108864, text, sizeof(text));
	assert_string_equal(text, "64MiB");
	config_value_print(&size, 67108865, text, sizeof(text));
	assert_string_equal(text, "67108865");
	config_value_print(&size, 0, text, sizeof(text));
	assert_string_equal(text, "0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_digits_within_its_range),
		cmocka_unit_test(a_number_too_large_for_the_machine_is_not_taken_for_a_small_one),
		cmocka_unit_test(a_power_of_two_is_nothing_else),
		cmocka_unit_test(a_time_has_a_unit_or_is_seconds),
		cmocka_unit_test(other_units_and_fractions_are_no_time),
		cmocka_unit_test(a_size_has_a_unit_or_is_bytes),
		cmocka_unit_test(a_mode_is_octal_with_or_without_a_zero_in_front),
		cmocka_unit_test(a_default_outside_of_the_range_is_taken_for_not_set),
		cmocka_unit_test(a_switch_is_true_or_false_in_full),
		cmocka_unit_test(a_choice_is_one_of_its_whole_words),
		cmocka_unit_test(what_is_printed_is_read_back_as_the_same_value),
		cmocka_unit_test(times_are_printed_in_the_unit_that_a_person_would_choose),
		cmocka_unit_test(sizes_are_printed_in_the_largest_unit_that_is_exact),
	};

	return cmocka_run_group_tests_name("config_value", tests, NULL, NULL);
}
