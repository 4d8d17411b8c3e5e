/* SPDX-License-Identifier: Apache-2.0 */

/* Standard output, which others share, and what is the same for all kinds. */

#include "tests/unit/line_output_fixture.h"

#include <sys/socket.h>

/* Reads until nothing is left; returns how many lines there were. */
static uint32_t
read_lines(int fd, uint32_t *next)
{
	static char bytes[1 << 18];
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, bytes + len, sizeof(bytes) - len)) > 0)
		len += (size_t)n;
	return output_check(bytes, len, next);
}

static void
assert_all_gets_through(struct output_fixture *f, int reader)
{
	uint32_t next = 0, count = 0;

	while (output_flush(f)->lines_waiting > 0)
		count += read_lines(reader, &next);
	count += read_lines(reader, &next);
	assert_true(output_flush(f)->is_ready);
	assert_int_equal(count, f->state.lines);
}

static void
a_pipe_that_nobody_reads_lets_lines_wait(void **state)
{
	struct output_fixture *f = *state;
	int ends[2];

	output_pipe(ends);
	assert_int_equal(output_open_stdout(ends[1], &f->out, NULL), 0);
	output_fill(f);
	output_flush(f);
	assert_false(output_flush(f)->is_ready);
	assert_non_null(strstr(f->state.trouble, "takes nothing"));
	assert_all_gets_through(f, ends[0]);
	close(ends[0]);
	close(ends[1]);
}

static void
a_stdout_that_cannot_be_opened_again_makes_nobody_wait_either(void **state)
{
	struct output_fixture *f = *state;
	const int size = 1 << 17;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(output_open_stdout(ends[1], &f->out, NULL), 0);
	output_fill(f);
	output_flush(f);
	assert_false(output_flush(f)->is_ready);
	assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
	assert_all_gets_through(f, ends[0]);
	close(ends[0]);
	close(ends[1]);
}

static void
what_others_set_on_stdout_stays(void **state)
{
	struct output_fixture *f = *state;
	int ends[2];

	output_pipe(ends);
	assert_int_equal(output_open_stdout(ends[1], &f->out, NULL), 0);
	output_put(f, 1);
	output_flush(f);
	assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
	close(ends[0]);
	close(ends[1]);
}

/* Another fills the pipe between our lines, to the byte, and takes from it. */
static void
a_line_is_not_torn_by_another_writer_of_the_pipe(void **state)
{
	struct output_fixture *f = *state;
	static char bytes[1 << 18];
	unsigned int seed = 3;
	uint32_t next = 0;
	size_t len = 0, at = 0;
	int ends[2], other;

	output_pipe(ends);
	assert_int_equal(output_open_stdout(ends[1], &f->out, NULL), 0);
	other = dup(ends[1]);
	fcntl(other, F_SETFL, O_NONBLOCK); /* of the test's end only: the output has its own */
	while (next < 5000) {
		char *newline;

		output_put(f, (uint32_t)rand_r(&seed) % 40);
		output_flush(f);
		(void)!write(other, "another\n", 8);
		len += (size_t)read(ends[0], bytes + len, (size_t)rand_r(&seed) % 30000 + 1);
		for (at = 0; (newline = memchr(bytes + at, '\n', len - at)) != NULL;) {
			const size_t line = (size_t)(newline + 1 - bytes) - at;

			if (line != 8 || memcmp(bytes + at, "another\n", 8) != 0)
				assert_int_equal(output_check(bytes + at, line, &next), 1);
			at += line;
		}
		memmove(bytes, bytes + at, len - at);
		len -= at;
	}
	close(other);
	close(ends[0]);
	close(ends[1]);
}

static void
a_reader_of_stdout_that_goes_is_told_and_lines_wait(void **state)
{
	struct output_fixture *f = *state;
	int ends[2];

	output_pipe(ends);
	assert_int_equal(output_open_stdout(ends[1], &f->out, NULL), 0);
	output_put(f, 3);
	output_flush(f);
	close(ends[0]);
	output_put(f, 4);
	assert_string_equal(output_flush(f)->trouble, "its reader has gone");
	assert_int_equal(f->state.lines, 3);
	assert_int_equal(f->state.lines_waiting, 4);
	close(ends[1]);
}

static void
a_file_as_stdout_is_written_from_where_it_is(void **state)
{
	struct output_fixture *f = *state;
	int fd;

	fd = open(f->path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "before\n", 7), 7);
	assert_int_equal(output_open_stdout(fd, &f->out, NULL), 0);
	line_output_put(f->out, "event\n", 6);
	line_output_flush(f->out, f->now_us);
	assert_int_equal(write(fd, "after\n", 6), 6);
	close(fd);
	output_assert_holds(f->path, "before\nevent\nafter\n");
}

static void
a_stdout_that_is_closed_or_cannot_be_written_is_an_error_at_the_start(void **state)
{
	const int fd = open("/dev/null", O_RDONLY);
	struct line_output *out;
	struct err err;

	(void)state;
	assert_int_equal(output_open_stdout(-1, &out, &err), -EBADF);
	assert_null(out);
	assert_non_null(strstr(err.text, "standard output"));
	assert_int_equal(output_open_stdout(fd, &out, NULL), -EBADF);
	close(fd);
}

static void
a_full_device_as_stdout_is_told(void **state)
{
	struct output_fixture *f = *state;
	const int fd = open("/dev/full", O_WRONLY);

	assert_int_equal(output_open_stdout(fd, &f->out, NULL), 0);
	close(fd);
	output_put(f, 1);
	assert_non_null(strstr(output_flush(f)->trouble, strerror(ENOSPC)));
	assert_int_equal(f->state.lines_waiting, 1);
}

static void
it_says_when_half_of_the_buffer_is_used(void **state)
{
	struct output_fixture *f = *state;
	uint32_t lines = 0;

	output_open(f, (struct line_output_params){ .kind = LINE_OUTPUT_FILE });
	while (!line_output_is_half_full(f->out))
		output_put(f, 1);
	lines = f->put;
	output_fill(f);
	assert_in_range(f->put, 2 * lines - 10, 2 * lines + 10);
	output_flush(f);
	assert_false(line_output_is_half_full(f->out));
}

static void
nothing_to_close_is_no_error(void **state)
{
	(void)state;
	assert_int_equal(line_output_close(NULL, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		output_test(a_pipe_that_nobody_reads_lets_lines_wait),
		output_test(a_stdout_that_cannot_be_opened_again_makes_nobody_wait_either),
		output_test(what_others_set_on_stdout_stays),
		output_test(a_line_is_not_torn_by_another_writer_of_the_pipe),
		output_test(a_reader_of_stdout_that_goes_is_told_and_lines_wait),
		output_test(a_file_as_stdout_is_written_from_where_it_is),
		cmocka_unit_test(
				a_stdout_that_is_closed_or_cannot_be_written_is_an_error_at_the_start),
		output_test(a_full_device_as_stdout_is_told),
		output_test(it_says_when_half_of_the_buffer_is_used),
		cmocka_unit_test(nothing_to_close_is_no_error),
	};

	return cmocka_run_group_tests_name("line_output", tests, NULL, NULL);
}
