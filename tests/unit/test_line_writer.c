/* SPDX-License-Identifier: Apache-2.0 */

#include "io/line_writer.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LINES 100000 /* several buffers full */

static void
put_line(struct line_writer *writer, int number)
{
	line_writer_commit(writer,
			(size_t)sprintf(line_writer_reserve(writer, 2048), "line %d\n", number));
}

static void
all_lines_arrive_in_order(void **state)
{
	char path[] = "/tmp/line_writer.XXXXXX";
	const int fd = mkstemp(path);
	struct line_writer *writer;
	char got[32], expected[32];
	FILE *file;

	(void)state;

	assert_true(fd >= 0);
	assert_int_equal(line_writer_open(path, &writer, NULL), 0);
	for (int i = 0; i < LINES; i++)
		put_line(writer, i);
	assert_int_equal(line_writer_close(writer, NULL), 0);
	file = fdopen(fd, "r");
	for (int i = 0; i < LINES; i++) {
		snprintf(expected, sizeof(expected), "line %d\n", i);
		assert_non_null(fgets(got, sizeof(got), file));
		assert_string_equal(got, expected);
	}
	assert_null(fgets(got, sizeof(got), file));
	fclose(file);
	unlink(path);
}

static void
a_full_disk_is_told_and_stays_told(void **state)
{
	struct line_writer *writer;
	struct err err;

	(void)state;

	assert_int_equal(line_writer_open("/dev/full", &writer, NULL), 0);
	for (int i = 0; i < LINES; i++)
		put_line(writer, i);
	assert_int_equal(line_writer_error(writer), -ENOSPC);
	assert_int_equal(line_writer_close(writer, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "/dev/full"));
	assert_non_null(strstr(err.text, strerror(ENOSPC)));
}

static void
a_full_disk_shows_at_the_close_at_the_latest(void **state)
{
	struct line_writer *writer;

	(void)state;

	assert_int_equal(line_writer_open("/dev/full", &writer, NULL), 0);
	put_line(writer, 1);
	assert_int_equal(line_writer_error(writer), 0);
	assert_int_equal(line_writer_close(writer, NULL), -ENOSPC);
}

static void
a_reader_that_has_gone_is_told(void **state)
{
	struct line_writer *writer;
	char path[32];
	struct err err;
	int ends[2];

	(void)state;

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
	assert_int_equal(line_writer_open(path, &writer, NULL), 0);
	close(ends[0]);
	put_line(writer, 1);
	assert_int_equal(line_writer_close(writer, &err), -EPIPE);
	assert_non_null(strstr(err.text, "its reader has gone"));
	close(ends[1]);
}

static void
a_file_that_cannot_be_made_is_told_by_its_name(void **state)
{
	struct line_writer *writer;
	struct err err;

	(void)state;

	assert_int_equal(line_writer_open("/nowhere/lines", &writer, &err), -ENOENT);
	assert_null(writer);
	assert_non_null(strstr(err.text, "/nowhere/lines"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_lines_arrive_in_order),
		cmocka_unit_test(a_full_disk_is_told_and_stays_told),
		cmocka_unit_test(a_full_disk_shows_at_the_close_at_the_latest),
		cmocka_unit_test(a_reader_that_has_gone_is_told),
		cmocka_unit_test(a_file_that_cannot_be_made_is_told_by_its_name),
	};

	return cmocka_run_group_tests_name("line_writer", tests, NULL, NULL);
}
