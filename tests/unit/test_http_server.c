/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/http_server.h"
#include "base/compiler.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define START_US UINT64_C(1000000)
#define GET_METRICS "GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n"
#define MANY 2000
#define LONG_LEN (32U << 20)

struct fixture {
	struct event_loop loop;
	struct http_server *server;
	const char *trouble;
	size_t len; /* of the metrics */
};

static char *
metrics(void *context, size_t *len)
{
	const struct fixture *fixture = context;
	char *text = malloc(fixture->len + 1);

	if (fixture->len == 0) {
		free(text);
		return NULL;
	}
	memset(text, 'm', fixture->len);
	*len = fixture->len;
	return text;
}

static const char *
trouble(void *context)
{
	return ((const struct fixture *)context)->trouble;
}

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const struct http_content content = { metrics, trouble, fixture };
	struct err err;

	fixture->len = 1000;
	assert_int_equal(event_loop_init(&fixture->loop, NULL), 0);
	if (http_server_open("127.0.0.1", 0, &fixture->loop, &content, &fixture->server, &err) != 0)
		fail_msg("%s", err.text);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	http_server_close(fixture->server);
	event_loop_fini(&fixture->loop);
	free(fixture);
	return 0;
}

static int
connected(const struct fixture *fixture)
{
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(http_server_port(fixture->server)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Until nothing happens any more. */
static int
settle(struct fixture *fixture)
{
	int called, all = 0;

	while ((called = event_loop_run_once(&fixture->loop, 0)) > 0)
		all += called;
	return all;
}

/* All up to the end of the connection, which must come. */
static size_t
hear(struct fixture *fixture, int fd, char *text, size_t size)
{
	size_t len = 0;

	for (;;) {
		const ssize_t got = recv(fd, text + len, size - 1 - len, MSG_DONTWAIT);

		if (got == 0 || (got < 0 && errno == ECONNRESET))
			break;
		if (got < 0)
			event_loop_run_once(&fixture->loop, 10);
		len += got > 0 ? (size_t)got : 0;
	}
	text[len] = '\0';
	close(fd);
	return len;
}

/* Ask, and look for a part of the head and for the body, the whole of it. */
static void
expect(struct fixture *fixture, const char *request, const char *head, const char *body)
{
	const int fd = connected(fixture);
	char text[4096];
	const char *end;

	say(fd, request);
	hear(fixture, fd, text, sizeof(text));
	end = strstr(text, "\r\n\r\n");
	if (end == NULL || strstr(text, head) == NULL || strstr(text, head) > end)
		fail_msg("%s gave no '%s' but: %s", request, head, text);
	if (strcmp(end + 4, body) != 0)
		fail_msg("%s gave '%s', not '%s'", request, end + 4, body);
}

static int
descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	return count;
}

static void
metrics_are_given_in_the_format_of_prometheus(void **state)
{
	struct fixture *fixture = *state;

	fixture->len = 3;
	expect(fixture, GET_METRICS, "HTTP/1.1 200 OK\r\n", "mmm");
	expect(fixture, GET_METRICS, "Content-Type: text/plain; version=0.0.4", "mmm");
	expect(fixture, "GET /metrics?a=b HTTP/1.0\r\n\r\n", " 200 OK\r\n", "mmm");
	expect(fixture, "HEAD /metrics HTTP/1.1\r\nHost: test\r\n\r\n", "Content-Length: 3\r\n",
			"");
	fixture->len = 0;
	expect(fixture, GET_METRICS, " 500 ", "no memory left\n");
}

static void
health_is_ok_or_the_reason_why_not(void **state)
{
	struct fixture *fixture = *state;
	const char *request = "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n";

	expect(fixture, request, " 200 OK\r\n", "ok\n");
	fixture->trouble = "worker 1 is stalled";
	expect(fixture, request, " 503 ", "worker 1 is stalled\n");
	expect(fixture, "HEAD /healthz HTTP/1.1\r\nHost: test\r\n\r\n", " 503 ", "");
}

static void
all_else_is_an_error(void **state)
{
	static const char *const cases[][2] = {
		{ "GET / HTTP/1.1\r\nHost: test\r\n\r\n", " 404 " },
		{ "GET /metrics/ HTTP/1.1\r\nHost: test\r\n\r\n", " 404 " },
		{ "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nabcde", " 404 " },
		{ "POST /metrics HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nabcde",
				" 405 " },
		{ "DELETE /healthz HTTP/1.1\r\nHost: test\r\n\r\n", "Allow: GET, HEAD\r\n" },
		{ "GET /metrics HTTP/1.1\r\n\r\n", " 400 " },
	};
	struct fixture *fixture = *state;
	char text[4096];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const int fd = connected(fixture);

		say(fd, cases[i][0]);
		hear(fixture, fd, text, sizeof(text));
		if (strstr(text, cases[i][1]) == NULL)
			fail_msg("%s gave no '%s' but: %s", cases[i][0], cases[i][1], text);
	}
}

static void
what_is_no_http_or_too_long_ends_the_connection(void **state)
{
	struct fixture *fixture = *state;
	char *text = malloc(100001);
	int fd = connected(fixture);

	say(fd, "{\"command\":\"reload\"}\n\n\x01\x02\n\n");
	hear(fixture, fd, text, 100001);
	assert_null(strstr(text, "200 OK"));

	fd = connected(fixture);
	memset(text, 'x', 100000);
	text[100000] = '\0';
	memcpy(text, "GET /metrics HTTP/1.1\r\nX: ", 26);
	(void)send(fd, text, 100000, MSG_DONTWAIT | MSG_NOSIGNAL);
	hear(fixture, fd, text, 100001);
	assert_null(strstr(text, "200 OK"));
	free(text);
	expect(fixture, "HEAD /healthz HTTP/1.1\r\nHost: test\r\n\r\n", " 200 ", "");
}

static void
a_long_answer_arrives_whole(void **state)
{
	struct fixture *fixture = *state;
	char *text = malloc(LONG_LEN + 4096);
	const int fd = connected(fixture);

	fixture->len = LONG_LEN;
	say(fd, GET_METRICS);
	assert_true(hear(fixture, fd, text, LONG_LEN + 4096) > LONG_LEN);
	free(text);
}

/* It says a little all the time, which buys no time. */
static void
a_slow_sender_has_five_seconds(void **state)
{
	struct fixture *fixture = *state;
	const int before = descriptors(), fd = connected(fixture);

	settle(fixture);
	for (uint64_t at = 0; at < HTTP_PATIENCE_US; at += 500000) {
		say(fd, "G");
		settle(fixture);
		http_server_tick(fixture->server, START_US + at);
		assert_int_equal(descriptors(), before + 2);
	}
	http_server_tick(fixture->server, START_US + HTTP_PATIENCE_US);
	settle(fixture);
	assert_int_equal(descriptors(), before + 1);
	close(fd);
}

static void
a_slow_reader_has_five_seconds_too(void **state)
{
	struct fixture *fixture = *state;
	const int before = descriptors(), fd = connected(fixture);

	fixture->len = LONG_LEN;
	say(fd, GET_METRICS);
	settle(fixture);
	http_server_tick(fixture->server, START_US);
	http_server_tick(fixture->server, START_US + HTTP_PATIENCE_US - 1);
	assert_int_equal(descriptors(), before + 2);
	http_server_tick(fixture->server, START_US + HTTP_PATIENCE_US);
	settle(fixture);
	assert_int_equal(descriptors(), before + 1);
	close(fd);
}

static void
one_too_many_is_told_so_and_slow_ones_make_room(void **state)
{
	struct fixture *fixture = *state;
	int fds[HTTP_CLIENTS_MAX];

	for (size_t i = 0; i < HTTP_CLIENTS_MAX; i++) {
		fds[i] = connected(fixture);
		settle(fixture);
	}
	expect(fixture, GET_METRICS, " 503 ", "");
	http_server_tick(fixture->server, START_US);
	http_server_tick(fixture->server, START_US + HTTP_PATIENCE_US);
	settle(fixture);
	fixture->len = 3;
	expect(fixture, GET_METRICS, " 200 ", "mmm");
	for (size_t i = 0; i < HTTP_CLIENTS_MAX; i++)
		close(fds[i]);
}

static void
thousands_who_come_and_go_leave_nothing_behind(void **state)
{
	struct fixture *fixture = *state;
	const int before = descriptors();

	for (int i = 0; i < MANY; i++) {
		const int fd = connected(fixture);
		/* Half of them go with a RST. */
		const struct linger hard = { .l_onoff = i % 2, .l_linger = 0 };

		if (i % 3 == 0)
			say(fd, GET_METRICS);
		else if (i % 3 == 1)
			say(fd, "GET");
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		if (i % 5 == 0)
			settle(fixture);
		close(fd);
		if (i % 30 == 29)
			settle(fixture);
	}
	settle(fixture);
	http_server_tick(fixture->server, START_US);
	http_server_tick(fixture->server, START_US + HTTP_PATIENCE_US);
	settle(fixture);
	assert_int_equal(descriptors(), before);
}

static void
without_descriptors_it_waits_for_the_next_tick(void **state)
{
	struct fixture *fixture = *state;
	const int fd = connected(fixture);
	struct rlimit was, none;
	char text[4096];

	say(fd, GET_METRICS);
	getrlimit(RLIMIT_NOFILE, &was);
	none = was;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(settle(fixture), 1);
	setrlimit(RLIMIT_NOFILE, &was);
	assert_int_equal(settle(fixture), 0);
	http_server_tick(fixture->server, START_US);
	hear(fixture, fd, text, sizeof(text));
	assert_non_null(strstr(text, " 200 OK"));
}

static void
it_can_be_closed_with_clients_on_it(void **state)
{
	struct fixture *fixture = *state;
	const int quiet = connected(fixture), reader = connected(fixture);

	fixture->len = LONG_LEN;
	say(reader, GET_METRICS);
	settle(fixture);
	http_server_close(fixture->server);
	fixture->server = NULL;
	close(quiet);
	close(reader);
}

static void
where_it_cannot_listen_is_told(void **state)
{
	struct fixture *fixture = *state;
	const struct http_content content = { metrics, trouble, fixture };
	const uint16_t port = http_server_port(fixture->server);
	struct http_server *server;
	struct err err;

	assert_int_equal(http_server_open("127.0.0.1", port, &fixture->loop, &content, &server,
					 &err),
			-EADDRINUSE);
	assert_non_null(strstr(err.text, "another program listens there"));
	assert_null(server);
	assert_int_equal(http_server_open("192.0.2.1", 0, &fixture->loop, &content, &server, &err),
			-EADDRNOTAVAIL);
	assert_non_null(strstr(err.text, "192.0.2.1"));
	assert_int_equal(http_server_open("localhost", 0, &fixture->loop, &content, &server, &err),
			-EINVAL);
	assert_non_null(strstr(err.text, "localhost"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(metrics_are_given_in_the_format_of_prometheus),
		TEST(health_is_ok_or_the_reason_why_not),
		TEST(all_else_is_an_error),
		TEST(what_is_no_http_or_too_long_ends_the_connection),
		TEST(a_long_answer_arrives_whole),
		TEST(a_slow_sender_has_five_seconds),
		TEST(a_slow_reader_has_five_seconds_too),
		TEST(one_too_many_is_told_so_and_slow_ones_make_room),
		TEST(thousands_who_come_and_go_leave_nothing_behind),
		TEST(without_descriptors_it_waits_for_the_next_tick),
		TEST(it_can_be_closed_with_clients_on_it),
		TEST(where_it_cannot_listen_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
