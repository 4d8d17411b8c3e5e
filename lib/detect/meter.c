/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/meter.h"

#include "detect/meter_hot.h"
#include "detect/meter_place.h"
#include "detect/meter_watch.h"
#include "detect/tick.h"

#include <assert.h>

static const uint32_t places_of[VICTIM_LEVELS] = { METER_SERVICES, METER_ADDRESSES,
	METER_PREFIXES };

static size_t
round_up(size_t bytes)
{
	return (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

size_t
meter_memory_size(void)
{
	size_t size = sizeof(struct meter) + scanner_table_memory_size() +
			round_up(METER_SOURCES * sizeof(struct sources));

	for (uint32_t level = 0; level < VICTIM_LEVELS; level++)
		size += victim_table_memory_size(places_of[level]);
	return size;
}

static void
set_prefix_mask(struct meter *meter, bool ipv6)
{
	const struct victim_key all = {
		.addr = { UINT64_MAX, UINT64_MAX }, .level = VICTIM_ADDRESS, .ipv6 = ipv6
	};
	struct victim_key prefix;

	victim_parent(&all, &meter->prefixes, &prefix);
	memcpy(meter->prefix_mask[ipv6], prefix.addr, sizeof(prefix.addr));
}

struct meter *
meter_init(void *memory, const struct meter_params *params)
{
	struct meter *meter = memory;
	uint8_t *rest = (uint8_t *)memory + sizeof(*meter);

	meter->prefixes = params->prefixes;
	for (uint32_t ipv6 = 0; ipv6 < 2; ipv6++)
		set_prefix_mask(meter, ipv6 != 0);
	meter->source_key[0] = params->key[2];
	meter->source_key[1] = params->key[0];
	meter->source_key[2] = params->key[1];
	meter->source_key[3] = params->key[3] | 1;
	for (uint32_t level = 0; level < VICTIM_LEVELS; level++) {
		victim_table_init(&meter->victims[level], rest, places_of[level], params->key);
		rest += victim_table_memory_size(places_of[level]);
	}
	scanner_table_init(&meter->scanners, rest, params->key);
	rest += scanner_table_memory_size();
	meter->sources = (struct sources *)(void *)rest;
	return meter;
}

/* What is counted of the service, or of what it is part of. */
static struct victim_counts *
counts_of(struct meter *meter, const struct victim_key *service)
{
	struct victim_entry *entry = victim_table_find(&meter->victims[VICTIM_SERVICE], service);

	return entry != NULL ? meter_watch_counts(meter, entry) : meter_place_above(meter, service);
}

static inline void
count_again(struct victim_counts *counts, bool is_first)
{
	counts->syn_retransmits++;
	counts->retried += is_first;
}

/* To a service that has to be looked for. */
static __attribute__((noinline)) void
search_again(struct meter *meter, const struct flow_entry *flow, bool is_first)
{
	const struct victim_key service = meter_service_of(flow);

	meter_burst_end(meter);
	count_again(counts_of(meter, &service), is_first);
}

void
meter_syn_again(struct meter *meter, const struct flow_entry *flow, bool is_first)
{
	struct victim_entry *entry = meter_recall_server(meter, flow);

	if (entry != NULL)
		count_again(&entry->counts, is_first);
	else
		search_again(meter, flow, is_first);
}

void
meter_synack(struct meter *meter, const struct flow_entry *flow)
{
	struct victim_entry *entry = meter_recall_server(meter, flow);
	struct victim_key service;

	if (entry != NULL) {
		entry->counts.synack++;
		return;
	}
	service = meter_service_of(flow);
	meter_burst_end(meter);
	counts_of(meter, &service)->synack++;
}

#define END(field) offsetof(struct victim_counts, field)

/* Where each result is counted. */
static const uint8_t end_of[HANDSHAKE_RESULT_COUNT] = {
	[HANDSHAKE_UNSET] = END(broken_off),
	[HANDSHAKE_COMPLETE] = END(completed),
	[HANDSHAKE_SIMULTANEOUS] = END(completed),
	[HANDSHAKE_SERVER_SILENT] = END(server_silent),
	[HANDSHAKE_CLIENT_SILENT] = END(client_silent),
	[HANDSHAKE_REFUSED] = END(refused),
	[HANDSHAKE_REFUSED_BADACK] = END(refused),
	[HANDSHAKE_CLIENT_RESET] = END(client_reset),
	[HANDSHAKE_SERVER_RESET] = END(broken_off),
	[HANDSHAKE_CLIENT_FIN] = END(client_silent), /* nobody answered the server's SYN-ACK */
	[HANDSHAKE_UNREACHABLE] = END(broken_off),
	[HANDSHAKE_BAD_SYNACK] = END(broken_off),
	[HANDSHAKE_ODD_ANSWER] = END(broken_off),
	[HANDSHAKE_SIMULTANEOUS_INCOMPLETE] = END(broken_off),
	[HANDSHAKE_SYNACK_ONLY] = END(broken_off),
	[HANDSHAKE_SYNACK_REFUSED] = END(broken_off),
	[HANDSHAKE_NO_SYN] = END(broken_off),
	[HANDSHAKE_ONE_WAY] = END(broken_off),
	[HANDSHAKE_MIDSTREAM] = END(broken_off),
	[HANDSHAKE_EVICTED] = END(evicted),
};

static_assert(HANDSHAKE_EVICTED + 1 == HANDSHAKE_RESULT_COUNT, "a new result needs its row");
static_assert(sizeof(struct victim_counts) < UINT8_MAX, "offsets fit");

static inline void
count_end(struct victim_counts *counts, enum handshake_result result)
{
	++*(uint32_t *)(void *)((uint8_t *)counts + end_of[result]);
}

/* An end that says nothing but that the handshake is over. */
static inline bool
is_mere_end(enum handshake_result result)
{
	const uint32_t telling = 1u << HANDSHAKE_COMPLETE | 1u << HANDSHAKE_SIMULTANEOUS |
			1u << HANDSHAKE_REFUSED | 1u << HANDSHAKE_REFUSED_BADACK |
			1u << HANDSHAKE_CLIENT_RESET;

	return (telling >> result & 1) == 0;
}

/* As meter_recall_place(), where the memo does not help. */
static __attribute__((noinline)) struct victim_counts *
search_place(struct meter *meter, const struct flow_entry *flow)
{
	const struct victim_key service = meter_service_of(flow);

	if ((flow->flags & FLOW_METERED) == FLOW_METERED_ABOVE)
		return meter_place_above(meter, &service);
	meter_burst_end(meter);
	return counts_of(meter, &service);
}

/* An end that says more than that. */
static __attribute__((noinline)) void
tell_end(struct meter *meter, const struct flow_entry *flow, enum handshake_result result,
		uint64_t start_us, uint64_t now_us)
{
	const struct victim_key service = meter_service_of(flow);
	struct victim_entry *entry = meter_recall_server(meter, flow);
	bool completed = result == HANDSHAKE_COMPLETE || result == HANDSHAKE_SIMULTANEOUS;
	struct victim_counts *counts;

	/* With others unresolved it is no matter whether its own SYN is one of them yet. */
	if (entry == NULL || entry->unresolved == 0) {
		meter_burst_end(meter);
		entry = victim_table_find(&meter->victims[VICTIM_SERVICE], &service);
	}
	/* Who completes handshakes is worth a place. */
	if (completed)
		entry = meter_place_take(meter, &service, 1, true);
	counts = entry != NULL ? meter_watch_counts(meter, entry)
			       : meter_place_above(meter, &service);
	count_end(counts, result);
	/* One that the client resets was left open all the same, as far as the server can tell. */
	if (entry != NULL && entry->unresolved != 0 && result != HANDSHAKE_CLIENT_RESET)
		entry->unresolved--;
	if (completed)
		counts->delay[victim_delay_class(usec_since(start_us, now_us))]++;
	meter_watch_end(meter, entry, &service, meter_client_of(flow), result);
}

void
meter_end(struct meter *meter, struct flow_entry *flow, enum handshake_result result,
		uint64_t start_us, uint64_t now_us)
{
	if (is_mere_end(result)) {
		struct victim_counts *counts = meter_recall_place(meter, flow);

		count_end(counts != NULL ? counts : search_place(meter, flow), result);
	} else {
		tell_end(meter, flow, result, start_us, now_us);
	}
	flow->flags &= ~(uint32_t)FLOW_METERED;
}

void
meter_reopen(struct meter *meter, struct flow_entry *flow)
{
	const struct victim_key service = meter_service_of(flow);
	struct victim_counts *counts = counts_of(meter, &service);

	meter_set_place(flow, FLOW_METERED_SERVICE);
	/* Its end is mostly of this very tick, and then is as if it had not been. */
	if (counts->broken_off != 0)
		counts->broken_off--;
	else
		counts->syn++;
}

void
meter_stray(struct meter *meter, const struct segment *segment, enum meter_stray what)
{
	const struct victim_counts stray = { .stray_synack = what == METER_STRAY_SYNACK,
		.stray_ack = what == METER_STRAY_ACK,
		.stray_rst = what == METER_STRAY_RST };
	struct victim_key service = {
		.port = segment->dst_port, .level = VICTIM_SERVICE, .ipv6 = segment->ip_version == 6
	};
	struct victim_entry *entry;

	meter_burst_end(meter);
	memcpy(service.addr, segment->dst_addr, sizeof(service.addr));
	entry = victim_table_find(&meter->victims[VICTIM_SERVICE], &service);
	/* They go to any port: a port alone is worth no place for them. */
	if (entry != NULL)
		victim_counts_add(meter_watch_counts(meter, entry), &stray);
	else
		meter_place_roll_up(meter, &service, &stray);
}

void
meter_stray_answered(struct meter *meter, const struct flow_entry *flow)
{
	struct victim_key service = meter_service_of(flow);

	meter_burst_end(meter);
	/* Begun by a SYN-ACK, it is the client that was the destination. */
	if ((flow->flags & flow_side_flag(FLOW_SYN, FLOW_SERVER)) != 0) {
		uint32_t client = (flow->flags & FLOW_CLIENT_IS_SECOND) != 0;

		memcpy(service.addr, flow->addr[client], sizeof(service.addr));
		service.port = flow->port[client];
	}
	counts_of(meter, &service)->stray_answered++;
}
