/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Alarms for people: those that last with their numbers now, those that are over with what they
 * came to, and the last seconds of each of the former as bars. New handshakes and completed ones
 * have the same scale, so that a flood shows as the one being high and the other low.
 */

#include "base/compiler.h"
#include "base/usec.h"
#include "detect/alarm.h"
#include "observe/show_cell.h"
#include "observe/show_text.h"
#include "observe/sparkline.h"
#include "observe/summary_text.h"

#include <errno.h>
#include <string.h>

#define BARS 36 /* two lines of them, and what stands before them, fit a terminal */
#define WHOM_LEN 128

static const struct text_column active_columns[] = {
	{ "id", true },
	{ "what", false },
	{ "whom", false },
	{ "for", true },
	{ "per s", true },
	{ "peak", true },
	{ "done", true },
	{ "half open", true },
	{ "sources", true },
	{ "spoofed", true },
};

static const struct text_column ended_columns[] = {
	{ "id", true },
	{ "what", false },
	{ "whom", false },
	{ "ended", false },
	{ "lasted", true },
	{ "peak per s", true },
	{ "in all", true },
	{ "sources", true },
	{ "spoofed", true },
};

static const struct text_column series_columns[] = {
	{ "id", true },
	{ "per second, up to now", false },
	{ "completed", false },
};

/* The object with the numbers, whatever the type is; NULL if there is none. */
static json_t *
numbers_of(const json_t *flood)
{
	static const char *const keys[] = { "flood", "scan", "storm" };
	json_t *numbers = NULL;

	for (uint32_t i = 0; i < ARRAY_LEN(keys) && numbers == NULL; i++)
		numbers = json_object_get(flood, keys[i]);
	return numbers;
}

/* Of a type that counts SYNs, and of one that counts other segments. */
static const char *
rate_key(const json_t *numbers, const char *of_syns, const char *of_others)
{
	return json_object_get(numbers, of_syns) != NULL ? of_syns : of_others;
}

/* 412 k: three digits are enough to be told from each other. */
static void
add_amount(struct text_table *table, const json_t *numbers, const char *key)
{
	struct summary_text text = summary_text_size((double)show_cell_number(numbers, key), "");
	size_t len = strlen(text.text);

	if (len > 0 && text.text[len - 1] == ' ')
		text.text[len - 1] = '\0';
	text_table_cell(table,
			json_is_integer(json_object_get(numbers, key)) ? text.text
								       : SHOW_CELL_NONE);
}

static void
add_ratio(struct text_table *table, const json_t *numbers, const char *key)
{
	const json_t *value = json_object_get(numbers, key);
	const double ratio = json_number_value(value);
	char text[SUMMARY_TEXT_LEN];

	snprintf(text, sizeof(text), "%.1f %%", 100 * ratio);
	text_table_cell(table,
			json_is_number(value) && ratio >= 0 && ratio <= 1 ? text : SHOW_CELL_NONE);
}

static void
add_what(struct text_table *table, const json_t *flood, const json_t *numbers)
{
	const char *kind = json_string_value(json_object_get(numbers, "kind"));

	show_cell_id(table, flood, "flood_id");
	text_table_cell(table, kind != NULL ? kind : show_cell_string(flood, "event_type"));
}

static void
add_whom(struct text_table *table, const json_t *flood, const json_t *numbers)
{
	const char *scanner = json_string_value(json_object_get(flood, "src_ip"));
	char text[WHOM_LEN];

	if (scanner != NULL) {
		snprintf(text, sizeof(text), "by %s, %s targets", scanner,
				summary_text_count(show_cell_number(numbers, "targets")).text);
		text_table_cell(table, text);
	} else if (json_object_get(flood, "dest_prefix") != NULL) {
		show_cell_text(table, flood, "dest_prefix");
	} else {
		show_cell_endpoint(table, flood, "dest_ip", "dest_port");
	}
}

static bool
is_active(const json_t *flood)
{
	return strcmp(show_cell_string(flood, "phase"), alarm_phase_word(ALARM_END)) != 0;
}

static void
add_active(struct text_table *table, const json_t *flood)
{
	const json_t *numbers = numbers_of(flood);

	add_what(table, flood, numbers);
	add_whom(table, flood, numbers);
	show_cell_time(table, numbers, "duration_ms", USEC_PER_MSEC);
	add_amount(table, numbers, rate_key(numbers, "syn_pps", "pps"));
	add_amount(table, numbers, rate_key(numbers, "peak_syn_pps", "peak_pps"));
	add_ratio(table, numbers, "completion_ratio");
	add_amount(table, numbers, "half_open");
	add_amount(table, numbers, "sources_estimate");
	add_ratio(table, numbers, "spoofed_share");
}

static void
add_ended(struct text_table *table, const json_t *flood)
{
	const json_t *numbers = numbers_of(flood);
	char second[] = "2021-03-20T12:49:33";

	add_what(table, flood, numbers);
	add_whom(table, flood, numbers);
	snprintf(second, sizeof(second), "%s", show_cell_string(flood, "ended"));
	text_table_cell(table, second);
	show_cell_time(table, numbers, "duration_ms", USEC_PER_MSEC);
	add_amount(table, numbers, rate_key(numbers, "peak_syn_pps", "peak_pps"));
	show_cell_count(table, numbers, "total");
	add_amount(table, numbers, "sources_estimate");
	add_ratio(table, numbers, "spoofed_share");
}

static uint32_t
read_series(const json_t *series, const char *key, uint64_t values[BARS])
{
	const json_t *array = json_object_get(series, key);
	const size_t size = json_array_size(array), skipped = size > BARS ? size - BARS : 0;

	for (size_t i = skipped; i < size; i++) {
		const json_int_t value = json_integer_value(json_array_get(array, i));

		values[i - skipped] = value > 0 ? (uint64_t)value : 0;
	}
	return (uint32_t)(size - skipped);
}

static void
add_series(struct text_table *table, const json_t *flood, bool utf8)
{
	const json_t *series = json_object_get(flood, "series");
	uint64_t rates[BARS], completed[BARS], highest = 0;
	const uint32_t count = read_series(series, rate_key(series, "syn_pps", "pps"), rates);
	const uint32_t completed_count = read_series(series, "completed", completed);

	if (count == 0)
		return;
	for (uint32_t i = 0; i < count; i++)
		highest = rates[i] > highest ? rates[i] : highest;
	show_cell_id(table, flood, "flood_id");
	text_table_cell(table, sparkline_draw(rates, count, highest, utf8).text);
	text_table_cell(table,
			completed_count == 0
					? SHOW_CELL_NONE
					: sparkline_draw(completed, completed_count, highest, utf8)
							  .text);
}

enum part {
	PART_ACTIVE,
	PART_SERIES,
	PART_ENDED,
};

static void
add_row(struct text_table *table, const json_t *flood, enum part part, bool utf8)
{
	if (is_active(flood) != (part != PART_ENDED))
		return;
	if (part == PART_ACTIVE)
		add_active(table, flood);
	else if (part == PART_ENDED)
		add_ended(table, flood);
	else
		add_series(table, flood, utf8);
}

/* One table of those that belong into it, with the title above it; nothing if there are none. */
static int
print_part(json_t *floods, enum part part, const struct text_column *columns, uint32_t count,
		const char *title, bool utf8, FILE *out)
{
	struct text_table *table = text_table_create(columns, count);
	json_t *flood;
	size_t i;
	int rc = 0;

	if (table == NULL)
		return -ENOMEM;
	json_array_foreach(floods, i, flood)
		add_row(table, flood, part, utf8);
	if (text_table_rows(table) > 0) {
		fputs(title, out);
		rc = text_table_print(table, out);
	}
	text_table_destroy(table);
	return rc;
}

/* That there is nothing is said, since it is what most who ask hope for. */
static void
print_quiet(const json_t *reply, FILE *out)
{
	if (json_is_false(json_object_get(reply, "detect")))
		fputs("Nothing is looked for: flood.detect is false.\n", out);
	else if (show_cell_number(reply, "ended") == 0)
		fputs("No attack is under way, and none was seen.\n", out);
	else if (show_cell_number(reply, "active") == 0)
		fputs("No attack is under way.\n", out);
}

int
show_text_floods(json_t *reply, bool utf8, FILE *out)
{
	json_t *floods = json_object_get(reply, "floods");
	const bool is_quiet = show_cell_number(reply, "active") == 0;
	int rc;

	if (is_quiet)
		print_quiet(reply, out);
	rc = print_part(floods, PART_ACTIVE, active_columns, ARRAY_LEN(active_columns),
			"Under way\n", utf8, out);
	if (rc == 0)
		rc = print_part(floods, PART_SERIES, series_columns, ARRAY_LEN(series_columns),
				"\n", utf8, out);
	if (rc == 0)
		rc = print_part(floods, PART_ENDED, ended_columns, ARRAY_LEN(ended_columns),
				"\nOver, the latest first\n", utf8, out);
	if (rc == 0 && json_is_true(json_object_get(reply, "more")))
		fprintf(out, "  These are the first %s; there are more.\n",
				summary_text_count(json_array_size(floods)).text);
	return rc;
}
