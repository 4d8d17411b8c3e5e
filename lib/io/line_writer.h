/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Many short lines into a file or a pipe: formatted in place in one large buffer, written
 * by one system call for about a thousand lines.
 *
 * Invariant: what cannot be written is told. The first error sticks; line_writer_close()
 * gives its sentence, and what was written before stays. One owner at a time.
 */

#ifndef IO_LINE_WRITER_H
#define IO_LINE_WRITER_H

#include "base/err.h"

#include <stddef.h>

struct line_writer;

/**
 * Create the file, or empty it.
 *
 * @param path
 *   The file's name; "-" is standard output, which stays open behind the writer.
 * @param[out] writer
 *   NULL after an error.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int line_writer_open(const char *path, struct line_writer **writer, struct err *err);

/**
 * Room for the next text.
 *
 * @param len
 *   64 KiB at most.
 * @return
 *   @p len bytes, to be filled and handed over by line_writer_commit(). Never NULL: after
 *   an error what is put there is thrown away.
 */
char *line_writer_reserve(struct line_writer *writer, size_t len);

/** The first @p len bytes of what was reserved hold text. */
void line_writer_commit(struct line_writer *writer, size_t len);

/** 0, or -errno of the first write that failed. */
int line_writer_error(const struct line_writer *writer);

/**
 * Write out what is buffered, close and free; @p writer may be NULL.
 *
 * @return
 *   0 if all text reached the file; otherwise -errno with the sentence in @p err. The
 *   writer is gone in either case.
 */
int line_writer_close(struct line_writer *writer, struct err *err);

#endif /* IO_LINE_WRITER_H */
