/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The appliance's workers and receivers before they run: each one's memory on its own NUMA
 * node, the rings between them, and which queues are whose. appliance.c's own.
 */

#ifndef APP_RUN_APPLIANCE_THREADS_H
#define APP_RUN_APPLIANCE_THREADS_H

#include "app/run/appliance.h"

/** Of ports that are set up; returns 0, or -errno with the sentence in @p err. */
int appliance_threads_make(
		struct appliance *appliance, const struct config *config, struct err *err);

/** Give back what appliance_threads_make() took, also where it failed. */
void appliance_threads_free(struct appliance *appliance);

#endif /* APP_RUN_APPLIANCE_THREADS_H */
