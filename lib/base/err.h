/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What the slow path tells the user when it fails.
 *
 * A function that can fail returns 0 or a negative errno value and writes the
 * sentence for the user into a struct err. The sentence names the thing (a file,
 * a line, a port), says what is wrong, and where possible what to do.
 */

#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/compiler.h"

struct err {
	char text[512];
};

/**
 * Write the sentence.
 *
 * @param err
 *   Where it goes; may be NULL.
 * @param code
 *   A positive errno value.
 * @return
 *   -code, so that a caller can `return err_set(err, ENOENT, ...)`.
 */
int err_set(struct err *err, int code, const char *format, ...) PRINTF_LIKE(3, 4);

#endif /* BASE_ERR_H */
