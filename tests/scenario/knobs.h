/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * "set KEY VALUE": the configuration's keys, as far as a scenario may turn them.
 */

#ifndef SCENARIO_KNOBS_H
#define SCENARIO_KNOBS_H

#include "cursor.h"
#include "pipeline/pipeline.h"

/** What every scenario starts from: the defaults, a fixed hash key, a small table. */
void knobs_default(struct pipeline_params *params);

/** Read "KEY VALUE" up to the end of the line; 0, or -EINVAL with the cursor's err set. */
int knobs_set(struct cursor *cursor, struct pipeline_params *params);

#endif /* SCENARIO_KNOBS_H */
