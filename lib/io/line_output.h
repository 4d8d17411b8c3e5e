/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Where a running appliance's lines go: a file with rotation, standard output, or a UNIX
 * socket that another program reads.
 *
 * Lines wait in a bounded buffer and are handed over when there is room. Invariants:
 * - The owner is never made to wait: a full pipe, a reader that does not read or has gone, and
 *   a full disk only let lines wait. But a file is as fast as the disk below it, and one that hangs
 *   holds up who opens, flushes or closes.
 * - Lines are handed over whole and in order. What had begun when a reader went is given whole
 *   to the next one; what a full disk took of a line is cut off.
 * - lines written + lines lost + lines waiting = lines put, at any time. A line is lost where
 *   the buffer is full, and where it is longer than any datagram, and for no other reason.
 *
 * "Written" is what the kernel took: lines that a reader had in its queue when it died are
 * not counted as lost.
 *
 * One owner at a time. The process must ignore SIGPIPE, SIGXFSZ and SIGTTOU, which a pipe
 * without reader, a limit on the size of files, and a terminal that another job has would
 * otherwise end or stop it by.
 */

#ifndef IO_LINE_OUTPUT_H
#define IO_LINE_OUTPUT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum line_output_kind {
	LINE_OUTPUT_FILE,
	LINE_OUTPUT_STDOUT,
	LINE_OUTPUT_UNIX_STREAM,
	LINE_OUTPUT_UNIX_DGRAM, /* a datagram for each line, its newline included */
};

struct line_output_params {
	enum line_output_kind kind;
	const char *path; /* of the file, or of the socket that the reader has bound */
	/*
	 * Of a file. When it reaches so many bytes, FILE becomes FILE.1, FILE.1 becomes FILE.2
	 * and so on, and FILE.rotate_keep goes. 0: never.
	 */
	uint64_t rotate_size;
	uint32_t rotate_keep; /* 1 or more */
};

struct line_buffer;
struct line_output;

struct line_output_state {
	uint64_t lines; /* handed over, whole */
	uint64_t lines_lost;
	uint64_t lines_waiting;
	size_t bytes_waiting; /* of these, which are whole */
	uint64_t rotations;
	bool is_ready; /* false: it takes nothing just now; trouble says why */
	char trouble[160]; /* for people, without the path; "": none. A file that is ready has one
			    * where it cannot be rotated or opened again */
};

/**
 * Open a file, which is appended to, or standard output; a socket is connected to by the first
 * line_output_flush(), and no reader is no error.
 *
 * @param params
 *   Needed no longer than the call.
 * @param[out] out
 *   NULL after an error.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int line_output_open(
		const struct line_output_params *params, struct line_output **out, struct err *err);

/**
 * Put a line into the buffer; it is counted as lost where it finds no room.
 *
 * @param len
 *   With its newline, which is the last byte and the only one.
 */
void line_output_put(struct line_output *out, const char *line, size_t len);

/**
 * Put lines that were gathered elsewhere, as many as find room; the others stay there.
 *
 * @return
 *   How many were taken.
 */
uint64_t line_output_take_over(struct line_output *out, struct line_buffer *lines);

/** Half of the buffer is used: it is time for line_output_flush(). */
bool line_output_is_half_full(const struct line_output *out);

/**
 * Hand over what can be handed over now; connect, rotate and open again, if that is due. To be
 * called often, also without new lines. What failed is tried again after a second.
 *
 * @param now_us
 *   Any clock; where it is set back nothing is put off by it.
 */
void line_output_flush(struct line_output *out, uint64_t now_us);

/**
 * The file was moved by another, such as logrotate: the next line_output_flush() opens it by
 * its name again. Until that succeeds the old one is written on. Nothing to do for the others.
 */
void line_output_reopen(struct line_output *out);

void line_output_state(const struct line_output *out, struct line_output_state *state);

/**
 * Try once more to hand over what waits, without waiting for anything, close and free; @p out
 * may be NULL. Who wants to give a slow reader time flushes until nothing waits.
 *
 * @return
 *   0 if no line was left waiting; otherwise -errno with the sentence, which tells how many
 *   were, in @p err. It is gone in either case.
 */
int line_output_close(struct line_output *out, struct err *err);

#endif /* IO_LINE_OUTPUT_H */
