/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What `synwire explain` does: the table of a capture's connections, or the ladder of one.
 *
 * The capture is read once for the table and once more for a ladder; what is kept of it is
 * bounded, and what could not be kept is said.
 */

#ifndef APP_EXPLAIN_EXPLAIN_H
#define APP_EXPLAIN_EXPLAIN_H

#include "app/explain/explain_choice.h"
#include "observe/ladder.h"
#include "pipeline/pipeline.h"

#include <stdbool.h>

struct explain_options {
	const char *capture;
	const struct explain_choice *choice; /* NULL: the table */
	bool all; /* nothing folded */
	bool packets; /* lines like tcpdump's instead of the ladder */
	const char *svg; /* also as a picture; "-" is standard output; NULL: none */
	struct ladder_look look;
	struct pipeline_params pipeline;
};

/**
 * Write to standard output, and to standard error what the user must know besides.
 *
 * @return
 *   An enum command_status.
 */
int explain_run(const struct explain_options *options);

#endif /* APP_EXPLAIN_EXPLAIN_H */
