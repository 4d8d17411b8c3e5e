/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/retry.h"
#include "tests/unit/flow_fixture.h"

#define SECOND USEC_PER_SEC

static void
assert_schedule(const struct retry *retry, const uint32_t seconds[], uint32_t count,
		uint32_t giveup_s)
{
	for (uint32_t n = 0; n < count; n++)
		assert_int_equal(retry_sent_us(retry, n), seconds[n] * SECOND);
	assert_int_equal(retry_giveup_us(retry), giveup_s * SECOND);
}

static void
linux_6_5_sends_eleven_syns_and_gives_up_at_131_s(void **state)
{
	static const uint32_t seconds[] = { 0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67 };
	const struct retry retry = { .linear = 4, .retries = 6, .rto_us = SECOND };

	(void)state;

	assert_schedule(&retry, seconds, ARRAY_LEN(seconds), 131);
}

static void
older_linux_sends_seven_syns_and_gives_up_at_127_s(void **state)
{
	static const uint32_t seconds[] = { 0, 1, 3, 7, 15, 31, 63 };
	const struct retry retry = { .linear = 0, .retries = 6, .rto_us = SECOND };

	(void)state;

	assert_schedule(&retry, seconds, ARRAY_LEN(seconds), 127);
}

static void
a_server_sends_six_synacks_and_gives_up_at_63_s(void **state)
{
	static const uint32_t seconds[] = { 0, 1, 3, 7, 15, 31 };
	const struct retry retry = { .linear = 0, .retries = 5, .rto_us = SECOND };

	(void)state;

	assert_schedule(&retry, seconds, ARRAY_LEN(seconds), 63);
}

static void
no_wait_is_longer_than_two_minutes(void **state)
{
	static const uint32_t seconds[] = { 0, 1, 3, 7, 15, 31, 63, 127, 247, 367, 487 };
	static const uint32_t slow[] = { 0, 100, 220, 340 };
	static const uint32_t slower[] = { 0, 120, 240 };
	const struct retry retry = { .linear = 0, .retries = 10, .rto_us = SECOND };
	const struct retry slow_one = { .linear = 0, .retries = 3, .rto_us = 100 * SECOND };
	const struct retry slower_one = { .linear = 1, .retries = 1, .rto_us = 500 * SECOND };

	(void)state;

	assert_schedule(&retry, seconds, ARRAY_LEN(seconds), 607);
	assert_schedule(&slow_one, slow, ARRAY_LEN(slow), 460);
	assert_schedule(&slower_one, slower, ARRAY_LEN(slower), 360);
}

static void
one_who_does_not_repeat_waits_once(void **state)
{
	const struct retry retry = { .linear = 0, .retries = 0, .rto_us = 3 * SECOND };

	(void)state;

	assert_int_equal(retry_sent_us(&retry, 0), 0);
	assert_int_equal(retry_giveup_us(&retry), 3 * SECOND);
}

static void
the_first_wait_scales_the_whole_schedule(void **state)
{
	static const uint32_t fifths[] = { 0, 1, 2, 3, 5, 9 };
	const struct retry retry = { .linear = 2, .retries = 3, .rto_us = 200000 };

	(void)state;

	for (uint32_t n = 0; n < ARRAY_LEN(fifths); n++)
		assert_int_equal(retry_sent_us(&retry, n), fifths[n] * UINT64_C(200000));
	assert_int_equal(retry_giveup_us(&retry), 17 * UINT64_C(200000));
}

static void
many_repeats_do_not_overflow(void **state)
{
	const struct retry retry = { .linear = 255, .retries = 255, .rto_us = 120 * SECOND };

	(void)state;

	assert_int_equal(retry_giveup_us(&retry), 511 * 120 * SECOND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linux_6_5_sends_eleven_syns_and_gives_up_at_131_s),
		cmocka_unit_test(older_linux_sends_seven_syns_and_gives_up_at_127_s),
		cmocka_unit_test(a_server_sends_six_synacks_and_gives_up_at_63_s),
		cmocka_unit_test(no_wait_is_longer_than_two_minutes),
		cmocka_unit_test(one_who_does_not_repeat_waits_once),
		cmocka_unit_test(the_first_wait_scales_the_whole_schedule),
		cmocka_unit_test(many_repeats_do_not_overflow),
	};

	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
