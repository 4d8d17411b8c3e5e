/* SPDX-License-Identifier: Apache-2.0 */

/*
 * SYNs are counted a burst at a time. Of a flood each comes from elsewhere, and so goes to
 * a register of its own, which is in no near cache when there are many victims: they are all on
 * their way before the first is looked at.
 */

#include "detect/meter_hot.h"
#include "detect/meter_search.h"
#include "detect/meter_watch.h"

void
meter_syn(struct meter *meter, struct flow_entry *flow)
{
	meter_burst_end(meter);
	meter_search_flow(meter, flow);
}

/* The entry of an IPv4 SYN's service, if the memo knows it. */
static inline struct victim_entry *
recall(struct meter *meter, const struct segment *syn)
{
	uint64_t addr[2];

	memcpy(addr, syn->dst_addr, sizeof(addr));
	return meter_recall(meter, addr, syn->dst_port, false);
}

/* What a source asks for in a block. */
static inline void
note_wanted(struct sources *sources, const uint8_t *client, uint64_t hash,
		struct sources_rank *wanted)
{
	*wanted = sources_rank_of(sources->registers, hash);
	__builtin_prefetch(wanted->place, 1);
	sources_count(sources, client, false);
}

/* Its source is counted for what its service is part of, too. */
static __attribute__((noinline)) uint32_t
note_inherited(struct meter *meter, const struct victim_entry *entry, const uint8_t *client,
		struct sources_rank *wanted)
{
	struct sources *own = meter_own_sources(meter, entry);
	struct sources *inherited = meter_watch_sources(meter, &entry->inherited);
	const uint64_t hash = meter_hash_source(meter, client, false);
	uint32_t count = 0;

	if (own != NULL)
		note_wanted(own, client, hash, &wanted[count++]);
	if (inherited != NULL)
		note_wanted(inherited, client, hash, &wanted[count++]);
	return count;
}

/* Count one of IPv4; how many registers its source asks for. */
static inline uint32_t
count_one(struct meter *meter, const struct segment *syn, uint32_t n, struct sources_rank *wanted)
{
	struct victim_entry *entry = recall(meter, syn);

	if (entry == NULL) {
		meter_search_noted(meter, n);
		return 0;
	}
	victim_table_weigh(&meter->victims[VICTIM_SERVICE], entry, 1);
	entry->counts.syn++;
	if (++entry->unresolved >= entry->watch_at) {
		meter_search_watch(meter, entry, syn->src_addr);
		return 0;
	}
	if (entry->inherited.index != REPORT_NO_SOURCES)
		return note_inherited(meter, entry, syn->src_addr, wanted);
	if (entry->own.index == REPORT_NO_SOURCES)
		return 0;
	note_wanted(&meter->sources[entry->own.index], syn->src_addr,
			meter_hash_source(meter, syn->src_addr, false), wanted);
	return 1;
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

	if (entry == NULL || entry->watch_at != UINT32_MAX ||
			meter_watch_sources(meter, &entry->inherited) != NULL)
		return 0;
	sources = meter_own_sources(meter, entry);
	if (sources == NULL)
		return 0;
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
	struct sources_rank wanted[2 * METER_BURST_MAX];
	uint32_t wanted_count = 0, n = 0;

	meter->burst.count = 0;
	if (syns[0]->ip_version == 4)
		n = count_alike(meter, syns, syn_count);
	for (; n < syn_count; n++) {
		if (syns[n]->ip_version == 4)
			wanted_count += count_one(meter, syns[n], n, &wanted[wanted_count]);
		else
			meter_search_noted(meter, n);
	}
	for (n = 0; n < wanted_count; n++)
		sources_raise(wanted[n]);
}
