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

#define METER_BURST_MAX 32

struct meter {
	struct {
		uint32_t count;
		const struct segment *syns[METER_BURST_MAX]; /* seen, and not counted yet */
		struct flow_entry *flows[METER_BURST_MAX]; /* theirs, unless it is gone already */
	} burst;
	struct victim_table victims[VICTIM_LEVELS];
	struct scanner_table scanners;
	uint64_t source_key[4]; /* of the hash of sources */
	struct victim_prefixes prefixes;
	uint64_t prefix_mask[2][2]; /* the same; of IPv4, of IPv6 */
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

/*
 * The entry of a service, if the memo knows it and something was counted of it already;
 * otherwise NULL. Nearly all of a flood finds its victim here.
 */
static inline struct victim_entry *
meter_recall(struct meter *meter, const uint64_t addr[2], uint16_t port, bool ipv6)
{
	struct victim_entry *entry = victim_table_guess(
			&meter->victims[VICTIM_SERVICE], addr, port);

	return victim_table_is(entry, addr, port, VICTIM_SERVICE, ipv6) ? entry : NULL;
}

/* Of the flow's server. */
static inline struct victim_entry *
meter_recall_server(struct meter *meter, const struct flow_entry *flow)
{
	const uint32_t server = meter_server_of(flow);

	return meter_recall(meter, flow->addr[server], flow->port[server],
			(flow->flags & FLOW_IPV6) != 0);
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

/*
 * Where the beginning of a metered handshake was counted, and so its end, so that who was given a
 * place meanwhile has no ends too many; NULL: it has to be looked for.
 */
static inline struct victim_counts *
meter_recall_place(struct meter *meter, const struct flow_entry *flow)
{
	const uint32_t server = meter_server_of(flow);
	const uint64_t *addr = flow->addr[server];
	const bool ipv6 = (flow->flags & FLOW_IPV6) != 0;
	struct victim_entry *entry;
	enum victim_level level = VICTIM_SERVICE;
	uint16_t port = flow->port[server];

	if ((flow->flags & FLOW_METERED) != FLOW_METERED_SERVICE) {
		if ((flow->flags & FLOW_METERED) == FLOW_METERED_NOWHERE)
			return &meter->unfollowed;
		level = VICTIM_ADDRESS;
		port = 0;
	}
	entry = victim_table_guess(&meter->victims[level], addr, port);
	return victim_table_is(entry, addr, port, level, ipv6) ? &entry->counts : NULL;
}

/* An entry's own block of sources; NULL: it has none. */
static inline struct sources *
meter_own_sources(struct meter *meter, const struct victim_entry *entry)
{
	return entry->own.index != REPORT_NO_SOURCES ? &meter->sources[entry->own.index] : NULL;
}

/* Where the beginning of a metered handshake is counted, and so mostly its end. */
static inline void
meter_set_place(struct flow_entry *flow, uint32_t place)
{
	flow->flags = (flow->flags & ~(uint32_t)FLOW_METERED) | place;
}

static inline const uint8_t *
meter_client_of(const struct flow_entry *flow)
{
	return (const uint8_t *)
			flow->addr[(flow->flags & FLOW_CLIENT_IS_SECOND) / FLOW_CLIENT_IS_SECOND];
}

/* The keyed hash of a source. */
static inline uint64_t
meter_hash_source(const struct meter *meter, const uint8_t client[16], bool ipv6)
{
	const uint64_t *key = meter->source_key;
	uint64_t addr[2], hash;

	memcpy(addr, client, sizeof(addr));
	/* The first half of an IPv4 address is zero. */
	hash = flow_key_mix(ipv6 ? addr[0] ^ key[0] : key[0], addr[1] ^ key[1]);
	/* Once more, or sequential addresses fill the registers unevenly. */
	return flow_key_mix(hash ^ key[2], key[3]);
}

static inline void
meter_add_source(struct meter *meter, struct sources *sources, const uint8_t client[16], bool ipv6)
{
	sources_add(sources, client, ipv6, meter_hash_source(meter, client, ipv6));
}

static inline struct victim_table *
meter_table_of(struct meter *meter, const struct victim_entry *entry)
{
	return &meter->victims[entry->key.level];
}

#endif /* DETECT_METER_STATE_H */
