/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/listener.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

static bool
is_of_one_client(int error)
{
	return error == EAGAIN || error == EINTR || error == ECONNABORTED || error == EPROTO;
}

static void
accept_one(void *context, uint32_t events)
{
	struct listener *listener = context;
	const int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd >= 0) {
		listener->welcome(listener->context, fd);
	} else if (!is_of_one_client(errno)) {
		listener->looks_away = true;
		event_loop_change(listener->loop, listener->fd, 0, &listener->handler);
	}
}

int
listener_init(struct listener *listener, int fd, struct event_loop *loop, struct err *err)
{
	listener->loop = loop;
	listener->fd = fd;
	listener->handler = (struct event_handler){ .ready = accept_one, .context = listener };
	listener->looks_away = false;
	return event_loop_add(loop, fd, EPOLLIN, &listener->handler, err);
}

void
listener_tick(struct listener *listener)
{
	if (!listener->looks_away)
		return;
	listener->looks_away = false;
	event_loop_change(listener->loop, listener->fd, EPOLLIN, &listener->handler);
}

void
listener_fini(struct listener *listener)
{
	event_loop_remove(listener->loop, listener->fd, &listener->handler);
}
