/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/control_request.h"

#include "base/compiler.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const commands[] = {
#define X(id, word) [id] = word,
	CONTROL_COMMANDS(X)
#undef X
};

static const char *const subjects[] = {
#define X(id, word) [id] = word,
	CONTROL_SUBJECTS(X)
#undef X
};

static const char *const states[] = {
#define X(id, word) [id] = word,
	HS_STATES(X)
#undef X
};

/* "a, b or c" */
static void
list_words(const char *const *words, size_t count, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < count && len < size; i++) {
		const char *before = len == 0 ? "" : i + 1 == count ? " or " : ", ";

		if (words[i] != NULL)
			len += (size_t)snprintf(out + len, size - len, "%s%s", before, words[i]);
	}
}

/* Which of the words a member is; -EINVAL if it is none of them or is not there. */
static int
read_word(const json_t *json, const char *key, const char *const *words, size_t count,
		struct err *err)
{
	const char *word = json_string_value(json_object_get(json, key));
	char known[160];

	for (size_t i = 0; word != NULL && i < count; i++)
		if (words[i] != NULL && strcmp(word, words[i]) == 0)
			return (int)i;
	list_words(words, count, known, sizeof(known));
	if (word == NULL)
		return err_set(err, EINVAL, "%s must be one of %s", key, known);
	return err_set(err, EINVAL, "%s must be one of %s, not '%.64s'", key, known, word);
}

static int
read_number(const json_t *value, const char *key, json_int_t max, uint32_t *number, struct err *err)
{
	const json_int_t wanted = json_integer_value(value);

	if (!json_is_integer(value) || wanted < 1 || wanted > max)
		return err_set(err, EINVAL, "%s must be a number from 1 to %lld", key,
				(long long)max);
	*number = (uint32_t)wanted;
	return 0;
}

static int
read_address(const json_t *value, struct control_filter *filter, struct err *err)
{
	const char *text = json_string_value(value);

	filter->has_address = true;
	if (text != NULL && inet_pton(AF_INET6, text, filter->address) == 1)
		return 0;
	memcpy(filter->address, (const uint8_t[12]){ [10] = 0xff, [11] = 0xff }, 12);
	if (text != NULL && inet_pton(AF_INET, text, filter->address + 12) == 1)
		return 0;
	return err_set(err, EINVAL, "address must be an IPv4 or IPv6 address, not '%.64s'",
			text != NULL ? text : "something else");
}

static int
read_state(const json_t *json, struct control_filter *filter, struct err *err)
{
	const int state = read_word(json, "state", states, ARRAY_LEN(states), err);

	if (state < 0)
		return state;
	filter->state = (enum hs_state)state;
	return 0;
}

/* Flows, services and floods alone are many; each has something of its own to be chosen by. */
static bool
is_filter_of(const char *key, enum control_subject what)
{
	if (strcmp(key, "state") == 0)
		return what == CONTROL_FLOWS;
	if (strcmp(key, "active") == 0)
		return what == CONTROL_FLOODS;
	if (strcmp(key, "limit") == 0 && what == CONTROL_FLOODS)
		return true;
	if (strcmp(key, "address") == 0 || strcmp(key, "port") == 0 || strcmp(key, "limit") == 0)
		return what == CONTROL_FLOWS || what == CONTROL_SERVICES;
	return false;
}

static int
read_active(const json_t *value, struct control_filter *filter, struct err *err)
{
	if (!json_is_boolean(value))
		return err_set(err, EINVAL, "active must be true or false");
	filter->only_active = json_is_true(value);
	return 0;
}

static int
read_filter(const json_t *json, const char *key, struct control_request *request, struct err *err)
{
	struct control_filter *filter = &request->filter;
	const json_t *value = json_object_get(json, key);
	uint32_t port = 0;
	int rc;

	if (!is_filter_of(key, request->what))
		return err_set(err, EINVAL, "'show %s' has no use for '%.64s'",
				subjects[request->what], key);
	if (strcmp(key, "address") == 0)
		return read_address(value, filter, err);
	if (strcmp(key, "state") == 0)
		return read_state(json, filter, err);
	if (strcmp(key, "active") == 0)
		return read_active(value, filter, err);
	if (strcmp(key, "limit") == 0)
		return read_number(value, key, CONTROL_LIMIT_MAX, &filter->limit, err);
	rc = read_number(value, key, UINT16_MAX, &port, err);
	if (rc == 0)
		filter->port = (uint16_t)port;
	return rc;
}

static int
read_show(json_t *json, struct control_request *request, struct err *err)
{
	const int what = read_word(json, "what", subjects, ARRAY_LEN(subjects), err);
	const char *key;
	json_t *value;
	int rc = what < 0 ? what : 0;

	if (rc != 0)
		return rc;
	request->what = (enum control_subject)what;
	request->filter.limit = CONTROL_LIMIT_DEFAULT;
	json_object_foreach(json, key, value)
		if (rc == 0 && strcmp(key, "command") != 0 && strcmp(key, "what") != 0)
			rc = read_filter(json, key, request, err);
	return rc;
}

static int
read_bypass(const json_t *json, struct control_request *request, struct err *err)
{
	const json_t *on = json_object_get(json, "on");

	if (!json_is_boolean(on) || json_object_size(json) != 2)
		return err_set(err, EINVAL, "bypass takes \"on\", true or false, and nothing else");
	request->on = json_is_true(on);
	return 0;
}

int
control_request_read(json_t *json, struct control_request *request, struct err *err)
{
	int command;

	memset(request, 0, sizeof(*request));
	if (!json_is_object(json))
		return err_set(err, EINVAL, "a request must be a JSON object");
	command = read_word(json, "command", commands, ARRAY_LEN(commands), err);
	if (command < 0)
		return command;
	request->command = (enum control_command)command;
	if (request->command == CONTROL_SHOW)
		return read_show(json, request, err);
	if (request->command == CONTROL_BYPASS)
		return read_bypass(json, request, err);
	if (json_object_size(json) != 1)
		return err_set(err, EINVAL, "reload takes nothing else");
	return 0;
}
