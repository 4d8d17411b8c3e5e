/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Lines that wait to be written: a bounded queue of bytes that knows where lines end.
 *
 * Invariant: a line stays whole in the buffer until its last byte is taken. So one whose
 * beginning went to a reader that is no longer there can be given to the next from its start.
 *
 * A line is one or more bytes of which the last, and only the last, is a newline.
 */

#ifndef IO_LINE_BUFFER_H
#define IO_LINE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bytes that may wait: some ten thousand events. */
#define LINE_BUFFER_SIZE ((size_t)4 << 20)

struct line_buffer {
	char *room;
	size_t head; /* where the first line begins that is not wholly taken */
	size_t taken; /* bytes of that line that are */
	size_t tail; /* behind the last line */
	uint64_t lines; /* from head to tail */
};

/** @return 0 or -ENOMEM. */
int line_buffer_init(struct line_buffer *buffer);

void line_buffer_fini(struct line_buffer *buffer);

/** Append a line; false, and nothing is appended, where it finds no room. */
bool line_buffer_put(struct line_buffer *buffer, const char *line, size_t len);

/**
 * Move lines from the front of @p from, of which nothing was taken, behind those of @p to: as many
 * as find room.
 *
 * @return
 *   How many.
 */
uint64_t line_buffer_move(struct line_buffer *from, struct line_buffer *to);

/** How many bytes were not taken yet. */
size_t line_buffer_waiting(const struct line_buffer *buffer);

/**
 * Look at all bytes that were not taken yet.
 *
 * @return
 *   line_buffer_waiting(); if that is not 0 the last of them is a newline.
 */
size_t line_buffer_peek(const struct line_buffer *buffer, const char **bytes);

/**
 * The first @p n of these bytes were written.
 *
 * @return
 *   How many lines became whole by it.
 */
uint64_t line_buffer_take(struct line_buffer *buffer, size_t n);

/** The first line is to be written from its beginning, whatever was taken of it. */
void line_buffer_rewind(struct line_buffer *buffer);

/** Remove the first line; there must be one. */
void line_buffer_drop(struct line_buffer *buffer);

#endif /* IO_LINE_BUFFER_H */
