/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * An output in a folder of its own, with lines that tell their number and are of all lengths, so
 * that one that is torn, doubled or out of order shows.
 */

#ifndef TESTS_LINE_OUTPUT_FIXTURE_H
#define TESTS_LINE_OUTPUT_FIXTURE_H

#include "base/usec.h"
#include "io/line_output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define FIXTURE_LINE_MAX 800

struct output_fixture {
	char folder[32];
	char path[64]; /* in the folder */
	struct line_output *out;
	uint32_t put; /* lines so far, and the number of the next */
	uint64_t now_us;
	struct line_output_state state; /* of the last look */
};

static inline int
output_setup(void **state)
{
	struct output_fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	strcpy(f->folder, "/tmp/line_output.XXXXXX");
	if (mkdtemp(f->folder) == NULL)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/out", f->folder);
	f->now_us = UINT64_C(1700000000) * USEC_PER_SEC;
	*state = f;
	return 0;
}

static inline int
output_teardown(void **state)
{
	struct output_fixture *f = *state;
	DIR *folder = opendir(f->folder);
	struct dirent *entry;

	line_output_close(f->out, NULL);
	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		if (unlinkat(dirfd(folder), entry->d_name, 0) != 0)
			unlinkat(dirfd(folder), entry->d_name, AT_REMOVEDIR);
	}
	closedir(folder);
	rmdir(f->folder);
	free(f);
	return 0;
}

#define output_test(name) cmocka_unit_test_setup_teardown(name, output_setup, output_teardown)

static inline void
output_open(struct output_fixture *f, struct line_output_params params)
{
	struct err err = { "" };

	params.path = params.path != NULL ? params.path : f->path;
	if (line_output_open(&params, &f->out, &err) != 0)
		fail_msg("%s", err.text);
}

/* While the output is opened, standard output is another descriptor; -1: closed. */
static inline int
output_open_stdout(int fd, struct line_output **out, struct err *err)
{
	const struct line_output_params params = { .kind = LINE_OUTPUT_STDOUT };
	int saved, rc;

	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	if (fd >= 0)
		dup2(fd, STDOUT_FILENO);
	else
		close(STDOUT_FILENO);
	rc = line_output_open(&params, out, err);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	return rc;
}

/* Its reader never waits; who writes into ends[1] may have to. */
static inline void
output_pipe(int ends[2])
{
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
}

static inline size_t
output_line(uint32_t number, char line[static FIXTURE_LINE_MAX])
{
	const size_t filling = number * 7919 % 700;
	const size_t head = (size_t)sprintf(line, "%u ", number);

	memset(line + head, 'x', filling);
	line[head + filling] = '\n';
	return head + filling + 1;
}

/* Looks at the state, which must tell what became of each line. */
static inline const struct line_output_state *
output_look(struct output_fixture *f)
{
	line_output_state(f->out, &f->state);
	assert_int_equal(f->state.lines + f->state.lines_lost + f->state.lines_waiting, f->put);
	return &f->state;
}

static inline void
output_put(struct output_fixture *f, uint32_t count)
{
	char line[FIXTURE_LINE_MAX];

	for (uint32_t i = 0; i < count; i++)
		line_output_put(f->out, line, output_line(f->put++, line));
}

/* Puts lines until one is lost. */
static inline void
output_fill(struct output_fixture *f)
{
	const uint64_t lost = output_look(f)->lines_lost;

	while (output_look(f)->lines_lost == lost)
		output_put(f, 1);
}

static inline const struct line_output_state *
output_flush(struct output_fixture *f)
{
	line_output_flush(f->out, f->now_us);
	return output_look(f);
}

static inline const struct line_output_state *
output_flush_later(struct output_fixture *f)
{
	f->now_us += USEC_PER_SEC;
	return output_flush(f);
}

/* Each must be whole, with a number of at least *next. Returns how many there are. */
static inline uint32_t
output_check(const char *bytes, size_t len, uint32_t *next)
{
	uint32_t count = 0;

	for (size_t at = 0; at < len; count++) {
		char line[FIXTURE_LINE_MAX];
		const uint32_t number = (uint32_t)strtoul(bytes + at, NULL, 10);
		const size_t line_len = output_line(number, line);

		assert_true(number >= *next);
		assert_true(line_len <= len - at);
		assert_memory_equal(bytes + at, line, line_len);
		*next = number + 1;
		at += line_len;
	}
	return count;
}

/* All that a file holds, with a zero behind it; to be freed. */
static inline char *
output_read(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");
	struct stat st;
	char *bytes;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	bytes = calloc(1, (size_t)st.st_size + 1);
	assert_non_null(bytes);
	*len = fread(bytes, 1, (size_t)st.st_size, file);
	fclose(file);
	return bytes;
}

/* output_check() of a file; 0 where there is none. */
static inline uint32_t
output_check_file(const char *path, uint32_t *next)
{
	uint32_t count;
	size_t len;
	char *bytes;

	if (access(path, F_OK) != 0)
		return 0;
	bytes = output_read(path, &len);
	count = output_check(bytes, len, next);
	free(bytes);
	return count;
}

static inline void
output_assert_holds(const char *path, const char *text)
{
	size_t len;
	char *bytes = output_read(path, &len);

	assert_string_equal(bytes, text);
	free(bytes);
}

/* Nothing waits, is lost or elsewhere. */
static inline void
output_assert_all_written(struct output_fixture *f)
{
	uint32_t next = 0;

	assert_int_equal(output_look(f)->lines, f->put);
	assert_int_equal(output_check_file(f->path, &next), f->put);
}

/* "out.3" in the folder. */
static inline const char *
output_numbered(const struct output_fixture *f, unsigned int number, char name[static 80])
{
	snprintf(name, 80, "%s.%u", f->path, number);
	return name;
}

static inline void
output_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

#endif /* TESTS_LINE_OUTPUT_FIXTURE_H */
