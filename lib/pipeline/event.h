/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a worker tells the control thread of a connection: a copy of the connection's
 * packed state with what is to be said of it. Making words of it is the control
 * thread's work, so an event costs the worker a copy of three cache lines.
 */

#ifndef PIPELINE_EVENT_H
#define PIPELINE_EVENT_H

#include "flow/flow_entry.h"
#include "handshake/record.h"
#include "packet/segment.h"

#include <stdbool.h>
#include <stdint.h>

/* An event may be several at once: a handshake that is judged as its entry is released. */
enum event_kind {
	EVENT_INCOMPLETE_HANDSHAKE = 1 << 0,
	EVENT_RST = 1 << 1,
	EVENT_CONNECTION = 1 << 2,
	EVENT_HANDSHAKE = 1 << 3, /* it completed; only if pipeline_params.tell_handshakes */
	EVENT_QUOTE = 1 << 4, /* of no connection here: see quote; only if tell_quotes */
};

struct event {
	union {
		struct flow_snapshot flow;
		struct segment quote; /* EVENT_QUOTE: an ICMP error quotes it; alone among the kinds */
	};
	uint8_t kinds; /* enum event_kind, or-ed */
	uint8_t end; /* enum end_how, for EVENT_CONNECTION */
	uint16_t worker;
	bool blind; /* frames passed untracked while the connection was known */
	uint64_t time_us; /* when it was judged: the segment's time, or the moment a timer ran out */
};

/** Unpack what is known of the event's connection. */
void event_to_record(const struct event *event, struct record *record);

/* A burst's events; the pipeline fills it, the caller takes them out before the next call. */
#define EVENT_BATCH_ROOM 256

struct event_batch {
	uint32_t count;
	struct event events[EVENT_BATCH_ROOM];
};

#endif /* PIPELINE_EVENT_H */
