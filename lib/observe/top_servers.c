/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/top_servers.h"

#include "base/compiler.h"

#include <stdlib.h>
#include <string.h>

#define KEPT TOP_SERVERS_KEPT
#define SLOTS (2 * KEPT) /* half full at most, so that probing ends soon */
#define NO_SERVER UINT16_MAX

/*
 * The servers stand in a heap of their numbers, the one to be replaced first on top, and in
 * a hash table with linear probing. A server's number never changes; its place in the heap
 * does, and is kept.
 */
struct top_servers {
	uint64_t seed;
	uint32_t count;
	struct top_server servers[KEPT];
	uint16_t heap[KEPT];
	uint16_t place[KEPT]; /* in heap */
	uint16_t slots[SLOTS]; /* server, or NO_SERVER */
};

static_assert(KEPT < NO_SERVER, "a server's number fits");
static_assert((SLOTS & (SLOTS - 1)) == 0, "a power of two");

bool
top_servers_is_failure(enum handshake_result result)
{
	switch (result) {
	case HANDSHAKE_SERVER_SILENT:
	case HANDSHAKE_CLIENT_SILENT:
	case HANDSHAKE_REFUSED:
	case HANDSHAKE_REFUSED_BADACK:
	case HANDSHAKE_CLIENT_RESET:
	case HANDSHAKE_SERVER_RESET:
	case HANDSHAKE_CLIENT_FIN:
	case HANDSHAKE_UNREACHABLE:
	case HANDSHAKE_BAD_SYNACK:
	case HANDSHAKE_ODD_ANSWER:
	case HANDSHAKE_SIMULTANEOUS_INCOMPLETE:
		return true;
	case HANDSHAKE_COMPLETE:
	case HANDSHAKE_SIMULTANEOUS:
	case HANDSHAKE_SYNACK_ONLY: /* these four: no SYN was seen */
	case HANDSHAKE_SYNACK_REFUSED:
	case HANDSHAKE_NO_SYN:
	case HANDSHAKE_MIDSTREAM:
	case HANDSHAKE_ONE_WAY: /* these: not known whether it failed */
	case HANDSHAKE_EVICTED:
	case HANDSHAKE_UNSET:
	case HANDSHAKE_RESULT_COUNT:
		break;
	}
	return false;
}

static bool
is_attempt(const struct record_handshake *handshake)
{
	return handshake->complete || top_servers_is_failure(handshake->result) ||
			handshake->result == HANDSHAKE_ONE_WAY ||
			handshake->result == HANDSHAKE_EVICTED;
}

/* What the heap is ordered by: the paper's counter, which its error is part of. */
static uint64_t
weight(const struct top_servers *top, uint32_t server)
{
	return top->servers[server].failed + top->servers[server].error;
}

static void
put_in_heap(struct top_servers *top, uint32_t place, uint16_t server)
{
	top->heap[place] = server;
	top->place[server] = (uint16_t)place;
}

/* The server at this place may have grown heavier than those below it. */
static void
sift_down(struct top_servers *top, uint32_t place)
{
	uint16_t server = top->heap[place];
	uint32_t child;

	for (; (child = 2 * place + 1) < top->count; place = child) {
		if (child + 1 < top->count &&
				weight(top, top->heap[child + 1]) < weight(top, top->heap[child]))
			child++;
		if (weight(top, server) <= weight(top, top->heap[child]))
			break;
		put_in_heap(top, place, top->heap[child]);
	}
	put_in_heap(top, place, server);
}

/* A new server weighs nothing, so it goes straight to the top of what it is lighter than. */
static void
sift_up(struct top_servers *top, uint32_t place)
{
	uint16_t server = top->heap[place];
	uint32_t parent;

	for (; place > 0; place = parent) {
		parent = (place - 1) / 2;
		if (weight(top, top->heap[parent]) <= weight(top, server))
			break;
		put_in_heap(top, place, top->heap[parent]);
	}
	put_in_heap(top, place, server);
}

/* David Stafford's variant 13 of MurmurHash3's finalizer: a bijection that spreads each bit. */
static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* Who does not know the seed cannot tell which addresses share a slot. */
static uint32_t
slot_of(const struct top_servers *top, const uint8_t addr[16], uint16_t port)
{
	uint64_t word[2];

	memcpy(word, addr, sizeof(word));
	return (uint32_t)mix(mix(mix(top->seed ^ word[0]) ^ word[1]) ^ port) & (SLOTS - 1);
}

static bool
is_server(const struct top_server *server, const struct record *record)
{
	const struct record_side *side = &record->side[FLOW_SERVER];

	return server->port == side->port && server->ip_version == record->ip_version &&
			memcmp(server->addr, side->addr, sizeof(side->addr)) == 0;
}

/* The slot of the record's server, or the free one where it would stand. */
static uint32_t
find_slot(const struct top_servers *top, const struct record *record)
{
	const struct record_side *side = &record->side[FLOW_SERVER];
	uint32_t slot = slot_of(top, side->addr, side->port);

	while (top->slots[slot] != NO_SERVER && !is_server(&top->servers[top->slots[slot]], record))
		slot = (slot + 1) & (SLOTS - 1);
	return slot;
}

/*
 * Take a server out of the hash table and close the gap, so that probing needs no
 * tombstones (Knuth, volume 3, section 6.4, algorithm R).
 */
static void
unhash(struct top_servers *top, uint16_t server)
{
	uint32_t gap = slot_of(top, top->servers[server].addr, top->servers[server].port);
	uint32_t home, slot;

	while (top->slots[gap] != server)
		gap = (gap + 1) & (SLOTS - 1);
	for (slot = (gap + 1) & (SLOTS - 1); top->slots[slot] != NO_SERVER;
			slot = (slot + 1) & (SLOTS - 1)) {
		const struct top_server *other = &top->servers[top->slots[slot]];

		home = slot_of(top, other->addr, other->port);
		if (((slot - home) & (SLOTS - 1)) < ((slot - gap) & (SLOTS - 1)))
			continue; /* it would stand before its home */
		top->slots[gap] = top->slots[slot];
		gap = slot;
	}
	top->slots[gap] = NO_SERVER;
}

/* Give a place to the record's server: a free one, or the lightest's. */
static uint16_t
follow(struct top_servers *top, const struct record *record)
{
	const struct record_side *side = &record->side[FLOW_SERVER];
	uint16_t server = top->heap[0];
	uint64_t error = 0;

	if (top->count < KEPT) {
		server = (uint16_t)top->count++;
	} else {
		error = weight(top, server);
		unhash(top, server);
	}
	top->servers[server] = (struct top_server){
		.port = side->port, .ip_version = record->ip_version, .error = error
	};
	memcpy(top->servers[server].addr, side->addr, sizeof(side->addr));
	top->slots[find_slot(top, record)] = server;
	return server;
}

static void
count_result(struct top_server *server, const struct record_handshake *handshake)
{
	server->attempts++;
	server->complete += handshake->complete;
	server->failed += top_servers_is_failure(handshake->result);
	server->results[handshake->result]++;
}

void
top_servers_add(struct top_servers *top, const struct record *record)
{
	bool failed = top_servers_is_failure(record->handshake.result);
	uint32_t slot = find_slot(top, record);
	uint16_t server = top->slots[slot];
	uint32_t count = top->count;

	if (!is_attempt(&record->handshake))
		return;
	if (server == NO_SERVER) {
		if (!failed && count == KEPT)
			return;
		server = follow(top, record);
		if (top->count > count) {
			put_in_heap(top, count, server);
			sift_up(top, count);
		}
	}
	count_result(&top->servers[server], &record->handshake);
	if (failed)
		sift_down(top, top->place[server]);
}

uint32_t
top_servers_best(const struct top_servers *top, const struct top_server **best, uint32_t room)
{
	uint32_t count = 0, at;

	for (uint32_t i = 0; i < top->count; i++) {
		const struct top_server *server = &top->servers[i];

		if (server->failed == 0 ||
				(count == room && server->failed <= best[room - 1]->failed))
			continue;
		if (count < room)
			count++;
		for (at = count - 1; at > 0 && best[at - 1]->failed < server->failed; at--)
			best[at] = best[at - 1];
		best[at] = server;
	}
	return count;
}

struct top_servers *
top_servers_create(uint64_t seed)
{
	struct top_servers *top = calloc(1, sizeof(*top));

	if (top == NULL)
		return NULL;
	top->seed = seed;
	memset(top->slots, 0xff, sizeof(top->slots));
	return top;
}

void
top_servers_destroy(struct top_servers *top)
{
	free(top);
}
