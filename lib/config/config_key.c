/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_key.h"

#include "config/config_text.h"
#include "config/config_value.h"
#include "config/config_word.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool
is_text(const struct config_key *key)
{
	return key->type == CONFIG_TEXT || key->type == CONFIG_NAME || key->type == CONFIG_CORES ||
			key->type == CONFIG_ADDRESS;
}

static int
refuse(const struct config_key *key, const char *got, struct err *err)
{
	char accepted[CONFIG_KEY_YAML];

	config_key_describe(key, accepted, sizeof(accepted));
	return err_set(err, EINVAL, "must be %s, got %.40s", accepted,
			*got == '\0' ? "nothing" : got);
}

static int
parse_set(const struct config_key *key, const char *const *words, size_t count, uint64_t *value,
		struct err *err)
{
	uint64_t set = 0;
	uint64_t bit;

	for (size_t i = 0; i < count; i++) {
		if (!config_word_find(key->choices, words[i], &bit))
			return refuse(key, words[i], err);
		if (set & UINT64_C(1) << bit)
			return err_set(err, EINVAL, "names %s twice", words[i]);
		set |= UINT64_C(1) << bit;
	}
	if (count < key->min)
		return refuse(key, "none", err);
	*value = set;
	return 0;
}

static int
parse_words(const struct config_key *key, const char *const *words, size_t count,
		struct config_words *value, struct err *err)
{
	struct config_words read = { .count = (uint32_t)count };
	char number[24];

	snprintf(number, sizeof(number), "%zu", count);
	if (count < key->min || count > key->max)
		return refuse(key, number, err);
	for (size_t i = 0; i < count; i++)
		if (config_text_parse(key, words[i], read.word[i], err) != 0)
			return -EINVAL;
	*value = read;
	return 0;
}

int
config_key_parse(const struct config_key *key, const char *const *words, size_t count, void *value,
		struct err *err)
{
	if (key->type == CONFIG_SET)
		return parse_set(key, words, count, value, err);
	if (key->type == CONFIG_WORDS)
		return parse_words(key, words, count, value, err);
	if (is_text(key))
		return config_text_parse(key, words[0], value, err);
	return config_value_parse(key, words[0], value, err);
}

static uint64_t
default_set(const struct config_key *key)
{
	char text[CONFIG_TEXT_LEN];
	uint64_t set = 0;
	uint64_t bit;
	const char *word;
	size_t len;

	for (uint64_t n = 0; (len = config_word_nth(key->standard, n, &word)) > 0; n++) {
		snprintf(text, sizeof(text), "%.*s", (int)len, word);
		if (config_word_find(key->choices, text, &bit))
			set |= UINT64_C(1) << bit;
	}
	return set;
}

/* "wire#" -> "wire2" */
static void
default_text(const struct config_key *key, size_t index, char *value)
{
	size_t len = strcspn(key->standard, "#");

	memset(value, 0, CONFIG_TEXT_LEN);
	if (key->standard[len] == '\0')
		memcpy(value, key->standard, len);
	else
		snprintf(value, CONFIG_TEXT_LEN, "%.*s%zu%s", (int)len, key->standard, index,
				key->standard + len + 1);
}

void
config_key_default(const struct config_key *key, size_t index, void *value)
{
	/* A default that its own row does not take is found by test_config.c. */
	if (key->standard == NULL)
		return;
	if (key->type == CONFIG_SET)
		*(uint64_t *)value = default_set(key);
	else if (key->type == CONFIG_WORDS) /* a list of texts has none by default */
		*(struct config_words *)value = (struct config_words){ .count = 0 };
	else if (is_text(key))
		default_text(key, index, value);
	else
		config_key_parse(key, &key->standard, 1, value, NULL);
}

bool
config_key_equal(const struct config_key *key, const void *a, const void *b)
{
	char text_a[CONFIG_KEY_YAML];
	char text_b[CONFIG_KEY_YAML];

	config_key_print(key, a, text_a, sizeof(text_a));
	config_key_print(key, b, text_b, sizeof(text_b));
	return strcmp(text_a, text_b) == 0;
}

static void
print_set(const struct config_key *key, uint64_t set, char *yaml, size_t size)
{
	const char *word;
	size_t at = 0;
	size_t len;

	for (uint64_t bit = 0; (len = config_word_nth(key->choices, bit, &word)) > 0; bit++)
		if (set & UINT64_C(1) << bit)
			at += (size_t)snprintf(yaml + at, size - at, "%s%.*s", at == 0 ? "[" : ", ",
					(int)len, word);
	snprintf(yaml + at, size - at, "%s]", at == 0 ? "[" : "");
}

static void
print_words(const struct config_words *words, char *yaml, size_t size)
{
	char text[CONFIG_TEXT_YAML];
	size_t at = 0;

	for (uint32_t i = 0; i < words->count; i++) {
		config_text_print(words->word[i], text, sizeof(text));
		at += (size_t)snprintf(yaml + at, size - at, "%s%s", at == 0 ? "[" : ", ", text);
	}
	snprintf(yaml + at, size - at, "%s]", at == 0 ? "[" : "");
}

void
config_key_print(const struct config_key *key, const void *value, char *yaml, size_t size)
{
	if (key->type == CONFIG_SET)
		print_set(key, *(const uint64_t *)value, yaml, size);
	else if (key->type == CONFIG_WORDS)
		print_words(value, yaml, size);
	else if (is_text(key))
		config_text_print(value, yaml, size);
	else
		config_value_print(key, *(const uint64_t *)value, yaml, size);
}

void
config_key_describe(const struct config_key *key, char *text, size_t size)
{
	char words[CONFIG_VALUE_TEXT];

	if (key->type == CONFIG_SET) {
		config_word_enumerate(key->choices, words, sizeof(words));
		snprintf(text, size, "a list of %s", words);
	} else if (is_text(key) || key->type == CONFIG_WORDS) {
		config_text_describe(key, text, size);
	} else {
		config_value_describe(key, text, size);
	}
}
