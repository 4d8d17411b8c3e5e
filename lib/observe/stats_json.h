/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The counters of a running appliance as JSON: in events of event_type "stats", and in the
 * answer to `show stats`, which are the same.
 *
 * Every counter has the name of its metric, without the prefix synwire_ and the suffix
 * _total. Counters that may be labelled (frames by kind, handshakes by result) are objects
 * of their words, all of them, also those that are 0: a reader sees the same shape always.
 * docs/output.md explains the fields.
 */

#ifndef OBSERVE_STATS_JSON_H
#define OBSERVE_STATS_JSON_H

#include "observe/status.h"

#include <jansson.h>
#include <stddef.h>

/* No line is longer, its newline included: 64 workers and 32 ports with names of all sorts. */
#define STATS_JSON_LINE_MAX (128 * 1024)

/** What stands behind "stats". A new reference; NULL when there is no memory. */
json_t *stats_json_object(const struct status *status);

/** One port of it. */
json_t *stats_json_port(const struct status *status, uint32_t port);

/**
 * The event.
 *
 * @param[out] out
 *   STATS_JSON_LINE_MAX bytes at least.
 * @return
 *   The line's length with its newline; no zero byte follows it. 0 when there is no memory.
 */
size_t stats_json_write(const struct status *status, char *out);

#endif /* OBSERVE_STATS_JSON_H */
