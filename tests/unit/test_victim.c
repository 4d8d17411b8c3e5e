/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/victim.h"
#include "tests/unit/detect_fixture.h"

#define SERVER 0xc6336489 /* 198.51.100.137 */

static const struct victim_prefixes usual = { 24, 64 };

static struct victim_key
ipv6_service(const char bytes[16])
{
	struct victim_key key = { .port = 443, .level = VICTIM_SERVICE, .ipv6 = true };

	memcpy(key.addr, bytes, sizeof(key.addr));
	return key;
}

static void
assert_same(const struct victim_key *a, const struct victim_key *b)
{
	assert_true(victim_key_equal(a, b));
	/* They are hashed and compared by bytes, too. */
	assert_memory_equal(a, b, sizeof(*a));
}

static void
a_service_is_part_of_its_address_and_that_of_its_prefix(void **state)
{
	struct victim_key key = detect_service(SERVER, 80), parent;
	struct victim_key address = detect_address(SERVER), prefix = detect_prefix(SERVER);

	(void)state;

	victim_parent(&key, &usual, &parent);
	assert_same(&parent, &address);
	victim_parent(&parent, &usual, &key);
	assert_same(&key, &prefix);
}

static void
a_prefix_of_ipv4_has_the_bits_it_was_given(void **state)
{
	static const uint32_t masks[] = { 0, 0x80000000, 0xff000000, 0xfffff800, 0xffffffff };
	static const uint8_t bits[] = { 0, 1, 8, 21, 32 };

	(void)state;

	for (uint32_t i = 0; i < ARRAY_LEN(bits); i++) {
		struct victim_prefixes prefixes = { bits[i], 64 };
		struct victim_key address = detect_address(SERVER), prefix, wanted;

		victim_parent(&address, &prefixes, &prefix);
		wanted = detect_address(SERVER & masks[i]);
		wanted.level = VICTIM_PREFIX;
		assert_same(&prefix, &wanted);
	}
}

static void
a_prefix_of_ipv6_has_the_bits_it_was_given(void **state)
{
	static const char
			addr[] = "\x20\x01\x0d\xb8\x12\x34\x56\x78\x9a\xbc\xde\xf1\x23\x45\x67\x89";
	static const char cut[][17] = {
		"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0",
		"\x20\x01\x0d\xb8\x12\x34\x56\0\0\0\0\0\0\0\0\0",
		"\x20\x01\x0d\xb8\x12\x34\x56\x78\0\0\0\0\0\0\0\0",
		"\x20\x01\x0d\xb8\x12\x34\x56\x78\x9a\xbc\xc0\0\0\0\0\0",
		"\x20\x01\x0d\xb8\x12\x34\x56\x78\x9a\xbc\xde\xf1\x23\x45\x67\x89",
	};
	static const uint8_t bits[] = { 32, 56, 64, 82, 128 };

	(void)state;

	for (uint32_t i = 0; i < ARRAY_LEN(bits); i++) {
		struct victim_prefixes prefixes = { 24, bits[i] };
		struct victim_key service = ipv6_service(addr), address, prefix;
		struct victim_key wanted = ipv6_service(cut[i]);

		wanted.port = 0;
		wanted.level = VICTIM_PREFIX;
		victim_parent(&service, &prefixes, &address);
		victim_parent(&address, &prefixes, &prefix);
		assert_same(&prefix, &wanted);
	}
}

static void
a_victim_covers_itself_and_its_parts_only(void **state)
{
	struct victim_key service = detect_service(SERVER, 80), other = detect_service(SERVER, 81);
	struct victim_key address = detect_address(SERVER), prefix = detect_prefix(SERVER);
	struct victim_key neighbour = detect_address(SERVER ^ 1), far = detect_prefix(SERVER ^ 256);

	(void)state;

	assert_true(victim_covers(&service, &service, &usual));
	assert_true(victim_covers(&address, &service, &usual));
	assert_true(victim_covers(&prefix, &service, &usual));
	assert_true(victim_covers(&prefix, &address, &usual));
	assert_true(victim_covers(&prefix, &neighbour, &usual));
	assert_false(victim_covers(&service, &other, &usual));
	assert_false(victim_covers(&service, &address, &usual));
	assert_false(victim_covers(&address, &prefix, &usual));
	assert_false(victim_covers(&neighbour, &service, &usual));
	assert_false(victim_covers(&far, &service, &usual));
}

static void
the_same_address_in_ipv6_is_another(void **state)
{
	struct victim_key ipv4 = detect_address(SERVER), ipv6 = ipv4;

	(void)state;

	ipv6.ipv6 = true;
	assert_false(victim_key_equal(&ipv4, &ipv6));
	assert_false(victim_covers(&ipv4, &ipv6, &usual));
}

static void
a_delay_is_below_the_end_of_its_class(void **state)
{
	(void)state;

	for (uint64_t us = 0; us < 2000000; us += 500) {
		const uint32_t class = victim_delay_class(us);

		assert_in_range(class, 0, VICTIM_DELAYS - 1);
		if (class < VICTIM_DELAYS - 1)
			assert_true(us < victim_delay_end_us(class));
		if (class > 0)
			assert_true(us >= victim_delay_end_us(class - 1));
	}
	assert_int_equal(victim_delay_class(UINT64_MAX), VICTIM_DELAYS - 1);
}

static void
counts_add_up_and_each_end_ends_one(void **state)
{
	struct victim_counts sum = { .syn = 10, .evicted = 1, .delay = { [7] = 2 } };
	struct victim_counts more = { .syn = 5,
		.completed = 1,
		.refused = 1,
		.client_reset = 1,
		.client_silent = 1,
		.server_silent = 1,
		.broken_off = 1,
		.evicted = 1,
		.stray_rst = 9,
		.delay = { [0] = 1, [7] = 1 } };

	(void)state;

	victim_counts_add(&sum, &more);
	assert_int_equal(sum.syn, 15);
	assert_int_equal(sum.evicted, 2);
	assert_int_equal(sum.stray_rst, 9);
	assert_int_equal(sum.delay[0], 1);
	assert_int_equal(sum.delay[7], 3);
	assert_int_equal(victim_ended(&more), 7);
	assert_int_equal(victim_ended(&sum), 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_is_part_of_its_address_and_that_of_its_prefix),
		cmocka_unit_test(a_prefix_of_ipv4_has_the_bits_it_was_given),
		cmocka_unit_test(a_prefix_of_ipv6_has_the_bits_it_was_given),
		cmocka_unit_test(a_victim_covers_itself_and_its_parts_only),
		cmocka_unit_test(the_same_address_in_ipv6_is_another),
		cmocka_unit_test(a_delay_is_below_the_end_of_its_class),
		cmocka_unit_test(counts_add_up_and_each_end_ends_one),
	};

	return cmocka_run_group_tests_name("victim", tests, NULL, NULL);
}
