/* SPDX-License-Identifier: Apache-2.0 */

/*
 * SYNs are counted a burst at a time. Of a flood each comes from elsewhere, and so goes to
 * a register of its own, which is in no near cache when there are many victims: they are all on
 * their way before the first is looked at.
 */

#include "detect/meter_hot.h"
#include "detect/meter_place.h"
#include "detect/meter_watch.h"

/* One that is worth a closer look. */
static __attribute__((noinline)) void
watch(struct meter *meter, struct victim_entry *entry, const uint8_t *client)
{
	meter_watch_syn(meter, entry, client);
	if (entry->sources != NULL)
		meter_add_source(meter, entry->sources, client, entry->key.ipv6);
}

/* To a service that has no place. */
static void
count_above(struct meter *meter, const struct victim_key *service, const uint8_t *client)
{
	const struct victim_counts syn = { .syn = 1 };
	struct victim_entry *entry = meter_place_roll_up(meter, service, &syn);

	meter_watch_syn_above(meter, entry, service, client);
}

/* To a service that has to be looked for. */
static void
search(struct meter *meter, const struct victim_key *service, const uint8_t *client)
{
	struct victim_entry *entry = meter_place_take(meter, service, 1, false);

	if (entry == NULL) {
		count_above(meter, service, client);
		return;
	}
	entry->counts.syn++;
	if (++entry->unresolved >= entry->watch_at)
		watch(meter, entry, client);
	else if (entry->sources != NULL)
		meter_add_source(meter, entry->sources, client, service->ipv6);
}

void
meter_syn(struct meter *meter, struct flow_entry *flow)
{
	const struct victim_key service = meter_service_of(flow);

	meter_burst_end(meter);
	flow->flags |= FLOW_METERED;
	search(meter, &service, meter_client_of(flow));
}

static __attribute__((noinline)) void
search_noted(struct meter *meter, const struct segment *syn)
{
	struct victim_key service = {
		.port = syn->dst_port, .level = VICTIM_SERVICE, .ipv6 = syn->ip_version == 6
	};

	memcpy(service.addr, syn->dst_addr, sizeof(service.addr));
	search(meter, &service, syn->src_addr);
}

/* The entry of an IPv4 SYN's service, if the memo knows it. */
static inline struct victim_entry *
recall(struct meter *meter, const struct segment *syn)
{
	uint64_t addr[2];

	memcpy(addr, syn->dst_addr, sizeof(addr));
	return meter_recall(meter, addr, syn->dst_port, false);
}

/* Count one of IPv4; whether its source asks for a register, too. */
static inline bool
count(struct meter *meter, const struct segment *syn, struct sources_rank *wanted)
{
	struct victim_entry *entry = recall(meter, syn);

	if (entry == NULL) {
		search_noted(meter, syn);
		return false;
	}
	victim_table_weigh(&meter->victims[VICTIM_SERVICE], entry, 1);
	entry->counts.syn++;
	if (++entry->unresolved >= entry->watch_at) {
		watch(meter, entry, syn->src_addr);
		return false;
	}
	if (entry->sources == NULL)
		return false;
	*wanted = sources_rank_of(
			entry->sources->registers, meter_hash_source(meter, syn->src_addr, false));
	__builtin_prefetch(wanted->place, 1);
	sources_count(entry->sources, syn->src_addr, false);
	return true;
}

/* To that service of IPv4. */
static inline bool
goes_to(const struct segment *syn, uint64_t last_word, uint16_t port)
{
	uint64_t word;

	memcpy(&word, syn->dst_addr + sizeof(word), sizeof(word));
	return word == last_word && syn->dst_port == port && syn->ip_version == 4;
}

/*
 * A flood of one victim: the SYNs up to the first that goes elsewhere, all at once, if their
 * sources are counted and nothing else is to be looked at.
 *
 * @return
 *   How many that were.
 */
static inline uint32_t
count_alike(struct meter *meter, const struct segment *const *syns, uint32_t syn_count)
{
	struct victim_entry *entry = recall(meter, syns[0]);
	struct sources *sources;
	uint64_t last_word;
	uint16_t port;
	uint32_t n = 0;

	if (entry == NULL || entry->sources == NULL || entry->watch_at != UINT32_MAX)
		return 0;
	sources = entry->sources;
	last_word = entry->key.addr[1];
	port = entry->key.port;
	do {
		meter_add_source(meter, sources, syns[n]->src_addr, false);
		n++;
	} while (n < syn_count && goes_to(syns[n], last_word, port));
	entry->counts.syn += n;
	entry->unresolved += n;
	victim_table_weigh(&meter->victims[VICTIM_SERVICE], entry, n);
	return n;
}

void
meter_syn_count_noted(struct meter *meter)
{
	const struct segment *const *syns = meter->burst.syns;
	const uint32_t syn_count = meter->burst.count;
	struct sources_rank wanted[METER_BURST_MAX];
	uint32_t wanted_count = 0, n = 0;

	meter->burst.count = 0;
	if (syns[0]->ip_version == 4)
		n = count_alike(meter, syns, syn_count);
	for (; n < syn_count; n++) {
		if (syns[n]->ip_version == 4)
			wanted_count += count(meter, syns[n], &wanted[wanted_count]);
		else
			search_noted(meter, syns[n]);
	}
	for (n = 0; n < wanted_count; n++)
		sources_raise(wanted[n]);
}
