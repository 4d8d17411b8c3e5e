/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A flow table, flows named by a number, and hashes that aim at a bucket.
 */

#ifndef TESTS_TABLE_FIXTURE_H
#define TESTS_TABLE_FIXTURE_H

#include "flow/flow_table.h"
#include "tests/unit/flow_fixture.h"

#define TABLE_EVICTABLE (UINT32_C(1) << HS_SYN_SENT | UINT32_C(1) << HS_SYN_RECEIVED)
#define TABLE_UNIT_US (UINT64_C(1) << FLOW_TABLE_DUE_SHIFT)

static const uint8_t table_secret[FLOW_HASH_KEY_LEN] = "thirty-two bytes nobody guesses";

struct table_fixture {
	struct flow_table table;
	void *memory;
};

static inline struct table_fixture
table_make(uint32_t slots, bool vlan_in_key)
{
	struct table_fixture fixture = { .memory = fixture_memory(flow_table_memory_size(slots)) };

	flow_table_init(&fixture.table, fixture.memory, slots, table_secret, vlan_in_key,
			TABLE_EVICTABLE);
	return fixture;
}

static inline struct flow_key
table_key_of(uint32_t id)
{
	struct segment segment = fixture_ipv4(UINT32_C(0x0a000000) + (id >> 14),
			(uint16_t)(1024 + (id & 0x3fff)), FIXTURE_SERVER_ADDR, FIXTURE_SERVER_PORT);
	struct flow_key key;

	flow_key_of(&segment, true, &key);
	return key;
}

/* A hash with the bucket and the tag that the test wants. */
static inline uint64_t
table_hash_with(uint32_t bucket, uint16_t tag)
{
	return (uint64_t)tag << 48 | bucket;
}

static inline uint32_t
table_bucket_at(uint32_t slot)
{
	return slot / FLOW_TABLE_WAYS;
}

static inline uint32_t
table_insert(struct table_fixture *fixture, uint64_t hash, uint32_t id)
{
	struct flow_key key = table_key_of(id);

	return flow_table_insert(&fixture->table, hash, &key);
}

static inline uint32_t
table_find(const struct table_fixture *fixture, uint64_t hash, uint32_t id)
{
	struct flow_key key = table_key_of(id);

	return flow_table_find(&fixture->table, hash, &key);
}

#endif /* TESTS_TABLE_FIXTURE_H */
