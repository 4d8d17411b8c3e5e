/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/unit/line_output_fixture.h"

#include <sys/socket.h>
#include <sys/un.h>

static const struct line_output_params stream = { .kind = LINE_OUTPUT_UNIX_STREAM };
static const struct line_output_params dgram = { .kind = LINE_OUTPUT_UNIX_DGRAM };

/* A reader's socket at the output's path. */
static int
bind_reader(const struct output_fixture *f, int type, int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, f->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

static void
remove_reader(const struct output_fixture *f, int fd)
{
	close(fd);
	unlink(f->path);
}

/* Appends to bytes what a stream has just now; room for a MiB. */
static size_t
drain(int fd, char *bytes, size_t len)
{
	ssize_t n;

	while ((n = read(fd, bytes + len, ((size_t)1 << 20) - len)) > 0)
		len += (size_t)n;
	return len;
}

static void
a_reader_that_is_not_there_yet_is_no_error_and_misses_nothing(void **state)
{
	struct output_fixture *f = *state;
	char *bytes = malloc(1 << 20);
	int listener, reader;
	uint32_t next = 0;

	output_open(f, stream);
	assert_false(output_look(f)->is_ready);
	output_put(f, 10);
	assert_non_null(strstr(output_flush(f)->trouble, "no reader is connected"));
	listener = bind_reader(f, SOCK_STREAM, 1);
	f->now_us += USEC_PER_SEC - 1;
	assert_false(output_flush(f)->is_ready); /* tried once a second */
	f->now_us++;
	assert_int_equal(output_flush(f)->lines, 10);
	assert_true(f->state.is_ready);
	assert_string_equal(f->state.trouble, "");
	reader = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	assert_int_equal(output_check(bytes, drain(reader, bytes, 0), &next), 10);
	free(bytes);
	close(reader);
	remove_reader(f, listener);
}

static void
a_clock_that_is_set_back_puts_nothing_off(void **state)
{
	struct output_fixture *f = *state;
	int listener;

	output_open(f, stream);
	assert_false(output_flush(f)->is_ready);
	listener = bind_reader(f, SOCK_STREAM, 1);
	f->now_us -= 3600 * USEC_PER_SEC;
	assert_true(output_flush(f)->is_ready);
	remove_reader(f, listener);
}

static void
a_reader_that_does_not_read_lets_lines_wait_and_loses_what_finds_no_room(void **state)
{
	struct output_fixture *f = *state;
	char *bytes = malloc(1 << 20);
	size_t len = 0;
	uint32_t next = 0, count = 0;
	int listener, reader;
	uint64_t lost;

	listener = bind_reader(f, SOCK_STREAM, 1);
	output_open(f, stream);
	output_fill(f);
	output_flush(f);
	assert_false(output_flush(f)->is_ready);
	assert_non_null(strstr(f->state.trouble, "takes nothing"));
	output_fill(f);
	lost = f->state.lines_lost;

	reader = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	while (output_flush(f)->lines_waiting > 0 || len > 0) {
		const char *newline;
		size_t whole;

		len = drain(reader, bytes, len);
		newline = memrchr(bytes, '\n', len);
		whole = newline != NULL ? (size_t)(newline + 1 - bytes) : 0;
		count += output_check(bytes, whole, &next);
		memmove(bytes, bytes + whole, len - whole);
		len -= whole;
	}
	assert_int_equal(count, f->state.lines);
	assert_int_equal(f->state.lines_lost, lost);
	free(bytes);
	close(reader);
	remove_reader(f, listener);
}

/* The first reader goes when it has part of a line, the next gets that line whole. */
static void
a_line_that_a_reader_has_torn_is_whole_for_the_next(void **state)
{
	struct output_fixture *f = *state;
	char *bytes = malloc(1 << 20);
	uint32_t next = 0, count;
	int listener, reader;
	size_t len;
	uint64_t had;

	listener = bind_reader(f, SOCK_STREAM, 1);
	output_open(f, stream);
	output_put(f, 3000);
	had = output_flush(f)->lines;
	reader = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	len = drain(reader, bytes, 0);
	assert_int_not_equal(bytes[len - 1], '\n');
	close(reader);

	assert_true(output_flush_later(f)->is_ready);
	reader = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	len = drain(reader, bytes, 0);
	len = (size_t)((char *)memrchr(bytes, '\n', len) + 1 - bytes);
	count = output_check(bytes, len, &next);
	assert_int_equal(next - count, had); /* the first number that it got */
	assert_int_equal(had + count, f->state.lines);
	assert_int_equal(f->state.lines_lost, 0);
	free(bytes);
	close(reader);
	remove_reader(f, listener);
}

static void
a_reader_that_goes_is_seen_without_a_line_to_send(void **state)
{
	struct output_fixture *f = *state;
	int listener, reader;

	listener = bind_reader(f, SOCK_STREAM, 1);
	output_open(f, stream);
	assert_true(output_flush(f)->is_ready);
	reader = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	close(reader);
	remove_reader(f, listener);
	assert_string_equal(output_flush(f)->trouble, "its reader has gone");
	assert_non_null(strstr(output_flush_later(f)->trouble, "no reader is connected"));
}

static void
a_reader_that_accepts_nobody_makes_nobody_wait(void **state)
{
	struct output_fixture *f = *state;
	struct line_output_params params = stream;
	struct line_output *others[3];
	struct line_output_state other;
	const int listener = bind_reader(f, SOCK_STREAM, 0);

	params.path = f->path;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(line_output_open(&params, &others[i], NULL), 0);
		line_output_flush(others[i], 0);
	}
	line_output_state(others[2], &other);
	assert_false(other.is_ready);
	assert_string_equal(other.trouble, "its reader accepts no more connections");
	for (int i = 0; i < 3; i++)
		line_output_close(others[i], NULL);
	remove_reader(f, listener);
}

static void
a_datagram_is_a_line(void **state)
{
	struct output_fixture *f = *state;
	char got[FIXTURE_LINE_MAX + 1];
	const int reader = bind_reader(f, SOCK_DGRAM, 0);
	uint32_t next = 0;

	output_open(f, dgram);
	output_put(f, 5);
	assert_int_equal(output_flush(f)->lines, 5);
	for (uint32_t i = 0; i < 5; i++) {
		const ssize_t n = recv(reader, got, sizeof(got), 0);

		assert_true(n > 0);
		assert_int_equal(output_check(got, (size_t)n, &next), 1);
		assert_int_equal(next, i + 1);
	}
	remove_reader(f, reader);
}

static void
a_full_queue_of_datagrams_lets_lines_wait(void **state)
{
	struct output_fixture *f = *state;
	char got[FIXTURE_LINE_MAX + 1];
	const int reader = bind_reader(f, SOCK_DGRAM, 0);
	uint32_t next = 0, count = 0;

	output_open(f, dgram);
	output_fill(f);
	output_flush(f);
	assert_false(output_flush(f)->is_ready);
	output_fill(f);
	do {
		ssize_t n;

		while ((n = recv(reader, got, sizeof(got), 0)) > 0)
			count += output_check(got, (size_t)n, &next);
	} while (output_flush(f)->lines_waiting > 0 || count < f->state.lines);
	assert_int_equal(count, f->state.lines);
	assert_true(f->state.is_ready);
	remove_reader(f, reader);
}

static void
a_reader_of_datagrams_that_comes_back_gets_what_waited(void **state)
{
	struct output_fixture *f = *state;
	char got[FIXTURE_LINE_MAX + 1];
	int reader = bind_reader(f, SOCK_DGRAM, 0);
	uint32_t next = 0;

	output_open(f, dgram);
	assert_true(output_flush(f)->is_ready);
	remove_reader(f, reader);
	output_put(f, 3);
	assert_false(output_flush(f)->is_ready);
	assert_int_equal(f->state.lines_waiting, 3);
	reader = bind_reader(f, SOCK_DGRAM, 0);
	assert_int_equal(output_flush_later(f)->lines, 3);
	for (int i = 0; i < 3; i++)
		output_check(got, (size_t)recv(reader, got, sizeof(got), 0), &next);
	assert_int_equal(next, 3);
	remove_reader(f, reader);
}

/* One that could not be sent until the second is over is sent at once when the last try is old. */
static void
a_connection_that_breaks_after_a_while_is_made_again_at_once(void **state)
{
	struct output_fixture *f = *state;
	int reader = bind_reader(f, SOCK_DGRAM, 0);

	output_open(f, dgram);
	output_flush(f);
	remove_reader(f, reader);
	reader = bind_reader(f, SOCK_DGRAM, 0);
	output_put(f, 1);
	assert_int_equal(output_flush_later(f)->lines, 1);
	remove_reader(f, reader);
}

static void
a_line_longer_than_any_datagram_is_lost_alone(void **state)
{
	static char line[1 << 20];
	struct output_fixture *f = *state;
	const int reader = bind_reader(f, SOCK_DGRAM, 0);

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	output_open(f, dgram);
	output_put(f, 1);
	line_output_put(f->out, line, sizeof(line));
	f->put++;
	output_put(f, 1);
	assert_int_equal(output_flush(f)->lines, 2);
	assert_int_equal(f->state.lines_lost, 1);
	assert_true(f->state.is_ready);
	remove_reader(f, reader);
}

static void
a_path_that_no_socket_can_have_is_an_error_at_the_start(void **state)
{
	char path[200] = "";
	struct line_output_params params = stream;
	struct line_output *out;
	struct err err;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	params.path = path;
	assert_int_equal(line_output_open(&params, &out, &err), -ENAMETOOLONG);
	assert_null(out);
	assert_non_null(strstr(err.text, "at most 107 bytes"));
}

static void
what_is_left_at_the_close_is_told(void **state)
{
	struct output_fixture *f = *state;
	struct err err = { "" };

	output_open(f, stream);
	output_put(f, 7);
	assert_int_equal(line_output_close(f->out, &err), -ENOENT);
	f->out = NULL;
	assert_non_null(strstr(err.text, f->path));
	assert_non_null(strstr(err.text, "7 lines were left unwritten: no reader is connected"));
}

static void
the_close_tries_once_more_whenever_the_last_try_was(void **state)
{
	struct output_fixture *f = *state;
	int listener;

	f->now_us = 0; /* as far back as any clock can be */
	output_open(f, stream);
	output_put(f, 7);
	output_flush(f);
	listener = bind_reader(f, SOCK_STREAM, 1);
	assert_int_equal(line_output_close(f->out, NULL), 0);
	f->out = NULL;
	remove_reader(f, listener);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		output_test(a_reader_that_is_not_there_yet_is_no_error_and_misses_nothing),
		output_test(a_clock_that_is_set_back_puts_nothing_off),
		output_test(a_reader_that_does_not_read_lets_lines_wait_and_loses_what_finds_no_room),
		output_test(a_line_that_a_reader_has_torn_is_whole_for_the_next),
		output_test(a_reader_that_goes_is_seen_without_a_line_to_send),
		output_test(a_reader_that_accepts_nobody_makes_nobody_wait),
		output_test(a_datagram_is_a_line),
		output_test(a_full_queue_of_datagrams_lets_lines_wait),
		output_test(a_reader_of_datagrams_that_comes_back_gets_what_waited),
		output_test(a_connection_that_breaks_after_a_while_is_made_again_at_once),
		output_test(a_line_longer_than_any_datagram_is_lost_alone),
		cmocka_unit_test(a_path_that_no_socket_can_have_is_an_error_at_the_start),
		output_test(what_is_left_at_the_close_is_told),
		output_test(the_close_tries_once_more_whenever_the_last_try_was),
	};

	return cmocka_run_group_tests_name("line_output_socket", tests, NULL, NULL);
}
