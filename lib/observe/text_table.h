/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A table for people: a head above each column, and columns as wide as their widest cell.
 *
 * Cells are given one after another, row by row. What a terminal would obey in them is
 * replaced by question marks, so a table may show what others have named.
 */

#ifndef OBSERVE_TEXT_TABLE_H
#define OBSERVE_TEXT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct text_column {
	const char *head;
	bool is_right; /* its cells end below one another: numbers */
};

struct text_table;

/**
 * @param columns
 *   They must live as long as the table.
 * @return
 *   NULL when there is no memory.
 */
struct text_table *text_table_create(const struct text_column *columns, uint32_t count);

void text_table_destroy(struct text_table *table);

/** Give the next cell; the text is copied. Without memory text_table_print() says so. */
void text_table_cell(struct text_table *table, const char *text);

/** How many whole rows it has. */
size_t text_table_rows(const struct text_table *table);

/**
 * Print heads and whole rows.
 *
 * @return
 *   0, or -ENOMEM if a cell could not be kept: nothing is printed.
 */
int text_table_print(const struct text_table *table, FILE *out);

#endif /* OBSERVE_TEXT_TABLE_H */
