/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One connection of a capture, drawn.
 */

#ifndef APP_EXPLAIN_EXPLAIN_LADDER_H
#define APP_EXPLAIN_EXPLAIN_LADDER_H

#include "app/explain/explain.h"
#include "observe/connection_list.h"

/**
 * Read the capture once more for this connection's segments and write the ladder, or the
 * lines, with the verdict, and the picture if asked for.
 *
 * @return
 *   An enum command_status; failures were told on standard error.
 */
int explain_ladder_draw(const struct explain_options *options, const struct connection_row *row);

#endif /* APP_EXPLAIN_EXPLAIN_LADDER_H */
