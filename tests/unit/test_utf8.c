/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* RFC 3629 section 3, encoded straight from the code point; 0 if there is no such character. */
static uint32_t
encode(uint32_t point, char out[5])
{
	static const uint8_t marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	uint32_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

	if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	for (uint32_t i = len - 1; i > 0; i--, point >>= 6)
		out[i] = (char)(0x80 | (point & 0x3f));
	out[0] = (char)(marks[len] | point);
	out[len] = '\0';
	return len;
}

static void
each_character_has_its_length_and_cut_it_has_none(void **state)
{
	char text[5];

	(void)state;

	for (uint32_t point = 1; point < 0x110000; point++) {
		uint32_t len = encode(point, text);

		if (len == 0)
			continue;
		assert_int_equal(utf8_len(text), len);
		if (len == 1)
			continue;
		text[len - 1] = '\0';
		assert_int_equal(utf8_len(text), 0);
	}
}

/* All texts of three bytes, and of four with the last in the middle of its range. */
static void
nothing_else_has_a_length(void **state)
{
	uint32_t found[5] = { 0 };

	(void)state;

	for (uint32_t bytes = 0; bytes < 1 << 24; bytes++) {
		const char text[] = { (char)(bytes >> 16), (char)(bytes >> 8), (char)bytes,
			(char)0xa0, 0 };

		found[utf8_len(text)]++;
	}
	assert_int_equal(found[1], 0x80 << 16);
	assert_int_equal(found[2], (0x800 - 0x80) << 8);
	assert_int_equal(found[3], 0x10000 - 0x800 - 0x800);
	assert_int_equal(found[4], (0x110000 - 0x10000) / 64);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_character_has_its_length_and_cut_it_has_none),
		cmocka_unit_test(nothing_else_has_a_length),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
