/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/victim.h"

#include <string.h>

/* How much of the 128 bits an address is kept in belongs to its prefix. */
static uint32_t
bits_of(const struct victim_key *victim, const struct victim_prefixes *prefixes)
{
	return victim->ipv6 ? prefixes->ipv6 : 96u + prefixes->ipv4;
}

static void
cut(uint64_t addr[2], uint32_t bits)
{
	uint8_t bytes[16];

	memcpy(bytes, addr, sizeof(bytes));
	for (uint32_t i = 0; i < sizeof(bytes); i++) {
		const uint32_t before = 8 * i;
		const uint32_t kept = bits <= before ? 0 : bits - before < 8 ? bits - before : 8;

		bytes[i] &= (uint8_t)(0xff00u >> kept);
	}
	memcpy(addr, bytes, sizeof(bytes));
}

void
victim_parent(const struct victim_key *victim, const struct victim_prefixes *prefixes,
		struct victim_key *parent)
{
	*parent = *victim;
	parent->port = 0;
	parent->level = (uint8_t)(victim->level + 1);
	if (parent->level == VICTIM_PREFIX)
		cut(parent->addr, bits_of(victim, prefixes));
}

bool
victim_covers(const struct victim_key *outer, const struct victim_key *inner,
		const struct victim_prefixes *prefixes)
{
	struct victim_key key = *inner;

	if (outer->level < inner->level)
		return false;
	while (key.level < outer->level) {
		struct victim_key parent;

		victim_parent(&key, prefixes, &parent);
		key = parent;
	}
	return victim_key_equal(outer, &key);
}

void
victim_counts_add(struct victim_counts *counts, const struct victim_counts *more)
{
#define X(field, help) counts->field += more->field;
	VICTIM_COUNTS(X)
#undef X
	for (uint32_t i = 0; i < VICTIM_DELAYS; i++)
		counts->delay[i] += more->delay[i];
}
