/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One pass over a capture through the engine, frame by frame, told as connections.
 *
 * Connections are numbered from 1 by the order of their first segments, the same in every
 * pass. Each segment is told with what the tracker has of its connection behind it, each
 * connection once with its record, when it ends or the capture does. Timers are off, so a
 * connection is what replay with --timeouts off makes of it.
 */

#ifndef APP_EXPLAIN_EXPLAIN_SCAN_H
#define APP_EXPLAIN_EXPLAIN_SCAN_H

#include "base/err.h"
#include "flow/flow_entry.h"
#include "handshake/record.h"
#include "io/capture_file.h"
#include "packet/frame.h"
#include "packet/segment.h"
#include "pipeline/pipeline.h"

#include <stdbool.h>
#include <stdint.h>

/* A segment, and where it belongs. */
struct explain_segment {
	uint64_t connection; /* the connection's number */
	uint64_t number; /* the frame's, from 1 */
	const struct frame *frame;
	const struct segment *segment;
	/* NULL of a SYN that turned out only later to have opened the connection. */
	const struct flow_snapshot *now;
};

/* Whom to tell. A non-zero return (-errno) ends the pass; any may be NULL. */
struct explain_visitor {
	void *context;
	int (*segment)(void *context, const struct explain_segment *segment);
	int (*connection)(void *context, uint64_t connection, const struct record *record);
	/* The SYN with this number was told of a connection that it did not belong to. */
	void (*lost_syn)(void *context, uint64_t connection, uint32_t seq);
};

struct explain_scan {
	uint64_t connections; /* numbers given */
	uint64_t frames;
	uint64_t first_us; /* of the first frame */
	uint64_t last_us;
	enum capture_end end;
	char end_text[256]; /* why it ended there, half a sentence; "" for a whole capture */
};

/**
 * Make one pass.
 *
 * @param params
 *   As params_load() gives them; timeouts are turned off.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int explain_scan_run(const char *path, const struct pipeline_params *params,
		const struct explain_visitor *visitor, struct explain_scan *scan, struct err *err);

#endif /* APP_EXPLAIN_EXPLAIN_SCAN_H */
