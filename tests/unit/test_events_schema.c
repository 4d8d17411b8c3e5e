/* SPDX-License-Identifier: Apache-2.0 */

/*
 * docs/events.schema.json lists by hand what tables in the program define, first of all
 * handshake/verdict.h: this test holds the two together.
 */

#include "base/compiler.h"
#include "detect/detector.h"
#include "handshake/verdict.h"
#include "observe/stats_json.h"
#include "observe/wire_json.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The words of one table against one enum of the schema. */
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

static void
the_schema_has_the_words_of_wires_and_of_counters_and_no_others(void **state)
{
	(void)state;

#define X(id, word) word,
	CHECK_WORDS("wire_what", WIRE_WHATS);
	CHECK_WORDS("bypass_reason", WIRE_REASONS);
#undef X
#define X(id, word, help) word,
#define ALL_COUNTERS(X) PORT_COUNTERS(X) WORKER_COUNTERS(X) COUNTERS(X)
	CHECK_WORDS("drop_reason", PORT_DROPS);
	CHECK_WORDS("frame_kind", PACKET_KINDS);
	CHECK_WORDS("counter_name", ALL_COUNTERS);
#undef X
}

static void
the_schema_has_the_words_of_alarms_and_no_others(void **state)
{
	(void)state;

#define X(id, word, help) word,
	CHECK_WORDS("alarm_type", ALARM_TYPES);
#undef X
#define X(id, word) word,
	CHECK_WORDS("alarm_phase", ALARM_PHASES);
	CHECK_WORDS("flood_kind", FLOOD_KINDS);
#undef X
#define X(field, help) #field,
	CHECK_WORDS("detector_counter", DETECTOR_COUNTERS);
#undef X
}

/* As many fields as there may be: each is always there. */
static void
the_schema_wants_every_counter(void **state)
{
	static const struct {
		const char *field;
		json_int_t count;
	} objects[] = {
		{ "handshakes", HANDSHAKE_RESULT_COUNT - 1 },
		{ "ends", END_HOW_COUNT - 1 },
		{ "rst_verdicts", RST_VERDICT_COUNT - 1 },
		{ "frames", PACKET_KIND_COUNT },
#define X(...) +1
		{ "counters", PORT_COUNTERS(X) WORKER_COUNTERS(X) COUNTERS(X) },
#undef X
	};
	json_t *schema = json_load_file(EVENTS_SCHEMA, 0, NULL);
	json_t *stats = NULL;

	(void)state;

	json_unpack(schema, "{s:{s:{s:{s:{s:o}}}}}", "$defs", "stats_event", "properties", "stats",
			"properties", &stats);
	for (size_t i = 0; i < ARRAY_LEN(objects); i++)
		assert_int_equal(json_integer_value(json_object_get(
						 json_object_get(stats, objects[i].field),
						 "minProperties")),
				objects[i].count);
	json_decref(schema);
}

static void
the_schema_wants_every_count_of_alarms(void **state)
{
	json_t *schema = json_load_file(EVENTS_SCHEMA, 0, NULL);
	int types = 0, kinds = 0, counters = 0;

	(void)state;

	assert_int_equal(json_unpack(schema, "{s:{s:{s:i}, s:{s:i}, s:{s:{s:{s:i}}}}}", "$defs",
					 "alarm_counts", "minProperties", &types, "flood_counts",
					 "minProperties", &kinds, "stats_alarms", "properties",
					 "detector", "minProperties", &counters),
			0);
	assert_int_equal(types, ALARM_TYPE_COUNT);
	assert_int_equal(kinds, FLOOD_KIND_COUNT);
#define X(...) +1
	assert_int_equal(counters, DETECTOR_COUNTERS(X));
#undef X
	json_decref(schema);
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
		cmocka_unit_test(the_schema_has_the_words_of_wires_and_of_counters_and_no_others),
		cmocka_unit_test(the_schema_has_the_words_of_alarms_and_no_others),
		cmocka_unit_test(the_schema_wants_every_counter),
		cmocka_unit_test(the_schema_wants_every_count_of_alarms),
		cmocka_unit_test(the_schema_has_each_silent_party),
	};

	return cmocka_run_group_tests_name("events_schema", tests, NULL, NULL);
}
