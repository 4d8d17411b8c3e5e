/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * DPDK's telemetry commands /synwire/stats, flows, floods, services, wires and config.
 *
 * DPDK calls on threads of its own, so a request is handed to the control thread, which
 * answers it like one from the control socket, and the caller waits for a bounded time:
 * a control thread that is busy, stopping or gone costs it that and no more. Few requests wait
 * at once.
 *
 * One in a process: DPDK's callbacks know no context, and cannot be taken back.
 */

#ifndef APP_ASK_TELEMETRY_H
#define APP_ASK_TELEMETRY_H

#include "app/ask/control_reply.h"
#include "app/ask/event_loop.h"
#include "base/err.h"

#define TELEMETRY_PENDING_MAX 4
#define TELEMETRY_PATIENCE_MS 2000

/**
 * Offer the commands, and answer them on the loop's thread. Before or after rte_eal_init().
 *
 * @param loop
 *   Outlives telemetry_close().
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int telemetry_open(struct event_loop *loop, const struct control_handler *handler, struct err *err);

/**
 * Keep others than this user from DPDK's telemetry socket. After rte_eal_init() with telemetry.
 *
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int telemetry_protect(struct err *err);

/** The commands say from now on that synwire is stopping. Replies still owed must be answered. */
void telemetry_close(void);

#endif /* APP_ASK_TELEMETRY_H */
