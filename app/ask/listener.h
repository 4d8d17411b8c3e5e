/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Takes the connections of a listening socket, one a turn of the loop, so that those who come
 * by the thousand take turns with everything else. When the process has no descriptor left
 * for one, which the kernel would tell again at once, it looks away until the next tick.
 */

#ifndef APP_ASK_LISTENER_H
#define APP_ASK_LISTENER_H

#include "app/ask/event_loop.h"

#include <stdbool.h>

struct listener {
	struct event_loop *loop;
	struct event_handler handler;
	int fd;
	bool looks_away;
	void (*welcome)(void *context, int fd); /* takes the descriptor, which never blocks */
	void *context;
};

/**
 * @param fd
 *   Listens and never blocks; stays the caller's. `welcome` and `context` are set already.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int listener_init(struct listener *listener, int fd, struct event_loop *loop, struct err *err);

void listener_tick(struct listener *listener);

/** To be called before the descriptor is closed. */
void listener_fini(struct listener *listener);

#endif /* APP_ASK_LISTENER_H */
