/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The far end of a replay's wire: a port that takes every frame, and shows a capture
 * writer what it took.
 *
 * The port is net_null, and the writer a callback on its transmit queue, so what is
 * written is what a port was given to send. DPDK's own net_pcap can write a capture too,
 * but stamps each frame with the time of its writing, and keeps a full disk to itself: a
 * replay could then not be compared with its input, nor be believed.
 *
 * One thread opens and closes; the worker that sends to the port runs the callback; any
 * thread may ask for the error.
 */

#ifndef IO_CAPTURE_SINK_H
#define IO_CAPTURE_SINK_H

#include "base/err.h"

#include <stdint.h>

#define CAPTURE_SINK_QUEUE 0

struct capture_sink;

/**
 * @param path
 *   Of the capture to write, "-" for standard output; NULL: none is written.
 * @param time_offset
 *   capture_port_time_offset().
 * @param[out] sink
 *   NULL after an error.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int capture_sink_open(
		const char *path, int time_offset, struct capture_sink **sink, struct err *err);

/** DPDK's number of the port. */
uint16_t capture_sink_port(const struct capture_sink *sink);

/** 0, or -errno of the first frame that could not be written; it is worth stopping then. */
int capture_sink_error(const struct capture_sink *sink);

/**
 * Close port and capture; @p sink may be NULL. No worker may send to it any more.
 *
 * @return
 *   0 if every frame that was sent reached the file; otherwise -errno with the sentence
 *   in @p err. The sink is gone in either case.
 */
int capture_sink_close(struct capture_sink *sink, struct err *err);

#endif /* IO_CAPTURE_SINK_H */
