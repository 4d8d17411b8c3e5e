/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The control socket: a line of JSON in, an object of JSON and a newline out, and closed.
 *
 * It never blocks the thread that it runs on, whatever its clients do: each has a bounded
 * request, a bounded time to send it and to take the answer, and there are few at once. A
 * client that comes when there are as many is told so. Answers may be given later.
 */

#ifndef APP_ASK_CONTROL_SERVER_H
#define APP_ASK_CONTROL_SERVER_H

#include "app/ask/control_reply.h"
#include "app/ask/event_loop.h"
#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

#define CONTROL_CLIENTS_MAX 32
#define CONTROL_PATIENCE_US UINT64_C(5000000) /* to send a request, and to take an answer */

struct control_server;

/**
 * @param mode
 *   Of the socket's file, as control_socket_open() makes it.
 * @param loop
 *   Where it waits; outlives the server.
 * @param[out] server
 *   NULL after an error.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int control_server_open(const char *path, mode_t mode, struct event_loop *loop,
		const struct control_handler *handler, struct control_server **server,
		struct err *err);

/**
 * Part with clients that were too slow. To be called a few times a second.
 *
 * @param now_us
 *   Of a clock that does not step.
 */
void control_server_tick(struct control_server *server, uint64_t now_us);

/** Part with all clients, and remove the socket. Replies still owed must still be answered. */
void control_server_close(struct control_server *server);

#endif /* APP_ASK_CONTROL_SERVER_H */
