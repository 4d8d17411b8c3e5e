/* SPDX-License-Identifier: Apache-2.0 */

#include "expectation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Follow "handshake.result" into the object; NULL where the way ends early. */
static const json_t *
value_at(const json_t *object, struct word path)
{
	while (path.len > 0 && object != NULL) {
		const char *dot = memchr(path.text, '.', path.len);
		size_t len = dot == NULL ? path.len : (size_t)(dot - path.text);
		char key[64];

		if (!word_copy((struct word){ path.text, len }, key, sizeof(key)))
			return NULL;
		object = json_object_get(object, key);
		path.text += dot == NULL ? len : len + 1;
		path.len -= dot == NULL ? len : len + 1;
	}
	return object;
}

/* JSON if it is JSON, else a text: result complete, silent null, syn 7, vlan [100]. */
static json_t *
expected_value(struct word text)
{
	json_t *value = json_loadb(text.text, text.len, JSON_DECODE_ANY, NULL);

	return value != NULL ? value : json_stringn(text.text, text.len);
}

static int
differs(const struct cursor *cursor, struct word path, struct word expected, const json_t *got)
{
	char *shown = got == NULL ? NULL : json_dumps(got, JSON_ENCODE_ANY | JSON_COMPACT);
	int rc = err_set(cursor->err, EINVAL, "%s:%u: %.*s: expected %.*s, got %s", cursor->file,
			cursor->line, (int)path.len, path.text, (int)expected.len, expected.text,
			shown == NULL ? "nothing: it is absent" : shown);

	free(shown);
	return rc;
}

static int
absent_check(struct cursor *cursor, const json_t *object)
{
	struct word path = cursor_word(cursor, " \t");
	const json_t *got = value_at(object, path);

	if (path.len == 0 || !cursor_at_end(cursor))
		return cursor_fail(cursor, "one path behind \"absent\"");
	return got == NULL ? 0 : differs(cursor, path, (struct word){ "it absent", 9 }, got);
}

int
expectation_check(struct cursor *cursor, const json_t *object)
{
	struct word path, text;
	json_t *expected;
	const json_t *got;
	int rc;

	if (cursor_skip(cursor, "absent "))
		return absent_check(cursor, object);
	path = cursor_word(cursor, " \t");
	cursor_skip_blanks(cursor);
	text = (struct word){ cursor->at, (size_t)(cursor->end - cursor->at) };
	if (path.len == 0 || text.len == 0)
		return cursor_fail(cursor, "a path and a value");
	got = value_at(object, path);
	expected = expected_value(text);
	rc = got != NULL && json_equal(expected, got) ? 0 : differs(cursor, path, text, got);
	json_decref(expected);
	return rc;
}
