/* SPDX-License-Identifier: Apache-2.0 */

#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
the_sentence_is_kept_and_the_code_comes_back_negative(void **state)
{
	struct err err;

	(void)state;

	assert_int_equal(err_set(&err, ENOENT, "%s:%d: gone", "wire.yaml", 12), -ENOENT);
	assert_string_equal(err.text, "wire.yaml:12: gone");
}

static void
a_caller_that_wants_no_sentence_still_gets_the_code(void **state)
{
	(void)state;

	assert_int_equal(err_set(NULL, EINVAL, "nobody reads this"), -EINVAL);
}

static void
a_sentence_that_is_too_long_is_cut_and_stays_a_string(void **state)
{
	char path[2 * sizeof(((struct err *)0)->text)];
	struct {
		struct err err;
		char behind;
	} room = { .behind = '!' };

	(void)state;

	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(err_set(&room.err, EINVAL, "%s", path), -EINVAL);
	assert_int_equal(strlen(room.err.text), sizeof(room.err.text) - 1);
	assert_int_equal(room.behind, '!');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sentence_is_kept_and_the_code_comes_back_negative),
		cmocka_unit_test(a_caller_that_wants_no_sentence_still_gets_the_code),
		cmocka_unit_test(a_sentence_that_is_too_long_is_cut_and_stays_a_string),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
