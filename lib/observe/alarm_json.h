/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Alarms as JSON lines, in the envelope of the other events; docs/output.md explains the fields,
 * docs/floods.md what is behind them.
 *
 * The event_type is the word of the alarm's type. They are rare, so jansson writes them. What
 * is not known, or not known yet, is left out.
 */

#ifndef OBSERVE_ALARM_JSON_H
#define OBSERVE_ALARM_JSON_H

#include "detect/alarm.h"
#include "observe/event_json.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* No line is longer, its newline included: also where a file's name needs escapes. */
#define ALARM_JSON_LINE_MAX EVENT_JSON_LINE_MAX

/**
 * Write one line.
 *
 * @param json
 *   For the shift of its clock.
 * @param[out] out
 *   ALARM_JSON_LINE_MAX bytes at least.
 * @return
 *   The line's length with its newline; no zero byte follows it. 0 when there is no memory.
 */
size_t alarm_json_write(struct event_json *json, const struct alarm *alarm, char *out);

/**
 * The event but for its timestamp.
 *
 * @param shift_us
 *   Added to each time.
 * @return
 *   A new reference, NULL when there is no memory.
 */
json_t *alarm_json_object(const struct alarm *alarm, uint64_t shift_us);

/** The field that holds the numbers: "flood", "scan" or "storm". */
const char *alarm_json_key(enum alarm_type type);

#endif /* OBSERVE_ALARM_JSON_H */
