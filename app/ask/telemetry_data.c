/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/telemetry_data.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <rte_telemetry.h>

/* DPDK's buffer has 16 KiB, also for the name of the command, and for our "cut". */
#define ROOM ((size_t)16 * 1024 - 256)

/* One less than there may be: for "cut". */
#define MEMBERS_MAX (RTE_TEL_MAX_DICT_ENTRIES - 1)

#define CUT "cut"

#define NUMBER_LEN_MAX 20
#define NAME_COST 4 /* quotes, colon, comma */
#define BRACKETS_COST 2
#define TEXT_COST 3 /* quotes, comma */

struct filler {
	size_t room; /* bytes of JSON that may still be written */
	bool is_cut;
};

enum kind {
	KIND_STRINGS,
	KIND_NUMBERS, /* none of them negative */
	KIND_MIXED,
};

static void fill_object(struct filler *filler, struct rte_tel_data *data, json_t *object);

static bool
take(struct filler *filler, size_t len)
{
	if (len <= filler->room) {
		filler->room -= len;
		return true;
	}
	filler->is_cut = true;
	return false;
}

/* What DPDK would write as no JSON becomes '?'; takes the room that it has as JSON. */
static bool
take_text(struct filler *filler, const char *text, size_t len, char out[RTE_TEL_MAX_STRING_LEN])
{
	const size_t kept = len < RTE_TEL_MAX_STRING_LEN ? len : RTE_TEL_MAX_STRING_LEN - 1;
	size_t escapes = 0;

	for (size_t i = 0; i < kept; i++) {
		const bool is_printable = text[i] >= ' ' && text[i] <= '~';

		out[i] = is_printable ? text[i] : '?';
		escapes += out[i] == '"' || out[i] == '\\';
	}
	out[kept] = '\0';
	filler->is_cut |= kept < len;
	return take(filler, kept + escapes + TEXT_COST);
}

/* DPDK takes letters, digits, '_' and '/'. */
static void
clean_name(const char *name, char out[RTE_TEL_MAX_STRING_LEN])
{
	snprintf(out, RTE_TEL_MAX_STRING_LEN, "%s", name);
	for (char *at = out; *at != '\0'; at++)
		if (!isalnum((unsigned char)*at) && *at != '/')
			*at = '_';
}

static enum kind
kind_of(const json_t *array)
{
	bool strings = true, numbers = true;
	size_t i;
	json_t *value;

	json_array_foreach(array, i, value) {
		strings = strings && json_is_string(value);
		numbers = numbers && json_is_integer(value) && json_integer_value(value) >= 0;
	}
	if (json_array_size(array) > RTE_TEL_MAX_ARRAY_ENTRIES)
		return KIND_MIXED;
	return strings ? KIND_STRINGS : numbers ? KIND_NUMBERS : KIND_MIXED;
}

static void
fill_strings(struct filler *filler, struct rte_tel_data *data, const json_t *array)
{
	char text[RTE_TEL_MAX_STRING_LEN];
	size_t i;
	json_t *value;

	rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);
	json_array_foreach(array, i, value) {
		if (!take_text(filler, json_string_value(value), json_string_length(value), text))
			return;
		rte_tel_data_add_array_string(data, text);
	}
}

static void
fill_numbers(struct filler *filler, struct rte_tel_data *data, const json_t *array)
{
	size_t i;
	json_t *value;

	rte_tel_data_start_array(data, RTE_TEL_U64_VAL);
	json_array_foreach(array, i, value) {
		if (!take(filler, NUMBER_LEN_MAX + 1))
			return;
		rte_tel_data_add_array_u64(data, (uint64_t)json_integer_value(value));
	}
}

static void
add_string(struct filler *filler, struct rte_tel_data *data, const char *name, const char *text)
{
	char cleaned[RTE_TEL_MAX_STRING_LEN];

	if (take_text(filler, text, strlen(text), cleaned))
		rte_tel_data_add_dict_string(data, name, cleaned);
}

/* A text of several lines: an array of them, since one string may be too short for it. */
static void
fill_lines(struct filler *filler, struct rte_tel_data *data, const char *text)
{
	char line[RTE_TEL_MAX_STRING_LEN];

	rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);
	for (int lines = 0; *text != '\0'; lines++) {
		const size_t len = strcspn(text, "\n");

		if (lines == RTE_TEL_MAX_ARRAY_ENTRIES) {
			filler->is_cut = true;
			return;
		}
		if (!take_text(filler, text, len, line))
			return;
		rte_tel_data_add_array_string(data, line);
		text += len + (text[len] == '\n');
	}
}

static void
add_integer(struct filler *filler, struct rte_tel_data *data, const char *name, json_int_t number)
{
	char text[NUMBER_LEN_MAX + 1];

	if (number < INT32_MIN) {
		snprintf(text, sizeof(text), "%" PRId64, (int64_t)number);
		add_string(filler, data, name, text);
	} else if (!take(filler, NUMBER_LEN_MAX)) {
		return;
	} else if (number < 0) {
		rte_tel_data_add_dict_int(data, name, (int)number);
	} else {
		rte_tel_data_add_dict_u64(data, name, (uint64_t)number);
	}
}

static void add_member(
		struct filler *filler, struct rte_tel_data *data, const char *name, json_t *value);

/* An array that is none to DPDK. Its elements come whole or not at all. */
static void
fill_elements(struct filler *filler, struct rte_tel_data *data, const json_t *array)
{
	size_t i;
	json_t *value;

	rte_tel_data_start_dict(data);
	json_array_foreach(array, i, value) {
		char name[NUMBER_LEN_MAX + 1];

		if (i == MEMBERS_MAX ||
				json_dumpb(value, NULL, 0, JSON_ENCODE_ANY) > filler->room) {
			filler->is_cut = true;
			return;
		}
		snprintf(name, sizeof(name), "%zu", i);
		add_member(filler, data, name, value);
	}
}

static void
fill_container(struct filler *filler, struct rte_tel_data *data, json_t *value)
{
	if (json_is_string(value))
		fill_lines(filler, data, json_string_value(value));
	else if (json_is_object(value))
		fill_object(filler, data, value);
	else if (kind_of(value) == KIND_STRINGS)
		fill_strings(filler, data, value);
	else if (kind_of(value) == KIND_NUMBERS)
		fill_numbers(filler, data, value);
	else
		fill_elements(filler, data, value);
}

static void
add_container(struct filler *filler, struct rte_tel_data *data, const char *name, json_t *value)
{
	struct rte_tel_data *inner;

	if (!take(filler, BRACKETS_COST))
		return;
	inner = rte_tel_data_alloc();
	if (inner == NULL) {
		filler->is_cut = true;
		return;
	}
	fill_container(filler, inner, value);
	if (rte_tel_data_add_dict_container(data, name, inner, 0) != 0)
		rte_tel_data_free(inner);
}

static void
add_value(struct filler *filler, struct rte_tel_data *data, const char *name, json_t *value)
{
	char text[32];

	switch (json_typeof(value)) {
	case JSON_STRING:
		if (strchr(json_string_value(value), '\n') != NULL)
			add_container(filler, data, name, value);
		else
			add_string(filler, data, name, json_string_value(value));
		break;
	case JSON_INTEGER:
		add_integer(filler, data, name, json_integer_value(value));
		break;
	case JSON_REAL:
		snprintf(text, sizeof(text), "%.6g", json_real_value(value));
		add_string(filler, data, name, text);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		add_integer(filler, data, name, json_is_true(value));
		break;
	case JSON_OBJECT:
	case JSON_ARRAY:
		add_container(filler, data, name, value);
		break;
	case JSON_NULL:
		break;
	}
}

static void
add_member(struct filler *filler, struct rte_tel_data *data, const char *name, json_t *value)
{
	char cleaned[RTE_TEL_MAX_STRING_LEN];

	clean_name(name, cleaned);
	if (take(filler, strlen(cleaned) + NAME_COST))
		add_value(filler, data, cleaned, value);
}

static void
fill_object(struct filler *filler, struct rte_tel_data *data, json_t *object)
{
	size_t members = 0;
	const char *name;
	json_t *value;

	rte_tel_data_start_dict(data);
	json_object_foreach(object, name, value) {
		if (strcmp(name, CUT) == 0) {
			filler->is_cut |= json_is_true(value);
			continue;
		}
		if (members++ == MEMBERS_MAX) {
			filler->is_cut = true;
			return;
		}
		add_member(filler, data, name, value);
	}
}

void
telemetry_data_fill(struct rte_tel_data *data, json_t *object)
{
	struct filler filler = { .room = ROOM };

	fill_object(&filler, data, object);
	if (filler.is_cut)
		rte_tel_data_add_dict_int(data, CUT, 1);
}
