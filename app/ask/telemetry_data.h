/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * JSON as DPDK's telemetry can give it away.
 *
 * DPDK 22.11 knows dictionaries of 256 members, strings of 127 bytes of printable ASCII,
 * whole numbers, and arrays of one kind of these; an answer has 16 KiB. So an array of anything
 * else becomes a dictionary with the members "0", "1" and so on, false and true become
 * 0 and 1, a number with a fraction a string, a text of several lines an array of them, and
 * null is left out. What does not fit is left out too, an element of an array as a whole,
 * and the answer then has a member "cut": 1, as when it came with a "cut" that is true.
 */

#ifndef APP_ASK_TELEMETRY_DATA_H
#define APP_ASK_TELEMETRY_DATA_H

#include <jansson.h>

struct rte_tel_data;

/** Fill what a telemetry callback is given with a JSON object. */
void telemetry_data_fill(struct rte_tel_data *data, json_t *object);

#endif /* APP_ASK_TELEMETRY_DATA_H */
