/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_word.h"

#include <stdio.h>
#include <string.h>

size_t
config_word_nth(const char *words, uint64_t n, const char **word)
{
	for (; n > 0; n--) {
		words += strcspn(words, " ");
		words += strspn(words, " ");
	}
	*word = words;
	return strcspn(words, " ");
}

bool
config_word_find(const char *words, const char *text, uint64_t *n)
{
	const char *word;
	size_t len;

	for (*n = 0; (len = config_word_nth(words, *n, &word)) > 0; ++*n)
		if (strlen(text) == len && memcmp(text, word, len) == 0)
			return true;
	return false;
}

void
config_word_enumerate(const char *words, char *text, size_t size)
{
	const char *word;
	size_t at = 0;
	size_t len;

	for (uint64_t n = 0; (len = config_word_nth(words, n, &word)) > 0 && at < size; n++) {
		const char *between = n == 0 ? "" : word[len] == '\0' ? " or " : ", ";
		int wrote = snprintf(text + at, size - at, "%s%.*s", between, (int)len, word);

		at += wrote > 0 ? (size_t)wrote : 0;
	}
}
