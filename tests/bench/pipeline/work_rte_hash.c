/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The same with DPDK's rte_hash, as who knows it would do it: looked up a burst at a time, its
 * memory in the same kind of pages, with the same hash, over entries of 64 bytes that are
 * prefetched. It keeps no order of age, so a flood needs a ring of keys beside it. It gets
 * twice the room that its flows need, a flood's too, where the flow table is full.
 */

#include "base/compiler.h"
#include "flow/flow_entry.h"
#include "tests/bench/pipeline/dpdk.h"
#include "tests/bench/pipeline/expect.h"
#include "tests/bench/pipeline/memory.h"
#include "tests/bench/pipeline/table_load.h"
#include "tests/bench/pipeline/work.h"

#include <assert.h>
#include <stdlib.h>

#include <rte_hash.h>

#define BURST TRAFFIC_BURST

static_assert(sizeof(struct flow_key) % 16 == 0, "rte_hash compares such keys fast");

struct state {
	struct table_load load;
	struct rte_hash *hash;
	struct flow_entry *entries; /* one for each flow that there can be */
	struct flow_key *ring; /* a flood: the keys that are in, by their entries */
	uint32_t oldest;
	uint64_t done;
	uint64_t updates;
};

static uint32_t
hash_key(const void *key, uint32_t len, uint32_t seed)
{
	(void)len;
	(void)seed;
	return (uint32_t)(flow_key_hash(key, &table_load_secret) >> 32);
}

static uint32_t
look_up(struct state *state, const struct flow_key *keys, void *found[BURST])
{
	const void *wanted[BURST];
	uint64_t hits = 0;

	for (uint32_t n = 0; n < BURST; n++)
		wanted[n] = &keys[n];
	rte_hash_lookup_bulk_data(state->hash, wanted, BURST, &hits, found);
	return (uint32_t)hits;
}

static void
update_all(struct state *state, uint32_t hits, void *const found[BURST], const uint32_t *numbers)
{
	for (uint32_t rest = hits; rest != 0; rest &= rest - 1)
		__builtin_prefetch(found[__builtin_ctz(rest)], 1);
	for (; hits != 0; hits &= hits - 1) {
		uint32_t n = (uint32_t)__builtin_ctz(hits);
		struct flow_entry *entry = found[n];

		entry->ack[0]++;
		entry->window[0] = (uint16_t)entry->ack[0];
		entry->state = 0;
		state->done += entry->seq_next[0] == numbers[n];
	}
}

static bool
put(struct state *state, uint32_t at, const struct flow_key *key, uint32_t number)
{
	struct flow_entry *entry = &state->entries[at];

	memset(entry, 0, sizeof(*entry));
	memcpy(entry->addr, key->addr, sizeof(entry->addr));
	entry->seq_next[0] = number;
	return rte_hash_add_key_data(state->hash, key, entry) == 0;
}

static void
replace(struct state *state, const struct flow_key *key, uint32_t number)
{
	uint32_t at = state->oldest;

	if (rte_hash_del_key(state->hash, &state->ring[at]) < 0)
		return;
	state->ring[at] = *key;
	state->done += put(state, at, key, number);
	state->oldest = at + 1 < state->load.flows ? at + 1 : 0;
}

static void
pass(struct state *state)
{
	const struct table_load *load = &state->load;
	void *found[BURST];

	state->done = 0;
	for (uint32_t first = 0; first < load->count; first += BURST) {
		const struct flow_key *keys = &load->keys[first];
		const uint32_t *numbers = &load->numbers[first];
		uint32_t hits = look_up(state, keys, found);

		if (load->kind == TABLE_LOAD_HIT)
			update_all(state, hits, found, numbers);
		else if (load->kind == TABLE_LOAD_MISS)
			state->done += (uint32_t)__builtin_popcount(~hits);
		else if (load->kind == TABLE_LOAD_INSERT)
			for (uint32_t n = 0; n < BURST && hits == 0; n++)
				state->done += put(state, first + n, &keys[n], numbers[n]);
		else
			for (uint32_t n = 0; n < BURST && hits == 0; n++)
				replace(state, &keys[n], numbers[n]);
	}
	state->updates += load->kind == TABLE_LOAD_HIT ? load->count : 0;
}

static bool
fill(struct state *state)
{
	for (uint32_t number = 0;
			number < state->load.flows && state->load.kind != TABLE_LOAD_INSERT;
			number++) {
		table_load_key(number, &state->ring[number]);
		if (!put(state, number, &state->ring[number], number))
			return false;
	}
	return true;
}

static void
fini(struct work *work)
{
	struct state *state = work->state;

	rte_hash_free(state->hash);
	dpdk_give_heap();
	memory_give(state->entries, state->load.flows * sizeof(*state->entries));
	memory_give(state->ring, state->load.flows * sizeof(*state->ring));
	table_load_fini(&state->load);
	free(state);
}

static int
make_table(struct state *state, uint32_t flows, struct err *err)
{
	struct rte_hash_parameters params = {
		.name = "bench",
		.entries = 2 * flows,
		.key_len = sizeof(struct flow_key),
		.hash_func = hash_key,
	};

	params.socket_id = dpdk_take_heap((size_t)flows * 320 + (UINT32_C(64) << 20), err);
	if (params.socket_id < 0)
		return -1;
	state->hash = rte_hash_create(&params);
	if (state->hash == NULL)
		return err_set(err, ENOMEM, "no rte_hash");
	if (!fill(state))
		return err_set(err, ENOSPC, "rte_hash is full");
	return 0;
}

static int
init(struct work *work, enum table_load_kind kind, struct err *err)
{
	struct state *state = calloc(1, sizeof(*state));
	size_t flows = work->flows;

	if (state == NULL)
		return err_set(err, ENOMEM, "no memory");
	if (table_load_init(&state->load, kind, work->flows, err) < 0) {
		free(state);
		return -1;
	}
	work->state = state;
	state->entries = memory_take(flows * sizeof(*state->entries), "entries", err);
	state->ring = memory_take(flows * sizeof(*state->ring), "the ring", err);
	if (state->entries == NULL || state->ring == NULL ||
			make_table(state, work->flows, err) < 0) {
		fini(work);
		return -1;
	}
	return 0;
}

static int
check(const struct state *state, struct err *err)
{
	const struct table_load *load = &state->load;
	uint64_t updates = 0;
	int rc = expect(0, "keys that did as they must", state->done, load->count, err);

	for (uint32_t n = 0; n < load->flows && load->kind == TABLE_LOAD_HIT; n++)
		updates += state->entries[n].ack[0];
	rc = expect(rc, "keys in the table", (uint64_t)rte_hash_count(state->hash), load->flows,
			err);
	return expect(rc, "updates in all entries", updates, state->updates, err);
}

static int
one_round(struct work *work, struct round *round, struct err *err)
{
	struct state *state = work->state;
	double start;

	if (state->load.kind == TABLE_LOAD_INSERT)
		rte_hash_reset(state->hash);
	table_load_renew(&state->load);
	start = clock_ns();
	pass(state);
	round->ns += clock_ns() - start;
	round->packets += state->load.count;
	return check(state, err);
}

#define STAGE(word, id) \
	static int init_##word(struct work *work, struct err *err) \
	{ \
		return init(work, id, err); \
	} \
	const struct stage work_rte_##word = { \
		.name = "rte_hash-" #word, \
		.purpose = "the same with rte_hash", \
		.traffics = WORK_TRAFFIC_NONE, \
		.init = init_##word, \
		.round = one_round, \
		.fini = fini, \
	}

STAGE(hit, TABLE_LOAD_HIT);
STAGE(miss, TABLE_LOAD_MISS);
STAGE(insert, TABLE_LOAD_INSERT);
STAGE(flood, TABLE_LOAD_FLOOD);
