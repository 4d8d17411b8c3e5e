/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/text_table.h"

#include "observe/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_AT_FIRST 64

struct text_table {
	const struct text_column *columns;
	uint32_t column_count;
	char **cells;
	size_t count;
	size_t room;
	bool has_failed;
};

/* C0 and DEL, and C1 (U+0080 to U+009F) in its two bytes. */
static bool
is_control(const char *text)
{
	uint8_t first = (uint8_t)text[0];

	return first < 0x20 || first == 0x7f || (first == 0xc2 && (uint8_t)text[1] < 0xa0);
}

static void
mend(char *text)
{
	for (uint32_t len; *text != '\0'; text += len) {
		len = utf8_len(text);
		if (len != 0 && !is_control(text))
			continue;
		len = len == 0 ? 1 : len;
		memset(text, '?', len);
	}
}

/* Characters; each is taken to be one column wide. */
static int
width_of(const char *text)
{
	int width = 0;

	for (; *text != '\0'; text += utf8_len(text))
		width++;
	return width;
}

static char **
next_place(struct text_table *table)
{
	size_t room = table->room == 0 ? ROOM_AT_FIRST : 2 * table->room;
	char **cells;

	if (table->count == table->room) {
		cells = realloc(table->cells, room * sizeof(*cells));
		if (cells == NULL)
			return NULL;
		table->cells = cells;
		table->room = room;
	}
	return &table->cells[table->count];
}

void
text_table_cell(struct text_table *table, const char *text)
{
	char **place = next_place(table);
	char *copy = place != NULL ? strdup(text) : NULL;

	if (copy == NULL) {
		table->has_failed = true;
		return;
	}
	mend(copy);
	*place = copy;
	table->count++;
}

size_t
text_table_rows(const struct text_table *table)
{
	return table->count / table->column_count;
}

static int
column_width(const struct text_table *table, uint32_t column)
{
	int width = width_of(table->columns[column].head);

	for (size_t i = column; i < table->count; i += table->column_count) {
		int cell = width_of(table->cells[i]);

		width = cell > width ? cell : width;
	}
	return width;
}

/* The last column's cells have no blanks behind them. */
static void
print_cell(const struct text_table *table, uint32_t column, const char *text, int width, FILE *out)
{
	int blanks = width - width_of(text);
	bool is_right = table->columns[column].is_right;
	bool is_last = column + 1 == table->column_count;

	fprintf(out, "  %*s%s%*s", is_right ? blanks : 0, "", text,
			is_right || is_last ? 0 : blanks, "");
	if (is_last)
		fputc('\n', out);
}

int
text_table_print(const struct text_table *table, FILE *out)
{
	uint32_t columns = table->column_count;
	int *widths = calloc(columns, sizeof(*widths));

	if (widths == NULL || table->has_failed) {
		free(widths);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < columns; i++) {
		widths[i] = column_width(table, i);
		print_cell(table, i, table->columns[i].head, widths[i], out);
	}
	for (size_t i = 0; i < table->count - table->count % columns; i++)
		print_cell(table, (uint32_t)(i % columns), table->cells[i], widths[i % columns],
				out);
	free(widths);
	return 0;
}

struct text_table *
text_table_create(const struct text_column *columns, uint32_t count)
{
	struct text_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->columns = columns;
	table->column_count = count;
	return table;
}

void
text_table_destroy(struct text_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}
