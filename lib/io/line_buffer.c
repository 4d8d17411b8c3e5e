/* SPDX-License-Identifier: Apache-2.0 */

#include "io/line_buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Twice what may wait: the lines are moved to the front only after as many bytes again were
 * taken, so a byte is moved once at most. Pages that nothing reached cost no memory.
 */
#define ROOM (2 * LINE_BUFFER_SIZE)

int
line_buffer_init(struct line_buffer *buffer)
{
	*buffer = (struct line_buffer){ .room = malloc(ROOM) };
	return buffer->room != NULL ? 0 : -ENOMEM;
}

void
line_buffer_fini(struct line_buffer *buffer)
{
	free(buffer->room);
	buffer->room = NULL;
}

static void
move_to_front(struct line_buffer *buffer)
{
	memmove(buffer->room, buffer->room + buffer->head, buffer->tail - buffer->head);
	buffer->tail -= buffer->head;
	buffer->head = 0;
}

bool
line_buffer_put(struct line_buffer *buffer, const char *line, size_t len)
{
	if (len > LINE_BUFFER_SIZE - (buffer->tail - buffer->head))
		return false;
	if (len > ROOM - buffer->tail)
		move_to_front(buffer);
	memcpy(buffer->room + buffer->tail, line, len);
	buffer->tail += len;
	buffer->lines++;
	return true;
}

size_t
line_buffer_waiting(const struct line_buffer *buffer)
{
	return buffer->tail - buffer->head - buffer->taken;
}

size_t
line_buffer_peek(const struct line_buffer *buffer, const char **bytes)
{
	*bytes = buffer->room + buffer->head + buffer->taken;
	return line_buffer_waiting(buffer);
}

static size_t
first_len(const struct line_buffer *buffer)
{
	const char *begin = buffer->room + buffer->head;
	const char *newline = memchr(begin, '\n', buffer->tail - buffer->head);

	return newline != NULL ? (size_t)(newline + 1 - begin) : buffer->tail - buffer->head;
}

static void
remove_first(struct line_buffer *buffer, size_t len)
{
	buffer->head += len;
	buffer->taken = 0;
	buffer->lines--;
	if (buffer->head == buffer->tail)
		buffer->head = buffer->tail = 0;
}

uint64_t
line_buffer_take(struct line_buffer *buffer, size_t n)
{
	const uint64_t before = buffer->lines;
	size_t left = buffer->taken + n;

	while (left > 0) {
		const size_t len = first_len(buffer);

		if (len > left)
			break;
		remove_first(buffer, len);
		left -= len;
	}
	buffer->taken = left;
	return before - buffer->lines;
}

uint64_t
line_buffer_move(struct line_buffer *from, struct line_buffer *to)
{
	const uint64_t before = from->lines;

	if (to->lines == 0) { /* all, and no byte needs to be copied */
		const struct line_buffer empty = *to;

		*to = *from;
		*from = empty;
		return before;
	}
	while (from->lines > 0) {
		const size_t len = first_len(from);

		if (!line_buffer_put(to, from->room + from->head, len))
			break;
		remove_first(from, len);
	}
	return before - from->lines;
}

void
line_buffer_drop(struct line_buffer *buffer)
{
	remove_first(buffer, first_len(buffer));
}

void
line_buffer_rewind(struct line_buffer *buffer)
{
	buffer->taken = 0;
}
