/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Events of event_type "wire" as JSON lines: what happens to the appliance itself.
 *
 * They are rare, so jansson writes them. docs/output.md explains the words and fields.
 */

#ifndef OBSERVE_WIRE_JSON_H
#define OBSERVE_WIRE_JSON_H

#include <stddef.h>
#include <stdint.h>

/* X(id, word): wire.what; rows are only ever added, since words are part of the output. */
#define WIRE_WHATS(X) \
	X(WIRE_STARTED, "started") \
	X(WIRE_STOPPED, "stopped") \
	X(WIRE_RELOADED, "reloaded") \
	X(WIRE_RELOAD_REFUSED, "reload_refused") \
	X(WIRE_LINK_UP, "link_up") \
	X(WIRE_LINK_DOWN, "link_down") \
	X(WIRE_HELD_DOWN, "held_down") \
	X(WIRE_RELEASED, "released") \
	X(WIRE_PORT_STOPPED, "port_stopped") \
	X(WIRE_WORKER_STALLED, "worker_stalled") \
	X(WIRE_WORKER_RECOVERED, "worker_recovered") \
	X(WIRE_BYPASS_ON, "bypass_on") \
	X(WIRE_BYPASS_OFF, "bypass_off") \
	X(WIRE_OUTPUT_FAILED, "output_failed") \
	X(WIRE_OUTPUT_RECOVERED, "output_recovered") \
	X(WIRE_CAPTURE_FAILED, "capture_failed") \
	X(WIRE_CAPTURE_RECOVERED, "capture_recovered")

/* X(id, word): wire.reason, why frames are forwarded without being tracked. */
#define WIRE_REASONS(X) \
	X(WIRE_OPERATOR, "operator") \
	X(WIRE_OVERLOAD, "overload")

#define X(id, word) id,
enum wire_what {
	WIRE_WHATS(X) WIRE_WHAT_COUNT
};
enum wire_reason {
	WIRE_REASON_NONE,
	WIRE_REASONS(X) WIRE_REASON_COUNT
};
#undef X

#define WIRE_NO_WORKER (-1)

/* Of texts that are NULL nothing is written; of longer ones than this, the beginning. */
#define WIRE_TEXT_MAX 511

struct wire_event {
	enum wire_what what;
	const char *wire; /* its name */
	const char *port; /* its name */
	const char *output; /* its path, or "stdout"; the folder of captures */
	int worker; /* or WIRE_NO_WORKER */
	uint64_t since_us; /* of what has ended: when it began; 0: not known */
	enum wire_reason reason;
	const char *detail; /* a sentence */
};

/* No line is longer, its newline included. */
#define WIRE_JSON_LINE_MAX 16384

/**
 * Write one line.
 *
 * @param[out] out
 *   WIRE_JSON_LINE_MAX bytes at least.
 * @return
 *   The line's length with its newline; no zero byte follows it. 0 when there is no memory.
 */
size_t wire_json_write(const struct wire_event *event, uint64_t time_us, char *out);

/** The word of wire.what; "?" for a value that is none. */
const char *wire_json_what_word(enum wire_what what);

/** The word of wire.reason; NULL for none. */
const char *wire_json_reason_word(enum wire_reason reason);

#endif /* OBSERVE_WIRE_JSON_H */
