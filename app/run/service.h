/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What systemd is told of the service that this process is: sd_notify(3).
 *
 * Nobody else need know whether there is a systemd: where NOTIFY_SOCKET is not set, each
 * function does nothing. A message that does not arrive is nobody's business here either:
 * systemd has its own timeouts. Called by the control thread, as any user: the socket is
 * opened anew for each message, and everybody may write to it.
 */

#ifndef APP_RUN_SERVICE_H
#define APP_RUN_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

struct service_watch {
	uint64_t period_us; /* between two signs of life; 0: nobody waits for them */
	uint64_t alive_us; /* when the last was given */
};

/** Find out whether signs of life are expected of this process, and how often. */
void service_init(struct service_watch *service, uint64_t monotonic_us);

/** Started, or done with a reload. @p status: a line for `systemctl status`. */
void service_ready(const char *status);

/** A reload begins; service_ready() ends it, whatever came of it. */
void service_reloading(uint64_t monotonic_us);

void service_stopping(void);

/** A new line for `systemctl status`. */
void service_status(const char *status);

/**
 * Give a sign of life when one is due, twice as often as systemd expects it.
 *
 * @param monotonic_us
 *   CLOCK_MONOTONIC's time.
 * @param healthy
 *   false to give none: then systemd ends the process before long and starts it again.
 */
void service_tick(struct service_watch *service, uint64_t monotonic_us, bool healthy);

#endif /* APP_RUN_SERVICE_H */
