/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/alarm.h"

#include "base/compiler.h"

#include <stddef.h>

static const char *
word_at(const char *const *words, size_t count, size_t at)
{
	return at < count ? words[at] : "?";
}

const char *
alarm_type_word(enum alarm_type type)
{
#define X(id, word, help) word,
	static const char *const words[] = { ALARM_TYPES(X) };
#undef X

	return word_at(words, ARRAY_LEN(words), type);
}

const char *
alarm_phase_word(enum alarm_phase phase)
{
#define X(id, word) word,
	static const char *const words[] = { ALARM_PHASES(X) };
#undef X

	return word_at(words, ARRAY_LEN(words), phase);
}

const char *
alarm_flood_kind_word(enum flood_kind kind)
{
#define X(id, word) word,
	static const char *const words[] = { FLOOD_KINDS(X) };
#undef X

	return word_at(words, ARRAY_LEN(words), kind);
}
