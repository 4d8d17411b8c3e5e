/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/window.h"
#include "tests/unit/flow_fixture.h"

#define C FLOW_CLIENT
#define S FLOW_SERVER

static uint32_t
len_of(uint32_t flags, uint32_t payload)
{
	struct segment segment = { .tcp_flags = (uint8_t)flags, .payload_len = payload };

	return window_segment_len(&segment);
}

static void
syn_and_fin_take_up_a_number_each(void **state)
{
	(void)state;

	assert_int_equal(len_of(TCP_ACK, 0), 0);
	assert_int_equal(len_of(TCP_ACK, 1460), 1460);
	assert_int_equal(len_of(TCP_SYN, 0), 1);
	assert_int_equal(len_of(TCP_SYN, 100), 101);
	assert_int_equal(len_of(TCP_FIN | TCP_ACK, 0), 1);
	assert_int_equal(len_of(TCP_FIN | TCP_ACK, 7), 8);
	assert_int_equal(len_of(TCP_SYN | TCP_FIN, 0), 2);
	assert_int_equal(len_of(TCP_RST | TCP_ACK, 0), 0);
}

static void
each_side_has_its_own_shift(void **state)
{
	struct flow_entry entry = { .wscale = 3 << 4 | 14 };

	(void)state;

	assert_int_equal(window_shift(&entry, C), 14);
	assert_int_equal(window_shift(&entry, S), 3);
}

static void
a_window_is_scaled_only_if_both_sides_offered_to(void **state)
{
	static const struct {
		uint8_t client, server;
		uint32_t width; /* of the client's window */
	} cases[] = {
		{ 7, 0, 5000u << 7 },
		{ 0, 7, 5000 },
		{ 14, 2, 5000u << 14 },
		{ 7, FLOW_WSCALE_NONE, 5000 },
		{ FLOW_WSCALE_NONE, 7, 5000 },
		{ FLOW_WSCALE_NONE, FLOW_WSCALE_NONE, 5000 },
	};

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct flow_entry entry = { .window = { 5000, 1 },
			.flags = FLOW_HISTORY_ACK << C | FLOW_HISTORY_ACK << S,
			.wscale = (uint8_t)(cases[i].server << 4 | cases[i].client) };

		assert_int_equal(window_width(&entry, C), cases[i].width);
	}
}

static void
the_window_of_a_syn_is_not_scaled(void **state)
{
	struct flow_entry entry = { .window = { 5000, 6000 }, .wscale = 7 << 4 | 7 };

	(void)state;

	assert_int_equal(window_width(&entry, C), 5000);
	assert_int_equal(window_width(&entry, S), 6000);
	entry.flags = FLOW_HISTORY_DATA << S;
	assert_int_equal(window_width(&entry, C), 5000);
	assert_int_equal(window_width(&entry, S), 6000u << 7);
	entry.flags = FLOW_FIN << C;
	assert_int_equal(window_width(&entry, C), 5000u << 7);
}

static void
what_is_known_of_one_side_is_not_known_of_the_other(void **state)
{
	struct flow_entry entry = { .flags = FLOW_SEQ_KNOWN << S | FLOW_ACK_KNOWN << C };

	(void)state;

	assert_false(window_seq_known(&entry, C));
	assert_true(window_seq_known(&entry, S));
	assert_true(window_ack_known(&entry, C));
	assert_false(window_ack_known(&entry, S));
}

static void
bytes_are_in_flight_until_they_are_acknowledged_also_over_the_wrap(void **state)
{
	static const uint32_t ends[] = { 5000, 0, 5, UINT32_MAX, UINT32_C(1) << 31, INT32_MAX };

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct flow_entry entry = {
			.flags = FLOW_SEQ_KNOWN << C | FLOW_ACK_KNOWN << S,
			.seq_next = { ends[i], 0 },
			.ack = { 0, ends[i] - 10 },
		};

		assert_true(window_in_flight(&entry, C));
		assert_false(window_in_flight(&entry, S));
		entry.ack[S] = ends[i];
		assert_false(window_in_flight(&entry, C));
		entry.ack[S] = ends[i] + 10; /* of a segment that was not seen */
		assert_false(window_in_flight(&entry, C));
		entry.ack[S] = ends[i] - 10;
		entry.flags = FLOW_SEQ_KNOWN << C;
		assert_false(window_in_flight(&entry, C));
		entry.flags = FLOW_ACK_KNOWN << S;
		assert_false(window_in_flight(&entry, C));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syn_and_fin_take_up_a_number_each),
		cmocka_unit_test(each_side_has_its_own_shift),
		cmocka_unit_test(a_window_is_scaled_only_if_both_sides_offered_to),
		cmocka_unit_test(the_window_of_a_syn_is_not_scaled),
		cmocka_unit_test(what_is_known_of_one_side_is_not_known_of_the_other),
		cmocka_unit_test(
				bytes_are_in_flight_until_they_are_acknowledged_also_over_the_wrap),
	};

	return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
