/* SPDX-License-Identifier: Apache-2.0 */

/* The short way from frame to segment against parse_frame(): the very same, or nothing. */

#include "packet/parse_plain.h"
#include "tests/unit/flow_fixture.h"
#include "tests/unit/sample.h"

#define MUTATIONS 200000
#define SEED UINT64_C(0x504c4149)
#define HEADERS_MAX 80 /* what is altered lies within */

/* From a heap block of exactly the frame's size, so that a sanitizer sees any overrun. */
static bool
is_taken(const struct sample *sample, uint32_t len)
{
	uint8_t *bytes = malloc(len == 0 ? 1 : len);
	struct segment plain, truth = sample_parse_cut(sample, len);
	bool taken;

	assert_non_null(bytes);
	memcpy(bytes, sample->bytes, len);
	memset(&plain, 0xa5, sizeof(plain));
	taken = parse_plain_v4(bytes, len, &plain);
	if (!taken) {
		memset(&plain, 0xa5, sizeof(plain));
		taken = parse_plain_v6(bytes, len, &plain);
	}
	if (taken)
		assert_memory_equal(&plain, &truth, sizeof(truth));
	free(bytes);
	return taken;
}

static void
a_plain_frame_is_taken_if_its_headers_are_whole(void **state)
{
	(void)state;

	for (uint8_t version = 4; version <= 6; version += 2) {
		struct sample sample = sample_tcp(version);
		uint32_t tcp = version == 4 ? 34 : 54;

		for (uint32_t len = 0; len <= sample.len; len++)
			assert_int_equal(is_taken(&sample, len), len >= tcp + 40);
	}
}

static bool
is_taken_with(uint8_t version, uint32_t at, uint16_t value)
{
	struct sample sample = sample_tcp(version);

	sample_set16(&sample, at, value);
	return is_taken(&sample, sample.len);
}

static void
whatever_is_special_is_left(void **state)
{
	struct sample tagged = sample_tcp(4);

	(void)state;

	assert_true(is_taken_with(4, 14, 0x45ff)); /* the class of service means nothing */
	assert_false(is_taken_with(4, 14, 0x4600)); /* an option */
	assert_false(is_taken_with(4, 14, 0x6500));
	assert_false(is_taken_with(4, 16, 0)); /* no length */
	assert_false(is_taken_with(4, 16, 19));
	assert_true(is_taken_with(4, 20, 0x4000)); /* not to be fragmented */
	assert_false(is_taken_with(4, 20, 0x2000)); /* a first fragment, and a last one */
	assert_false(is_taken_with(4, 20, 0x0001));
	assert_false(is_taken_with(4, 22, 57 << 8 | 17));
	assert_false(is_taken_with(4, 46, 0x4012)); /* a TCP header of four words */
	assert_false(is_taken_with(4, 16, 59)); /* a packet that ends within the options */
	assert_true(is_taken_with(4, 16, 60)); /* or behind them */
	assert_false(is_taken_with(6, 14, 0x4500));
	assert_false(is_taken_with(6, 18, 0)); /* no length */
	assert_false(is_taken_with(6, 20, 0x0039)); /* an extension header */
	sample_insert(&tagged, 12, "\x81\x00\x00\x05", 4);
	assert_false(is_taken(&tagged, tagged.len));
}

static void
whatever_is_taken_comes_out_the_same(void **state)
{
	struct dice dice = { SEED };
	uint32_t taken = 0;

	(void)state;

	for (uint32_t n = 0; n < MUTATIONS; n++) {
		struct sample sample = sample_tcp(dice_below(&dice, 2) == 0 ? 4 : 6);
		uint32_t changes = 1 + (uint32_t)dice_below(&dice, 4);

		while (changes-- != 0)
			sample.bytes[dice_below(&dice, HEADERS_MAX)] = (uint8_t)dice_roll(&dice);
		taken += is_taken(&sample, (uint32_t)dice_below(&dice, sample.len + 1));
	}
	assert_true(taken > MUTATIONS / 10);
	assert_true(taken < MUTATIONS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_frame_is_taken_if_its_headers_are_whole),
		cmocka_unit_test(whatever_is_special_is_left),
		cmocka_unit_test(whatever_is_taken_comes_out_the_same),
	};

	return cmocka_run_group_tests_name("parse_plain", tests, NULL, NULL);
}
