/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The hashes of one address, by somebody who does not know the key: those of the tables of
 * victims, followed victims, servers and scanning sources (address_hash.h), and the one by which
 * the sources of a flood are estimated.
 */

#include "detect/meter_state.h"
#include "flow/address_hash.h"
#include "tests/unit/hash_attack.h"

#define SEED UINT64_C(0x41444452)
#define TUPLES (1u << 14)
#define PLACES 256
#define UNEVEN 6.0

struct key {
	uint64_t word[ADDRESS_HASH_WORDS];
};

static struct key
some_key(struct dice *dice)
{
	struct key key;

	address_hash_key_of(dice_roll(dice), key.word);
	return key;
}

/* As the tables have it: a port, or none, and the IP version beside the address. */
static uint64_t
hash_of(const struct key *key, const struct tuple *tuple)
{
	return address_hash(
			key->word, tuple->addr[0], tuple->port[0] | (uint64_t)tuple->ipv6 << 24);
}

static bool
has_one_first_endpoint(enum attack_family family)
{
	return family == ATTACK_HIGH_BYTES_OF_PORTS || family == ATTACK_BOTH_PORTS;
}

static void
families_are_spread_evenly_whatever_the_key(void **state)
{
	static const uint32_t shifts[] = { 0, 8, 48, 56 };
	static uint32_t load[ARRAY_LEN(shifts)][PLACES];
	struct dice dice = { SEED };

	(void)state;

	for (uint32_t n = 0; n < 100; n++) {
		const struct key key = some_key(&dice);

		for (enum attack_family family = 0; family < ATTACK_FAMILY_COUNT; family++) {
			if (has_one_first_endpoint(family))
				continue;
			memset(load, 0, sizeof(load));
			for (uint32_t i = 0; i < TUPLES; i++) {
				const struct tuple tuple = attack_tuple(family, i);
				const uint64_t hash = hash_of(&key, &tuple);

				for (size_t s = 0; s < ARRAY_LEN(shifts); s++)
					load[s][hash >> shifts[s] & (PLACES - 1)]++;
			}
			for (size_t s = 0; s < ARRAY_LEN(shifts); s++) {
				double uneven = attack_unevenness(load[s], PLACES, TUPLES);

				if (uneven > UNEVEN)
					fail_msg("key %u, %s, bits from %u: %.1f deviations", n,
							attack_names[family], shifts[s], uneven);
			}
		}
	}
}

static void
no_one_or_two_bits_lead_to_the_same_place_more_often_than_chance(void **state)
{
	const uint32_t bits = 2 * 64 + 16;
	struct dice dice = { SEED };
	uint64_t pairs = 0, met = 0;

	(void)state;

	for (uint32_t bit = 0; bit < bits; bit++)
		for (uint32_t other = 0; other <= bit; other++)
			for (uint32_t n = 0; n < 64; n++) {
				const struct key key = some_key(&dice);
				struct tuple tuple = attack_random(&dice, true), changed = tuple;
				uint64_t differs;

				attack_turn(&changed, bit < 128 ? bit : bit + 128);
				if (other != bit)
					attack_turn(&changed, other < 128 ? other : other + 128);
				differs = hash_of(&key, &tuple) ^ hash_of(&key, &changed);
				assert_true(differs != 0);
				pairs++;
				met += (uint16_t)differs == 0;
			}
	assert_true((double)met < (double)pairs / 65536 + 6 * sqrt((double)pairs / 65536));
}

/*
 * Splitmix64's finalizer, of public constants, turns the one difference into the other, once in a
 * thousand: between two such steps they would cancel, whatever the seed.
 */
static void
nor_do_the_halves_of_an_address_cancel(void **state)
{
	const uint64_t high = UINT64_C(0x8000000200000008), low = UINT64_C(0xd3112151a62242a0);
	struct dice dice = { SEED };
	uint32_t met = 0;

	(void)state;

	for (uint32_t n = 0; n < 1000000; n++) {
		const struct key key = some_key(&dice);
		struct tuple tuple = attack_random(&dice, true), changed = tuple;

		changed.addr[0][0] ^= high;
		changed.addr[0][1] ^= low;
		met += hash_of(&key, &tuple) == hash_of(&key, &changed);
	}
	assert_int_equal(met, 0);
}

/* The number of sources of a family, as a meter of this key estimates it. */
static double
estimate(const struct key *key, enum attack_family family, uint32_t count)
{
	static struct meter meter;
	static struct sources sources;

	memcpy(meter.source_key, key->word, sizeof(meter.source_key));
	sources_reset(&sources);
	for (uint32_t i = 0; i < count; i++) {
		const struct tuple tuple = attack_tuple(family, i);

		meter_add_source(&meter, &sources, (const uint8_t *)tuple.addr[0], tuple.ipv6);
	}
	return sources_estimate(&sources);
}

static bool
has_many_clients(enum attack_family family)
{
	return family >= ATTACK_CLIENTS_IN_SEQUENCE;
}

/* Neither more nor fewer than there are: six times the standard error of 1.15 %. */
static void
nobody_makes_his_sources_look_few_or_many(void **state)
{
	struct dice dice = { SEED };

	(void)state;

	for (uint32_t n = 0; n < 40; n++) {
		const struct key key = some_key(&dice);

		for (enum attack_family family = 0; family < ATTACK_FAMILY_COUNT; family++) {
			double told;

			if (!has_many_clients(family))
				continue;
			told = estimate(&key, family, 50000);
			if (fabs(told / 50000 - 1) > 6 * 0.0115)
				fail_msg("key %u, %s: %.0f sources", n, attack_names[family], told);
		}
	}
}

static void
a_key_of_one_number_has_no_word_twice(void **state)
{
	struct dice dice = { SEED };

	(void)state;

	for (uint32_t n = 0; n < 10000; n++) {
		const struct key key = some_key(&dice);

		for (uint32_t i = 0; i < ADDRESS_HASH_WORDS; i++)
			for (uint32_t k = 0; k < i; k++)
				assert_true(key.word[i] != key.word[k]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_are_spread_evenly_whatever_the_key),
		cmocka_unit_test(no_one_or_two_bits_lead_to_the_same_place_more_often_than_chance),
		cmocka_unit_test(nor_do_the_halves_of_an_address_cancel),
		cmocka_unit_test(nobody_makes_his_sources_look_few_or_many),
		cmocka_unit_test(a_key_of_one_number_has_no_word_twice),
	};

	return cmocka_run_group_tests_name("address_hash", tests, NULL, NULL);
}
