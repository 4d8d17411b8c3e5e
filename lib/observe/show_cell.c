/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/show_cell.h"

#include "observe/summary_text.h"

#include <string.h>

#define ENDPOINT_ROOM 128

/* Whether the field is a number, and none below zero. */
static bool
has_number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) && json_integer_value(value) >= 0;
}

uint64_t
show_cell_number(const json_t *object, const char *key)
{
	if (!has_number(object, key))
		return 0;
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

const char *
show_cell_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : SHOW_CELL_NONE;
}

void
show_cell_text(struct text_table *table, const json_t *object, const char *key)
{
	text_table_cell(table, show_cell_string(object, key));
}

/* The text that was made of the field's number, if it has one. */
static void
cell_of_number(struct text_table *table, const json_t *object, const char *key,
		struct summary_text text)
{
	text_table_cell(table, has_number(object, key) ? text.text : SHOW_CELL_NONE);
}

void
show_cell_count(struct text_table *table, const json_t *object, const char *key)
{
	cell_of_number(table, object, key, summary_text_count(show_cell_number(object, key)));
}

void
show_cell_id(struct text_table *table, const json_t *object, const char *key)
{
	struct summary_text text;

	snprintf(text.text, sizeof(text.text), "%llu",
			(unsigned long long)show_cell_number(object, key));
	cell_of_number(table, object, key, text);
}

void
show_cell_bytes(struct text_table *table, const json_t *object, const char *key)
{
	cell_of_number(table, object, key,
			summary_text_size((double)show_cell_number(object, key), "B"));
}

void
show_cell_time(struct text_table *table, const json_t *object, const char *key, uint64_t unit_us)
{
	uint64_t value = show_cell_number(object, key), longest = UINT64_MAX / unit_us;

	cell_of_number(table, object, key,
			summary_text_time((value < longest ? value : longest) * unit_us));
}

void
show_cell_endpoint(struct text_table *table, const json_t *object, const char *ip_key,
		const char *port_key)
{
	const char *ip = show_cell_string(object, ip_key);
	const char *format = strchr(ip, ':') != NULL ? "[%s]:%llu" : "%s:%llu";
	char text[ENDPOINT_ROOM];

	snprintf(text, sizeof(text), format, ip,
			(unsigned long long)show_cell_number(object, port_key));
	text_table_cell(table, has_number(object, port_key) ? text : ip);
}
