/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_text.h"

#include "config/core_list.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static bool
is_name(const char *text)
{
	return text[strspn(text, LETTERS DIGITS "._-")] == '\0' && *text != '-' && *text != '.';
}

/* Bytes beyond ASCII are letters of some language. */
static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == '\x7f')
			return false;
	return true;
}

static bool
is_address(const char *text)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

static bool
is_core_list(const char *text, struct err *why)
{
	uint32_t cores[CORE_LIST_MAX];

	return core_list_parse(text, cores, CORE_LIST_MAX, why) >= 0;
}

static bool
is_right(const struct config_key *key, const char *text, struct err *why)
{
	switch (key->type) {
	case CONFIG_NAME:
		return is_name(text);
	case CONFIG_CORES:
		return is_core_list(text, why);
	case CONFIG_ADDRESS:
		return is_address(text);
	default:
		return is_printable(text);
	}
}

static bool
fits(const struct config_key *key, size_t len)
{
	if (key->type == CONFIG_WORDS)
		return len > 0 && len < CONFIG_TEXT_LEN;
	/* A default that is too short means "not set". */
	return (len >= key->min && len <= key->max) || len == strlen(key->standard);
}

int
config_text_parse(const struct config_key *key, const char *text, char *value, struct err *err)
{
	char accepted[CONFIG_TEXT_LEN];
	struct err why = { "" };
	size_t len = strlen(text);

	if (fits(key, len) && is_right(key, text, &why)) {
		memset(value, 0, CONFIG_TEXT_LEN);
		memcpy(value, text, len);
		return 0;
	}
	config_text_describe(key, accepted, sizeof(accepted));
	return err_set(err, EINVAL, "must be %s, got %.40s%s%s", accepted,
			len == 0 ? "nothing" : text, *why.text == '\0' ? "" : ": ", why.text);
}

void
config_text_print(const char *value, char *yaml, size_t size)
{
	size_t at = 0;

	if (*value != '\0' && value[strspn(value, LETTERS DIGITS "._/-")] == '\0' &&
			*value != '-' && *value != '.') {
		snprintf(yaml, size, "%s", value);
		return;
	}
	yaml[at++] = '"';
	for (; *value != '\0' && at + 4 < size; value++) {
		if (*value == '"' || *value == '\\')
			yaml[at++] = '\\';
		yaml[at++] = *value;
	}
	yaml[at++] = '"';
	yaml[at] = '\0';
}

void
config_text_describe(const struct config_key *key, char *text, size_t size)
{
	static const char *const kinds[] = {
		[CONFIG_TEXT] = "a text of printable characters",
		[CONFIG_NAME] = "a name of letters, digits, '.', '_' and '-'",
	};

	switch (key->type) {
	case CONFIG_CORES:
		snprintf(text, size, "a list of cores such as 2-5,8");
		break;
	case CONFIG_ADDRESS:
		snprintf(text, size, "an IPv4 or IPv6 address");
		break;
	case CONFIG_WORDS:
		snprintf(text, size, "a list of %" PRIu64 " to %" PRIu64 " %s", key->min, key->max,
				key->choices);
		break;
	default:
		snprintf(text, size, "%s, at most %" PRIu64, kinds[key->type], key->max);
		break;
	}
}
