/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Alarms as JSON lines, in the envelope of the other events.
 */

#ifndef OBSERVE_ALARM_JSON_H
#define OBSERVE_ALARM_JSON_H

#include "detect/alarm.h"
#include "observe/event_json.h"

#include <stddef.h>

/* No line is longer, its newline included. */
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

#endif /* OBSERVE_ALARM_JSON_H */
