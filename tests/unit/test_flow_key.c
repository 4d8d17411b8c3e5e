/* SPDX-License-Identifier: Apache-2.0 */

#include "flow/flow_key.h"
#include "tests/unit/flow_fixture.h"

#define SEED UINT64_C(0x4b455953)

static struct flow_hash_key
some_secret(struct dice *dice)
{
	struct flow_hash_key secret;

	for (size_t i = 0; i < ARRAY_LEN(secret.word); i++)
		secret.word[i] = dice_roll(dice);
	return secret;
}

static struct segment
some_segment(struct dice *dice)
{
	struct segment segment = {
		.ip_version = dice_below(dice, 2) == 0 ? 4 : 6,
		.src_port = (uint16_t)dice_roll(dice),
		.dst_port = (uint16_t)dice_roll(dice),
		.vlan_count = dice_below(dice, 3) & 3,
		.vlan = { (uint16_t)dice_below(dice, 4096), (uint16_t)dice_below(dice, 4096) },
	};

	/* Often equal in all but one byte: who is first must not matter there either. */
	for (size_t i = 0; i < 16; i++)
		segment.src_addr[i] = segment.dst_addr[i] = (uint8_t)dice_roll(dice);
	segment.dst_addr[dice_below(dice, 16)] ^= (uint8_t)dice_below(dice, 3);
	return segment;
}

static struct segment
turned(const struct segment *segment)
{
	struct segment back = *segment;

	memcpy(back.src_addr, segment->dst_addr, 16);
	memcpy(back.dst_addr, segment->src_addr, 16);
	back.src_port = segment->dst_port;
	back.dst_port = segment->src_port;
	return back;
}

static bool
same_key(const struct flow_key *a, const struct flow_key *b)
{
	return memcmp(a->addr, b->addr, sizeof(a->addr)) == 0 &&
			memcmp(a->port, b->port, sizeof(a->port)) == 0 &&
			memcmp(a->vlan, b->vlan, sizeof(a->vlan)) == 0 && a->ipv6 == b->ipv6;
}

static void
both_directions_give_one_key_and_one_hash(void **state)
{
	struct dice dice = { SEED };
	struct flow_hash_key secret = some_secret(&dice);

	(void)state;

	for (uint32_t n = 0; n < 100000; n++) {
		struct segment there = some_segment(&dice), back = turned(&there);
		struct flow_key key, other;
		bool second = flow_key_of(&there, n % 2 == 0, &key);
		bool other_second = flow_key_of(&back, n % 2 == 0, &other);

		assert_true(same_key(&key, &other));
		assert_true(flow_key_hash(&key, &secret) == flow_key_hash(&other, &secret));
		/* The two differ in who is second, unless the endpoints are the same. */
		if (there.src_port != there.dst_port ||
				memcmp(there.src_addr, there.dst_addr, 16) != 0)
			assert_true(second != other_second);
		else
			assert_false(second || other_second);
	}
}

static void
the_answer_tells_where_the_sender_stands(void **state)
{
	struct dice dice = { SEED };

	(void)state;

	for (uint32_t n = 0; n < 10000; n++) {
		struct segment segment = some_segment(&dice);
		struct flow_key key;
		bool second = flow_key_of(&segment, false, &key);

		assert_memory_equal(key.addr[second], segment.src_addr, 16);
		assert_memory_equal(key.addr[!second], segment.dst_addr, 16);
		assert_int_equal(key.port[second], segment.src_port);
		assert_int_equal(key.port[!second], segment.dst_port);
	}
}

static void
every_field_makes_another_key_and_another_hash(void **state)
{
	struct dice dice = { SEED };
	struct flow_hash_key secret = some_secret(&dice);
	struct flow_key keys[16];

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct segment segment = fixture_segment(FLOW_CLIENT, TCP_SYN, 1, 0, 0);

		switch (i) {
		case 1:
			segment.src_port++;
			break;
		case 2:
			segment.dst_port++;
			break;
		case 3:
			segment.ip_version = 6;
			break;
		case 4:
		case 5:
		case 6:
			segment.vlan_count = 1;
			segment.vlan[0] = (uint16_t)(i - 4) * 0x7ff;
			break;
		case 7:
			segment.vlan_count = 2;
			break;
		default:
			if (i >= 12)
				segment.src_addr[4 * (i - 12) + 3] ^= 0x40;
			else if (i >= 8)
				segment.dst_addr[4 * (i - 8) + 1] ^= 0x02;
		}
		flow_key_of(&segment, true, &keys[i]);
		for (size_t k = 0; k < i; k++)
			assert_false(same_key(&keys[i], &keys[k]));
		if (i != 0)
			assert_true(flow_key_hash(&keys[i], &secret) !=
					flow_key_hash(&keys[0], &secret));
	}
}

static void
vlan_tags_are_in_the_key_only_if_asked_for(void **state)
{
	struct segment tagged = fixture_segment(FLOW_CLIENT, TCP_SYN, 1, 0, 0), plain = tagged;
	struct flow_key key, other;

	(void)state;

	tagged.vlan_count = 2;
	tagged.vlan[0] = 100;
	tagged.vlan[1] = 0;
	flow_key_of(&tagged, false, &key);
	flow_key_of(&plain, false, &other);
	assert_true(same_key(&key, &other));
	flow_key_of(&tagged, true, &key);
	assert_false(same_key(&key, &other));
	assert_int_equal(key.vlan[0], 100 | FLOW_VLAN_PRESENT);
	assert_int_equal(key.vlan[1], FLOW_VLAN_PRESENT);
	/* What lies behind the tags that are there is not looked at. */
	plain.vlan[0] = 77;
	flow_key_of(&plain, true, &key);
	assert_true(same_key(&key, &other));
}

static void
another_secret_makes_another_hash(void **state)
{
	struct segment segment = fixture_segment(FLOW_CLIENT, TCP_SYN, 1, 0, 0);
	struct dice dice = { SEED };
	struct flow_hash_key secret = some_secret(&dice);
	struct flow_key key;
	uint64_t hash;

	(void)state;

	flow_key_of(&segment, false, &key);
	hash = flow_key_hash(&key, &secret);
	for (uint32_t bit = 0; bit < 64 * ARRAY_LEN(secret.word); bit++) {
		struct flow_hash_key other = secret;

		other.word[bit / 64] ^= UINT64_C(1) << bit % 64;
		assert_true(flow_key_hash(&key, &other) != hash);
	}
}

/* The endpoints' parts of the hash must not cancel, nor the ports with the tags. */
static void
endpoints_that_trade_places_or_parts_make_another_hash(void **state)
{
	struct dice dice = { SEED };
	struct flow_hash_key secret = some_secret(&dice);

	(void)state;

	for (uint32_t n = 0; n < 1000; n++) {
		struct flow_key key = { .addr = { { 1, dice_roll(&dice) },
							{ 2, dice_roll(&dice) } },
			.port = { 1, 2 } };
		struct flow_key ports = key, addrs = key, equal = key;

		ports.port[0] = 2;
		ports.port[1] = 1;
		memcpy(addrs.addr[0], key.addr[1], 16);
		memcpy(addrs.addr[1], key.addr[0], 16);
		memcpy(equal.addr[1], key.addr[0], 16);
		assert_true(flow_key_hash(&key, &secret) != flow_key_hash(&ports, &secret));
		assert_true(flow_key_hash(&key, &secret) != flow_key_hash(&addrs, &secret));
		assert_true(flow_key_hash(&key, &secret) != flow_key_hash(&equal, &secret));
	}
}

static void
a_bit_of_the_key_turns_half_the_bits_of_the_hash(void **state)
{
	struct dice dice = { SEED };
	struct flow_hash_key secret = some_secret(&dice);

	(void)state;

	for (uint32_t bit = 0; bit < 36 * 8; bit++) {
		uint32_t turned_bits = 0;

		for (uint32_t n = 0; n < 200; n++) {
			struct flow_key key = {
				.addr = { { dice_roll(&dice), dice_roll(&dice) },
						{ dice_roll(&dice), dice_roll(&dice) } },
				.port = { (uint16_t)dice_roll(&dice), (uint16_t)dice_roll(&dice) }
			};
			struct flow_key other = key;

			if (bit < 256)
				other.addr[bit / 128][bit / 64 % 2] ^= UINT64_C(1) << bit % 64;
			else
				other.port[bit / 16 % 2] ^= (uint16_t)(1u << bit % 16);
			turned_bits += (uint32_t)__builtin_popcountll(flow_key_hash(&key, &secret) ^
					flow_key_hash(&other, &secret));
		}
		if (turned_bits < 30 * 200 || turned_bits > 34 * 200)
			fail_msg("bit %u turns %.1f bits", bit, turned_bits / 200.0);
	}
}

/* Tuples as an attacker would choose them, who does not know the secret. */
enum pattern {
	SEQUENTIAL_PORTS,
	SEQUENTIAL_ADDRESSES,
	ADDRESSES_WITH_LOW_BITS_FIXED,
	PORTS_WITH_LOW_BITS_FIXED,
	ONE_HOST_TO_ALL_PORTS_OF_ITSELF,
	IPV6_SEQUENTIAL_HOSTS,
	IPV6_SEQUENTIAL_NETWORKS,
	ADDRESS_AND_PORT_TOGETHER,
	PATTERNS,
};

#define KEYS (1 << 16)
#define BUCKETS (1 << 10)

static struct flow_key
chosen(enum pattern pattern, uint32_t n)
{
	struct segment segment = fixture_ipv4(
			FIXTURE_CLIENT_ADDR, 40000, FIXTURE_SERVER_ADDR, FIXTURE_SERVER_PORT);
	struct flow_key key;

	switch (pattern) {
	case SEQUENTIAL_PORTS:
		segment.src_port = (uint16_t)n;
		break;
	case SEQUENTIAL_ADDRESSES:
		build_ipv4_mapped(UINT32_C(0x0a000000) + n, segment.src_addr);
		break;
	case ADDRESSES_WITH_LOW_BITS_FIXED:
		build_ipv4_mapped(n << 16 | 0x0101, segment.src_addr);
		break;
	case PORTS_WITH_LOW_BITS_FIXED:
		segment.src_port = (uint16_t)((n & 0xff) << 8);
		segment.dst_port = (uint16_t)(n & 0xff00);
		break;
	case ONE_HOST_TO_ALL_PORTS_OF_ITSELF:
		memcpy(segment.dst_addr, segment.src_addr, 16);
		segment.dst_port = (uint16_t)n;
		break;
	case IPV6_SEQUENTIAL_HOSTS:
	case IPV6_SEQUENTIAL_NETWORKS:
		segment.ip_version = 6;
		memset(segment.src_addr, 0x20, 16);
		memset(segment.dst_addr, 0x20, 16);
		memcpy(segment.src_addr + (pattern == IPV6_SEQUENTIAL_HOSTS ? 12 : 4), &n, 4);
		break;
	default:
		build_ipv4_mapped(UINT32_C(0x0a000000) + (n & 0xff), segment.src_addr);
		segment.src_port = (uint16_t)(1024 + n);
	}
	flow_key_of(&segment, false, &key);
	return key;
}

/*
 * Pearson's sum over the buckets that some bits of the hash name: with 1023 degrees of
 * freedom it has the mean 1023 and the deviation 45. Sequences may well spread more evenly
 * than chance: a product of consecutive numbers does.
 */
static double
chi_square(enum pattern pattern, const struct flow_hash_key *secret, uint32_t shift)
{
	static uint32_t load[BUCKETS];
	const double expected = (double)KEYS / BUCKETS;
	double sum = 0;

	memset(load, 0, sizeof(load));
	for (uint32_t n = 0; n < KEYS; n++) {
		struct flow_key key = chosen(pattern, n);

		load[flow_key_hash(&key, secret) >> shift & (BUCKETS - 1)]++;
	}
	for (uint32_t i = 0; i < BUCKETS; i++)
		sum += (load[i] - expected) * (load[i] - expected) / expected;
	return sum;
}

static void
chosen_tuples_spread_evenly_over_buckets_and_tags(void **state)
{
	/* The bucket's bits of a small and of a large table, and the tag's. */
	static const uint32_t shifts[] = { 0, 16, 48, 54 };
	struct dice dice = { SEED };

	(void)state;

	for (uint32_t n = 0; n < 6; n++) {
		struct flow_hash_key secret = some_secret(&dice);

		for (enum pattern pattern = 0; pattern < PATTERNS; pattern++)
			for (size_t i = 0; i < ARRAY_LEN(shifts); i++) {
				double sum = chi_square(pattern, &secret, shifts[i]);

				if (sum > 1023 + 5 * 45)
					fail_msg("secret %u, pattern %d, bits from %u: %.0f", n,
							(int)pattern, shifts[i], sum);
			}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_give_one_key_and_one_hash),
		cmocka_unit_test(the_answer_tells_where_the_sender_stands),
		cmocka_unit_test(every_field_makes_another_key_and_another_hash),
		cmocka_unit_test(vlan_tags_are_in_the_key_only_if_asked_for),
		cmocka_unit_test(another_secret_makes_another_hash),
		cmocka_unit_test(endpoints_that_trade_places_or_parts_make_another_hash),
		cmocka_unit_test(a_bit_of_the_key_turns_half_the_bits_of_the_hash),
		cmocka_unit_test(chosen_tuples_spread_evenly_over_buckets_and_tags),
	};

	return cmocka_run_group_tests_name("flow_key", tests, NULL, NULL);
}
