/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/control_client.h"

#include "app/ask/control_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_LEN_MAX ((size_t)256 << 20)
#define ANSWER_LEN_FIRST ((size_t)64 << 10)

struct text {
	char *bytes;
	size_t len;
	size_t room;
};

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
explain(const char *path, int code, struct err *err)
{
	switch (code) {
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED:
		return err_set(err, code,
				"no synwire answers on %s; is one running, with this control.socket?",
				path);
	case EACCES:
	case EPERM:
		return err_set(err, code,
				"%s: no permission to ask synwire; control.socket_mode says who may",
				path);
	case EAGAIN:
	case ETIMEDOUT:
		return err_set(err, ETIMEDOUT, "synwire did not answer in time on %s", path);
	default:
		return err_set(err, code, "%s: %s", path, strerror(code));
	}
}

/* Connected, or -errno. */
static int
connect_to(const struct sockaddr_un *address, int patience_ms)
{
	/* A full backlog is waited for, too. */
	const struct timeval patience = { .tv_sec = patience_ms / 1000,
		.tv_usec = patience_ms % 1000 * 1000 };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0 ||
			connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0)
		rc = -errno;
	if (rc != 0)
		close(fd);
	return rc != 0 ? rc : fd;
}

/* It fits the socket's buffer. Who hung up already may have said why before. */
static int
send_request(int fd, const json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);
	int rc = 0;

	if (text == NULL)
		return -ENOMEM;
	if (send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_MORE) < 0 ||
			send(fd, "\n", 1, MSG_NOSIGNAL) < 0)
		rc = errno == EPIPE ? 0 : -errno;
	free(text);
	return rc;
}

static int
make_room(struct text *text)
{
	const size_t room = text->room == 0 ? ANSWER_LEN_FIRST : 2 * text->room;
	char *bytes;

	if (text->len < text->room)
		return 0;
	if (room > ANSWER_LEN_MAX)
		return -EMSGSIZE;
	bytes = realloc(text->bytes, room);
	if (bytes == NULL)
		return -ENOMEM;
	text->bytes = bytes;
	text->room = room;
	return 0;
}

/* All up to the end of the connection. */
static int
receive(int fd, int64_t deadline_ms, struct text *text)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	for (;;) {
		const int64_t left_ms = deadline_ms - now_ms();
		const int ready = poll(&wait, 1, left_ms > 0 ? (int)left_ms : 0);
		ssize_t got;
		int rc = make_room(text);

		if (rc != 0)
			return rc;
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return ready < 0 ? -errno : -ETIMEDOUT;
		got = recv(fd, text->bytes + text->len, text->room - text->len, MSG_DONTWAIT);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		/* A reset tells that it did not read all of the request. */
		if (got <= 0)
			return got == 0 || errno == ECONNRESET ? 0 : -errno;
		text->len += (size_t)got;
	}
}

static int
read_answer(const char *path, const struct text *text, json_t **answer, struct err *err)
{
	json_error_t where;

	if (text->len == 0)
		return err_set(err, EPROTO, "synwire hung up on %s without an answer", path);
	*answer = json_loadb(text->bytes, text->len, 0, &where);
	if (json_is_object(*answer))
		return 0;
	json_decref(*answer);
	*answer = NULL;
	return err_set(err, EPROTO, "what answers on %s is no synwire, or was cut short", path);
}

int
control_client_ask(const char *path, const json_t *request, int patience_ms, json_t **answer,
		struct err *err)
{
	const int64_t deadline_ms = now_ms() + patience_ms;
	struct text text = { NULL };
	struct sockaddr_un address;
	int fd, rc = control_socket_address(path, &address, err);

	*answer = NULL;
	if (rc != 0)
		return rc;
	fd = connect_to(&address, patience_ms);
	if (fd < 0)
		return explain(path, -fd, err);
	rc = send_request(fd, request);
	if (rc == 0)
		rc = receive(fd, deadline_ms, &text);
	rc = rc != 0 ? explain(path, -rc, err) : read_answer(path, &text, answer, err);
	free(text.bytes);
	close(fd);
	return rc;
}

/* One sentence, and perhaps several that say more. */
static void
tell_errors(const char *program, const json_t *answer)
{
	const char *error = json_string_value(json_object_get(answer, "error"));
	const json_t *errors = json_object_get(answer, "errors");
	json_t *each;
	size_t i;

	fprintf(stderr, "%s: %s\n", program,
			error != NULL ? error : "synwire refused, and did not say why");
	json_array_foreach(errors, i, each)
		fprintf(stderr, "%s: %s\n", program, json_string_value(each));
}

json_t *
control_client_run(const char *program, const char *path, json_t *request)
{
	json_t *answer = NULL;
	struct err err;

	if (request == NULL)
		fprintf(stderr, "%s: out of memory\n", program);
	else if (control_client_ask(path, request, CONTROL_CLIENT_PATIENCE_MS, &answer, &err) != 0)
		fprintf(stderr, "%s: %s\n", program, err.text);
	json_decref(request);
	if (answer == NULL || json_is_true(json_object_get(answer, "ok")))
		return answer;
	tell_errors(program, answer);
	json_decref(answer);
	return NULL;
}
