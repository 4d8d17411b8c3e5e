/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Which servers something happens to most, in bounded memory.
 *
 * Space-Saving: A. Metwally, D. Agrawal, A. El Abbadi, "Efficient computation of frequent
 * and top-k elements in data streams", ICDT 2005. A fixed number of servers is followed,
 * each at a place of its own. When one that is not followed needs a place and none is
 * free, it takes that of the lightest and inherits its weight as its error: so much of its
 * own may have been missed. Hence a server with more than 1/places of all weight is always
 * among those followed, and while there are no more servers than places, all is exact.
 *
 * What is counted of a server is the caller's: it keeps an array beside this, indexed by
 * place, and starts anew what lies at a place that space_saving_follow() gives it.
 */

#ifndef OBSERVE_SPACE_SAVING_H
#define OBSERVE_SPACE_SAVING_H

#include "handshake/record.h"

#include <stdbool.h>
#include <stdint.h>

#define SPACE_SAVING_NONE UINT16_MAX

struct space_saving_server {
	uint8_t addr[16]; /* IPv4 in the IPv4-mapped form */
	uint16_t port;
	uint8_t ip_version; /* 4 or 6 */
};

struct space_saving;

/**
 * @param places
 *   A power of two below SPACE_SAVING_NONE.
 * @param seed
 *   Random; it keys the hash, so that nobody can choose addresses that collide.
 * @return
 *   NULL when there is no memory.
 */
struct space_saving *space_saving_create(uint32_t places, uint64_t seed);

void space_saving_destroy(struct space_saving *saving);

/** The server that the connection was to. */
struct space_saving_server space_saving_server_of(const struct record *record);

/** The server's place; SPACE_SAVING_NONE if it is not followed. */
uint32_t space_saving_find(
		const struct space_saving *saving, const struct space_saving_server *server);

/** Give a server that is not followed a place: a free one, or the lightest's. */
uint32_t space_saving_follow(struct space_saving *saving, const struct space_saving_server *server);

/** Let the server at a place weigh one more. */
void space_saving_add(struct space_saving *saving, uint32_t place);

/** So much of its weight may have been missed. */
uint64_t space_saving_error(const struct space_saving *saving, uint32_t place);

/** How many places are taken: those from 0 on. */
uint32_t space_saving_count(const struct space_saving *saving);

bool space_saving_is_full(const struct space_saving *saving);

#endif /* OBSERVE_SPACE_SAVING_H */
