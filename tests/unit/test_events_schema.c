/* SPDX-License-Identifier: Apache-2.0 */

/*
 * docs/events.schema.json lists by hand what handshake/verdict.h defines: this test holds
 * the two together.
 */

#include "base/compiler.h"
#include "handshake/verdict.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The words of one table of handshake/verdict.h against one enum of the schema. */
static void
check_words(const char *name, const char *const *words, size_t count)
{
	json_t *schema = json_load_file(EVENTS_SCHEMA, 0, NULL);
	json_t *list = json_object_get(
			json_object_get(json_object_get(schema, "$defs"), name), "enum");

	assert_non_null(list);
	assert_int_equal(json_array_size(list), count);
	for (size_t i = 0; i < count; i++) {
		bool found = false;

		for (size_t j = 0; j < count && !found; j++)
			found = strcmp(json_string_value(json_array_get(list, j)), words[i]) == 0;
		if (!found)
			fail_msg("%s: '%s' is not in the schema", name, words[i]);
	}
	json_decref(schema);
}

#define CHECK_WORDS(name, table) \
	do { \
		static const char *const words[] = { table(X) }; \
		check_words(name, words, ARRAY_LEN(words)); \
	} while (0)

static void
the_schema_has_the_words_of_the_verdicts_and_no_others(void **state)
{
	(void)state;

#define X(id, word, silent) word,
	CHECK_WORDS("handshake_result", HANDSHAKE_RESULTS);
#undef X
#define X(id, word) word,
	CHECK_WORDS("end_how", END_HOWS);
	CHECK_WORDS("rst_phase", RST_PHASES);
	CHECK_WORDS("rst_position", RST_POSITIONS);
	CHECK_WORDS("rst_after", RST_AFTERS);
	CHECK_WORDS("rst_verdict", RST_VERDICTS);
#undef X
}

/* Who kept silent: nobody is null, the others are words. */
static void
the_schema_has_each_silent_party(void **state)
{
	json_t *schema = json_load_file(EVENTS_SCHEMA, 0, NULL);
	json_t *list = json_object_get(
			json_object_get(json_object_get(schema, "$defs"), "silent"), "enum");

	(void)state;

	assert_int_equal(json_array_size(list), SILENT_PARTY_COUNT);
	for (size_t i = 0; i < SILENT_PARTY_COUNT; i++) {
		const char *word = verdict_silent_word((enum silent_party)i);
		const char *listed = json_string_value(json_array_get(list, i));

		if (word == NULL)
			assert_null(listed);
		else
			assert_string_equal(listed, word);
	}
	json_decref(schema);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_schema_has_the_words_of_the_verdicts_and_no_others),
		cmocka_unit_test(the_schema_has_each_silent_party),
	};

	return cmocka_run_group_tests_name("events_schema", tests, NULL, NULL);
}
