/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/verdict.h"
#include "tests/unit/flow_fixture.h"

/* The words and parties that the manual lists; they are the output format. */
static const struct {
	enum handshake_result result;
	const char *word, *silent;
} results[] = {
	{ HANDSHAKE_COMPLETE, "complete", NULL },
	{ HANDSHAKE_SIMULTANEOUS, "simultaneous", NULL },
	{ HANDSHAKE_SERVER_SILENT, "server_silent", "server" },
	{ HANDSHAKE_CLIENT_SILENT, "client_silent", "client" },
	{ HANDSHAKE_REFUSED, "refused", NULL },
	{ HANDSHAKE_REFUSED_BADACK, "refused_badack", NULL },
	{ HANDSHAKE_CLIENT_RESET, "client_reset", NULL },
	{ HANDSHAKE_SERVER_RESET, "server_reset", NULL },
	{ HANDSHAKE_CLIENT_FIN, "client_fin", NULL },
	{ HANDSHAKE_UNREACHABLE, "unreachable", NULL },
	{ HANDSHAKE_BAD_SYNACK, "bad_synack", NULL },
	{ HANDSHAKE_ODD_ANSWER, "odd_answer", NULL },
	{ HANDSHAKE_SIMULTANEOUS_INCOMPLETE, "simultaneous_incomplete", NULL },
	{ HANDSHAKE_SYNACK_ONLY, "synack_only", NULL },
	{ HANDSHAKE_SYNACK_REFUSED, "synack_refused", NULL },
	{ HANDSHAKE_NO_SYN, "no_syn", NULL },
	{ HANDSHAKE_ONE_WAY, "one_way", "unknown" },
	{ HANDSHAKE_MIDSTREAM, "midstream", NULL },
	{ HANDSHAKE_EVICTED, "evicted", "unknown" },
};

static void
every_handshake_result_has_its_word_and_its_silent_party(void **state)
{
	(void)state;

	assert_int_equal(ARRAY_LEN(results), HANDSHAKE_RESULT_COUNT - 1);
	for (size_t i = 0; i < ARRAY_LEN(results); i++) {
		const char *silent = verdict_silent_word(verdict_silent_party(results[i].result));

		assert_string_equal(verdict_handshake_word(results[i].result), results[i].word);
		if (results[i].silent == NULL)
			assert_null(silent);
		else
			assert_string_equal(silent, results[i].silent);
	}
}

static void
every_end_has_its_word(void **state)
{
	static const char *const words[] = { "open", "fin_both", "fin_client", "fin_server",
		"rst_client", "rst_server", "timeout", "evicted" };

	(void)state;

	assert_int_equal(ARRAY_LEN(words), END_HOW_COUNT - 1);
	for (uint32_t i = 0; i < ARRAY_LEN(words); i++)
		assert_string_equal(verdict_end_word(i + 1), words[i]);
}

static void
every_field_of_a_rst_has_its_words(void **state)
{
	static const char *const phases[] = { "handshake", "established", "closing",
		"no_connection" };
	static const char *const positions[] = { "exact", "window", "out", "unknown" };
	static const char *const afters[] = { "silent", "challenged", "went_on" };
	static const char *const verdicts[] = { "refused", "aborted_handshake", "mid_connection",
		"late", "suspected_injection", "stray" };

	(void)state;

	assert_int_equal(ARRAY_LEN(phases), RST_PHASE_COUNT - 1);
	assert_int_equal(ARRAY_LEN(positions), RST_POSITION_COUNT - 1);
	assert_int_equal(ARRAY_LEN(afters), RST_AFTER_COUNT - 1);
	assert_int_equal(ARRAY_LEN(verdicts), RST_VERDICT_COUNT - 1);
	for (uint32_t i = 0; i < ARRAY_LEN(phases); i++)
		assert_string_equal(verdict_rst_phase_word(i + 1), phases[i]);
	for (uint32_t i = 0; i < ARRAY_LEN(positions); i++)
		assert_string_equal(verdict_rst_position_word(i + 1), positions[i]);
	for (uint32_t i = 0; i < ARRAY_LEN(afters); i++)
		assert_string_equal(verdict_rst_after_word(i + 1), afters[i]);
	for (uint32_t i = 0; i < ARRAY_LEN(verdicts); i++)
		assert_string_equal(verdict_rst_word(i + 1), verdicts[i]);
}

static void
what_is_no_value_is_called_unset(void **state)
{
	(void)state;

	assert_string_equal(verdict_handshake_word(HANDSHAKE_UNSET), "unset");
	assert_string_equal(verdict_handshake_word(HANDSHAKE_RESULT_COUNT), "unset");
	assert_string_equal(verdict_end_word(END_UNSET), "unset");
	assert_string_equal(verdict_end_word(END_HOW_COUNT), "unset");
	assert_string_equal(verdict_rst_phase_word(RST_PHASE_UNSET), "unset");
	assert_string_equal(verdict_rst_phase_word(RST_PHASE_COUNT), "unset");
	assert_string_equal(verdict_rst_position_word(RST_POSITION_UNSET), "unset");
	assert_string_equal(verdict_rst_position_word(RST_POSITION_COUNT), "unset");
	assert_string_equal(verdict_rst_after_word(RST_AFTER_UNSET), "unset");
	assert_string_equal(verdict_rst_after_word(RST_AFTER_COUNT), "unset");
	assert_string_equal(verdict_rst_word(RST_VERDICT_UNSET), "unset");
	assert_string_equal(verdict_rst_word(RST_VERDICT_COUNT), "unset");
	assert_string_equal(verdict_silent_word(SILENT_PARTY_COUNT), "unset");
	assert_int_equal(verdict_silent_party(HANDSHAKE_UNSET), SILENT_NOBODY);
	assert_int_equal(verdict_silent_party(HANDSHAKE_RESULT_COUNT), SILENT_NOBODY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_handshake_result_has_its_word_and_its_silent_party),
		cmocka_unit_test(every_end_has_its_word),
		cmocka_unit_test(every_field_of_a_rst_has_its_words),
		cmocka_unit_test(what_is_no_value_is_called_unset),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
