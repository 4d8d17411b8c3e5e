/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What somebody would try against a keyed hash who knows the code and not the key: tuples in
 * families, and how evenly a family is spread.
 *
 * A tuple has two endpoints; the hashes of one address take the first.
 */

#ifndef TESTS_HASH_ATTACK_H
#define TESTS_HASH_ATTACK_H

#include "tests/unit/flow_fixture.h"

#include <math.h>

struct tuple {
	uint64_t addr[2][2]; /* as in struct flow_key */
	uint16_t port[2];
	bool ipv6;
};

#define TUPLE_BITS_IPV6 (4 * 64 + 2 * 16)
#define TUPLE_BITS_IPV4 (2 * 32 + 2 * 16)

/* X(name): what differs from tuple to tuple of the family. */
#define ATTACK_FAMILIES(X) \
	X(CLIENT_PORTS) \
	X(BOTH_PORTS) \
	X(PORTS_WITH_ONE_XOR) \
	X(PORTS_WITH_ONE_SUM) \
	X(HIGH_BYTES_OF_PORTS) \
	X(CLIENTS_IN_SEQUENCE) \
	X(CLIENTS_A_NETWORK_APART) \
	X(CLIENTS_WITH_LOW_HALF_FIXED) \
	X(ADDRESSES_WITH_ONE_XOR) \
	X(ADDRESSES_WITH_ONE_SUM) \
	X(BOTH_ADDRESSES_THE_SAME) \
	X(ADDRESS_AGAINST_PORT) \
	X(MAPPED_IN_IPV6) \
	X(IPV6_HOSTS) \
	X(IPV6_NETWORKS) \
	X(IPV6_HALVES_EQUAL) \
	X(IPV6_ONE_XOR) \
	X(IPV6_SPARSE)

enum attack_family {
#define X(name) ATTACK_##name,
	ATTACK_FAMILIES(X)
#undef X
	ATTACK_FAMILY_COUNT,
};

static const char *const attack_names[] = {
#define X(name) #name,
	ATTACK_FAMILIES(X)
#undef X
};

static inline uint64_t
attack_mapped(uint32_t addr)
{
	uint8_t bytes[16];
	uint64_t word;

	build_ipv4_mapped(addr, bytes);
	memcpy(&word, bytes + 8, sizeof(word));
	return word;
}

static inline struct tuple
attack_ipv4(uint32_t first, uint16_t first_port, uint32_t second, uint16_t second_port)
{
	return (struct tuple){ .addr = { { 0, attack_mapped(first) },
					       { 0, attack_mapped(second) } },
		.port = { first_port, second_port } };
}

static inline struct tuple
attack_ipv6(uint64_t network, uint64_t host, uint64_t other_network, uint64_t other_host)
{
	return (struct tuple){ .addr = { { __builtin_bswap64(network), __builtin_bswap64(host) },
					       { __builtin_bswap64(other_network),
							       __builtin_bswap64(other_host) } },
		.port = { 40000, 443 },
		.ipv6 = true };
}

#define ATTACK_NETWORK UINT64_C(0x20010db800000000)

/* The bits of n, spread over a word: one in four. */
static inline uint64_t
attack_sparse(uint32_t n)
{
	uint64_t word = 0;

	for (uint32_t bit = 0; bit < 16; bit++)
		word |= (uint64_t)(n >> bit & 1) << 4 * bit;
	return word;
}

/* The n-th tuple of a family, n below 65536; no two are the same. */
static inline struct tuple
attack_tuple(enum attack_family family, uint32_t n)
{
	const uint32_t client = UINT32_C(0x0a000000), server = UINT32_C(0xc0000250);
	const uint16_t low = (uint16_t)n;
	struct tuple tuple;

	switch (family) {
	case ATTACK_CLIENT_PORTS:
		return attack_ipv4(client, low, server, 443);
	case ATTACK_BOTH_PORTS:
		return attack_ipv4(client, low >> 8, server, low & 0xff);
	case ATTACK_PORTS_WITH_ONE_XOR:
		return attack_ipv4(client, low, server, low ^ 0x5a5a);
	case ATTACK_PORTS_WITH_ONE_SUM:
		return attack_ipv4(client, low, server, (uint16_t)(0x1234 - n));
	case ATTACK_HIGH_BYTES_OF_PORTS:
		return attack_ipv4(client, (uint16_t)(n << 8), server, low & 0xff00);
	case ATTACK_CLIENTS_IN_SEQUENCE:
		return attack_ipv4(client + n, 40000, server, 443);
	case ATTACK_CLIENTS_A_NETWORK_APART:
		return attack_ipv4(client + 256 * n, 40000, server, 443);
	case ATTACK_CLIENTS_WITH_LOW_HALF_FIXED:
		return attack_ipv4(n << 16 | 0x0101, 40000, server, 443);
	case ATTACK_ADDRESSES_WITH_ONE_XOR:
		return attack_ipv4(client ^ n, 443, server ^ n, 443);
	case ATTACK_ADDRESSES_WITH_ONE_SUM:
		return attack_ipv4(client + n, 443, server - n, 443);
	case ATTACK_BOTH_ADDRESSES_THE_SAME:
		return attack_ipv4(client + n, 443, client + n, 443);
	case ATTACK_ADDRESS_AGAINST_PORT:
		return attack_ipv4(client ^ n, low, server, 443);
	case ATTACK_MAPPED_IN_IPV6:
		tuple = attack_ipv4(client + n, 40000, server, 443);
		tuple.ipv6 = true;
		return tuple;
	case ATTACK_IPV6_HOSTS:
		return attack_ipv6(ATTACK_NETWORK, n, ATTACK_NETWORK, UINT64_C(1) << 32);
	case ATTACK_IPV6_NETWORKS:
		return attack_ipv6(ATTACK_NETWORK + ((uint64_t)n << 8), 1, ATTACK_NETWORK, 2);
	case ATTACK_IPV6_HALVES_EQUAL:
		return attack_ipv6(ATTACK_NETWORK + n, ATTACK_NETWORK + n, ATTACK_NETWORK, 2);
	case ATTACK_IPV6_ONE_XOR:
		return attack_ipv6(ATTACK_NETWORK ^ n, n, ATTACK_NETWORK ^ n, n);
	default:
		return attack_ipv6(ATTACK_NETWORK, attack_sparse(n), ATTACK_NETWORK, 2);
	}
}

/* Turn one bit; those of IPv4 are the two addresses and the ports, the others all 288. */
static inline void
attack_turn(struct tuple *tuple, uint32_t bit)
{
	const uint32_t ports_at = tuple->ipv6 ? 4 * 64 : 2 * 32;

	if (bit >= ports_at)
		tuple->port[(bit - ports_at) / 16] ^= (uint16_t)(1u << (bit - ports_at) % 16);
	else if (tuple->ipv6)
		tuple->addr[bit / 128][bit / 64 % 2] ^= UINT64_C(1) << bit % 64;
	else /* behind the bytes that make it mapped */
		tuple->addr[bit / 32][1] ^= attack_mapped(1u << bit % 32) ^ attack_mapped(0);
}

static inline struct tuple
attack_random(struct dice *dice, bool ipv6)
{
	struct tuple tuple = attack_ipv4((uint32_t)dice_roll(dice), (uint16_t)dice_roll(dice),
			(uint32_t)dice_roll(dice), (uint16_t)dice_roll(dice));

	if (ipv6)
		for (uint32_t i = 0; i < 4; i++)
			tuple.addr[i / 2][i % 2] = dice_roll(dice);
	tuple.ipv6 = ipv6;
	return tuple;
}

/*
 * How much less evenly than chance would have it, in standard deviations, by Pearson's sum
 * over as many as a power of two. More evenly is no concern: products of a sequence are.
 */
static inline double
attack_unevenness(const uint32_t *load, uint32_t places, uint32_t tuples)
{
	const double expected = (double)tuples / places;
	double sum = 0;

	for (uint32_t i = 0; i < places; i++)
		sum += (load[i] - expected) * (load[i] - expected) / expected;
	return (sum - (places - 1)) / sqrt(2.0 * (places - 1));
}

#endif /* TESTS_HASH_ATTACK_H */
