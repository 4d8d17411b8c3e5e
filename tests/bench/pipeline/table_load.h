/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a table is asked for, the same for every table: keys one behind the other in memory,
 * each with the number of its flow, so that whoever finds one can prove that it is the one.
 */

#ifndef BENCH_TABLE_LOAD_H
#define BENCH_TABLE_LOAD_H

#include "base/err.h"
#include "flow/flow_key.h"

#include <stdint.h>

/* What is asked for; in a table that holds the flows with the numbers from 0 on. */
enum table_load_kind {
	TABLE_LOAD_HIT, /* any of them, again and again */
	TABLE_LOAD_MISS, /* others */
	TABLE_LOAD_INSERT, /* each of them once, into an empty table */
	TABLE_LOAD_FLOOD, /* ever new ones; each makes the oldest go */
};

struct table_load {
	enum table_load_kind kind;
	uint32_t flows;
	uint32_t count; /* of keys in a round */
	uint64_t next; /* a flood: the number of the first new flow of the next round */
	struct flow_key *keys;
	uint32_t *numbers;
};

extern const struct flow_hash_key table_load_secret;

int table_load_init(struct table_load *load, enum table_load_kind kind, uint32_t flows,
		struct err *err);

void table_load_fini(struct table_load *load);

/** The next round's keys. */
void table_load_renew(struct table_load *load);

/** The key of a flow; what pads it is zero. */
void table_load_key(uint32_t number, struct flow_key *key);

#endif /* BENCH_TABLE_LOAD_H */
