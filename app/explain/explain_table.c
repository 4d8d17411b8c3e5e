/* SPDX-License-Identifier: Apache-2.0 */

#include "app/explain/explain_table.h"

#include <errno.h>
#include <stdlib.h>

#define ROOM_AT_FIRST 256

struct reader {
	struct explain_table *table;
	const struct explain_choice *choice;
};

static bool
is_remarkable(const struct record *record)
{
	return record->has_rst &&
			(record->rst.verdict == RST_MID_CONNECTION ||
					record->rst.verdict == RST_SUSPECTED_INJECTION);
}

static int
make_room(struct explain_table *table)
{
	size_t room = table->room == 0 ? ROOM_AT_FIRST : 2 * table->room;
	struct connection_row *rows;

	if (table->count < table->room)
		return 0;
	rows = realloc(table->rows, room * sizeof(*rows));
	if (rows == NULL)
		return -ENOMEM;
	table->rows = rows;
	table->room = room;
	return 0;
}

/*
 * By number, not by the order in which they end, so that what is kept does not depend on
 * how long the first ones last. With a choice every row counts as early.
 */
static int
take_connection(void *context, uint64_t number, const struct record *record)
{
	const struct reader *reader = context;
	struct explain_table *table = reader->table;
	bool early = reader->choice != NULL ? table->count - table->late < EXPLAIN_TABLE_ROOM
					    : number <= EXPLAIN_TABLE_ROOM;

	if (reader->choice != NULL && !explain_choice_matches(reader->choice, number, record))
		return 0;
	table->matched++;
	if (!early && (table->late == EXPLAIN_TABLE_ROOM_LATE || !is_remarkable(record)))
		return 0;
	if (make_room(table) != 0)
		return -ENOMEM;
	table->late += !early;
	table->rows[table->count].number = number;
	table->rows[table->count].record = *record;
	table->count++;
	return 0;
}

static int
compare_numbers(const void *a, const void *b)
{
	uint64_t left = ((const struct connection_row *)a)->number;
	uint64_t right = ((const struct connection_row *)b)->number;

	return left < right ? -1 : left > right;
}

int
explain_table_read(const char *path, const struct pipeline_params *params,
		const struct explain_choice *choice, struct explain_table *table,
		struct explain_scan *scan, struct err *err)
{
	struct reader reader = { table, choice };
	const struct explain_visitor visitor = { .context = &reader,
		.connection = take_connection };
	int rc;

	*table = (struct explain_table){ 0 };
	rc = explain_scan_run(path, params, &visitor, scan, err);
	if (rc == 0 && table->count > 0)
		qsort(table->rows, table->count, sizeof(*table->rows), compare_numbers);
	return rc;
}

void
explain_table_fini(struct explain_table *table)
{
	free(table->rows);
	*table = (struct explain_table){ 0 };
}
