/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Who is called when a descriptor can be read or written: epoll, for a thread that waits for
 * many things and must never wait for one.
 *
 * Everything is level-triggered. A handler may remove and free any descriptor's handler, its
 * own too: what the kernel had already told of it is forgotten with it. Time is not this
 * file's: who has deadlines offers a tick.
 *
 * One thread per loop.
 */

#ifndef APP_ASK_EVENT_LOOP_H
#define APP_ASK_EVENT_LOOP_H

#include "base/err.h"

#include <stdint.h>
#include <sys/epoll.h>

#define EVENT_LOOP_BURST 64

struct event_handler {
	void (*ready)(void *context, uint32_t events); /* events: EPOLLIN ... as they came */
	void *context;
};

struct event_loop {
	int fd;
	int ready_count;
	struct epoll_event ready[EVENT_LOOP_BURST]; /* being worked off */
};

/**
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int event_loop_init(struct event_loop *loop, struct err *err);

void event_loop_fini(struct event_loop *loop);

/**
 * Call @p handler when @p fd has one of @p events, or a hang-up or an error, which are always told.
 *
 * @param handler
 *   Must stay where it is until event_loop_remove(). One descriptor, one handler.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int event_loop_add(struct event_loop *loop, int fd, uint32_t events, struct event_handler *handler,
		struct err *err);

/** Wait for other events of a descriptor that was added; its handler stays. */
void event_loop_change(
		struct event_loop *loop, int fd, uint32_t events, struct event_handler *handler);

/** To be called before @p fd is closed. */
void event_loop_remove(struct event_loop *loop, int fd, const struct event_handler *handler);

/**
 * Wait until something is ready, @p timeout_ms at most (-1: for ever), and call its handlers.
 *
 * @return
 *   How many were called; 0 also after a signal.
 */
int event_loop_run_once(struct event_loop *loop, int timeout_ms);

#endif /* APP_ASK_EVENT_LOOP_H */
