/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What becomes of the workers' events: written to the outputs, counted for the services, or,
 * where one worker cannot tell what an ICMP error means, passed on to the others. control.c's
 * own.
 */

#ifndef APP_RUN_CONTROL_EVENTS_H
#define APP_RUN_CONTROL_EVENTS_H

#include "app/run/control.h"

#include <stdint.h>

/** Take a bounded number of each worker's; gives how many in all. */
uint32_t control_events_drain(struct control *control);

#endif /* APP_RUN_CONTROL_EVENTS_H */
