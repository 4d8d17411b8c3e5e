/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A case's text, line by line; shared by scenario.c and scenario_expect.c.
 */

#ifndef SCENARIO_SCRIPT_H
#define SCENARIO_SCRIPT_H

#include "cursor.h"
#include "scenario.h"

/* The file, and where reading stands. */
struct script {
	const char *at;
	const char *end;
	struct err *err;
};

/** The next line, without its newline and the blanks before that. */
struct cursor script_next(struct scenario *scenario, struct script *script);

/** To just before a moment, with nothing said. */
int script_advance_in_silence(struct scenario *scenario, uint64_t time_us, struct err *err);

/** Read a time, its date optional, up to a blank or the line's end. */
int script_time(const struct scenario *scenario, struct cursor *cursor, uint64_t *time_us);

/** "expect KIND [at TIME] [stamped TIME]" behind its first word, and the block below it. */
int script_expect(struct scenario *scenario, struct cursor *cursor, struct script *script);

/** "counter NAME VALUE" behind its first word. */
int script_counter(struct scenario *scenario, struct cursor *cursor);

#endif /* SCENARIO_SCRIPT_H */
