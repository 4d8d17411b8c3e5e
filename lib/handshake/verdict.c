/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/verdict.h"

#include "base/compiler.h"

#include <stddef.h>

#define X(id, word, silent) [id] = word,
static const char *const handshake_words[HANDSHAKE_RESULT_COUNT] = { HANDSHAKE_RESULTS(X) };
#undef X

#define X(id, word) [id] = word,
static const char *const silent_words[SILENT_PARTY_COUNT] = { SILENT_PARTIES(X) };
static const char *const end_words[END_HOW_COUNT] = { END_HOWS(X) };
static const char *const phase_words[RST_PHASE_COUNT] = { RST_PHASES(X) };
static const char *const position_words[RST_POSITION_COUNT] = { RST_POSITIONS(X) };
static const char *const after_words[RST_AFTER_COUNT] = { RST_AFTERS(X) };
static const char *const rst_words[RST_VERDICT_COUNT] = { RST_VERDICTS(X) };
#undef X

#define X(id, word, silent) [id] = silent,
static const enum silent_party silent_parties[HANDSHAKE_RESULT_COUNT] = { HANDSHAKE_RESULTS(X) };
#undef X

static const char *
word_at(const char *const *words, size_t count, size_t value)
{
	return value < count && words[value] != NULL ? words[value] : "unset";
}

const char *
verdict_handshake_word(enum handshake_result result)
{
	return word_at(handshake_words, ARRAY_LEN(handshake_words), result);
}

const char *
verdict_end_word(enum end_how how)
{
	return word_at(end_words, ARRAY_LEN(end_words), how);
}

const char *
verdict_rst_phase_word(enum rst_phase phase)
{
	return word_at(phase_words, ARRAY_LEN(phase_words), phase);
}

const char *
verdict_rst_position_word(enum rst_position position)
{
	return word_at(position_words, ARRAY_LEN(position_words), position);
}

const char *
verdict_rst_after_word(enum rst_after after)
{
	return word_at(after_words, ARRAY_LEN(after_words), after);
}

const char *
verdict_rst_word(enum rst_verdict verdict)
{
	return word_at(rst_words, ARRAY_LEN(rst_words), verdict);
}

enum silent_party
verdict_silent_party(enum handshake_result result)
{
	return result < HANDSHAKE_RESULT_COUNT ? silent_parties[result] : SILENT_NOBODY;
}

const char *
verdict_silent_word(enum silent_party party)
{
	return party == SILENT_NOBODY ? NULL
				      : word_at(silent_words, ARRAY_LEN(silent_words), party);
}
