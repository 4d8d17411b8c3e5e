/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Attacks, as the running appliance deals with them: the workers' reports go to the detector,
 * and what it says to the outputs, the log and the operator's program. control.c's own.
 *
 * With `flood.detect: false` there is no detector, and none of this does anything.
 */

#ifndef APP_RUN_CONTROL_FLOODS_H
#define APP_RUN_CONTROL_FLOODS_H

#include "base/err_list.h"

#include <stdint.h>

struct control;

/** Before privileges are given up; @p errors gets a sentence for each thing that is missing. */
void control_floods_open(struct control *control, struct err_list *errors);

/** The workers have begun. */
void control_floods_begin(struct control *control);

/** Judge what can be judged; each turn. */
void control_floods_turn(struct control *control);

/** The configuration has changed. */
void control_floods_retune(struct control *control);

/** The workers have come to rest: attacks under way are over, and their programs get a moment. */
void control_floods_end(struct control *control);

void control_floods_close(struct control *control);

#endif /* APP_RUN_CONTROL_FLOODS_H */
