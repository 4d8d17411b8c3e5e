/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Events as JSON lines, one object a line, in the envelope of Suricata's EVE;
 * docs/output.md tells users what each field means, docs/events.schema.json is the
 * grammar, and a test holds real output against it.
 *
 * This is the high-rate writer: a line has a fixed order of fields, and nothing in it
 * needs escaping, since every text is a word of handshake/verdict.h, an address, a time or
 * one of Zeek's letters. What is not known is left out.
 *
 * A struct event_json belongs to one thread; the functions touch nothing else.
 */

#ifndef OBSERVE_EVENT_JSON_H
#define OBSERVE_EVENT_JSON_H

#include "handshake/record.h"
#include "observe/timestamp.h"
#include "pipeline/event.h"

#include <stddef.h>
#include <stdint.h>

/* No line is longer, its newline included; of connections, none is half as long. */
#define EVENT_JSON_LINE_MAX 4096

/* What a writer keeps from line to line; zero-initialise. */
struct event_json {
	struct timestamp_cache dates;
	uint64_t shift_us; /* added to each time: what the wall's clock was set by since the start */
};

/**
 * Write one line.
 *
 * @param record
 *   The connection; for EVENT_RST it must hold a RST.
 * @param kind
 *   One kind; an event of several kinds gives as many lines.
 * @param time_us
 *   When it was judged: the event's time.
 * @param[out] out
 *   EVENT_JSON_LINE_MAX bytes at least.
 * @return
 *   The line's length with its newline; no zero byte follows it.
 */
size_t event_json_write(struct event_json *json, const struct record *record, enum event_kind kind,
		uint64_t time_us, char *out);

/** The word of event_type: "connection"; "?" for a value that is no single kind. */
const char *event_json_type(enum event_kind kind);

#endif /* OBSERVE_EVENT_JSON_H */
