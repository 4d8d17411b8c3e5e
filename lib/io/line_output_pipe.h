/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Lines into a pipe, a terminal, or whatever standard output is.
 *
 * Invariant: the caller does not wait, and what is set on a descriptor that other processes
 * share stays as it was. So whether there is room is asked first, and no more is written at
 * a time than a pipe that has room takes whole (PIPE_BUF); as whole lines where they are short
 * enough, so that others who write into the same pipe do not tear them.
 */

#ifndef IO_LINE_OUTPUT_PIPE_H
#define IO_LINE_OUTPUT_PIPE_H

#include <stddef.h>
#include <sys/types.h>

/** A descriptor of standard output, to be closed by the caller; -errno. */
int line_output_pipe_stdout(void);

/** @return How many bytes were written; -EAGAIN where none has room; another -errno. */
ssize_t line_output_pipe_write(int fd, const char *bytes, size_t len);

#endif /* IO_LINE_OUTPUT_PIPE_H */
