/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The ways in which a running appliance can be asked: its control socket, its HTTP port and
 * DPDK's telemetry, all on the control thread's loop. control.c's own.
 */

#ifndef APP_RUN_CONTROL_DOORS_H
#define APP_RUN_CONTROL_DOORS_H

#include "app/run/control.h"

/** Control socket and HTTP; each is tried, so that all that is wrong is told. */
void control_doors_open(struct control *control, struct err_list *errors);

/** Part with who is too slow. */
void control_doors_tick(struct control *control, uint64_t monotonic_us);

void control_doors_close(struct control *control);

#endif /* APP_RUN_CONTROL_DOORS_H */
