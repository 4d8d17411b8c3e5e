/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Another configuration while the appliance runs: taken whole, or not at all.
 */

#ifndef APP_RUN_RELOAD_H
#define APP_RUN_RELOAD_H

#include "base/err_list.h"

struct control;

/**
 * Read the configuration again, and go on with it. Each worker takes it between two bursts.
 *
 * @param errors
 *   Gets a sentence for each mistake, and for each key that needs a restart.
 * @return
 *   0; a negative errno value after a mistake: then the configuration before stays in force.
 */
int reload(struct control *control, struct err_list *errors);

#endif /* APP_RUN_RELOAD_H */
