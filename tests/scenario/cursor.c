/* SPDX-License-Identifier: Apache-2.0 */

#include "cursor.h"

#include <errno.h>
#include <string.h>

#define SHOWN_MAX 24 /* characters of the text that an error shows */

int
cursor_fail(const struct cursor *cursor, const char *what)
{
	size_t left = (size_t)(cursor->end - cursor->at);
	unsigned column = (unsigned)(cursor->at - cursor->start) + 1;

	if (left == 0)
		return err_set(cursor->err, EINVAL,
				"%s:%u:%u: expected %s, found the end of the line", cursor->file,
				cursor->line, column, what);
	return err_set(cursor->err, EINVAL, "%s:%u:%u: expected %s, found \"%.*s\"", cursor->file,
			cursor->line, column, what, (int)(left < SHOWN_MAX ? left : SHOWN_MAX),
			cursor->at);
}

bool
cursor_sees(const struct cursor *cursor, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(cursor->end - cursor->at) >= len && memcmp(cursor->at, word, len) == 0;
}

bool
cursor_skip(struct cursor *cursor, const char *word)
{
	if (!cursor_sees(cursor, word))
		return false;
	cursor->at += strlen(word);
	return true;
}

int
cursor_expect(struct cursor *cursor, const char *word)
{
	char quoted[64];
	size_t len = strlen(word);

	if (cursor_skip(cursor, word))
		return 0;
	len = len < sizeof(quoted) - 3 ? len : sizeof(quoted) - 3;
	quoted[0] = '"';
	memcpy(quoted + 1, word, len);
	memcpy(quoted + 1 + len, "\"", 2);
	return cursor_fail(cursor, quoted);
}

void
cursor_skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t'))
		cursor->at++;
}

bool
cursor_at_end(const struct cursor *cursor)
{
	return cursor->at == cursor->end;
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 99;
}

static int
number_in_base(struct cursor *cursor, unsigned base, uint64_t max, uint64_t *out, const char *what)
{
	const char *at = cursor->at;
	uint64_t value = 0;

	for (; at < cursor->end && (unsigned)digit_value(*at) < base; at++) {
		uint64_t digit = (uint64_t)digit_value(*at);

		if (digit > max || value > (max - digit) / base)
			return cursor_fail(cursor, what);
		value = value * base + digit;
	}
	if (at == cursor->at)
		return cursor_fail(cursor, what);
	cursor->at = at;
	*out = value;
	return 0;
}

int
cursor_number(struct cursor *cursor, uint64_t max, uint64_t *out, const char *what)
{
	return number_in_base(cursor, 10, max, out, what);
}

int
cursor_hex(struct cursor *cursor, uint64_t max, uint64_t *out, const char *what)
{
	if (!cursor_skip(cursor, "0x"))
		return cursor_fail(cursor, what);
	return number_in_base(cursor, 16, max, out, what);
}

struct word
cursor_word(struct cursor *cursor, const char *stops)
{
	struct word word = { .text = cursor->at };

	while (cursor->at < cursor->end && *cursor->at != '\0' &&
			strchr(stops, *cursor->at) == NULL)
		cursor->at++;
	word.len = (size_t)(cursor->at - word.text);
	return word;
}

bool
word_is(struct word word, const char *text)
{
	return word.len == strlen(text) && memcmp(word.text, text, word.len) == 0;
}

bool
word_copy(struct word word, char *out, size_t room)
{
	if (word.len >= room)
		return false;
	memcpy(out, word.text, word.len);
	out[word.len] = '\0';
	return true;
}
