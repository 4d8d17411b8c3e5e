/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/control_server.h"
#include "app/ask/control_socket.h"
#include "base/compiler.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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
#define RELOAD "{\"command\":\"reload\"}\n"
#define MANY 3000

/* A server in a folder of its own, and a handler that answers at once, or keeps the reply. */
struct fixture {
	char folder[64];
	char path[96];
	struct event_loop loop;
	struct control_server *server;
	struct control_request asked; /* the last */
	int handled;
	size_t padding; /* of the answer */
	bool keeps;
	struct control_reply *kept;
};

static void
answer(struct fixture *fixture, struct control_reply *reply)
{
	char *padding = calloc(1, fixture->padding + 1);

	memset(padding, 'x', fixture->padding);
	control_reply_send(reply, json_pack("{s:b, s:s}", "ok", 1, "padding", padding));
	free(padding);
}

static void
handle(void *context, const struct control_request *request, struct control_reply *reply)
{
	struct fixture *fixture = context;

	fixture->asked = *request;
	fixture->handled++;
	if (fixture->keeps)
		fixture->kept = reply;
	else
		answer(fixture, reply);
}

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const struct control_handler handler = { .handle = handle, .context = fixture };

	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/control_server.XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->path, sizeof(fixture->path), "%s/sock", fixture->folder);
	assert_int_equal(event_loop_init(&fixture->loop, NULL), 0);
	assert_int_equal(control_server_open(fixture->path, 0600, &fixture->loop, &handler,
					 &fixture->server, NULL),
			0);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;
	const int rc = (control_server_close(fixture->server), rmdir(fixture->folder));

	event_loop_fini(&fixture->loop);
	free(fixture);
	return rc;
}

/* Until nothing is left to do: what a client has sent is there at once. */
static int
settle(struct fixture *fixture)
{
	int called, all = 0;

	while ((called = event_loop_run_once(&fixture->loop, 0)) > 0)
		all += called;
	return all;
}

static int
connected(const struct fixture *fixture)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_un address;

	assert_true(fd >= 0);
	assert_int_equal(control_socket_address(fixture->path, &address, NULL), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* What has come, up to the end of the connection; -1 where that has not. */
static ssize_t
hear(struct fixture *fixture, int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t got;

	do {
		settle(fixture);
		got = recv(fd, text + len, size - 1 - len, 0);
		len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	text[len] = '\0';
	/* What it had not read when it closed is told as a reset, behind the answer. */
	return got == 0 || errno == ECONNRESET ? (ssize_t)len : -1;
}

static void
expect(struct fixture *fixture, int fd, const char *part)
{
	char text[1024];

	assert_true(hear(fixture, fd, text, sizeof(text)) > 0);
	if (strstr(text, part) == NULL)
		fail_msg("'%s' is not in: %s", part, text);
	assert_int_equal(text[strlen(text) - 1], '\n');
	close(fd);
}

static bool
is_closed(struct fixture *fixture, int fd)
{
	char text[16];

	return hear(fixture, fd, text, sizeof(text)) >= 0;
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
a_request_is_answered_and_that_is_all(void **state)
{
	struct fixture *fixture = *state;
	const int fd = connected(fixture);

	say(fd, "{\"command\":\"bypass\",\"on\":true}\n");
	expect(fixture, fd, "{\"ok\":true,\"padding\":\"\"}\n");
	assert_int_equal(fixture->handled, 1);
	assert_int_equal(fixture->asked.command, CONTROL_BYPASS);
	assert_true(fixture->asked.on);
}

static void
a_request_may_come_a_byte_at_a_time(void **state)
{
	struct fixture *fixture = *state;
	const int fd = connected(fixture);

	for (const char *byte = RELOAD; *byte != '\0'; byte++) {
		assert_int_equal(fixture->handled, 0);
		say(fd, (char[]){ *byte, '\0' });
		settle(fixture);
	}
	expect(fixture, fd, "\"ok\":true");
}

static void
who_says_no_more_needs_no_newline(void **state)
{
	struct fixture *fixture = *state;
	const int fd = connected(fixture);

	say(fd, "{\"command\":\"reload\"}");
	settle(fixture);
	assert_int_equal(fixture->handled, 0);
	shutdown(fd, SHUT_WR);
	expect(fixture, fd, "\"ok\":true");
}

static void
what_is_no_request_gets_an_error(void **state)
{
	static const char *const cases[][2] = {
		{ "\n", "line of JSON" },
		{ "GET / HTTP/1.1\r\n\r\n", "line of JSON" },
		{ "{\"command\":\"reload\"\n", "line of JSON" },
		{ "{\"command\":\"reload\"} {}\n", "line of JSON" },
		{ "{\"command\":\"reload\",\"command\":\"show\"}\n", "duplicate" },
		{ "{\"command\":\"\xff\"}\n", "decode byte 0xff" },
		{ "[1]\n", "JSON object" },
		{ "{\"command\":\"halt\"}\n", "'halt'" },
		{ "{\"command\":\"show\",\"what\":\"flows\",\"port\":\"80\"}\n", "port" },
		/* cut in the middle of a character */
		{ "{\"command\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "\xc3\xa9\"}\n",
				"a?'" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[1024];
		const int fd = connected(fixture);

		say(fd, cases[i][0]);
		assert_true(hear(fixture, fd, text, sizeof(text)) > 0);
		assert_ptr_equal(strstr(text, "{\"ok\":false,\"error\":\""), text);
		if (strstr(text, cases[i][1]) == NULL)
			fail_msg("'%s' is not in: %s", cases[i][1], text);
		close(fd);
	}
	assert_int_equal(fixture->handled, 0);
}

static void
a_request_may_have_4096_bytes_and_no_more(void **state)
{
	struct fixture *fixture = *state;
	char text[CONTROL_REQUEST_LEN_MAX + 2];
	int fd = connected(fixture);

	memset(text, ' ', sizeof(text));
	memcpy(text, RELOAD, strlen(RELOAD) - 1);
	text[CONTROL_REQUEST_LEN_MAX - 1] = '\n';
	text[CONTROL_REQUEST_LEN_MAX] = '\0';
	say(fd, text);
	expect(fixture, fd, "\"ok\":true");

	text[CONTROL_REQUEST_LEN_MAX - 1] = ' ';
	text[CONTROL_REQUEST_LEN_MAX] = '\n';
	text[CONTROL_REQUEST_LEN_MAX + 1] = '\0';
	fd = connected(fixture);
	say(fd, text);
	expect(fixture, fd, "4096 bytes at most");
	assert_int_equal(fixture->handled, 1);
}

static void
a_slow_sender_has_five_seconds(void **state)
{
	struct fixture *fixture = *state;
	const int fd = connected(fixture);

	say(fd, "{\"command\"");
	settle(fixture);
	control_server_tick(fixture->server, START_US);
	control_server_tick(fixture->server, START_US + CONTROL_PATIENCE_US - 1);
	assert_false(is_closed(fixture, fd));
	say(fd, ":"); /* which buys no time */
	settle(fixture);
	control_server_tick(fixture->server, START_US + CONTROL_PATIENCE_US);
	assert_true(is_closed(fixture, fd));
	close(fd);
}

static void
a_slow_reader_has_five_seconds_too(void **state)
{
	struct fixture *fixture = *state;
	const int before = descriptors(), fd = connected(fixture);

	fixture->padding = 16 << 20;
	say(fd, RELOAD);
	settle(fixture);
	control_server_tick(fixture->server, START_US);
	control_server_tick(fixture->server, START_US + CONTROL_PATIENCE_US - 1);
	assert_int_equal(descriptors(), before + 2);
	control_server_tick(fixture->server, START_US + CONTROL_PATIENCE_US);
	assert_int_equal(descriptors(), before + 1);
	close(fd);
}

static void
a_long_answer_arrives_whole(void **state)
{
	struct fixture *fixture = *state;
	const int fd = connected(fixture);
	char *text = malloc(17 << 20);

	fixture->padding = 16 << 20;
	say(fd, RELOAD);
	assert_int_equal(hear(fixture, fd, text, 17 << 20),
			strlen("{\"ok\":true,\"padding\":\"\"}\n") + fixture->padding);
	free(text);
	close(fd);
}

static void
an_answer_may_come_later_than_any_patience(void **state)
{
	struct fixture *fixture = *state;
	const int fd = connected(fixture);

	fixture->keeps = true;
	say(fd, RELOAD);
	settle(fixture);
	control_server_tick(fixture->server, START_US);
	control_server_tick(fixture->server, START_US + 10 * CONTROL_PATIENCE_US);
	assert_false(is_closed(fixture, fd));
	answer(fixture, fixture->kept);
	expect(fixture, fd, "\"ok\":true");
}

static void
a_client_may_go_before_its_answer(void **state)
{
	struct fixture *fixture = *state;
	const int before = descriptors(), fd = connected(fixture);

	fixture->keeps = true;
	say(fd, RELOAD);
	settle(fixture);
	close(fd);
	settle(fixture);
	assert_int_equal(descriptors(), before);
	answer(fixture, fixture->kept);
	assert_int_equal(settle(fixture), 0);
}

static void
the_server_may_go_before_the_answer(void **state)
{
	struct fixture *fixture = *state;
	const int fd = connected(fixture);

	fixture->keeps = true;
	say(fd, RELOAD);
	settle(fixture);
	control_server_close(fixture->server);
	fixture->server = NULL;
	assert_true(is_closed(fixture, fd));
	answer(fixture, fixture->kept);
	close(fd);
}

static void
one_too_many_is_told_so_and_a_free_place_is_used(void **state)
{
	struct fixture *fixture = *state;
	int fds[CONTROL_CLIENTS_MAX], fd;

	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		fds[i] = connected(fixture);
	settle(fixture);
	expect(fixture, connected(fixture), "too many");
	close(fds[7]);
	settle(fixture);
	fd = connected(fixture);
	say(fd, RELOAD);
	expect(fixture, fd, "\"ok\":true");
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (i != 7)
			close(fds[i]);
}

static void
thousands_who_come_and_go_leave_nothing_behind(void **state)
{
	struct fixture *fixture = *state;
	const int before = descriptors();

	for (int i = 0; i < MANY; i++) {
		const int fd = connected(fixture);

		if (i % 3 == 0)
			say(fd, RELOAD);
		else if (i % 3 == 1)
			say(fd, "{");
		if (i % 2 == 0)
			settle(fixture);
		close(fd);
		if (i % 50 == 49)
			settle(fixture);
	}
	settle(fixture);
	assert_int_equal(descriptors(), before);
}

/* The kernel has the client, and no descriptor is left for it: that must not spin. */
static void
without_descriptors_it_waits_for_the_next_tick(void **state)
{
	struct fixture *fixture = *state;
	const int fd = connected(fixture);
	struct rlimit was, none;

	say(fd, RELOAD);
	getrlimit(RLIMIT_NOFILE, &was);
	none = was;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(settle(fixture), 1);
	control_server_tick(fixture->server, START_US);
	assert_int_equal(settle(fixture), 1);
	setrlimit(RLIMIT_NOFILE, &was);
	assert_int_equal(settle(fixture), 0);
	control_server_tick(fixture->server, START_US);
	expect(fixture, fd, "\"ok\":true");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_request_is_answered_and_that_is_all),
		TEST(a_request_may_come_a_byte_at_a_time),
		TEST(who_says_no_more_needs_no_newline),
		TEST(what_is_no_request_gets_an_error),
		TEST(a_request_may_have_4096_bytes_and_no_more),
		TEST(a_slow_sender_has_five_seconds),
		TEST(a_slow_reader_has_five_seconds_too),
		TEST(a_long_answer_arrives_whole),
		TEST(an_answer_may_come_later_than_any_patience),
		TEST(a_client_may_go_before_its_answer),
		TEST(the_server_may_go_before_the_answer),
		TEST(one_too_many_is_told_so_and_a_free_place_is_used),
		TEST(thousands_who_come_and_go_leave_nothing_behind),
		TEST(without_descriptors_it_waits_for_the_next_tick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
