/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a meter is made of; only the files meter*.c may look.
 *
 * A handshake is counted at its service alone. When the counts are taken, at a tick's end,
 * or when the service gives way, they go up into its address, and from there into the
 * prefix, so that a hit costs one look-up and nothing is ever lost: what has no place at one
 * level is counted at the next, and behind the last one as unfollowed.
 */

#ifndef DETECT_METER_STATE_H
#define DETECT_METER_STATE_H

#include "detect/meter.h"
#include "detect/scanner_table.h"
#include "detect/victim_table.h"
#include "flow/flow_key.h"

/* Who has a block of sources. */
struct meter_watched {
	uint16_t serial; /* another one each time that the block changes hands */
	uint16_t place; /* of the victim, which is held for so long */
	uint8_t level;
	bool used;
	uint32_t calm_ticks; /* for so long it has not been suspicious any more */
};

/* What a report's steps take in turn. The levels come first, by their own numbers. */
enum meter_stage {
	METER_STAGE_SCANNERS = VICTIM_LEVELS,
	METER_STAGE_SOURCES,
};

struct meter {
	struct victim_table victims[VICTIM_LEVELS];
	struct scanner_table scanners;
	struct victim_prefixes prefixes;
	uint64_t key[4];
	struct victim_counts unfollowed;
	struct sources *sources; /* METER_SOURCES blocks */
	struct meter_watched watched[METER_SOURCES];
	uint32_t watched_count;
	struct {
		uint64_t tick; /* of the last report; 0: none yet */
		uint32_t stage;
		uint32_t next; /* of the sources */
		uint64_t half_open; /* handshakes begun less those ended, of all reports so far */
		struct victim_sources told[METER_SOURCES]; /* by their index in the report */
	} report;
} CACHE_ALIGNED;

/* Which endpoint of a flow's key is the server. */
static inline uint32_t
meter_server_of(const struct flow_entry *flow)
{
	/* A number and no truth, so that an address is an offset away. */
	return (~flow->flags & FLOW_CLIENT_IS_SECOND) / FLOW_CLIENT_IS_SECOND;
}

/* Whether the flow's server is the service that has this entry. */
static inline bool
meter_is_service(const struct victim_entry *entry, const struct flow_entry *flow)
{
	const uint32_t server = meter_server_of(flow);

	return victim_table_is(entry, flow->addr[server],
			victim_table_rest(flow->port[server], VICTIM_SERVICE,
					(flow->flags & FLOW_IPV6) != 0));
}

/*
 * The entry of the flow's service, if the memo knows it and something was counted of it
 * already; otherwise NULL. Nearly all of a flood finds its victim here.
 */
static inline struct victim_entry *
meter_recall(struct meter *meter, const struct flow_entry *flow)
{
	const uint32_t server = meter_server_of(flow);
	struct victim_entry *entry = victim_table_guess(
			&meter->victims[VICTIM_SERVICE], flow->addr[server], flow->port[server]);

	return meter_is_service(entry, flow) ? entry : NULL;
}

/* The server's side of a handshake that a SYN began. */
static inline struct victim_key
meter_service_of(const struct flow_entry *flow)
{
	const uint32_t server = meter_server_of(flow);

	return (struct victim_key){ .addr = { flow->addr[server][0], flow->addr[server][1] },
		.port = flow->port[server],
		.level = VICTIM_SERVICE,
		.ipv6 = (flow->flags & FLOW_IPV6) != 0 };
}

static inline const uint64_t *
meter_client_of(const struct flow_entry *flow)
{
	return flow->addr[(flow->flags & FLOW_CLIENT_IS_SECOND) / FLOW_CLIENT_IS_SECOND];
}

static inline void
meter_add_source(struct meter *meter, struct sources *sources, const struct flow_entry *flow)
{
	const uint64_t *addr = meter_client_of(flow);
	uint64_t hash = flow_key_mix(addr[0] ^ meter->key[2], addr[1] ^ meter->key[0]);

	/* Once more, or sequential addresses fill the registers unevenly. */
	hash = flow_key_mix(hash ^ meter->key[1], meter->key[3] | 1);
	sources_add(sources, addr, (flow->flags & FLOW_IPV6) != 0, hash);
}

static inline struct victim_table *
meter_table_of(struct meter *meter, const struct victim_entry *entry)
{
	return &meter->victims[entry->key.level];
}

#endif /* DETECT_METER_STATE_H */
