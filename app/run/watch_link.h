/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The links of the ports, and what one side's means for the other: watch.c's own.
 */

#ifndef APP_RUN_WATCH_LINK_H
#define APP_RUN_WATCH_LINK_H

#include "app/run/watch.h"

void watch_link_init(struct watch *watch, uint64_t now_us);

void watch_link_tick(struct watch *watch, uint64_t now_us);

#endif /* APP_RUN_WATCH_LINK_H */
