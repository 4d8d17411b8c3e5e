/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_value.h"

#include "config/config_word.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t size;
	bool printed; /* 90m and 120s are shown in seconds, as the kernel's settings are */
};

/* From large to small, as print_with_unit() tries them. The last ends the list. */
static const struct unit times[] = {
	{ "d", CONFIG_DAY, true },
	{ "h", 3600 * USEC_PER_SEC, true },
	{ "m", 60 * USEC_PER_SEC, false },
	{ "s", USEC_PER_SEC, true },
	{ "ms", USEC_PER_MSEC, true },
	{ "us", 1, true },
	{ NULL, 0, false },
};

static const struct unit sizes[] = {
	{ "TiB", UINT64_C(1) << 40, true },
	{ "GiB", UINT64_C(1) << 30, true },
	{ "MiB", UINT64_C(1) << 20, true },
	{ "KiB", UINT64_C(1) << 10, true },
	{ "", 1, true },
	{ NULL, 0, false },
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
read_octal(const char *text, uint64_t *number)
{
	size_t len = strspn(text, "01234567");

	/* As many digits as any mode has, so nothing overflows. */
	if (len == 0 || len > 6 || text[len] != '\0')
		return false;
	*number = strtoull(text, NULL, 8);
	return true;
}

static bool
read_with_unit(const char *text, const struct unit *units, const char *usual, uint64_t *value)
{
	const char *unit = read_digits(text, value);

	if (unit == NULL)
		return false;
	if (*unit == '\0')
		unit = usual;
	for (size_t i = 0; units[i].name != NULL; i++)
		if (strcmp(unit, units[i].name) == 0)
			return !__builtin_mul_overflow(*value, units[i].size, value);
	return false;
}

static bool
read_switch(const char *text, uint64_t *on)
{
	*on = strcmp(text, "true") == 0;
	return *on || strcmp(text, "false") == 0;
}

static bool
read_by_type(const struct config_key *key, const char *text, uint64_t *value)
{
	switch (key->type) {
	case CONFIG_NUMBER:
		return read_number(text, value);
	case CONFIG_OCTAL:
		return read_octal(text, value);
	case CONFIG_POWER_OF_TWO:
		return read_number(text, value) && (*value & (*value - 1)) == 0;
	case CONFIG_SIZE:
		return read_with_unit(text, sizes, "", value);
	case CONFIG_DURATION:
		return read_with_unit(text, times, "s", value);
	case CONFIG_SWITCH:
		return read_switch(text, value);
	case CONFIG_CHOICE:
		return config_word_find(key->choices, text, value);
	default:
		return false;
	}
}

static bool
in_range(const struct config_key *key, uint64_t value)
{
	return value >= key->min && value <= key->max;
}

/* Whether the default lies outside of the range; it is taken all the same. */
static bool
has_unset(const struct config_key *key, uint64_t *unset)
{
	return key->standard != NULL && read_by_type(key, key->standard, unset) &&
			!in_range(key, *unset);
}

static bool
takes(const struct config_key *key, uint64_t value)
{
	uint64_t unset;

	return in_range(key, value) || (has_unset(key, &unset) && value == unset);
}

int
config_value_parse(const struct config_key *key, const char *text, uint64_t *value, struct err *err)
{
	char accepted[CONFIG_VALUE_TEXT];
	uint64_t read;

	if (read_by_type(key, text, &read) && takes(key, read)) {
		*value = read;
		return 0;
	}
	config_value_describe(key, accepted, sizeof(accepted));
	return err_set(err, EINVAL, "must be %s, got %.40s", accepted,
			*text == '\0' ? "nothing" : text);
}

static void
print_with_unit(const struct unit *units, uint64_t value, char *text, size_t size)
{
	size_t i = 0;

	if (value == 0) {
		snprintf(text, size, "0");
		return;
	}
	while (value % units[i].size != 0 || !units[i].printed)
		i++;
	snprintf(text, size, "%" PRIu64 "%s", value / units[i].size, units[i].name);
}

void
config_value_print(const struct config_key *key, uint64_t value, char *text, size_t size)
{
	const char *word;
	size_t len;

	switch (key->type) {
	case CONFIG_OCTAL:
		snprintf(text, size, "%04" PRIo64, value);
		break;
	case CONFIG_SIZE:
		print_with_unit(sizes, value, text, size);
		break;
	case CONFIG_DURATION:
		print_with_unit(times, value, text, size);
		break;
	case CONFIG_SWITCH:
		snprintf(text, size, "%s", value ? "true" : "false");
		break;
	case CONFIG_CHOICE:
		len = config_word_nth(key->choices, value, &word);
		snprintf(text, size, "%.*s", (int)len, word);
		break;
	default:
		snprintf(text, size, "%" PRIu64, value);
		break;
	}
}

static void
describe_range(const struct config_key *key, const char *kind, char *text, size_t size)
{
	char min[CONFIG_VALUE_TEXT / 4];
	char max[CONFIG_VALUE_TEXT / 4];
	uint64_t unset;
	bool may_be_unset = has_unset(key, &unset);

	config_value_print(key, key->min, min, sizeof(min));
	config_value_print(key, key->max, max, sizeof(max));
	snprintf(text, size, "%s from %s to %s%s%s", kind, min, max, may_be_unset ? ", or " : "",
			may_be_unset ? key->standard : "");
}

void
config_value_describe(const struct config_key *key, char *text, size_t size)
{
	static const char *const kinds[] = {
		[CONFIG_NUMBER] = "a number",
		[CONFIG_OCTAL] = "an octal number",
		[CONFIG_POWER_OF_TWO] = "a power of two",
		[CONFIG_SIZE] = "a size",
		[CONFIG_DURATION] = "a time",
	};

	switch (key->type) {
	case CONFIG_SWITCH:
		snprintf(text, size, "true or false");
		break;
	case CONFIG_CHOICE:
		config_word_enumerate(key->choices, text, size);
		break;
	default:
		describe_range(key, kinds[key->type], text, size);
		break;
	}
}
