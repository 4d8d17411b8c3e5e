/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Standard output as every command leaves it: what does not reach it is told.
 */

#ifndef APP_OUTPUT_H
#define APP_OUTPUT_H

/**
 * Write out what was printed to standard output.
 *
 * @param program
 *   Who says so if it failed: "synwire" or "synwire COMMAND".
 * @return
 *   COMMAND_FINE, or COMMAND_FAILED after a sentence on standard error.
 */
int output_finish(const char *program);

/** Print @p text and finish. */
int output_text(const char *program, const char *text);

#endif /* APP_OUTPUT_H */
