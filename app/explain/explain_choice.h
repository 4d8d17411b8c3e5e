/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Which connection is meant: the value of --flow.
 */

#ifndef APP_EXPLAIN_EXPLAIN_CHOICE_H
#define APP_EXPLAIN_EXPLAIN_CHOICE_H

#include "handshake/record.h"

#include <stdbool.h>
#include <stdint.h>

struct explain_endpoint {
	uint8_t ip_version;
	uint8_t addr[16]; /* IPv4 in the IPv4-mapped form */
	uint16_t port;
};

struct explain_choice {
	uint64_t number; /* 0: by endpoints */
	uint32_t endpoints; /* 1 or 2 */
	struct explain_endpoint endpoint[2];
};

/**
 * Read "3", "192.0.2.1:80", "[2001:db8::1]:80", or two of these endpoints with '-' between.
 *
 * @return
 *   0, or -EINVAL.
 */
int explain_choice_read(const char *text, struct explain_choice *choice);

/** Whether the connection is one of those meant. */
bool explain_choice_matches(
		const struct explain_choice *choice, uint64_t number, const struct record *record);

#endif /* APP_EXPLAIN_EXPLAIN_CHOICE_H */
