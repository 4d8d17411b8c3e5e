/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The flow table alone, burst by burst and prefetched as the pipeline does it. What is found
 * gets a few fields of its entry changed; a new flow writes all its 156 bytes.
 */

#include "flow/flow_likely.h"
#include "flow/flow_table.h"
#include "tests/bench/pipeline/expect.h"
#include "tests/bench/pipeline/memory.h"
#include "tests/bench/pipeline/table_load.h"
#include "tests/bench/pipeline/work.h"

#include <stdlib.h>

#define BURST TRAFFIC_BURST
#define BURST_US 3
#define TIMEOUT_US UINT64_C(127000000)
#define FILLS_MAX 16

struct state {
	struct table_load load;
	struct flow_table table;
	void *memory;
	uint32_t slots;
	uint64_t now_us;
	uint64_t hashes[BURST];
	uint32_t likely[BURST];
	uint32_t crowded; /* bit n: with foresight[n] */
	struct flow_foresight foresight[BURST];
	uint64_t done; /* that were as they had to be, of this round */
	uint64_t updates; /* of all rounds */
};

static void
init_table(struct state *state)
{
	uint8_t secret[FLOW_HASH_KEY_LEN];

	memcpy(secret, table_load_secret.word, sizeof(secret));
	/* All is in state 0, and may be evicted. */
	flow_table_init(&state->table, state->memory, state->slots, secret, false, 1);
}

static void
prefetch(struct state *state, const struct flow_key *keys, uint32_t count)
{
	uint32_t crowded = 0;

	for (uint32_t n = 0; n < count; n++) {
		state->hashes[n] = flow_key_hash(&keys[n], &state->table.secret);
		flow_table_prefetch_bucket(&state->table, state->hashes[n]);
	}
	/* Who only wants to know that a flow is not there needs no more than its bucket. */
	if (state->load.kind == TABLE_LOAD_MISS)
		return;
	for (uint32_t n = 0; n < count; n++) {
		state->likely[n] = flow_likely_slot(&state->table, state->hashes[n]);
		if (state->likely[n] != FLOW_TABLE_NONE)
			flow_likely_prefetch(&state->table, state->likely[n]);
		else if (flow_table_prefetch_new(&state->table, state->hashes[n]))
			crowded |= UINT32_C(1) << n;
	}
	if (state->load.kind != TABLE_LOAD_FLOOD)
		return;
	state->crowded = crowded;
	for (; crowded != 0; crowded &= crowded - 1) {
		uint32_t n = (uint32_t)__builtin_ctz(crowded);

		state->foresight[n] = flow_table_foresee(
				&state->table, state->hashes[n], state->now_us);
	}
}

static inline void
update(struct flow_entry *entry)
{
	entry->ack[0]++;
	entry->window[0] = (uint16_t)entry->ack[0];
	entry->state = 0;
}

static inline void
find(struct state *state, uint32_t n, const struct flow_key *key, uint32_t number)
{
	bool looked_at = state->load.kind != TABLE_LOAD_MISS;
	uint32_t slot = looked_at ? state->likely[n] : FLOW_TABLE_NONE;

	if (slot == FLOW_TABLE_NONE || !flow_likely_is(&state->table, slot, key))
		slot = flow_table_find(&state->table, state->hashes[n], key);
	if (slot == FLOW_TABLE_NONE) {
		state->done += state->load.kind == TABLE_LOAD_MISS;
		return;
	}
	update(&state->table.flows[slot].entry);
	state->done += state->table.flows[slot].entry.seq_next[0] == number;
}

/* The slot of a new flow, by what was foreseen or else by looking. */
static inline uint32_t
room_for(struct state *state, uint32_t n, const struct flow_key *key, bool *evicts)
{
	uint64_t hash = state->hashes[n];
	uint32_t slot = FLOW_TABLE_NONE;

	if ((state->crowded >> n & 1) != 0)
		slot = flow_table_foreseen(&state->table, hash, &state->foresight[n]);
	*evicts = true;
	if (slot == FLOW_TABLE_NONE) {
		if (flow_table_find(&state->table, hash, key) != FLOW_TABLE_NONE)
			return FLOW_TABLE_NONE;
		slot = flow_table_insert(&state->table, hash, key);
		*evicts = slot == FLOW_TABLE_NONE;
		if (!*evicts)
			return slot;
		slot = flow_table_victim(&state->table, hash, state->now_us);
	}
	if (slot != FLOW_TABLE_NONE)
		flow_table_replace(&state->table, slot, hash, key);
	return slot;
}

static inline void
add(struct state *state, uint32_t n, const struct flow_key *key, uint32_t number)
{
	bool evicts;
	uint32_t slot = room_for(state, n, key, &evicts);

	if (slot == FLOW_TABLE_NONE)
		return;
	state->table.flows[slot].entry.seq_next[0] = number;
	flow_table_set_due(&state->table, slot, state->now_us + TIMEOUT_US, state->now_us);
	state->done += evicts == (state->load.kind == TABLE_LOAD_FLOOD);
}

static void
pass(struct state *state)
{
	const struct table_load *load = &state->load;
	bool adds = load->kind >= TABLE_LOAD_INSERT;

	state->done = 0;
	for (uint32_t first = 0; first < load->count; first += BURST) {
		prefetch(state, &load->keys[first], BURST);
		for (uint32_t n = 0; n < BURST; n++) {
			if (adds)
				add(state, n, &load->keys[first + n], load->numbers[first + n]);
			else
				find(state, n, &load->keys[first + n], load->numbers[first + n]);
		}
		state->now_us += BURST_US;
	}
	state->updates += load->kind == TABLE_LOAD_HIT ? load->count : 0;
}

/* The flows that are to be there, or for a flood whatever fills the table. */
static void
fill(struct state *state)
{
	enum table_load_kind kind = state->load.kind;

	for (uint32_t number = 0; number < state->load.flows && kind != TABLE_LOAD_INSERT;
			number++) {
		struct flow_key key;

		table_load_key(number, &key);
		state->hashes[0] = flow_key_hash(&key, &state->table.secret);
		state->crowded = 0;
		add(state, 0, &key, number);
	}
	for (uint32_t n = 0; n < FILLS_MAX && kind == TABLE_LOAD_FLOOD; n++) {
		pass(state);
		table_load_renew(&state->load);
		if (state->done == state->load.count)
			break;
	}
}

static void
fini(struct work *work)
{
	struct state *state = work->state;

	table_load_fini(&state->load);
	memory_give(state->memory, flow_table_memory_size(state->slots));
	free(state);
}

static int
init(struct work *work, enum table_load_kind kind, struct err *err)
{
	struct state *state = calloc(1, sizeof(*state));

	if (state == NULL)
		return err_set(err, ENOMEM, "no memory");
	if (table_load_init(&state->load, kind, work->flows, err) < 0) {
		free(state);
		return -1;
	}
	state->slots = kind == TABLE_LOAD_FLOOD ? work->flows : 2 * work->flows;
	state->now_us = UINT64_C(1616244573000000);
	state->memory = memory_take(flow_table_memory_size(state->slots), "the table", err);
	work->state = state;
	if (state->memory == NULL) {
		fini(work);
		return -1;
	}
	init_table(state);
	fill(state);
	return 0;
}

static int
check(const struct state *state, struct err *err)
{
	const struct table_load *load = &state->load;
	uint64_t used = load->flows, updates = 0;

	/* The fewest slots of a table are powers of two, and so are these. */
	for (uint32_t slot = 0; slot < state->slots && load->kind == TABLE_LOAD_HIT; slot++)
		updates += state->table.flows[slot].entry.ack[0];
	return expect(expect(expect(0, "keys that did as they must", state->done, load->count, err),
				      "slots in use", state->table.used, used, err),
			"updates in all entries", updates,
			load->kind == TABLE_LOAD_HIT ? state->updates : 0, err);
}

static int
one_round(struct work *work, struct round *round, struct err *err)
{
	struct state *state = work->state;
	double start;

	if (state->load.kind == TABLE_LOAD_INSERT) {
		memset(state->memory, 0, flow_table_memory_size(state->slots));
		init_table(state);
	}
	table_load_renew(&state->load);
	start = clock_ns();
	pass(state);
	round->ns += clock_ns() - start;
	round->packets += state->load.count;
	return check(state, err);
}

#define STAGE(word, id, text, other) \
	static int init_##word(struct work *work, struct err *err) \
	{ \
		return init(work, id, err); \
	} \
	const struct stage work_table_##word = { \
		.name = "table-" #word, \
		.purpose = text, \
		.traffics = WORK_TRAFFIC_NONE, \
		.beside = &other, \
		.init = init_##word, \
		.round = one_round, \
		.fini = fini, \
	}

STAGE(hit, TABLE_LOAD_HIT, "the flow table: find a flow and change its entry", work_rte_hit);
STAGE(miss, TABLE_LOAD_MISS, "the flow table: look for a flow that is not there", work_rte_miss);
STAGE(insert, TABLE_LOAD_INSERT, "the flow table: look, and add a flow", work_rte_insert);
STAGE(flood, TABLE_LOAD_FLOOD, "the flow table, full: look, and add a flow for the oldest",
		work_rte_flood);
