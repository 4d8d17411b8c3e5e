/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/service.h"

#include <inttypes.h>
#include <systemd/sd-daemon.h>

/* sd_notify() must not take the variable out of the environment: there is more to say. */
#define KEEP_ENVIRONMENT 0

void
service_init(struct service_watch *service, uint64_t monotonic_us)
{
	uint64_t timeout_us;

	*service = (struct service_watch){ .alive_us = monotonic_us };
	if (sd_watchdog_enabled(KEEP_ENVIRONMENT, &timeout_us) > 0)
		service->period_us = timeout_us / 2;
}

void
service_ready(const char *status)
{
	sd_notifyf(KEEP_ENVIRONMENT, "READY=1\nSTATUS=%s", status);
}

void
service_reloading(uint64_t monotonic_us)
{
	sd_notifyf(KEEP_ENVIRONMENT, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, monotonic_us);
}

void
service_stopping(void)
{
	sd_notify(KEEP_ENVIRONMENT, "STOPPING=1");
}

void
service_status(const char *status)
{
	sd_notifyf(KEEP_ENVIRONMENT, "STATUS=%s", status);
}

void
service_tick(struct service_watch *service, uint64_t monotonic_us, bool healthy)
{
	if (service->period_us == 0 || !healthy ||
			monotonic_us - service->alive_us < service->period_us)
		return;
	service->alive_us = monotonic_us;
	sd_notify(KEEP_ENVIRONMENT, "WATCHDOG=1");
}
