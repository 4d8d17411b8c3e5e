/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/control_server.h"

#include "app/ask/control_socket.h"
#include "app/ask/listener.h"
#include "observe/json_value.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOO_MANY "{\"ok\":false,\"error\":\"too many ask at once; try again in a moment\"}\n"

enum stage {
	STAGE_SENDS, /* the client its request */
	STAGE_WAITS, /* for the handler */
	STAGE_TAKES, /* the answer */
};

/* Lives until it is closed, and while the handler owes it an answer in any case. */
struct client {
	struct control_reply reply;
	struct event_handler handler;
	struct control_server *server; /* NULL: that has gone */
	struct client **slot; /* where the server knows it */
	int fd; /* -1: the client has gone */
	enum stage stage;
	uint64_t deadline_us; /* of the stage; 0: the next tick sets it */
	char *answer;
	size_t answer_len;
	size_t sent;
	size_t request_len;
	char request[CONTROL_REQUEST_LEN_MAX];
};

struct control_server {
	struct control_socket socket;
	struct event_loop *loop;
	struct listener listener;
	struct control_handler asked;
	struct client *clients[CONTROL_CLIENTS_MAX]; /* NULL: a free place */
};

static void
hang_up(struct client *client)
{
	if (client->fd < 0)
		return;
	event_loop_remove(client->server->loop, client->fd, &client->handler);
	close(client->fd);
	client->fd = -1;
}

static void
client_destroy(struct client *client)
{
	if (client->server != NULL) {
		hang_up(client);
		*client->slot = NULL;
	}
	free(client->answer);
	free(client);
}

/* As much as the client takes now. */
static void
send_answer(struct client *client)
{
	while (client->sent < client->answer_len) {
		const ssize_t sent = send(client->fd, client->answer + client->sent,
				client->answer_len - client->sent, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			return;
		if (sent < 0)
			break;
		client->sent += (size_t)sent;
	}
	client_destroy(client);
}

/* An object and a newline; NULL without memory. */
static char *
answer_text(json_t *answer, size_t *len)
{
	char *text = json_dumps(answer, JSON_VALUE_FLAGS);
	char *longer = NULL;

	json_decref(answer);
	if (text != NULL) {
		*len = strlen(text) + 1;
		longer = realloc(text, *len);
	}
	if (longer == NULL)
		free(text);
	else
		longer[*len - 1] = '\n';
	return longer;
}

static void
deliver(struct control_reply *reply, json_t *answer)
{
	struct client *client = (struct client *)reply; /* its first member */

	client->answer = answer_text(answer, &client->answer_len);
	if (client->fd < 0 || client->answer == NULL) {
		client_destroy(client);
		return;
	}
	client->stage = STAGE_TAKES;
	client->deadline_us = 0;
	event_loop_change(client->server->loop, client->fd, EPOLLOUT, &client->handler);
	send_answer(client);
}

/* The whole line is there. The client may be gone after this. */
static void
ask(struct client *client, size_t len)
{
	struct control_server *server = client->server;
	struct control_request request;
	json_error_t where;
	json_t *json = json_loadb(
			client->request, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);
	struct err err;
	int rc;

	client->stage = STAGE_WAITS;
	event_loop_change(server->loop, client->fd, 0, &client->handler);
	if (json == NULL) {
		control_reply_error(
				&client->reply, "a request must be a line of JSON: %s", where.text);
		return;
	}
	rc = control_request_read(json, &request, &err);
	json_decref(json);
	if (rc != 0)
		control_reply_error(&client->reply, "%s", err.text);
	else
		server->asked.handle(server->asked.context, &request, &client->reply);
}

/* More of the request, or its end. */
static void
receive(struct client *client)
{
	char *end = client->request + client->request_len;
	const ssize_t got = recv(client->fd, end, sizeof(client->request) - client->request_len, 0);
	const char *newline;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0 || (got == 0 && client->request_len == 0)) {
		client_destroy(client);
		return;
	}
	client->request_len += (size_t)got;
	newline = memchr(end, '\n', (size_t)got);
	if (newline != NULL || got == 0) {
		ask(client,
				newline != NULL ? (size_t)(newline - client->request)
						: client->request_len);
	} else if (client->request_len == sizeof(client->request)) {
		client->stage = STAGE_WAITS;
		control_reply_error(&client->reply, "a request has %d bytes at most",
				CONTROL_REQUEST_LEN_MAX);
	}
}

static void
client_ready(void *context, uint32_t events)
{
	struct client *client = context;

	(void)events;
	if (client->stage == STAGE_SENDS)
		receive(client);
	else if (client->stage == STAGE_TAKES)
		send_answer(client);
	else
		hang_up(client); /* nothing is waited for, so it has gone */
}

static struct client **
free_slot(struct control_server *server)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (server->clients[i] == NULL)
			return &server->clients[i];
	return NULL;
}

static void
welcome(void *context, int fd)
{
	struct control_server *server = context;
	struct client **slot = free_slot(server);
	struct client *client = slot != NULL ? calloc(1, sizeof(*client)) : NULL;

	if (client == NULL) {
		(void)send(fd, TOO_MANY, sizeof(TOO_MANY) - 1, MSG_NOSIGNAL);
		close(fd);
		return;
	}
	client->reply.deliver = deliver;
	client->handler = (struct event_handler){ .ready = client_ready, .context = client };
	client->server = server;
	client->slot = slot;
	client->fd = fd;
	*slot = client;
	if (event_loop_add(server->loop, fd, EPOLLIN, &client->handler, NULL) != 0)
		client_destroy(client);
}

int
control_server_open(const char *path, mode_t mode, struct event_loop *loop,
		const struct control_handler *handler, struct control_server **server,
		struct err *err)
{
	struct control_server *made = calloc(1, sizeof(*made));
	int rc;

	*server = NULL;
	if (made == NULL)
		return err_set(err, ENOMEM, "no memory left for the control socket");
	made->loop = loop;
	made->asked = *handler;
	made->listener = (struct listener){ .welcome = welcome, .context = made };
	rc = control_socket_open(path, mode, &made->socket, err);
	if (rc == 0) {
		rc = listener_init(&made->listener, made->socket.fd, loop, err);
		if (rc != 0)
			control_socket_close(&made->socket);
	}
	if (rc != 0)
		free(made);
	else
		*server = made;
	return rc;
}

static bool
is_late(struct client *client, uint64_t now_us)
{
	if (client->stage == STAGE_WAITS)
		return false;
	if (client->deadline_us == 0)
		client->deadline_us = now_us + CONTROL_PATIENCE_US;
	return now_us >= client->deadline_us;
}

void
control_server_tick(struct control_server *server, uint64_t now_us)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (server->clients[i] != NULL && is_late(server->clients[i], now_us))
			client_destroy(server->clients[i]);
	listener_tick(&server->listener);
}

void
control_server_close(struct control_server *server)
{
	if (server == NULL)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct client *client = server->clients[i];

		if (client == NULL)
			continue;
		if (client->stage == STAGE_WAITS) {
			hang_up(client);
			client->server = NULL;
		} else {
			client_destroy(client);
		}
	}
	listener_fini(&server->listener);
	control_socket_close(&server->socket);
	free(server);
}
