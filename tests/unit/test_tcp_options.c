/* SPDX-License-Identifier: Apache-2.0 */

#include "packet/tcp_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PARSE(...) parse((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* From a heap block of exactly that size, so that a sanitizer sees any overrun. */
static struct tcp_options
parse(const uint8_t *bytes, size_t len)
{
	uint8_t *block = malloc(len == 0 ? 1 : len);
	struct tcp_options options;

	assert_non_null(block);
	memcpy(block, bytes, len);
	memset(&options, 0xa5, sizeof(options));
	tcp_options_parse(block, (uint32_t)len, &options);
	free(block);
	return options;
}

static void
no_options_give_none(void **state)
{
	struct tcp_options options = parse((const uint8_t *)"", 0);

	(void)state;

	assert_int_equal(options.mss, 0);
	assert_false(options.has_wscale);
	assert_false(options.sack_permitted);
	assert_false(options.timestamps);
	assert_false(options.fast_open);
	assert_false(options.malformed);
}

static void
the_options_of_a_linux_syn_are_read(void **state)
{
	struct tcp_options options = PARSE(2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0x9f, 0x25, 0xe6, 0x7d, 0,
			0, 0, 0, 1, 3, 3, 7);

	(void)state;

	assert_int_equal(options.mss, 1460);
	assert_true(options.has_wscale);
	assert_int_equal(options.wscale, 7);
	assert_true(options.sack_permitted);
	assert_true(options.timestamps);
	assert_false(options.fast_open);
	assert_false(options.malformed);
}

/* Whole they are known by sight; behind NOPs they are read one by one. */
static void
the_options_of_a_linux_syn_with_any_byte_changed_are_read_as_any_others(void **state)
{
	static const uint8_t usual[] = { 1, 1, 1, 1, 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0x9f, 0x25,
		0xe6, 0x7d, 0, 0, 0, 0, 1, 3, 3, 7 };

	(void)state;

	for (size_t at = 4; at < sizeof(usual); at++)
		for (uint32_t value = 0; value <= UINT8_MAX; value++) {
			struct tcp_options whole, one_by_one;
			uint8_t bytes[sizeof(usual)];

			memcpy(bytes, usual, sizeof(usual));
			bytes[at] = (uint8_t)value;
			whole = parse(bytes + 4, sizeof(usual) - 4);
			one_by_one = parse(bytes, sizeof(usual));
			assert_memory_equal(&whole, &one_by_one, sizeof(whole));
		}
}

static void
a_shift_beyond_fourteen_counts_as_fourteen(void **state)
{
	(void)state;

	for (uint32_t shift = 0; shift <= UINT8_MAX; shift++) {
		struct tcp_options options = PARSE(3, 3, (uint8_t)shift);

		assert_true(options.has_wscale);
		assert_int_equal(options.wscale, shift < 14 ? shift : 14);
	}
}

static void
nothing_is_read_behind_the_end_of_options(void **state)
{
	struct tcp_options options = PARSE(1, 0, 2, 4, 0x05, 0xb4);

	(void)state;

	assert_int_equal(options.mss, 0);
	assert_false(options.malformed);
}

static void
fast_open_is_seen_in_both_forms(void **state)
{
	(void)state;

	assert_true(PARSE(34, 2).fast_open);
	assert_true(PARSE(34, 6, 1, 2, 3, 4).fast_open);
	assert_true(PARSE(254, 4, 0xf9, 0x89).fast_open);
	assert_false(PARSE(254, 4, 0xf9, 0x88).fast_open);
	assert_false(PARSE(254, 3, 0xf9).fast_open);
	assert_false(PARSE(254, 2).fast_open);
}

static void
unknown_options_are_passed_over(void **state)
{
	struct tcp_options options = PARSE(
			5, 10, 1, 2, 3, 4, 5, 6, 7, 8, 30, 4, 0, 0, 253, 2, 2, 4, 1, 0);

	(void)state;

	assert_int_equal(options.mss, 256);
	assert_false(options.malformed);
}

static void
an_option_of_another_length_than_its_kind_has_is_passed_over(void **state)
{
	struct tcp_options options = PARSE(2, 3, 9, 3, 4, 9, 9, 4, 3, 9, 8, 4, 9, 9, 4, 2);

	(void)state;

	assert_int_equal(options.mss, 0);
	assert_false(options.has_wscale);
	assert_false(options.timestamps);
	assert_true(options.sack_permitted);
	assert_false(options.malformed);
}

static void
what_comes_before_an_impossible_length_stands(void **state)
{
	const struct tcp_options cases[] = {
		PARSE(2, 4, 5, 180, 3, 0, 7),
		PARSE(2, 4, 5, 180, 3, 1, 7),
		PARSE(2, 4, 5, 180, 3, 3),
		PARSE(2, 4, 5, 180, 3),
		PARSE(2, 4, 5, 180, 8, 10, 0, 0, 0, 0, 0, 0, 0),
		PARSE(2, 4, 5, 180, 77, 255, 4, 2),
	};

	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(cases[i].malformed);
		assert_int_equal(cases[i].mss, 1460);
		assert_false(cases[i].has_wscale);
		assert_false(cases[i].timestamps);
		assert_false(cases[i].sack_permitted);
	}
}

/* All pairs of kind and length, cut off everywhere: a sanitizer watches. */
static void
no_option_is_read_beyond_its_end(void **state)
{
	uint8_t bytes[40];

	(void)state;

	for (uint32_t kind = 0; kind <= UINT8_MAX; kind++) {
		for (uint32_t len = 0; len <= 42; len++) {
			memset(bytes, 1, sizeof(bytes));
			bytes[0] = (uint8_t)kind;
			bytes[1] = (uint8_t)len;
			for (size_t cut = 0; cut <= sizeof(bytes); cut++)
				assert_false(kind > 1 && cut > 1 && len > cut &&
						!parse(bytes, cut).malformed);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_options_give_none),
		cmocka_unit_test(the_options_of_a_linux_syn_are_read),
		cmocka_unit_test(
				the_options_of_a_linux_syn_with_any_byte_changed_are_read_as_any_others),
		cmocka_unit_test(a_shift_beyond_fourteen_counts_as_fourteen),
		cmocka_unit_test(nothing_is_read_behind_the_end_of_options),
		cmocka_unit_test(fast_open_is_seen_in_both_forms),
		cmocka_unit_test(unknown_options_are_passed_over),
		cmocka_unit_test(an_option_of_another_length_than_its_kind_has_is_passed_over),
		cmocka_unit_test(what_comes_before_an_impossible_length_stands),
		cmocka_unit_test(no_option_is_read_beyond_its_end),
	};

	return cmocka_run_group_tests_name("tcp_options", tests, NULL, NULL);
}
