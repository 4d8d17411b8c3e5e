/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Values for replies, as jansson makes them.
 *
 * Each gives a new reference for json_object_set_new() and its like, or NULL when there is
 * no memory: these take NULL, and the field is then missing.
 */

#ifndef OBSERVE_JSON_VALUE_H
#define OBSERVE_JSON_VALUE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* How all are dumped: a number with a fraction has no more digits than it is worth. */
#define JSON_VALUE_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(6))

/** A text; what is no UTF-8 in it is replaced by question marks. */
json_t *json_value_text(const char *text);

/** RFC 3339, as in all events. */
json_t *json_value_time(uint64_t time_us);

/** A number; the largest that JSON readers of 64 bits can hold, if it is larger. */
json_t *json_value_count(uint64_t count);

/** An address as text. */
json_t *json_value_address(const uint8_t addr[16], uint8_t ip_version);

/**
 * Write a value as one line.
 *
 * @param room
 *   Of @p out.
 * @return
 *   Its length with its newline; no zero byte follows. 0 if there is no room, or no memory.
 */
size_t json_value_line(const json_t *value, char *out, size_t room);

#endif /* OBSERVE_JSON_VALUE_H */
