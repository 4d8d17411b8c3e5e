/* SPDX-License-Identifier: Apache-2.0 */

#include "packet/checksum.h"
#include "tests/unit/naive_checksum.h"
#include "tests/unit/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static uint16_t
in_network_order(uint16_t stored)
{
	uint8_t bytes[2];

	memcpy(bytes, &stored, sizeof(bytes));
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void
the_example_of_rfc_1071_comes_out(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	(void)state;

	assert_int_equal(in_network_order(checksum_finish(checksum_add(0, bytes, sizeof(bytes)))),
			(uint16_t)~0xddf2);
}

static void
any_length_and_alignment_sums_like_the_naive_way(void **state)
{
	uint8_t bytes[300];

	(void)state;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(255 - i * i % 251);
	for (uint32_t start = 0; start < 8; start++)
		for (uint32_t len = 0; start + len <= sizeof(bytes); len++)
			assert_int_equal(in_network_order(checksum_finish(
							 checksum_add(0, bytes + start, len))),
					naive_checksum(bytes + start, len));
}

static void
sums_of_pieces_add_up(void **state)
{
	uint8_t bytes[64];
	uint64_t sum;

	(void)state;

	memset(bytes, 0xff, sizeof(bytes));
	bytes[63] = 3;
	for (uint32_t piece = 0; piece <= 64; piece += 2) {
		sum = checksum_add(0, bytes, piece);
		sum = checksum_add(sum, bytes + piece, 64 - piece);
		assert_int_equal(in_network_order(checksum_finish(sum)), naive_checksum(bytes, 64));
	}
}

static void
all_carries_are_folded(void **state)
{
	(void)state;

	assert_int_equal(checksum_finish(0), 0xffff);
	assert_int_equal(checksum_finish(0xffff), 0);
	assert_int_equal(checksum_finish(UINT64_MAX), 0);
	assert_int_equal(checksum_finish(UINT64_C(0xffffffff00000001)), 0xfffe);
	assert_int_equal(checksum_finish(UINT64_C(0x0001ffff)), 0xfffe);
}

static bool
is_ok(struct sample *sample, uint32_t len)
{
	struct frame frame = { .data = sample->bytes, .len = len, .wire_len = sample->len };
	struct segment segment;

	parse_frame(&frame, &segment);
	assert_int_equal(segment.kind, PACKET_TCP);
	return checksum_tcp_ok(&frame, &segment);
}

static void
every_changed_bit_is_noticed(void **state)
{
	(void)state;

	for (uint8_t version = 4; version <= 6; version += 2) {
		struct sample sample = sample_tcp(version);
		uint32_t tcp = version == 4 ? 34 : 54;
		uint32_t addresses = version == 4 ? 26 : 22;

		assert_true(is_ok(&sample, sample.len));
		for (uint32_t bit = addresses * 8; bit < sample.len * 8; bit++) {
			if (bit / 8 == tcp + 12) /* the header's length: another story */
				continue;
			sample.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_false(is_ok(&sample, sample.len));
			sample.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static void
a_frame_that_was_cut_short_is_not_judged(void **state)
{
	struct sample sample = sample_tcp(4);

	(void)state;

	sample.bytes[38] ^= 1;
	assert_false(is_ok(&sample, sample.len));
	for (uint32_t len = 54; len < sample.len; len++)
		assert_true(is_ok(&sample, len));
}

static void
cut_options_without_payload_are_not_judged(void **state)
{
	struct build_tcp tcp = sample_spec(4);
	struct sample sample;

	(void)state;

	tcp.payload_len = 0;
	sample = sample_build(&tcp);
	sample.bytes[38] ^= 1;
	assert_false(is_ok(&sample, sample.len));
	assert_true(is_ok(&sample, sample.len - 1));
}

static void
a_fragment_is_not_judged(void **state)
{
	struct sample sample = sample_tcp(4);

	(void)state;

	sample.bytes[38] ^= 1;
	sample_set16(&sample, 20, 0x2000);
	assert_true(is_ok(&sample, sample.len));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_rfc_1071_comes_out),
		cmocka_unit_test(any_length_and_alignment_sums_like_the_naive_way),
		cmocka_unit_test(sums_of_pieces_add_up),
		cmocka_unit_test(all_carries_are_folded),
		cmocka_unit_test(every_changed_bit_is_noticed),
		cmocka_unit_test(a_frame_that_was_cut_short_is_not_judged),
		cmocka_unit_test(cut_options_without_payload_are_not_judged),
		cmocka_unit_test(a_fragment_is_not_judged),
	};

	return cmocka_run_group_tests_name("checksum", tests, NULL, NULL);
}
