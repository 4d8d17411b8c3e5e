/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/space_saving.h"

#include "flow/address_hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct followed {
	struct space_saving_server server;
	uint64_t weight; /* the paper's counter, which the error is part of */
	uint64_t error;
	uint16_t in_heap;
};

/*
 * The places stand in a heap, the lightest on top, and in a hash table with linear probing,
 * half full at most, so that probing ends soon. A server's place never changes; where it
 * stands in the heap does, and is kept.
 */
struct space_saving {
	uint64_t key[ADDRESS_HASH_WORDS];
	uint32_t places;
	uint32_t count;
	uint32_t slot_mask;
	struct followed *followed; /* by place */
	uint16_t *heap;
	uint16_t *slots; /* a place, or SPACE_SAVING_NONE */
};

static uint64_t
weight_in_heap(const struct space_saving *saving, uint32_t at)
{
	return saving->followed[saving->heap[at]].weight;
}

static void
put_in_heap(struct space_saving *saving, uint32_t at, uint16_t place)
{
	saving->heap[at] = place;
	saving->followed[place].in_heap = (uint16_t)at;
}

/* What stands here may have grown heavier than what is below it. */
static void
sift_down(struct space_saving *saving, uint32_t at)
{
	uint16_t place = saving->heap[at];
	uint64_t weight = saving->followed[place].weight;
	uint32_t child;

	for (; (child = 2 * at + 1) < saving->count; at = child) {
		if (child + 1 < saving->count &&
				weight_in_heap(saving, child + 1) < weight_in_heap(saving, child))
			child++;
		if (weight <= weight_in_heap(saving, child))
			break;
		put_in_heap(saving, at, saving->heap[child]);
	}
	put_in_heap(saving, at, place);
}

/* A new server weighs nothing, so it goes straight to the top of what it is lighter than. */
static void
sift_up(struct space_saving *saving, uint32_t at)
{
	uint16_t place = saving->heap[at];
	uint64_t weight = saving->followed[place].weight;
	uint32_t parent;

	for (; at > 0; at = parent) {
		parent = (at - 1) / 2;
		if (weight_in_heap(saving, parent) <= weight)
			break;
		put_in_heap(saving, at, saving->heap[parent]);
	}
	put_in_heap(saving, at, place);
}

/* Who does not know the seed cannot tell which addresses share a slot. */
static uint32_t
slot_of(const struct space_saving *saving, const struct space_saving_server *server)
{
	uint64_t addr[2];

	memcpy(addr, server->addr, sizeof(addr));
	return (uint32_t)address_hash(saving->key, addr,
			       server->port | (uint32_t)server->ip_version << 16) &
			saving->slot_mask;
}

static bool
is_same(const struct space_saving_server *a, const struct space_saving_server *b)
{
	return a->port == b->port && a->ip_version == b->ip_version &&
			memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

/* The slot of the server, or the free one where it would stand. */
static uint32_t
find_slot(const struct space_saving *saving, const struct space_saving_server *server)
{
	uint32_t slot = slot_of(saving, server);

	while (saving->slots[slot] != SPACE_SAVING_NONE &&
			!is_same(&saving->followed[saving->slots[slot]].server, server))
		slot = (slot + 1) & saving->slot_mask;
	return slot;
}

/*
 * Take a server out of the hash table and close the gap, so that probing needs no
 * tombstones (Knuth, volume 3, section 6.4, algorithm R).
 */
static void
unhash(struct space_saving *saving, const struct space_saving_server *server)
{
	uint32_t mask = saving->slot_mask;
	uint32_t gap = find_slot(saving, server), home, slot;

	for (slot = (gap + 1) & mask; saving->slots[slot] != SPACE_SAVING_NONE;
			slot = (slot + 1) & mask) {
		home = slot_of(saving, &saving->followed[saving->slots[slot]].server);
		if (((slot - home) & mask) < ((slot - gap) & mask))
			continue; /* it would stand before its home */
		saving->slots[gap] = saving->slots[slot];
		gap = slot;
	}
	saving->slots[gap] = SPACE_SAVING_NONE;
}

struct space_saving_server
space_saving_server_of(const struct record *record)
{
	const struct record_side *side = &record->side[FLOW_SERVER];
	struct space_saving_server server = { .port = side->port,
		.ip_version = record->ip_version };

	memcpy(server.addr, side->addr, sizeof(server.addr));
	return server;
}

uint32_t
space_saving_find(const struct space_saving *saving, const struct space_saving_server *server)
{
	return saving->slots[find_slot(saving, server)];
}

uint32_t
space_saving_follow(struct space_saving *saving, const struct space_saving_server *server)
{
	bool is_new = saving->count < saving->places;
	uint16_t place = is_new ? (uint16_t)saving->count++ : saving->heap[0];
	struct followed *followed = &saving->followed[place];

	if (is_new) {
		put_in_heap(saving, place, place);
		sift_up(saving, place);
	} else {
		unhash(saving, &followed->server);
		followed->error = followed->weight;
	}
	followed->server = *server;
	saving->slots[find_slot(saving, server)] = place;
	return place;
}

void
space_saving_add(struct space_saving *saving, uint32_t place)
{
	saving->followed[place].weight++;
	sift_down(saving, saving->followed[place].in_heap);
}

uint64_t
space_saving_error(const struct space_saving *saving, uint32_t place)
{
	return saving->followed[place].error;
}

uint32_t
space_saving_count(const struct space_saving *saving)
{
	return saving->count;
}

bool
space_saving_is_full(const struct space_saving *saving)
{
	return saving->count == saving->places;
}

struct space_saving *
space_saving_create(uint32_t places, uint64_t seed)
{
	struct space_saving *saving = calloc(1, sizeof(*saving));
	uint32_t slots = 2 * places;

	assert(places > 0 && places < SPACE_SAVING_NONE && (places & (places - 1)) == 0);
	if (saving == NULL)
		return NULL;
	address_hash_key_of(seed, saving->key);
	saving->places = places;
	saving->slot_mask = slots - 1;
	saving->followed = calloc(places, sizeof(*saving->followed));
	saving->heap = calloc(places, sizeof(*saving->heap));
	saving->slots = malloc(slots * sizeof(*saving->slots));
	if (saving->followed == NULL || saving->heap == NULL || saving->slots == NULL) {
		space_saving_destroy(saving);
		return NULL;
	}
	memset(saving->slots, 0xff, slots * sizeof(*saving->slots));
	return saving;
}

void
space_saving_destroy(struct space_saving *saving)
{
	if (saving == NULL)
		return;
	free(saving->followed);
	free(saving->heap);
	free(saving->slots);
	free(saving);
}
