/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The keyed hash of one address, with a few bits beside it such as a port: for the tables of
 * victims and servers. flow_key.h has the one for both endpoints of a connection.
 *
 * Who does not know the key cannot choose addresses or ports that come to the same place more
 * often than chance brings them there.
 */

#ifndef FLOW_ADDRESS_HASH_H
#define FLOW_ADDRESS_HASH_H

#include "flow/flow_key.h"

#include <stdint.h>

#define ADDRESS_HASH_WORDS 4

/** Make a key of one random number: splitmix64 (Steele, Lea, Flood 2014). */
static inline void
address_hash_key_of(uint64_t seed, uint64_t key[ADDRESS_HASH_WORDS])
{
	for (uint32_t i = 0; i < ADDRESS_HASH_WORDS; i++) {
		uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
		key[i] = z ^ z >> 31;
	}
}

/** What the address alone gives; it can serve for several hashes. */
static inline uint64_t
address_hash_begin(const uint64_t key[ADDRESS_HASH_WORDS], const uint64_t addr[2])
{
	return flow_key_mix(addr[0] ^ key[0], addr[1] ^ key[1]);
}

/** @p begun: by address_hash_begin(). All 64 bits are good. */
static inline uint64_t
address_hash_end(const uint64_t key[ADDRESS_HASH_WORDS], uint64_t begun, uint64_t more)
{
	uint64_t hash = flow_key_mix(begun ^ more ^ key[2], (begun >> 32) ^ key[3]);

	/* Once more, or the ports of one address, in sequence, crowd some places under some keys. */
	return flow_key_mix(hash ^ key[1], key[2] | 1);
}

/** Both. */
static inline uint64_t
address_hash(const uint64_t key[ADDRESS_HASH_WORDS], const uint64_t addr[2], uint64_t more)
{
	return address_hash_end(key, address_hash_begin(key, addr), more);
}

#endif /* FLOW_ADDRESS_HASH_H */
