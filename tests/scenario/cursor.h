/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A place in one line of text, and the steps a strict reader takes from there.
 *
 * Idea: nothing is copied and nothing is allocated; the text needs no terminating zero,
 * and no step reads behind its end. A step that fails leaves a sentence in the cursor's
 * struct err, which names file, line and column, and what was expected there.
 */

#ifndef SCENARIO_CURSOR_H
#define SCENARIO_CURSOR_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
	const char *file; /* for messages */
	unsigned line;
	const char *start;
	const char *at;
	const char *end;
	struct err *err;
};

/** "FILE:LINE:COLUMN: expected WHAT, found ..." into the cursor's err; returns -EINVAL. */
int cursor_fail(const struct cursor *cursor, const char *what);

/** Whether the text goes on with @p word. */
bool cursor_sees(const struct cursor *cursor, const char *word);

/** Step over @p word if it is there. */
bool cursor_skip(struct cursor *cursor, const char *word);

/** Step over @p word; an error where it is not. */
int cursor_expect(struct cursor *cursor, const char *word);

/** Step over spaces and tabs. */
void cursor_skip_blanks(struct cursor *cursor);

bool cursor_at_end(const struct cursor *cursor);

/** Read a decimal number of at most @p max; @p what names it in the error. */
int cursor_number(struct cursor *cursor, uint64_t max, uint64_t *out, const char *what);

/** Read "0x" and a hexadecimal number of at most @p max. */
int cursor_hex(struct cursor *cursor, uint64_t max, uint64_t *out, const char *what);

/** A piece of the line. */
struct word {
	const char *text;
	size_t len;
};

/** Take what lies before the next of @p stops, or before the end; may be empty. */
struct word cursor_word(struct cursor *cursor, const char *stops);

bool word_is(struct word word, const char *text);

/** Copy with a terminating zero; false if it does not fit. */
bool word_copy(struct word word, char *out, size_t room);

#endif /* SCENARIO_CURSOR_H */
