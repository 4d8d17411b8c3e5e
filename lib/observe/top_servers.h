/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The servers with the most failed handshakes, in bounded memory.
 *
 * Those that fail most are found as space_saving.h says; what weighs is a failure.
 *
 * Servers that only succeed take places while there are free ones, so that their attempts
 * are known should they fail later.
 */

#ifndef OBSERVE_TOP_SERVERS_H
#define OBSERVE_TOP_SERVERS_H

#include "handshake/record.h"
#include "observe/space_saving.h"

#include <stdbool.h>
#include <stdint.h>

#define TOP_SERVERS_KEPT 4096

/* One server, as counted since it has been followed. */
struct top_server {
	struct space_saving_server server;
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
