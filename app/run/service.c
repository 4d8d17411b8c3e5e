/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/service.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define KEEP_ENVIRONMENT 0

/* Of a path, or of an abstract name, which is written with '@' for its first byte; 0: none. */
static socklen_t
find_socket(struct sockaddr_un *address)
{
	const char *name = getenv("NOTIFY_SOCKET");
	const size_t len = name != NULL ? strlen(name) : 0;

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len == 0 || len >= sizeof(address->sun_path))
		return 0;
	memcpy(address->sun_path, name, len);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

/*
 * sd_notify(3) would wait for as long as systemd has no time to read, and frames' events, and
 * all who ask, would wait with it. False: there is no room now.
 */
static bool
say(const char *text)
{
	struct sockaddr_un address;
	const socklen_t len = find_socket(&address);
	bool said = true;
	int fd;

	if (len == 0)
		return true;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address, len) < 0)
		said = errno != EAGAIN && errno != ENOBUFS;
	close(fd);
	return said;
}

static void
say_what_waits(struct service_watch *service)
{
	uint32_t done = 0;

	while (done < service->waiting_count && say(service->waiting[done]))
		done++;
	service->waiting_count -= done;
	memmove(service->waiting[0], service->waiting[done],
			service->waiting_count * sizeof(service->waiting[0]));
}

/* In order, and of more than there is room for the latest. */
__attribute__((format(printf, 2, 3))) static void
tell(struct service_watch *service, const char *format, ...)
{
	va_list args;

	if (service->waiting_count == SERVICE_WAITING_MAX) {
		service->waiting_count--;
		memmove(service->waiting[0], service->waiting[1],
				service->waiting_count * sizeof(service->waiting[0]));
	}
	va_start(args, format);
	vsnprintf(service->waiting[service->waiting_count++], SERVICE_TEXT_LEN, format, args);
	va_end(args);
	say_what_waits(service);
}

void
service_init(struct service_watch *service, uint64_t monotonic_us)
{
	uint64_t timeout_us;

	*service = (struct service_watch){ .alive_us = monotonic_us };
	if (sd_watchdog_enabled(KEEP_ENVIRONMENT, &timeout_us) > 0)
		service->period_us = timeout_us / 2;
}

void
service_ready(struct service_watch *service, const char *status)
{
	tell(service, "READY=1\nSTATUS=%s", status);
}

void
service_reloading(struct service_watch *service, uint64_t monotonic_us)
{
	tell(service, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, monotonic_us);
}

void
service_stopping(struct service_watch *service)
{
	tell(service, "STOPPING=1");
}

void
service_status(struct service_watch *service, const char *status)
{
	tell(service, "STATUS=%s", status);
}

void
service_tick(struct service_watch *service, uint64_t monotonic_us, bool healthy)
{
	say_what_waits(service);
	if (service->period_us == 0 || !healthy ||
			monotonic_us - service->alive_us < service->period_us)
		return;
	/* Where there is no room for it, the next tick tries again. */
	if (service->waiting_count == 0 && say("WATCHDOG=1"))
		service->alive_us = monotonic_us;
}
