/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The servers with the most failed handshakes, in bounded memory.
 *
 * Space-Saving: A. Metwally, D. Agrawal, A. El Abbadi, "Efficient computation of frequent
 * and top-k elements in data streams", ICDT 2005. A fixed number of servers is followed.
 * When one that is not followed fails and none of the places is free, it takes that of the
 * server with the fewest failures and inherits their number as its error: so many of its
 * own may have been missed. Hence a server with more than 1/TOP_SERVERS_KEPT of all
 * failures is always among those followed, and while there are no more servers than
 * places, as in most captures, every number is exact.
 *
 * Servers that only succeed take places while there are free ones, so that their attempts
 * are known should they fail later.
 */

#ifndef OBSERVE_TOP_SERVERS_H
#define OBSERVE_TOP_SERVERS_H

#include "handshake/record.h"

#include <stdbool.h>
#include <stdint.h>

#define TOP_SERVERS_KEPT 4096

/* One server, as counted since it has been followed. */
struct top_server {
	uint8_t addr[16];
	uint16_t port;
	uint8_t ip_version;
	uint64_t attempts; /* began with a SYN: complete + failed + what nobody could judge */
	uint64_t complete;
	uint64_t failed;
	uint64_t error; /* at most so many failures came before, and are not in the numbers */
	uint64_t results[HANDSHAKE_RESULT_COUNT];
};

struct top_servers;

/** The seed is random and keys the hash; NULL when there is no memory. */
struct top_servers *top_servers_create(uint64_t seed);

void top_servers_destroy(struct top_servers *top);

/** Count one connection. */
void top_servers_add(struct top_servers *top, const struct record *record);

/**
 * Those with the most failures, most first; none without a failure.
 *
 * @param[out] best
 *   Room for @p room.
 * @return
 *   How many.
 */
uint32_t top_servers_best(
		const struct top_servers *top, const struct top_server **best, uint32_t room);

/** Whether the handshake began with a SYN and someone failed to bring it to its end. */
bool top_servers_is_failure(enum handshake_result result);

#endif /* OBSERVE_TOP_SERVERS_H */
