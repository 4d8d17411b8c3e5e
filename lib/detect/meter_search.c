/* SPDX-License-Identifier: Apache-2.0 */

/*
 * In a flood to many ports or addresses each SYN asks for a place at three levels and its source
 * for one among the scanners, and mostly none gets one. That it gets none is what is quick
 * here: four hashes, of which two have a half in common, four lines of tags, and four
 * throws of the dice. No key is put together before there is somebody to compare it with.
 */

#include "detect/meter_search.h"

#include "detect/meter_place.h"
#include "detect/meter_watch.h"

/* Who is asked for: its key but for the level, and the beginning of its hash. */
struct wanted {
	uint64_t addr[2];
	uint64_t begun;
	uint16_t port;
	bool ipv6;
};

static inline struct victim_key
key_of(const struct wanted *wanted, enum victim_level level)
{
	return (struct victim_key){ .addr = { wanted->addr[0], wanted->addr[1] },
		.port = wanted->port,
		.level = (uint8_t)level,
		.ipv6 = wanted->ipv6 };
}

/* As meter_place_take() does, for one that comes once. */
static inline struct victim_entry *
ask(struct meter *meter, const struct wanted *wanted, enum victim_level level)
{
	struct victim_table *table = &meter->victims[level];
	const uint64_t hash = address_hash_end(table->key, wanted->begun,
			victim_table_rest(wanted->port, level, wanted->ipv6));
	const uint32_t ways = heavy_set_ways(&table->set, hash);
	uint32_t place;

	if (ways != 0) {
		const struct victim_key key = key_of(wanted, level);
		struct victim_entry *entry = victim_table_choose(table, &key, hash, ways);

		if (entry != NULL) {
			meter_watch_counts(meter, entry);
			victim_table_weigh(table, entry, 1);
			return entry;
		}
	}
	place = heavy_set_admit(&table->set, hash, 1, false);
	if (place != HEAVY_SET_NONE) {
		const struct victim_key key = key_of(wanted, level);

		return meter_place_settle(meter, &key, place);
	}
	return NULL;
}

/* The lowest of what a service is part of that has a place, or gets one. */
static inline struct victim_entry *
ask_above(struct meter *meter, const struct wanted *service)
{
	const uint64_t *mask = meter->prefix_mask[service->ipv6];
	struct victim_table *table = &meter->victims[VICTIM_ADDRESS];
	struct victim_entry *entry = victim_table_guess(table, service->addr, 0);
	struct wanted above = *service;

	if (victim_table_is(entry, service->addr, 0, VICTIM_ADDRESS, service->ipv6)) {
		victim_table_weigh(table, entry, 1);
		return entry;
	}
	above.port = 0;
	entry = ask(meter, &above, VICTIM_ADDRESS);
	if (entry != NULL)
		return entry;
	above.addr[0] &= mask[0];
	above.addr[1] &= mask[1];
	above.begun = address_hash_begin(table->key, above.addr);
	return ask(meter, &above, VICTIM_PREFIX);
}

static inline void
count_source(struct meter *meter, const struct victim_entry *entry, const uint8_t *client,
		uint64_t hash)
{
	struct sources *own = meter_own_sources(meter, entry);
	struct sources *inherited = meter_watch_sources(meter, &entry->inherited);

	if (own != NULL)
		sources_add(own, client, entry->key.ipv6, hash);
	if (inherited != NULL)
		sources_add(inherited, client, entry->key.ipv6, hash);
}

/* To a service that has no place; where it is counted. */
static inline uint32_t
count_above(struct meter *meter, const struct wanted *service, const uint8_t *client)
{
	const uint64_t hash = meter_hash_source(meter, client, service->ipv6);
	struct victim_entry *entry = ask_above(meter, service);
	uint32_t place;

	if (scanner_table_admits(&meter->scanners, hash, &place)) {
		const struct victim_key key = key_of(service, VICTIM_SERVICE);

		meter_watch_attempt(meter, &key, client, place);
	}
	if (entry == NULL) {
		meter->unfollowed.syn++;
		return FLOW_METERED_NOWHERE;
	}
	entry->counts.syn++;
	if (meter->watched_count != 0)
		count_source(meter, entry, client, hash);
	return FLOW_METERED_ABOVE;
}

__attribute__((noinline)) void
meter_search_watch(struct meter *meter, struct victim_entry *entry, const uint8_t *client)
{
	meter_watch_syn(meter, entry, client);
	if (meter->watched_count != 0)
		count_source(meter, entry, client,
				meter_hash_source(meter, client, entry->key.ipv6));
}

/* Where it is counted. */
static inline __attribute__((always_inline)) uint32_t
search(struct meter *meter, const struct wanted *service, const uint8_t *client)
{
	struct victim_entry *entry = ask(meter, service, VICTIM_SERVICE);

	if (entry == NULL)
		return count_above(meter, service, client);
	entry->counts.syn++;
	if (++entry->unresolved >= entry->watch_at)
		meter_search_watch(meter, entry, client);
	else if (meter->watched_count != 0)
		count_source(meter, entry, client, meter_hash_source(meter, client, service->ipv6));
	return FLOW_METERED_SERVICE;
}

void
meter_search_flow(struct meter *meter, struct flow_entry *flow)
{
	const uint32_t server = meter_server_of(flow);
	const struct wanted service = { .addr = { flow->addr[server][0], flow->addr[server][1] },
		.begun = address_hash_begin(meter->victims[VICTIM_SERVICE].key, flow->addr[server]),
		.port = flow->port[server],
		.ipv6 = (flow->flags & FLOW_IPV6) != 0 };

	meter_set_place(flow, search(meter, &service, meter_client_of(flow)));
}

static inline uint64_t
differs(const uint64_t words[2], const uint8_t addr[16])
{
	return (words[0] ^ flow_key_half(addr, 0)) | (words[1] ^ flow_key_half(addr, 1));
}

/* The entry of a SYN that is noted; if its flow is over already it may be another's. */
static inline bool
is_begun_by(const struct flow_entry *flow, const struct segment *syn)
{
	const uint32_t server = meter_server_of(flow), client = 1 - server;

	return (differs(flow->addr[client], syn->src_addr) |
			       differs(flow->addr[server], syn->dst_addr) |
			       (uint64_t)(flow->port[client] ^ syn->src_port) |
			       (uint64_t)(flow->port[server] ^ syn->dst_port)) == 0;
}

void
meter_search_noted(struct meter *meter, uint32_t n)
{
	const struct segment *syn = meter->burst.syns[n];
	struct flow_entry *flow = meter->burst.flows[n];
	struct wanted service = { .addr = { flow_key_half(syn->dst_addr, 0),
						  flow_key_half(syn->dst_addr, 1) },
		.port = syn->dst_port,
		.ipv6 = syn->ip_version == 6 };
	uint32_t place;

	service.begun = address_hash_begin(meter->victims[VICTIM_SERVICE].key, service.addr);
	place = search(meter, &service, syn->src_addr);
	if ((flow->flags & FLOW_METERED) != 0 && is_begun_by(flow, syn))
		meter_set_place(flow, place);
}
