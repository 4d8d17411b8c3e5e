/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * An output with a thread of its own, so that a disk that hangs holds up nobody but that thread.
 *
 * Lines gather here, and are handed to the thread as soon as it has written those before. Its
 * struct line_output is the thread's while a job is under way, and the owner's otherwise.
 * Invariants:
 * - The owner never waits without end: for a disk that works it waits until it has written what
 *   it was given, rather than lose a line, at most 100 ms between two moments of which it tells
 *   (output_thread_flush()); for one that has held up a job for half a second, not again until it works.
 * - Lines written, lost and waiting are lines put, as of a line_output; no more wait than there,
 *   those that were handed over included.
 * - Whatever becomes of the disk, closing comes back. A thread that hangs then writes what it still
 *   has when it can, closes, and ends, on its own.
 *
 * The thread is made by the first job, not before: so it runs where its owner does then, and as whom.
 * Where none can be made, jobs are done by the owner itself.
 */

#ifndef APP_RUN_OUTPUT_THREAD_H
#define APP_RUN_OUTPUT_THREAD_H

#include "io/line_output.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct output_thread;

/**
 * As line_output_open().
 *
 * @param is_running
 *   Somebody is held up by this: the thread opens it, and a disk that does not answer within a
 *   second is an error.
 */
int output_thread_open(const struct line_output_params *params, bool is_running,
		struct output_thread **output, struct err *err);

/** As line_output_put(). */
void output_thread_put(struct output_thread *output, const char *line, size_t len);

/** Half of the room for lines that were not handed over is used: it is time for output_thread_flush(). */
bool output_thread_is_half_full(const struct output_thread *output);

/** Hand what waits to the thread, if that has nothing to do; as line_output_flush() otherwise. */
void output_thread_flush(struct output_thread *output, uint64_t now_us);

/** As line_output_reopen(). */
void output_thread_reopen(struct output_thread *output);

/** As of the last job that was done. One that takes too long is no more ready. */
void output_thread_state(struct output_thread *output, struct line_output_state *state);

/** As line_output_close(); a disk that hangs is an error that says how many lines wait for it. */
int output_thread_close(struct output_thread *output, struct err *err);

#endif /* APP_RUN_OUTPUT_THREAD_H */
