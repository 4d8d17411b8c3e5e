/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The unordered pair of endpoints that names a connection, and its keyed hash.
 *
 * Both directions of a connection give the same key: the endpoint that compares lower
 * stands first. The order means nothing beyond that, so it is the cheapest to compute.
 */

#ifndef FLOW_FLOW_KEY_H
#define FLOW_FLOW_KEY_H

#include "flow/flow_entry.h"
#include "packet/segment.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define FLOW_HASH_KEY_LEN 32

struct flow_key {
	uint64_t addr[2][2]; /* network byte order; IPv4 in the IPv4-mapped form */
	uint16_t port[2]; /* host byte order */
	uint16_t vlan[2]; /* as in struct flow_evidence; part of the key only if the table was told so */
	bool ipv6; /* an IPv6 packet may carry mapped addresses and is still another flow */
};

/** Random numbers that an attacker does not know. */
struct flow_hash_key {
	uint64_t word[FLOW_HASH_KEY_LEN / sizeof(uint64_t)];
};

/** The n-th VLAN tag as struct flow_evidence keeps it. */
static inline uint16_t
flow_vlan_of(const struct segment *segment, uint32_t n)
{
	return n < segment->vlan_count ? (uint16_t)(segment->vlan[n] | FLOW_VLAN_PRESENT) : 0;
}

/* Half an address; as the parser stores it, so that a compiler which sees both needs no load. */
static inline uint64_t
flow_key_half(const uint8_t addr[16], uint32_t half)
{
	uint64_t value;

	memcpy(&value, addr + half * sizeof(value), sizeof(value));
	return value;
}

/**
 * The key of a segment.
 *
 * @param vlan_in_key
 *   Whether its VLAN tags are part of it.
 *
 * @return
 *   Whether the segment's sender is the key's second endpoint.
 */
static inline bool
flow_key_of(const struct segment *segment, bool vlan_in_key, struct flow_key *key)
{
	uint64_t src[2] = { flow_key_half(segment->src_addr, 0),
		flow_key_half(segment->src_addr, 1) };
	uint64_t dst[2] = { flow_key_half(segment->dst_addr, 0),
		flow_key_half(segment->dst_addr, 1) };
	/* Bitwise, as which of two random addresses is lower no branch can predict. */
	bool second = (src[1] > dst[1]) |
			((src[1] == dst[1]) &
					((src[0] > dst[0]) |
							((src[0] == dst[0]) &
									(segment->src_port >
											segment->dst_port))));
	/*
	 * What is to be exchanged, and of that nothing or all: not stored by index, so that what
	 * reads the key need not wait for where it went.
	 */
	uint64_t all = 0 - (uint64_t)second;
	uint64_t high = (src[0] ^ dst[0]) & all, low = (src[1] ^ dst[1]) & all;
	uint32_t port = (uint32_t)(segment->src_port ^ segment->dst_port) & (uint32_t)all;

	key->addr[0][0] = src[0] ^ high;
	key->addr[0][1] = src[1] ^ low;
	key->addr[1][0] = dst[0] ^ high;
	key->addr[1][1] = dst[1] ^ low;
	key->port[0] = (uint16_t)(segment->src_port ^ port);
	key->port[1] = (uint16_t)(segment->dst_port ^ port);
	for (uint32_t i = 0; i < SEGMENT_VLANS; i++)
		key->vlan[i] = vlan_in_key ? flow_vlan_of(segment, i) : 0;
	key->ipv6 = segment->ip_version == 6;
	return second;
}

/** The two halves of a 128-bit product, folded: the mixing step of wyhash (Wang Yi). */
static inline uint64_t
flow_key_mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/** The keyed hash; all 64 bits are good. */
static inline uint64_t
flow_key_hash(const struct flow_key *key, const struct flow_hash_key *secret)
{
	uint64_t rest = (uint64_t)key->port[0] | (uint64_t)key->port[1] << 16 |
			(uint64_t)key->vlan[0] << 32 | (uint64_t)key->vlan[1] << 48;
	uint64_t first = flow_key_mix(
			key->addr[0][0] ^ secret->word[0], key->addr[0][1] ^ secret->word[1]);
	uint64_t second = flow_key_mix(
			key->addr[1][0] ^ secret->word[2], key->addr[1][1] ^ secret->word[3]);

	/* The first endpoint's mix is rotated, so that the two do not cancel. */
	first = first << 23 | first >> 41;
	rest = flow_key_mix(first ^ second ^ secret->word[1],
			rest ^ key->ipv6 ^ secret->word[3] ^ (first + second));
	/* Once more, or sequential ports fill the buckets unevenly under some secrets. */
	return flow_key_mix(rest ^ secret->word[0], secret->word[2] | 1);
}

#endif /* FLOW_FLOW_KEY_H */
