/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One "PATH VALUE" or "absent PATH" line below an expect, held against a JSON object.
 */

#ifndef SCENARIO_EXPECTATION_H
#define SCENARIO_EXPECTATION_H

#include "cursor.h"

#include <jansson.h>
#include <stdbool.h>

/**
 * @param cursor
 *   Over the line, behind its indentation.
 * @return
 *   0 if the object is as expected; -EINVAL with a sentence in the cursor's err.
 */
int expectation_check(struct cursor *cursor, const json_t *object);

#endif /* SCENARIO_EXPECTATION_H */
