/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/header_ring.h"
#include "tests/unit/header_fixture.h"

static void
a_new_ring_holds_nothing(void **state)
{
	struct header_ring *ring = header_ring_make(8);

	(void)state;
	assert_true(header_ring_is_on(ring));
	assert_int_equal(ring->kept, 0);
	assert_int_equal(header_ring_oldest(ring), 0);
	header_ring_free(ring);
}

static void
frames_are_kept_in_their_order(void **state)
{
	struct header_ring *ring = header_ring_make(8);

	(void)state;
	header_push_syns(ring, 100, 5);
	assert_int_equal(ring->kept, 5);
	assert_int_equal(header_ring_oldest(ring), 0);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(header_ring_at(ring, i)->time_us, 100 + i);
	header_ring_free(ring);
}

static void
a_full_ring_forgets_the_oldest(void **state)
{
	struct header_ring *ring = header_ring_make(8);

	(void)state;
	header_push_syns(ring, 0, 8);
	assert_int_equal(header_ring_oldest(ring), 0);
	header_push_syns(ring, 8, 21 - 8);
	assert_int_equal(ring->kept, 21);
	assert_int_equal(header_ring_oldest(ring), 13);
	for (uint32_t i = 13; i < 21; i++)
		assert_int_equal(header_ring_at(ring, i)->time_us, i);
	header_ring_free(ring);
}

static void
a_kept_frame_is_as_it_was_on_the_wire(void **state)
{
	struct header_ring *ring = header_ring_make(1);
	struct build_tcp syn = header_syn(3);
	const struct kept_header *kept;
	uint8_t bytes[256];
	size_t len;

	(void)state;
	syn.vlan_count = 2;
	syn.vlan[0] = 7;
	syn.vlan[1] = 8;
	syn.options = (struct build_options){ .mss = 1460, .timestamps = true };
	len = build_tcp_frame(&syn, bytes, sizeof(bytes));
	header_push(ring, &syn, 12345);
	kept = header_ring_at(ring, 0);
	assert_int_equal(kept->time_us, 12345);
	assert_int_equal(kept->len, len);
	assert_int_equal(kept->wire_len, len);
	assert_memory_equal(kept->bytes, bytes, len);
	assert_memory_equal(kept->src_addr, syn.src_addr, 16);
	assert_memory_equal(kept->dst_addr, syn.dst_addr, 16);
	assert_int_equal(kept->src_port, 40000);
	assert_int_equal(kept->dst_port, 80);
	assert_int_equal(kept->tcp_flags, TCP_SYN);
	assert_int_equal(kept->ip_version, 4);
	header_ring_free(ring);
}

static void
of_a_long_frame_the_beginning_is_kept_and_its_length(void **state)
{
	struct header_ring *ring = header_ring_make(4);
	struct build_tcp syn = header_syn(3);
	uint8_t bytes[2048];

	(void)state;
	syn.payload_len = 1000;
	build_tcp_frame(&syn, bytes, sizeof(bytes));
	header_push(ring, &syn, 0);
	assert_int_equal(header_ring_at(ring, 0)->len, HEADER_RING_SNAP);
	assert_int_equal(header_ring_at(ring, 0)->wire_len, 14 + 20 + 20 + 1000);
	assert_memory_equal(header_ring_at(ring, 0)->bytes, bytes, HEADER_RING_SNAP);
	header_ring_free(ring);
}

/* 14 + 2 * 4 + 40 + 20 + 36 bytes and padding of options. */
static void
the_longest_headers_are_kept_whole(void **state)
{
	struct header_ring *ring = header_ring_make(1);
	struct build_tcp syn = header_syn(3);
	struct frame frame;
	struct segment segment;
	uint8_t bytes[HEADER_RING_SNAP];

	(void)state;
	syn.ip_version = 6;
	syn.src_addr[0] = 0x20;
	syn.dst_addr[0] = 0x20;
	syn.vlan_count = 2;
	syn.options = (struct build_options){ .mss = 1460,
		.sack_permitted = true,
		.timestamps = true,
		.has_wscale = true,
		.wscale = 7,
		.fast_open_len = 18 };
	syn.payload_len = 500;
	header_push(ring, &syn, 0);
	memcpy(bytes, header_ring_at(ring, 0)->bytes, sizeof(bytes));
	frame = (struct frame){ .data = bytes, .len = sizeof(bytes), .wire_len = 700 };
	parse_frame(&frame, &segment);
	assert_int_equal(segment.kind, PACKET_TCP);
	assert_int_equal(segment.tcp_offset + segment.tcp_header_len, 14 + 8 + 40 + 60);
	header_ring_free(ring);
}

static void
room_is_rounded_up_to_a_power_of_two(void **state)
{
	struct header_ring *ring = header_ring_make(5);

	(void)state;
	assert_int_equal(header_ring_memory_size(5), 8 * sizeof(struct kept_header));
	header_push_syns(ring, 0, 9);
	assert_int_equal(header_ring_oldest(ring), 1);
	header_ring_free(ring);
}

static void
a_ring_without_room_is_off_and_needs_no_memory(void **state)
{
	struct header_ring ring;

	(void)state;
	assert_int_equal(header_ring_memory_size(0), 0);
	header_ring_init(&ring, NULL, 0);
	assert_false(header_ring_is_on(&ring));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_ring_holds_nothing),
		cmocka_unit_test(frames_are_kept_in_their_order),
		cmocka_unit_test(a_full_ring_forgets_the_oldest),
		cmocka_unit_test(a_kept_frame_is_as_it_was_on_the_wire),
		cmocka_unit_test(of_a_long_frame_the_beginning_is_kept_and_its_length),
		cmocka_unit_test(the_longest_headers_are_kept_whole),
		cmocka_unit_test(room_is_rounded_up_to_a_power_of_two),
		cmocka_unit_test(a_ring_without_room_is_off_and_needs_no_memory),
	};

	return cmocka_run_group_tests_name("header_ring", tests, NULL, NULL);
}
