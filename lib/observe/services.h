/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * How the services fare that connections are to: for each server address and port what
 * became of its handshakes, and how long it and its clients took to answer.
 *
 * Memory is bounded; the services that are tried most are kept, as space_saving.h says.
 * A handshake is counted when it is judged, so a service that has gone silent shows while
 * its connections are still being tried. Each is counted once, under its result, but for
 * those few that were judged incomplete and completed after all (an ICMP error came and the
 * client went on): they stay where they were counted, are counted as completed too, and
 * `late` says how many. So
 *
 *   attempts + late = completed + refused + server_silent + client_silent + other + unknown
 *
 * One thread owns a struct services.
 */

#ifndef OBSERVE_SERVICES_H
#define OBSERVE_SERVICES_H

#include "handshake/record.h"
#include "observe/recent_latency.h"
#include "observe/space_saving.h"
#include "pipeline/event.h"

#include <stdint.h>

#define SERVICES_KEPT 1024

/* X(field, help): what became of a handshake with a service; the field is the word. */
#define SERVICE_RESULTS(X) \
	X(completed, "completed") \
	X(refused, "answered by a RST") \
	X(server_silent, "not answered") \
	X(client_silent, "answered, and not acknowledged by the client") \
	X(other, "broken off, unreachable, or answered oddly") \
	X(unknown, "seen in one direction only, or not kept until it could be judged")

/* One service, as counted since it has been followed. */
struct service {
	struct space_saving_server server;
	uint64_t attempts; /* handshakes that began with a SYN and were judged */
#define X(field, help) uint64_t field;
	SERVICE_RESULTS(X)
#undef X
	uint64_t late; /* completed after they had been judged incomplete */
	uint64_t error; /* at most so many attempts came before, and are not in the numbers */
	struct recent_latency server_share; /* SYN to SYN-ACK, of those that completed */
	struct recent_latency client_share; /* SYN-ACK to its acknowledgement */
};

enum services_order {
	SERVICES_BY_ATTEMPTS,
	SERVICES_BY_FAILURES, /* only those that have failures */
};

struct services;

/** The seed is random and keys the hash; NULL when there is no memory. */
struct services *services_create(uint64_t seed);

void services_destroy(struct services *services);

/**
 * Take one event.
 *
 * @param kind
 *   EVENT_HANDSHAKE and EVENT_INCOMPLETE_HANDSHAKE are counted, the others pass.
 */
void services_add(struct services *services, const struct record *record, enum event_kind kind);

/**
 * Those at the top of an order.
 *
 * @param[out] best
 *   Room for @p room; they live until the next services_add().
 * @return
 *   How many.
 */
uint32_t services_best(const struct services *services, const struct service **best, uint32_t room,
		enum services_order order);

/** How many are followed. */
uint32_t services_count(const struct services *services);

/** Handshakes that somebody failed to bring to their end. */
uint64_t services_failures(const struct service *service);

#endif /* OBSERVE_SERVICES_H */
