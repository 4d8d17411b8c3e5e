/* SPDX-License-Identifier: Apache-2.0 */

#include "log/log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char said[8192];

/* Standard error is a pipe for as long as one line takes. */
static size_t
log_into_pipe(const char *text)
{
	int before = dup(STDERR_FILENO), ends[2];
	ssize_t len;

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	assert_true(before >= 0 && dup2(ends[1], STDERR_FILENO) >= 0);
	log_line(LOG_WEIGHT_WARNING, "%s", text);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	len = read(ends[0], said, sizeof(said) - 1);
	close(before);
	close(ends[0]);
	close(ends[1]);
	assert_true(len > 0);
	said[len] = '\0';
	return (size_t)len;
}

static void
a_sentence_is_a_line(void **state)
{
	(void)state;

	unsetenv("JOURNAL_STREAM");
	log_into_pipe("a port has no link");
	assert_string_equal(said, "synwire: a port has no link\n");
	setenv("JOURNAL_STREAM", "8:1", 1);
	log_into_pipe("a port has no link");
	assert_string_equal(said, "<4>synwire: a port has no link\n");
	unsetenv("JOURNAL_STREAM");
}

/* Cut, with its newline, in one write that no other thread's line comes into. */
static void
the_longest_line_is_a_kilobyte(void **state)
{
	char text[4096];

	(void)state;

	memset(text, 'x', sizeof(text));
	for (size_t len = 1000; len < 1030; len++) {
		size_t logged;

		text[len] = '\0';
		logged = log_into_pipe(text);
		assert_true(logged <= 1024);
		assert_int_equal(said[logged - 1], '\n');
		assert_int_equal(strlen(said), logged);
		assert_ptr_equal(strchr(said, '\n'), said + logged - 1);
		text[len] = 'x';
	}
}

static uint32_t
count_lines(const char *text)
{
	uint32_t lines = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		lines++;
	return lines;
}

/* Whoever reads has stopped: nobody waits, what finds no room is counted, and that is said. */
static void
a_full_pipe_loses_lines_and_the_next_says_how_many(void **state)
{
	static char all[(size_t)1 << 20];
	const uint32_t lines = 2000;
	int before = dup(STDERR_FILENO), ends[2];
	char expected[128], text[600];
	uint32_t kept;
	ssize_t len;

	(void)state;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(
			pipe2(ends, 0), 0); /* as another made it: a write waits where it is full */
	assert_true(before >= 0 && dup2(ends[1], STDERR_FILENO) >= 0);
	alarm(20);
	for (uint32_t n = 0; n < lines; n++)
		log_line(LOG_WEIGHT_INFO, "%s", text);
	len = read(ends[0], all, sizeof(all) - 1);
	log_line(LOG_WEIGHT_INFO, "goes on");
	alarm(0);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	close(before);
	assert_true(len > 0);
	all[len] = '\0';
	kept = count_lines(all);
	assert_in_range(kept, 50, lines - 1);
	assert_int_equal((size_t)len, kept * strlen("synwire: ") + kept * sizeof(text));
	len = read(ends[0], said, sizeof(said) - 1);
	assert_true(len > 0);
	said[len] = '\0';
	snprintf(expected, sizeof(expected),
			"synwire: %u lines are missing here: nobody read the log\nsynwire: goes on\n",
			lines - kept);
	assert_string_equal(said, expected);
	close(ends[0]);
	close(ends[1]);
}

/* Nobody reads any more: it is not waited for, and nothing is said. */
static void
a_reader_that_is_gone_is_no_harm(void **state)
{
	int before = dup(STDERR_FILENO);

	(void)state;

	close(STDERR_FILENO);
	log_line(LOG_WEIGHT_ERROR, "nobody");
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	close(before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sentence_is_a_line),
		cmocka_unit_test(the_longest_line_is_a_kilobyte),
		cmocka_unit_test(a_full_pipe_loses_lines_and_the_next_says_how_many),
		cmocka_unit_test(a_reader_that_is_gone_is_no_harm),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
