/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The connections of a capture, or those of them that are asked for.
 *
 * Bounded: the first EXPLAIN_TABLE_ROOM are kept and, of later ones, so many that had a
 * RST worth a person's eye.
 */

#ifndef APP_EXPLAIN_EXPLAIN_TABLE_H
#define APP_EXPLAIN_EXPLAIN_TABLE_H

#include "app/explain/explain_choice.h"
#include "app/explain/explain_scan.h"
#include "observe/connection_list.h"

#include <stddef.h>
#include <stdint.h>

#define EXPLAIN_TABLE_ROOM 100000
#define EXPLAIN_TABLE_ROOM_LATE 10000

struct explain_table {
	struct connection_row *rows; /* in the order of their numbers */
	size_t count;
	size_t late; /* rows of them whose number lies beyond the room */
	uint64_t matched; /* those asked for, kept or not */
	size_t room;
};

/**
 * Read the capture.
 *
 * @param choice
 *   NULL: all.
 * @param[out] table
 *   To be given to explain_table_fini(), also after an error.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int explain_table_read(const char *path, const struct pipeline_params *params,
		const struct explain_choice *choice, struct explain_table *table,
		struct explain_scan *scan, struct err *err);

void explain_table_fini(struct explain_table *table);

#endif /* APP_EXPLAIN_EXPLAIN_TABLE_H */
