/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_value.h"

#include "base/compiler.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* From large to small, as print_duration() tries them. */
static const struct {
	const char *name;
	uint64_t us;
	bool printed; /* 90m and 120s are shown in seconds, as the kernel's settings are */
} units[] = {
	{ "d", CONFIG_DAY, true },
	{ "h", 3600 * USEC_PER_SEC, true },
	{ "m", 60 * USEC_PER_SEC, false },
	{ "s", USEC_PER_SEC, true },
	{ "ms", USEC_PER_MSEC, true },
	{ "us", 1, true },
};

/* Decimal digits only: strtoull() would take a sign, blanks and 0x. */
static const char *
read_digits(const char *text, uint64_t *number)
{
	const char *at = text;

	*number = 0;
	for (; *at >= '0' && *at <= '9'; at++)
		if (__builtin_mul_overflow(*number, 10, number) ||
				__builtin_add_overflow(*number, (uint64_t)(*at - '0'), number))
			return NULL;
	return at == text ? NULL : at;
}

static bool
read_number(const char *text, uint64_t *number)
{
	const char *end = read_digits(text, number);

	return end != NULL && *end == '\0';
}

static bool
read_duration(const char *text, uint64_t *us)
{
	const char *unit = read_digits(text, us);

	if (unit == NULL)
		return false;
	if (*unit == '\0')
		unit = "s";
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strcmp(unit, units[i].name) == 0)
			return !__builtin_mul_overflow(*us, units[i].us, us);
	return false;
}

static bool
read_switch(const char *text, uint64_t *on)
{
	*on = strcmp(text, "true") == 0;
	return *on || strcmp(text, "false") == 0;
}

/* The length of the nth word, and where it begins; 0: there are fewer. */
static size_t
nth_word(const char *words, uint64_t n, const char **word)
{
	for (; n > 0; n--) {
		words += strcspn(words, " ");
		words += strspn(words, " ");
	}
	*word = words;
	return strcspn(words, " ");
}

static bool
read_choice(const char *text, const char *words, uint64_t *choice)
{
	const char *word;
	size_t len;

	for (*choice = 0; (len = nth_word(words, *choice, &word)) > 0; ++*choice)
		if (strlen(text) == len && memcmp(text, word, len) == 0)
			return true;
	return false;
}

static bool
read_by_type(const struct config_key *key, const char *text, uint64_t *value)
{
	switch (key->type) {
	case CONFIG_NUMBER:
		return read_number(text, value);
	case CONFIG_POWER_OF_TWO:
		return read_number(text, value) && (*value & (*value - 1)) == 0;
	case CONFIG_DURATION:
		return read_duration(text, value);
	case CONFIG_SWITCH:
		return read_switch(text, value);
	case CONFIG_CHOICE:
		return read_choice(text, key->choices, value);
	}
	return false;
}

int
config_value_parse(const struct config_key *key, const char *text, uint64_t *value, struct err *err)
{
	char accepted[CONFIG_VALUE_TEXT];
	uint64_t read;

	if (read_by_type(key, text, &read) && read >= key->min && read <= key->max) {
		*value = read;
		return 0;
	}
	config_value_describe(key, accepted, sizeof(accepted));
	return err_set(err, EINVAL, "must be %s, got %.40s", accepted,
			*text == '\0' ? "nothing" : text);
}

static void
print_duration(uint64_t us, char *text, size_t size)
{
	size_t i = 0;

	while (us % units[i].us != 0 || !units[i].printed)
		i++;
	snprintf(text, size, "%" PRIu64 "%s", us / units[i].us, units[i].name);
}

void
config_value_print(const struct config_key *key, uint64_t value, char *text, size_t size)
{
	const char *word;
	size_t len;

	switch (key->type) {
	case CONFIG_NUMBER:
	case CONFIG_POWER_OF_TWO:
		snprintf(text, size, "%" PRIu64, value);
		break;
	case CONFIG_DURATION:
		print_duration(value, text, size);
		break;
	case CONFIG_SWITCH:
		snprintf(text, size, "%s", value ? "true" : "false");
		break;
	case CONFIG_CHOICE:
		len = nth_word(key->choices, value, &word);
		snprintf(text, size, "%.*s", (int)len, word);
		break;
	}
}

/* "a, b or c" of "a b c". */
static void
print_choices(const char *words, char *text, size_t size)
{
	const char *word;
	size_t at = 0;
	size_t len;

	for (uint64_t n = 0; (len = nth_word(words, n, &word)) > 0 && at < size; n++) {
		const char *between = n == 0 ? "" : word[len] == '\0' ? " or " : ", ";
		int wrote = snprintf(text + at, size - at, "%s%.*s", between, (int)len, word);

		at += wrote > 0 ? (size_t)wrote : 0;
	}
}

void
config_value_describe(const struct config_key *key, char *text, size_t size)
{
	static const char *const kinds[] = {
		[CONFIG_NUMBER] = "a number",
		[CONFIG_POWER_OF_TWO] = "a power of two",
		[CONFIG_DURATION] = "a time",
	};
	char min[CONFIG_VALUE_TEXT / 4];
	char max[CONFIG_VALUE_TEXT / 4];

	switch (key->type) {
	case CONFIG_NUMBER:
	case CONFIG_POWER_OF_TWO:
	case CONFIG_DURATION:
		config_value_print(key, key->min, min, sizeof(min));
		config_value_print(key, key->max, max, sizeof(max));
		snprintf(text, size, "%s from %s to %s", kinds[key->type], min, max);
		break;
	case CONFIG_SWITCH:
		snprintf(text, size, "true or false");
		break;
	case CONFIG_CHOICE:
		print_choices(key->choices, text, size);
		break;
	}
}
