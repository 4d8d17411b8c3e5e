/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Lines into a file that grows, is rotated by its size, and may be moved by others.
 *
 * Invariant: a regular file ends with a whole line whenever a call returns, or it could not be
 * cut back. What a full disk took of a line is cut off again, and what another run left behind
 * gets its newline before the next line. FILE is renamed only between two lines.
 *
 * Trouble with names (renaming, opening again) loses nothing: the file that is open is written
 * on, the trouble told, and the same tried again after a second.
 */

#ifndef IO_LINE_OUTPUT_FILE_H
#define IO_LINE_OUTPUT_FILE_H

#include "base/err.h"
#include "io/line_output_retry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct line_output_file {
	char *path;
	int fd;
	bool is_regular; /* false: a pipe or device: not rotated, written as a pipe is */
	bool ends_torn; /* a newline comes first */
	bool is_moved; /* to be opened by its name again */
	uint64_t size; /* when last looked at */
	uint64_t rotate_size; /* 0: never */
	uint32_t rotate_keep;
	uint64_t rotations;
	struct line_output_retry retry; /* of what failed with names */
	char trouble[128]; /* "": none */
};

/** @return 0, or -errno with the sentence in @p err. */
int line_output_file_open(struct line_output_file *file, const char *path, uint64_t rotate_size,
		uint32_t rotate_keep, struct err *err);

/** @return 0, or -errno with the sentence in @p err: what was written may not have arrived. */
int line_output_file_close(struct line_output_file *file, struct err *err);

/** Another moved the file: line_output_file_tidy() is to open it by its name again. */
void line_output_file_was_moved(struct line_output_file *file);

/**
 * Between two writes: open again, or rotate, if that is due.
 *
 * @return
 *   True: it is another file now.
 */
bool line_output_file_tidy(struct line_output_file *file, uint64_t now_us);

/**
 * @param bytes
 *   Up to the end of a line.
 * @return
 *   How many were written: to the end of a line, so many that the file is to be rotated, or as
 *   many as there was room for. -EAGAIN, where a pipe has no room; another -errno.
 */
ssize_t line_output_file_write(struct line_output_file *file, const char *bytes, size_t len);

#endif /* IO_LINE_OUTPUT_FILE_H */
