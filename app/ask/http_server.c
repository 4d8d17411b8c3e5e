/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/http_server.h"

#include "app/ask/http_socket.h"
#include "app/ask/listener.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A request without a body, and the head of an answer. */
#define MEMORY_PER_CLIENT ((size_t)8192)

/* A long head takes the library a few rounds; what takes more goes on with the next tick. */
#define ROUNDS_MAX 64

#define TOO_MANY \
	"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

struct client {
	int fd; /* -1: a free place */
	uint64_t deadline_us; /* 0: the next tick sets it */
};

struct http_server {
	int fd; /* listens */
	struct event_loop *loop;
	struct listener listener;
	struct MHD_Daemon *daemon;
	int daemon_fd; /* the library's own epoll */
	struct event_handler daemon_handler;
	struct http_content content;
	struct client *newcomer; /* while the library is told of it */
	struct client clients[HTTP_CLIENTS_MAX];
};

/* Takes the response. One request a connection: a slow one then ends with its deadline. */
static enum MHD_Result
respond(struct MHD_Connection *connection, unsigned int status, const char *type,
		struct MHD_Response *response)
{
	enum MHD_Result rc;

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	rc = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return rc;
}

static enum MHD_Result
respond_text(struct MHD_Connection *connection, unsigned int status, const char *text)
{
	char line[512];
	const int len = snprintf(line, sizeof(line), "%.*s\n", (int)sizeof(line) - 2, text);

	return respond(connection, status, "text/plain; charset=utf-8",
			MHD_create_response_from_buffer((size_t)len, line, MHD_RESPMEM_MUST_COPY));
}

static enum MHD_Result
respond_metrics(const struct http_server *server, struct MHD_Connection *connection)
{
	size_t len;
	char *text = server->content.metrics(server->content.context, &len);
	struct MHD_Response *response;

	if (text == NULL)
		return respond_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "no memory left");
	response = MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
	if (response == NULL)
		free(text);
	return respond(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
			response);
}

static enum MHD_Result
respond_health(const struct http_server *server, struct MHD_Connection *connection)
{
	const char *trouble = server->content.trouble(server->content.context);

	if (trouble != NULL)
		return respond_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, trouble);
	return respond_text(connection, MHD_HTTP_OK, "ok");
}

/* The library's: the head of a request is there. */
static enum MHD_Result
answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
		const char *version, const char *upload, size_t *upload_len, void **request)
{
	const struct http_server *server = context;
	const bool is_metrics = strcmp(url, "/metrics") == 0;

	(void)version;
	(void)upload;
	(void)upload_len;
	(void)request;
	if (!is_metrics && strcmp(url, "/healthz") != 0)
		return respond_text(connection, MHD_HTTP_NOT_FOUND,
				"there are /metrics and /healthz here");
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return respond_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
				"this can be read, with GET or HEAD");
	return is_metrics ? respond_metrics(server, connection)
			  : respond_health(server, connection);
}

/* The library's: a connection begins or ends. */
static void
notice(void *context, struct MHD_Connection *connection, void **place,
		enum MHD_ConnectionNotificationCode what)
{
	struct http_server *server = context;
	struct client *client = *place;

	(void)connection;
	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		*place = server->newcomer;
	else if (client != NULL)
		client->fd = -1;
}

/* The library's descriptor does not tell of what it has read already and not worked off. */
static void
run(struct http_server *server)
{
	MHD_UNSIGNED_LONG_LONG wait_ms = 0;

	for (int round = 0; round < ROUNDS_MAX && wait_ms == 0; round++) {
		MHD_run(server->daemon);
		if (MHD_get_timeout(server->daemon, &wait_ms) != MHD_YES)
			return;
	}
}

static void
daemon_ready(void *context, uint32_t events)
{
	(void)events;
	run(context);
}

static struct client *
free_place(struct http_server *server)
{
	for (size_t i = 0; i < HTTP_CLIENTS_MAX; i++)
		if (server->clients[i].fd < 0)
			return &server->clients[i];
	return NULL;
}

static void
welcome(void *context, int fd)
{
	struct http_server *server = context;
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	struct client *client = free_place(server);

	if (client == NULL || getpeername(fd, (struct sockaddr *)&address, &len) != 0) {
		(void)send(fd, TOO_MANY, sizeof(TOO_MANY) - 1, MSG_NOSIGNAL);
		close(fd);
		return;
	}
	*client = (struct client){ .fd = fd };
	server->newcomer = client;
	/* The library closes it where it cannot take it. */
	if (MHD_add_connection(server->daemon, fd, (struct sockaddr *)&address, len) != MHD_YES)
		client->fd = -1;
	else
		run(server);
}

static int
start_daemon(struct http_server *server, struct err *err)
{
	const union MHD_DaemonInfo *info;

	/* It accepts nothing by itself: out of descriptors, it would spin. */
	server->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
			answer, server, MHD_OPTION_NOTIFY_CONNECTION, notice, server,
			MHD_OPTION_CONNECTION_LIMIT, (unsigned int)HTTP_CLIENTS_MAX,
			MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY_PER_CLIENT,
			MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (server->daemon == NULL)
		return err_set(err, ENOMEM, "metrics: the HTTP server does not start");
	info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	server->daemon_fd = info->epoll_fd;
	return 0;
}

static int
watch(struct http_server *server, struct err *err)
{
	int rc;

	server->daemon_handler = (struct event_handler){ .ready = daemon_ready, .context = server };
	server->listener = (struct listener){ .welcome = welcome, .context = server };
	rc = event_loop_add(server->loop, server->daemon_fd, EPOLLIN, &server->daemon_handler, err);
	if (rc != 0)
		return rc;
	rc = listener_init(&server->listener, server->fd, server->loop, err);
	if (rc != 0)
		event_loop_remove(server->loop, server->daemon_fd, &server->daemon_handler);
	return rc;
}

static int
start(struct http_server *server, struct err *err)
{
	int rc = start_daemon(server, err);

	if (rc == 0)
		rc = watch(server, err);
	if (rc != 0 && server->daemon != NULL)
		MHD_stop_daemon(server->daemon);
	return rc;
}

int
http_server_open(const char *address, uint16_t port, struct event_loop *loop,
		const struct http_content *content, struct http_server **server, struct err *err)
{
	struct http_server *made = calloc(1, sizeof(*made));
	int rc;

	*server = NULL;
	if (made == NULL)
		return err_set(err, ENOMEM, "metrics: no memory left");
	made->loop = loop;
	made->content = *content;
	for (size_t i = 0; i < HTTP_CLIENTS_MAX; i++)
		made->clients[i].fd = -1;
	made->fd = http_socket_open(address, port, err);
	rc = made->fd;
	if (rc >= 0) {
		rc = start(made, err);
		if (rc != 0)
			close(made->fd);
	}
	if (rc != 0)
		free(made);
	else
		*server = made;
	return rc;
}

uint16_t
http_server_port(const struct http_server *server)
{
	return http_socket_port(server->fd);
}

void
http_server_tick(struct http_server *server, uint64_t now_us)
{
	for (size_t i = 0; i < HTTP_CLIENTS_MAX; i++) {
		struct client *client = &server->clients[i];

		if (client->fd < 0)
			continue;
		if (client->deadline_us == 0)
			client->deadline_us = now_us + HTTP_PATIENCE_US;
		if (now_us >= client->deadline_us)
			shutdown(client->fd, SHUT_RDWR); /* which the library will see */
	}
	listener_tick(&server->listener);
	run(server);
}

void
http_server_close(struct http_server *server)
{
	if (server == NULL)
		return;
	listener_fini(&server->listener);
	event_loop_remove(server->loop, server->daemon_fd, &server->daemon_handler);
	MHD_stop_daemon(server->daemon);
	close(server->fd);
	free(server);
}
