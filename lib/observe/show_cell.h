/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Cells of a table from the fields of a reply. A field that is not there, or is not what it
 * should be, gives "-": what answers may be older or newer than who asks.
 */

#ifndef OBSERVE_SHOW_CELL_H
#define OBSERVE_SHOW_CELL_H

#include "observe/text_table.h"

#include <jansson.h>
#include <stdint.h>

#define SHOW_CELL_NONE "-"

/** A number that a field holds; 0 if there is none. */
uint64_t show_cell_number(const json_t *object, const char *key);

/** A text that a field holds; SHOW_CELL_NONE if there is none. */
const char *show_cell_string(const json_t *object, const char *key);

void show_cell_text(struct text_table *table, const json_t *object, const char *key);

/** A number in groups of three digits. */
void show_cell_count(struct text_table *table, const json_t *object, const char *key);

/** A plain number: of a processor, of a worker. */
void show_cell_id(struct text_table *table, const json_t *object, const char *key);

/** Bytes, in the unit that suits them. */
void show_cell_bytes(struct text_table *table, const json_t *object, const char *key);

/** A time, in the unit that suits it; the field holds so many units of @p unit_us. */
void show_cell_time(
		struct text_table *table, const json_t *object, const char *key, uint64_t unit_us);

/** Address and port. */
void show_cell_endpoint(struct text_table *table, const json_t *object, const char *ip_key,
		const char *port_key);

#endif /* OBSERVE_SHOW_CELL_H */
