/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Somebody knows all of the code and not the key, and wants connections to crowd one bucket of
 * the flow table. There is nothing to learn from: no answer tells where a connection lies. So
 * there is what holds whatever the key: differences that cancel, families that stay together,
 * and what was found to collide at home, under a key that is known.
 */

#include "flow/flow_table.h"
#include "tests/unit/hash_attack.h"
#include "tests/unit/table_fixture.h"

#define SEED UINT64_C(0x41545441434b)

#define BUCKETS 1024
#define TUPLES (1u << 15)

#define SLOTS 16384u
#define KEYS_A_TABLE 16
#define RANDOM_TUPLES (-1)

/* Of some ten thousand sums none is expected to be as far off. */
#define UNEVEN 6.0

static struct flow_hash_key
some_secret(struct dice *dice)
{
	struct flow_hash_key secret;

	for (size_t i = 0; i < ARRAY_LEN(secret.word); i++)
		secret.word[i] = dice_roll(dice);
	return secret;
}

/* As a packet's key would be: the lower endpoint first. */
static struct flow_key
key_of(const struct tuple *tuple)
{
	struct segment segment = { .ip_version = tuple->ipv6 ? 6 : 4,
		.src_port = tuple->port[0],
		.dst_port = tuple->port[1] };
	struct flow_key key;

	memcpy(segment.src_addr, tuple->addr[0], 16);
	memcpy(segment.dst_addr, tuple->addr[1], 16);
	flow_key_of(&segment, false, &key);
	return key;
}

static uint64_t
hash_of(const struct tuple *tuple, const struct flow_hash_key *secret)
{
	const struct flow_key key = key_of(tuple);

	return flow_key_hash(&key, secret);
}

static void
families_are_spread_evenly_whatever_the_key(void **state)
{
	/* The bucket's bits of a small table and of a large one, those by which software
	 * steers, and the tag's. */
	static const uint32_t shifts[] = { 0, 10, 32, 54 };
	static uint32_t load[ARRAY_LEN(shifts)][BUCKETS];
	struct dice dice = { SEED };

	(void)state;

	for (uint32_t n = 0; n < 24; n++) {
		const struct flow_hash_key secret = some_secret(&dice);

		for (enum attack_family family = 0; family < ATTACK_FAMILY_COUNT; family++) {
			memset(load, 0, sizeof(load));
			for (uint32_t i = 0; i < TUPLES; i++) {
				const struct tuple tuple = attack_tuple(family, i);
				const uint64_t hash = hash_of(&tuple, &secret);

				for (size_t s = 0; s < ARRAY_LEN(shifts); s++)
					load[s][hash >> shifts[s] & (BUCKETS - 1)]++;
			}
			for (size_t s = 0; s < ARRAY_LEN(shifts); s++) {
				double uneven = attack_unevenness(load[s], BUCKETS, TUPLES);

				if (uneven > UNEVEN)
					fail_msg("key %u, %s, bits from %u: %.1f deviations", n,
							attack_names[family], shifts[s], uneven);
			}
		}
	}
}

/* How often a difference made two hashes meet. */
struct meetings {
	uint64_t pairs;
	uint64_t whole; /* all 64 bits: never */
	uint64_t bucket; /* the lower 16: one in 65536 */
	uint64_t tag; /* the upper 16: the same */
	uint32_t most; /* of one difference, in the bucket's bits, under different keys */
};

#define KEYS_A_DIFFERENCE 64

static void
try_difference(uint32_t bit, uint32_t other_bit, bool ipv6, struct dice *dice,
		struct meetings *meetings)
{
	uint32_t met = 0;

	for (uint32_t n = 0; n < KEYS_A_DIFFERENCE; n++) {
		const struct flow_hash_key secret = some_secret(dice);
		struct tuple tuple = attack_random(dice, ipv6), changed = tuple;
		uint64_t differs;

		attack_turn(&changed, bit);
		if (other_bit != bit)
			attack_turn(&changed, other_bit);
		differs = hash_of(&tuple, &secret) ^ hash_of(&changed, &secret);
		meetings->pairs++;
		meetings->whole += differs == 0;
		met += (uint16_t)differs == 0;
		meetings->tag += differs >> 48 == 0;
	}
	meetings->bucket += met;
	if (met > meetings->most)
		meetings->most = met;
}

static void
assert_by_chance_only(const struct meetings *meetings)
{
	const double expected = (double)meetings->pairs / 65536;
	const double most = expected + 6 * sqrt(expected);

	assert_int_equal(meetings->whole, 0);
	if ((double)meetings->bucket > most || (double)meetings->tag > most)
		fail_msg("%lu in a bucket and %lu with a tag, where %.0f are expected",
				(unsigned long)meetings->bucket, (unsigned long)meetings->tag,
				expected);
	/* One difference, 64 keys: three times is one in ten thousand millions. */
	assert_true(meetings->most < 3);
}

static void
no_one_or_two_bits_of_ipv4_lead_to_the_same_bucket_more_often_than_chance(void **state)
{
	struct meetings meetings = { 0 };
	struct dice dice = { SEED };

	(void)state;

	for (uint32_t bit = 0; bit < TUPLE_BITS_IPV4; bit++)
		for (uint32_t other = 0; other <= bit; other++)
			try_difference(bit, other, false, &dice, &meetings);
	assert_by_chance_only(&meetings);
}

static void
nor_do_one_or_two_of_ipv6(void **state)
{
	struct meetings meetings = { 0 };
	struct dice dice = { SEED };

	(void)state;

	for (uint32_t bit = 0; bit < TUPLE_BITS_IPV6; bit++)
		for (uint32_t other = 0; other <= bit; other++)
			try_difference(bit, other, true, &dice, &meetings);
	assert_by_chance_only(&meetings);
}

#define TRADE_PORTS 5

/* What the folding of both endpoints, or of the halves of an address, might cancel. */
static struct tuple
cancelling(const struct tuple *tuple, uint32_t way, uint64_t delta)
{
	struct tuple changed = *tuple;

	switch (way) {
	case 0: /* the same bits at both ends */
		changed.addr[0][1] ^= delta;
		changed.addr[1][1] ^= delta;
		break;
	case 1: /* as much more here as less there */
		changed.addr[0][1] += delta;
		changed.addr[1][1] -= delta;
		break;
	case 2: /* the same in both halves of one address */
		changed.addr[0][0] ^= delta;
		changed.addr[0][1] ^= delta;
		break;
	case 3: /* halves trade places */
		changed.addr[0][0] = tuple->addr[0][1];
		changed.addr[0][1] = tuple->addr[0][0];
		break;
	case 4: /* halves trade places between the ends */
		changed.addr[0][1] = tuple->addr[1][1];
		changed.addr[1][1] = tuple->addr[0][1];
		break;
	case TRADE_PORTS:
		changed.port[0] = tuple->port[1];
		changed.port[1] = tuple->port[0];
		break;
	case 6: /* as the first end's part is turned before the two are mixed */
		changed.addr[0][1] ^= delta;
		changed.addr[1][1] ^= delta << 23 | delta >> 41;
		break;
	case 7: /* all bits of a half */
		changed.addr[0][1] = ~tuple->addr[0][1];
		break;
	default: /* the two's complement of both halves: their product is the same */
		changed.addr[0][0] = 0 - tuple->addr[0][0];
		changed.addr[0][1] = 0 - tuple->addr[0][1];
	}
	return changed;
}

static void
nor_do_differences_that_would_cancel(void **state)
{
	struct meetings meetings = { 0 };
	struct dice dice = { SEED };

	(void)state;

	for (uint32_t n = 0; n < 1000000; n++) {
		const struct flow_hash_key secret = some_secret(&dice);
		const struct tuple tuple = attack_random(&dice, true);
		const struct tuple changed = cancelling(&tuple, n % 9,
				n % 2 == 0 ? dice_roll(&dice)
					   : UINT64_C(1) << dice_below(&dice, 64));
		uint64_t differs = hash_of(&tuple, &secret) ^ hash_of(&changed, &secret);

		if (n % 9 == TRADE_PORTS && tuple.port[0] == tuple.port[1])
			continue; /* it is the same tuple */
		meetings.pairs++;
		meetings.whole += differs == 0;
		meetings.bucket += (uint16_t)differs == 0;
		meetings.tag += differs >> 48 == 0;
	}
	assert_by_chance_only(&meetings);
}

/*
 * The best that can be done at home: with keys of one's own, look for tuples that crowd a bucket,
 * and a tag, under each of them, and hope that they do under the next one.
 */
static void
what_crowds_a_bucket_under_known_keys_does_not_under_another(void **state)
{
	static uint32_t load[256];
	struct dice dice = { SEED };

	(void)state;

	for (uint32_t n = 0; n < 8; n++) {
		const struct flow_hash_key known[2] = { some_secret(&dice), some_secret(&dice) };
		const struct flow_hash_key unknown = some_secret(&dice);
		uint32_t found = 0;

		memset(load, 0, sizeof(load));
		for (uint32_t i = 0; i < ATTACK_FAMILY_COUNT * 65536; i++) {
			const struct tuple tuple = attack_tuple(
					(enum attack_family)(i >> 16), i & 0xffff);

			if ((hash_of(&tuple, &known[0]) & 15) != 0 ||
					(hash_of(&tuple, &known[1]) & 15) != 0)
				continue;
			load[hash_of(&tuple, &unknown) & 255]++;
			found++;
		}
		assert_true(found > 4000);
		assert_true(attack_unevenness(load, ARRAY_LEN(load), found) < UNEVEN);
	}
}

/* Of a stream of tuples, how many a table takes before it has to refuse one for want of room. */
static uint32_t
taken_of(int family, const struct flow_hash_key *secret, struct dice *dice)
{
	void *memory = fixture_memory(flow_table_memory_size(SLOTS));
	uint8_t bytes[FLOW_HASH_KEY_LEN];
	struct flow_table table;
	uint32_t n;

	memcpy(bytes, secret->word, sizeof(bytes));
	flow_table_init(&table, memory, SLOTS, bytes, false, TABLE_EVICTABLE);
	for (n = 0; n < SLOTS; n++) {
		const struct tuple tuple = family == RANDOM_TUPLES
				? attack_random(dice, true)
				: attack_tuple((enum attack_family)family, n);
		const struct flow_key key = key_of(&tuple);

		if (flow_table_insert(&table, flow_key_hash(&key, &table.secret), &key) ==
				FLOW_TABLE_NONE)
			break;
	}
	free(memory);
	return n;
}

/* In the mean over some keys. */
static double
usually_taken_of(int family)
{
	struct dice dice = { SEED };
	double sum = 0;

	for (uint32_t n = 0; n < KEYS_A_TABLE; n++) {
		const struct flow_hash_key secret = some_secret(&dice);
		const uint32_t taken = taken_of(family, &secret, &dice);

		/* No key, no family: a bucket that overflows early. */
		assert_true(taken > SLOTS / 4 * 3);
		sum += taken;
	}
	return sum / KEYS_A_TABLE;
}

static void
a_table_takes_as_many_of_a_family_as_of_random_tuples(void **state)
{
	const double random = usually_taken_of(RANDOM_TUPLES);

	(void)state;

	for (enum attack_family family = 0; family < ATTACK_FAMILY_COUNT; family++) {
		const double taken = usually_taken_of((int)family);

		if (taken < 0.97 * random)
			fail_msg("%s: %.0f were taken, and %.0f random ones", attack_names[family],
					taken, random);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_are_spread_evenly_whatever_the_key),
		cmocka_unit_test(
				no_one_or_two_bits_of_ipv4_lead_to_the_same_bucket_more_often_than_chance),
		cmocka_unit_test(nor_do_one_or_two_of_ipv6),
		cmocka_unit_test(nor_do_differences_that_would_cancel),
		cmocka_unit_test(what_crowds_a_bucket_under_known_keys_does_not_under_another),
		cmocka_unit_test(a_table_takes_as_many_of_a_family_as_of_random_tuples),
	};

	return cmocka_run_group_tests_name("flow_key_attack", tests, NULL, NULL);
}
