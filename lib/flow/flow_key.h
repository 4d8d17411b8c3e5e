/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The unordered pair of endpoints that names a connection, and its keyed hash.
 *
 * Both directions of a connection give the same key: the endpoint that compares lower
 * stands first. The order has no meaning beyond that, so it is the cheapest to compute.
 */

#ifndef FLOW_FLOW_KEY_H
#define FLOW_FLOW_KEY_H

#include "packet/segment.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define FLOW_HASH_KEY_LEN 32

struct flow_key {
	uint64_t addr[2][2]; /* network byte order; IPv4 in the IPv4-mapped form */
	uint16_t port[2]; /* host byte order */
};

static_assert(sizeof(uint64_t[4]) + sizeof(uint16_t[2]) == 36, "what is compared is 36 bytes");

/** Random numbers that an attacker does not know; odd or not makes no difference. */
struct flow_hash_key {
	uint64_t word[FLOW_HASH_KEY_LEN / 8];
};

#endif /* FLOW_FLOW_KEY_H */
