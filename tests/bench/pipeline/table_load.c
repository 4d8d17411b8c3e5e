/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/bench/pipeline/table_load.h"

#include "packet/build.h"
#include "tests/bench/pipeline/memory.h"

#include <string.h>

#define ROUND_MIN (UINT32_C(1) << 20)
#define SERVER UINT32_C(0xc6130001)

const struct flow_hash_key table_load_secret = { { UINT64_C(0x452821e638d01377),
		UINT64_C(0xbe5466cf34e90c6c), UINT64_C(0xc0ac29b7c97c50dd),
		UINT64_C(0x3f84d5b5b5470917) } };

/* Stafford's variant 13 of the finalizer of MurmurHash3. */
static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void
table_load_key(uint32_t number, struct flow_key *key)
{
	struct segment segment = {
		.src_port = (uint16_t)(1024 + number % 60000), .dst_port = 80, .ip_version = 4
	};

	build_ipv4_mapped(number * UINT32_C(0x9e3779b1), segment.src_addr);
	build_ipv4_mapped(SERVER, segment.dst_addr);
	memset(key, 0, sizeof(*key));
	flow_key_of(&segment, false, key);
}

static uint32_t
number_of(const struct table_load *load, uint32_t n)
{
	uint32_t any = (uint32_t)mix(load->next + n) & (load->flows - 1);

	switch (load->kind) {
	case TABLE_LOAD_HIT:
		return any;
	case TABLE_LOAD_MISS:
		return load->flows + any;
	case TABLE_LOAD_INSERT:
		return n;
	case TABLE_LOAD_FLOOD:
		break;
	}
	return (uint32_t)(load->next + n);
}

static void
fill(struct table_load *load)
{
	for (uint32_t n = 0; n < load->count; n++) {
		load->numbers[n] = number_of(load, n);
		table_load_key(load->numbers[n], &load->keys[n]);
	}
	load->next += load->count;
}

int
table_load_init(struct table_load *load, enum table_load_kind kind, uint32_t flows, struct err *err)
{
	uint32_t count = kind == TABLE_LOAD_INSERT || flows > ROUND_MIN ? flows : ROUND_MIN;

	*load = (struct table_load){ .kind = kind, .flows = flows, .count = count };
	load->keys = memory_take(count * sizeof(*load->keys), "keys", err);
	load->numbers = memory_take(count * sizeof(*load->numbers), "numbers", err);
	if (load->keys == NULL || load->numbers == NULL) {
		table_load_fini(load);
		return -1;
	}
	if (kind == TABLE_LOAD_FLOOD)
		load->next = flows; /* those below are there */
	fill(load);
	return 0;
}

void
table_load_fini(struct table_load *load)
{
	memory_give(load->keys, load->count * sizeof(*load->keys));
	memory_give(load->numbers, load->count * sizeof(*load->numbers));
}

void
table_load_renew(struct table_load *load)
{
	if (load->kind == TABLE_LOAD_FLOOD)
		fill(load);
}
