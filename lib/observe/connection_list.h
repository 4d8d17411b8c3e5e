/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Connections as a table for people, in LADDER_COLUMNS columns whatever the addresses: a
 * line a connection. The columns are as wide as most rows need, so one with long addresses
 * or a long word takes a second line, and the others do not; from the handshake on, each
 * cell of every row stands below its head.
 */

#ifndef OBSERVE_CONNECTION_LIST_H
#define OBSERVE_CONNECTION_LIST_H

#include "handshake/record.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct connection_row {
	uint64_t number; /* by the order of the first segments, from 1 */
	struct record record;
};

/**
 * Print the table with its heads.
 *
 * @param origin_us
 *   What the starts count from.
 */
void connection_list_print(
		const struct connection_row *rows, size_t count, uint64_t origin_us, FILE *out);

#endif /* OBSERVE_CONNECTION_LIST_H */
