/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/take.h"
#include "tests/unit/conn_fixture.h"

#define SECOND USEC_PER_SEC

static const uint32_t bases[] = { 5000, 0, UINT32_MAX, UINT32_MAX - 500, INT32_MAX,
	UINT32_C(1) << 31 };

/* Both sides stand at @p base, with windows of 1000. */
static struct flow_entry
entry_at(uint32_t base)
{
	uint32_t known = flow_side_flag(FLOW_SEQ_KNOWN | FLOW_ACK_KNOWN, C) |
			flow_side_flag(FLOW_SEQ_KNOWN | FLOW_ACK_KNOWN, S);

	return (struct flow_entry){
		.flags = known,
		.seq_next = { base, base },
		.ack = { base, base },
		.window = { 1000, 1000 },
		.hop_limit = { 64, 64 },
		.wscale = FLOW_WSCALE_NONE << 4 | FLOW_WSCALE_NONE,
	};
}

static struct segment
segment_of(uint32_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	struct segment segment = fixture_segment(C, (uint8_t)flags, seq, ack, len);

	segment.window = 777;
	return segment;
}

static void
small_counts_stick_at_their_largest_value(void **state)
{
	struct flow_count count = { 0 };
	uint8_t small = 0;

	(void)state;

	for (uint32_t n = 1; n <= 20000; n++) {
		take_count_small(&small);
		take_count_fin(&count);
		take_count_rst(&count);
		take_count_retransmit(&count);
		assert_int_equal(small, n < 255 ? n : 255);
		assert_int_equal(count.fin, n < 15 ? n : 15);
		assert_int_equal(count.rst, n < 63 ? n : 63);
		assert_int_equal(count.data_retransmits, n < 16383 ? n : 16383);
	}
	assert_int_equal(count.bytes | count.pkts | count.mss, 0);
}

static void
numbers_only_go_forward_also_over_the_wrap(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
		struct flow_entry entry = entry_at(bases[i]);
		struct segment on = segment_of(TCP_ACK, bases[i], bases[i] + 30, 100);
		struct segment old = segment_of(TCP_ACK, bases[i] - 200, bases[i] - 50, 100);

		take_numbers(&entry, &on, C);
		assert_int_equal(entry.seq_next[C], bases[i] + 100);
		assert_int_equal(entry.ack[C], bases[i] + 30);
		assert_int_equal(entry.window[C], 777);
		old.window = 1;
		take_numbers(&entry, &old, C);
		assert_int_equal(entry.seq_next[C], bases[i] + 100);
		assert_int_equal(entry.ack[C], bases[i] + 30);
		assert_int_equal(entry.window[C], 777); /* an old one's window is old too */
		assert_int_equal(entry.seq_next[S], bases[i]);
		assert_int_equal(entry.ack[S], bases[i]);
		assert_int_equal(entry.window[S], 1000);
	}
}

static void
numbers_from_far_away_are_not_taken(void **state)
{
	struct flow_entry entry = entry_at(5000);
	struct segment far = segment_of(TCP_ACK, 5000 + (UINT32_C(1) << 30), 5000 - 1, 1);

	(void)state;

	take_numbers(&entry, &far, C);
	assert_int_equal(entry.seq_next[C], 5000);
	far.seq = 5000;
	far.ack = 5000 + (UINT32_C(1) << 30);
	take_numbers(&entry, &far, C);
	assert_int_equal(entry.seq_next[C], 5001);
	assert_int_equal(entry.ack[C], 5000);
}

static void
the_first_numbers_of_a_side_are_taken_whatever_they_are(void **state)
{
	struct flow_entry entry = { .wscale = 0xff };
	struct segment first = segment_of(TCP_FIN | TCP_ACK, UINT32_MAX, 3, 10);
	struct segment syn = segment_of(TCP_SYN, 99, 12345, 0);

	(void)state;

	take_numbers(&entry, &first, S);
	assert_true(window_seq_known(&entry, S) && window_ack_known(&entry, S));
	assert_int_equal(entry.seq_next[S], 10);
	assert_int_equal(entry.ack[S], 3);
	assert_int_equal(entry.hop_limit[S], 64);
	/* Without ACK the field means nothing. */
	take_numbers(&entry, &syn, C);
	assert_true(window_seq_known(&entry, C));
	assert_false(window_ack_known(&entry, C));
	assert_int_equal(entry.seq_next[C], 100);
	assert_int_equal(entry.window[C], 777);
}

static void
data_that_was_sent_before_is_a_retransmission(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
		struct flow_entry entry = entry_at(bases[i]);
		struct segment new = segment_of(TCP_ACK, bases[i], 0, 100);
		struct segment gap = segment_of(TCP_ACK, bases[i] + 500, 0, 100);
		struct segment again = segment_of(TCP_ACK, bases[i] - 100, 0, 100);
		struct segment partly = segment_of(TCP_ACK, bases[i] - 1, 0, 100);
		struct segment empty = segment_of(TCP_ACK, bases[i] - 100, 0, 0);

		assert_false(take_is_retransmit(&entry, &new, C));
		assert_false(take_is_retransmit(&entry, &gap, C));
		assert_true(take_is_retransmit(&entry, &again, C));
		assert_true(take_is_retransmit(&entry, &partly, C));
		assert_false(take_is_retransmit(&entry, &empty, C));
		entry.flags = 0;
		assert_false(take_is_retransmit(&entry, &again, C));
	}
}

static void
a_keep_alive_is_no_retransmission(void **state)
{
	struct flow_entry entry = entry_at(0);
	struct segment with_byte = segment_of(TCP_ACK, UINT32_MAX, 0, 1);
	struct segment without = segment_of(TCP_ACK, UINT32_MAX, 0, 0);
	struct segment one_before = segment_of(TCP_ACK, UINT32_MAX - 1, 0, 1);

	(void)state;

	assert_false(take_is_retransmit(&entry, &with_byte, C));
	assert_false(take_is_retransmit(&entry, &without, C));
	assert_true(take_is_retransmit(&entry, &one_before, C));
}

static void
a_receiver_accepts_what_begins_in_its_window(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
		struct flow_entry entry = entry_at(bases[i]);
		struct segment segment = segment_of(TCP_ACK, bases[i], 0, 10);

		assert_true(take_is_acceptable(&entry, &segment, S));
		segment.seq = bases[i] + 999;
		assert_true(take_is_acceptable(&entry, &segment, S));
		segment.seq = bases[i] + 1001;
		assert_false(take_is_acceptable(&entry, &segment, S));
		segment.seq = bases[i] - 2;
		assert_false(take_is_acceptable(&entry, &segment, S));
		segment.seq = bases[i];
		entry.window[S] = 0;
		assert_true(take_is_acceptable(&entry, &segment, S));
		segment.seq = bases[i] + 500;
		assert_false(take_is_acceptable(&entry, &segment, S));
		entry.flags = 0;
		assert_true(take_is_acceptable(&entry, &segment, S));
	}
}

static void
a_syn_is_acknowledged_by_its_own_number_and_by_its_data_s(void **state)
{
	struct conn conn;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(bases); i++)
		for (uint32_t off = 0; off <= 12; off++) {
			conn_init(&conn);
			conn.flow.entry = entry_at(bases[i] + 11);
			conn.flow.tally.isn[C] = bases[i];
			conn.flow.entry.ack[S] = bases[i] + off;
			assert_int_equal(
					take_acknowledges_syn(&conn.ref, S), off >= 1 && off <= 11);
			conn.flow.entry.flags = 0;
			assert_false(take_acknowledges_syn(&conn.ref, S));
		}
}

static void
near_is_less_than_a_quarter_of_all_numbers_away(void **state)
{
	const uint32_t quarter = UINT32_C(1) << 30;

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
		assert_true(take_is_near(bases[i], bases[i]));
		assert_true(take_is_near(bases[i] + quarter - 1, bases[i]));
		assert_true(take_is_near(bases[i] - quarter + 1, bases[i]));
		assert_false(take_is_near(bases[i] + quarter, bases[i]));
		assert_false(take_is_near(bases[i] - quarter, bases[i]));
	}
}

static void
the_options_of_a_syn_are_kept_by_side(void **state)
{
	static const uint8_t all[] = { 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3,
		3, 7 };
	static const uint8_t little[] = { 2, 4, 0x02, 0x18 };
	struct conn conn;
	struct record record;

	(void)state;

	conn_init(&conn);
	memcpy(conn.options[C], all, sizeof(all));
	conn.options_len[C] = sizeof(all);
	memcpy(conn.options[S], little, sizeof(little));
	conn.options_len[S] = sizeof(little);
	conn_establish(&conn);
	record = conn_record(&conn);
	assert_int_equal(record.side[C].mss, 1460);
	assert_true(record.side[C].has_wscale);
	assert_int_equal(record.side[C].wscale, 7);
	assert_true(record.side[C].sack);
	assert_true(record.side[C].timestamps);
	assert_int_equal(record.side[S].mss, 536);
	assert_false(record.side[S].has_wscale);
	assert_false(record.side[S].sack);
	assert_false(record.side[S].timestamps);
	assert_false(record.handshake.fast_open);
	conn_init(&conn);
	memcpy(conn.options[S], all, sizeof(all));
	conn.options_len[S] = sizeof(all);
	conn_establish(&conn);
	record = conn_record(&conn);
	assert_false(record.side[C].has_wscale);
	assert_false(record.side[C].sack);
	assert_true(record.side[S].has_wscale);
	assert_int_equal(record.side[S].wscale, 7);
	assert_true(record.side[S].sack);
	assert_true(record.side[S].timestamps);
}

static void
fast_open_is_its_option_or_data_in_a_syn_or_synack(void **state)
{
	static const uint8_t cookie_request[] = { 34, 2, 1, 1 };
	struct conn conn;

	(void)state;

	conn_init(&conn);
	memcpy(conn.options[C], cookie_request, sizeof(cookie_request));
	conn.options_len[C] = sizeof(cookie_request);
	conn_establish(&conn);
	assert_true(conn_record(&conn).handshake.fast_open);
	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 5);
	assert_true(conn_record(&conn).handshake.fast_open);
	conn_init(&conn);
	conn_send(&conn, C, TCP_SYN, ISN_C, 0, 0);
	assert_false(conn_record(&conn).handshake.fast_open);
	conn_send(&conn, S, TCP_SYNACK, ISN_S, ISN_C + 1, 5);
	assert_true(conn_record(&conn).handshake.fast_open);
}

static void
packets_bytes_and_times_are_counted_by_side(void **state)
{
	struct conn conn;
	struct record record;

	(void)state;

	conn_init(&conn);
	conn_establish(&conn);
	conn_wait(&conn, 10);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 1000);
	conn_send(&conn, S, TCP_ACK, ISN_S + 1, ISN_C + 1, 1000);
	conn_wait(&conn, 10);
	conn_send(&conn, C, TCP_ACK, ISN_C + 1, ISN_S + 1001, 7);
	/* A capture's clock steps back: the last time stays the latest. */
	conn.now_us -= 15;
	conn_send(&conn, C, TCP_ACK, ISN_C + 8, ISN_S + 1001, 0);
	record = conn_record(&conn);
	assert_int_equal(record.side[C].pkts, 4);
	assert_int_equal(record.side[S].pkts, 3);
	assert_int_equal(record.side[C].bytes, 7);
	assert_int_equal(record.side[S].bytes, 2000);
	assert_int_equal(record.side[S].data_retransmits, 1);
	assert_int_equal(record.side[C].data_retransmits, 0);
	assert_int_equal(record.start_us, FIXTURE_START);
	assert_int_equal(record.end_us, FIXTURE_START + 20);
}

static void
an_idle_time_sticks_at_what_can_be_kept(void **state)
{
	(void)state;

	assert_int_equal(take_idle(0), 0);
	assert_int_equal(take_idle(99), 0);
	assert_int_equal(take_idle(100), 1);
	assert_int_equal(take_idle(UINT64_C(429496729400)), UINT32_MAX - 1);
	assert_int_equal(take_idle(UINT64_C(429496729500)), UINT32_MAX);
	assert_int_equal(take_idle(UINT64_MAX), UINT32_MAX);
}

static void
the_vlan_tags_of_the_first_segment_are_kept(void **state)
{
	struct segment segment = fixture_segment(C, TCP_SYN, ISN_C, 0, 0);
	struct conn conn;
	struct record record;

	(void)state;

	conn_init(&conn);
	segment.vlan_count = 2;
	segment.vlan[0] = 0;
	segment.vlan[1] = 4095;
	conn_take(&conn, &segment, conn.options[C]);
	segment.vlan_count = 1;
	segment.vlan[0] = 7;
	conn_take(&conn, &segment, conn.options[C]);
	record = conn_record(&conn);
	assert_int_equal(record.vlan_count, 2);
	assert_int_equal(record.vlan[0], 0);
	assert_int_equal(record.vlan[1], 4095);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_counts_stick_at_their_largest_value),
		cmocka_unit_test(numbers_only_go_forward_also_over_the_wrap),
		cmocka_unit_test(numbers_from_far_away_are_not_taken),
		cmocka_unit_test(the_first_numbers_of_a_side_are_taken_whatever_they_are),
		cmocka_unit_test(data_that_was_sent_before_is_a_retransmission),
		cmocka_unit_test(a_keep_alive_is_no_retransmission),
		cmocka_unit_test(a_receiver_accepts_what_begins_in_its_window),
		cmocka_unit_test(a_syn_is_acknowledged_by_its_own_number_and_by_its_data_s),
		cmocka_unit_test(near_is_less_than_a_quarter_of_all_numbers_away),
		cmocka_unit_test(the_options_of_a_syn_are_kept_by_side),
		cmocka_unit_test(fast_open_is_its_option_or_data_in_a_syn_or_synack),
		cmocka_unit_test(packets_bytes_and_times_are_counted_by_side),
		cmocka_unit_test(an_idle_time_sticks_at_what_can_be_kept),
		cmocka_unit_test(the_vlan_tags_of_the_first_segment_are_kept),
	};

	return cmocka_run_group_tests_name("take", tests, NULL, NULL);
}
