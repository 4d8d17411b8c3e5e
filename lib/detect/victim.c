/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/victim.h"

/* How much of the 128 bits an address is kept in belongs to its prefix. */
static uint32_t
bits_of(const struct victim_key *victim, const struct victim_prefixes *prefixes)
{
	return victim->ipv6 ? prefixes->ipv6 : 96u + prefixes->ipv4;
}

/* The first @p bits of 64, in network byte order. */
static uint64_t
mask_of(uint32_t bits)
{
	const uint64_t mask = bits == 0 ? 0 : UINT64_MAX << (64 - bits);

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap64(mask);
#else
	return mask;
#endif
}

static void
cut(uint64_t addr[2], uint32_t bits)
{
	addr[0] &= mask_of(bits < 64 ? bits : 64);
	addr[1] &= mask_of(bits < 64 ? 0 : bits - 64);
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
