/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a process that gives up root must be able to open again, remove or share: it is given
 * to the user that it becomes.
 */

#ifndef APP_RUN_HANDOVER_H
#define APP_RUN_HANDOVER_H

#include "config/config.h"

#include <sys/types.h>

/**
 * Event files, the control socket, and DPDK's files, so that dpdk-dumpcap and dpdk-telemetry.py
 * work for this user. What cannot be given is told in the log.
 */
void handover_files(const struct config *config, uid_t uid, gid_t gid);

#endif /* APP_RUN_HANDOVER_H */
