/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One sequence through the pipeline and through the naive tracker, and what each says.
 */

#ifndef MODEL_COMPARE_H
#define MODEL_COMPARE_H

#include "handshake/tracker.h"
#include "step.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * Run a sequence through both.
 *
 * @param schedule
 *   A seed: how the steps are cut into bursts, and when the pipeline's timers are run in
 *   between. It must not matter.
 * @return
 *   Whether they say the same of every connection, in whatever order.
 */
bool compare_agree(const struct sequence *sequence, const struct tracker_params *params,
		uint64_t schedule);

/** Print what only one of them says. */
void compare_print(const struct sequence *sequence, const struct tracker_params *params,
		uint64_t schedule);

#endif /* MODEL_COMPARE_H */
