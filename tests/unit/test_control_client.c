/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/control_client.h"
#include "app/ask/control_socket.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define LONG_LEN ((size_t)8 << 20)
#define PATIENCE_MS 60000 /* never waited for, where an answer comes */

/* Whoever answers: takes one client, and sends what it was told. */
struct fixture {
	char folder[64];
	char path[96];
	struct control_socket socket;
	pthread_t thread;
	const char *answer;
	bool reads; /* the request, before it answers */
	char heard[256];
};

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/control_client.XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->path, sizeof(fixture->path), "%s/sock", fixture->folder);
	assert_int_equal(control_socket_open(fixture->path, 0600, &fixture->socket, NULL), 0);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;
	int rc;

	control_socket_close(&fixture->socket);
	rc = rmdir(fixture->folder);
	free(fixture);
	return rc;
}

static void *
answer_one(void *context)
{
	struct fixture *fixture = context;
	struct pollfd wait = { .fd = fixture->socket.fd, .events = POLLIN };
	size_t len = 0;
	int fd;

	poll(&wait, 1, -1);
	fd = accept(fixture->socket.fd, NULL, NULL);
	while (fixture->reads && memchr(fixture->heard, '\n', len) == NULL) {
		const ssize_t got = recv(
				fd, fixture->heard + len, sizeof(fixture->heard) - 1 - len, 0);

		if (got <= 0)
			break;
		len += (size_t)got;
	}
	for (size_t sent = 0; sent < strlen(fixture->answer);) {
		const ssize_t part = send(fd, fixture->answer + sent,
				strlen(fixture->answer) - sent, MSG_NOSIGNAL);

		if (part < 0)
			break;
		sent += (size_t)part;
	}
	close(fd);
	return NULL;
}

/* Ask while the other thread answers. */
static int
ask(struct fixture *fixture, const char *with, json_t **answer, struct err *err)
{
	json_t *request = json_pack("{s:s}", "command", "reload");
	int rc;

	fixture->answer = with;
	assert_int_equal(pthread_create(&fixture->thread, NULL, answer_one, fixture), 0);
	rc = control_client_ask(fixture->path, request, PATIENCE_MS, answer, err);
	pthread_join(fixture->thread, NULL);
	json_decref(request);
	return rc;
}

static void
a_line_is_sent_and_the_answer_read(void **state)
{
	struct fixture *fixture = *state;
	json_t *answer;

	fixture->reads = true;
	assert_int_equal(ask(fixture, "{\"ok\":true}\n", &answer, NULL), 0);
	assert_string_equal(fixture->heard, "{\"command\":\"reload\"}\n");
	assert_true(json_is_true(json_object_get(answer, "ok")));
	json_decref(answer);
}

static void
a_long_answer_is_read_whole(void **state)
{
	struct fixture *fixture = *state;
	char *text = malloc(LONG_LEN + 1);
	json_t *answer;

	memset(text, 'x', LONG_LEN);
	memcpy(text, "{\"a\":\"", 6);
	memcpy(text + LONG_LEN - 3, "\"}\n", 4);
	fixture->reads = true;
	assert_int_equal(ask(fixture, text, &answer, NULL), 0);
	assert_int_equal(json_string_length(json_object_get(answer, "a")), LONG_LEN - 9);
	json_decref(answer);
	free(text);
}

/* As a server with too many clients does. */
static void
who_does_not_read_the_request_is_heard_too(void **state)
{
	struct fixture *fixture = *state;
	json_t *answer;

	assert_int_equal(ask(fixture, "{\"ok\":false,\"error\":\"too many\"}\n", &answer, NULL), 0);
	assert_string_equal(json_string_value(json_object_get(answer, "error")), "too many");
	json_decref(answer);
}

static void
what_is_no_answer_is_told(void **state)
{
	struct fixture *fixture = *state;
	json_t *answer;
	struct err err;

	fixture->reads = true;
	assert_int_equal(ask(fixture, "", &answer, &err), -EPROTO);
	assert_null(answer);
	assert_non_null(strstr(err.text, "without an answer"));
	assert_int_equal(ask(fixture, "220 mail.example.com ESMTP\r\n", &answer, &err), -EPROTO);
	assert_null(answer);
	assert_non_null(strstr(err.text, "no synwire"));
	assert_int_equal(ask(fixture, "[1]\n", &answer, &err), -EPROTO);
	assert_null(answer);
}

static void
nobody_there_is_told(void **state)
{
	struct fixture *fixture = *state;
	json_t *request = json_object(), *answer;
	struct err err;

	assert_int_equal(control_client_ask(
					 "/nonexistent/sock", request, PATIENCE_MS, &answer, &err),
			-ENOENT);
	assert_non_null(strstr(err.text, "no synwire answers on /nonexistent/sock"));
	shutdown(fixture->socket.fd, SHUT_RDWR); /* as kill -9 leaves it */
	assert_int_equal(control_client_ask(fixture->path, request, PATIENCE_MS, &answer, &err),
			-ECONNREFUSED);
	assert_non_null(strstr(err.text, "no synwire answers on"));
	json_decref(request);
}

/* The kernel connects us, and nobody ever answers. */
static void
patience_ends(void **state)
{
	struct fixture *fixture = *state;
	json_t *request = json_object(), *answer;
	struct err err;

	assert_int_equal(control_client_ask(fixture->path, request, 20, &answer, &err), -ETIMEDOUT);
	assert_non_null(strstr(err.text, "did not answer in time"));
	json_decref(request);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_line_is_sent_and_the_answer_read),
		TEST(a_long_answer_is_read_whole),
		TEST(who_does_not_read_the_request_is_heard_too),
		TEST(what_is_no_answer_is_told),
		TEST(nobody_there_is_told),
		TEST(patience_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
