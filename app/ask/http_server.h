/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * GET /metrics for Prometheus and GET /healthz for whoever watches, by libmicrohttpd without
 * a thread of its own.
 *
 * Clients are few at once, and each has one request and a bounded time from its connecting
 * to its last byte, however busy it looks: one that is slow makes room for the next.
 */

#ifndef APP_ASK_HTTP_SERVER_H
#define APP_ASK_HTTP_SERVER_H

#include "app/ask/event_loop.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define HTTP_CLIENTS_MAX 64
#define HTTP_PATIENCE_US UINT64_C(5000000)

/* What is served: both are called on the loop's thread, once a request. */
struct http_content {
	/* Prometheus's text format, in memory of malloc(); NULL: none was left. */
	char *(*metrics)(void *context, size_t *len);
	/* NULL: all is well; otherwise what is not, in a line that stays until the next call. */
	const char *(*trouble)(void *context);
	void *context;
};

struct http_server;

/**
 * @param address
 *   An IPv4 or IPv6 address.
 * @param port
 *   0: one that is free.
 * @param loop
 *   Where it waits; outlives the server.
 * @param[out] server
 *   NULL after an error.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int http_server_open(const char *address, uint16_t port, struct event_loop *loop,
		const struct http_content *content, struct http_server **server, struct err *err);

/** The port that it listens on. */
uint16_t http_server_port(const struct http_server *server);

/**
 * Part with clients that were too slow. To be called a few times a second.
 *
 * @param now_us
 *   Of a clock that does not step.
 */
void http_server_tick(struct http_server *server, uint64_t now_us);

/** Part with all clients; @p server may be NULL. */
void http_server_close(struct http_server *server);

#endif /* APP_ASK_HTTP_SERVER_H */
