/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/event_loop.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int
event_loop_init(struct event_loop *loop, struct err *err)
{
	loop->ready_count = 0;
	loop->fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->fd < 0)
		return err_set(err, errno, "cannot wait for events: %s", strerror(errno));
	return 0;
}

void
event_loop_fini(struct event_loop *loop)
{
	close(loop->fd);
}

int
event_loop_add(struct event_loop *loop, int fd, uint32_t events, struct event_handler *handler,
		struct err *err)
{
	struct epoll_event event = { .events = events, .data.ptr = handler };

	if (epoll_ctl(loop->fd, EPOLL_CTL_ADD, fd, &event) != 0)
		return err_set(err, errno, "cannot wait for descriptor %d: %s", fd,
				strerror(errno));
	return 0;
}

void
event_loop_change(struct event_loop *loop, int fd, uint32_t events, struct event_handler *handler)
{
	struct epoll_event event = { .events = events, .data.ptr = handler };

	/* Of a descriptor that was added, this cannot fail. */
	(void)epoll_ctl(loop->fd, EPOLL_CTL_MOD, fd, &event);
}

void
event_loop_remove(struct event_loop *loop, int fd, const struct event_handler *handler)
{
	(void)epoll_ctl(loop->fd, EPOLL_CTL_DEL, fd, NULL);
	for (int i = 0; i < loop->ready_count; i++)
		if (loop->ready[i].data.ptr == handler)
			loop->ready[i].data.ptr = NULL;
}

int
event_loop_run_once(struct event_loop *loop, int timeout_ms)
{
	int called = 0;

	loop->ready_count = epoll_wait(loop->fd, loop->ready, EVENT_LOOP_BURST, timeout_ms);
	for (int i = 0; i < loop->ready_count; i++) {
		const struct event_handler *handler = loop->ready[i].data.ptr;

		if (handler == NULL)
			continue;
		handler->ready(handler->context, loop->ready[i].events);
		called++;
	}
	loop->ready_count = 0;
	return called;
}
