/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What systemd is told of the service that this process is, in the words of sd_notify(3).
 *
 * Nobody else need know whether there is a systemd: where NOTIFY_SOCKET is not set, each
 * function does nothing. Nothing here ever waits for systemd: what it has no room for is said
 * again with the next tick, in order, until it has. A message that cannot arrive at all is
 * nobody's business: systemd has its own timeouts. Called by the control thread, as any user:
 * the socket is opened anew for each message, and everybody may write to it.
 */

#ifndef APP_RUN_SERVICE_H
#define APP_RUN_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#define SERVICE_WAITING_MAX 8
#define SERVICE_TEXT_LEN 128

struct service_watch {
	uint64_t period_us; /* between two signs of life; 0: nobody waits for them */
	uint64_t alive_us; /* when the last was given */
	char waiting[SERVICE_WAITING_MAX][SERVICE_TEXT_LEN]; /* what there was no room for yet */
	uint32_t waiting_count;
};

/** Find out whether signs of life are expected of this process, and how often. */
void service_init(struct service_watch *service, uint64_t monotonic_us);

/** Started, or done with a reload. @p status: a short line for `systemctl status`. */
void service_ready(struct service_watch *service, const char *status);

/** A reload begins; service_ready() ends it, whatever came of it. */
void service_reloading(struct service_watch *service, uint64_t monotonic_us);

void service_stopping(struct service_watch *service);

/** A new line for `systemctl status`. */
void service_status(struct service_watch *service, const char *status);

/**
 * Say what waits, and give a sign of life when one is due, twice as often as systemd expects it.
 *
 * @param monotonic_us
 *   CLOCK_MONOTONIC's time.
 * @param healthy
 *   false to give none: then systemd ends the process before long and starts it again.
 */
void service_tick(struct service_watch *service, uint64_t monotonic_us, bool healthy);

#endif /* APP_RUN_SERVICE_H */
