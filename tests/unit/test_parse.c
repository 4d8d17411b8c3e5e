/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "packet/checksum.h"
#include "packet/parse.h"
#include "packet/tcp_options.h"
#include "tests/unit/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MUTATIONS 200000
#define SEED UINT64_C(0x53594e)

/* From the capture that tcpdump prints as 192.168.0.60.39002 > 192.168.0.61.80: Flags [S]. */
static const uint8_t syn_bytes[] = { 0x00, 0x0c, 0x29, 0x1f, 0x2b, 0x3c, 0x00, 0x0c, 0x29, 0x0a,
	0x0b, 0x0c, 0x08, 0x00, 0x45, 0x00, 0x00, 0x3c, 0x1c, 0x46, 0x40, 0x00, 0x40, 0x06, 0x9c,
	0xae, 0xc0, 0xa8, 0x00, 0x3c, 0xc0, 0xa8, 0x00, 0x3d, 0x98, 0x5a, 0x00, 0x50, 0x10, 0xfc,
	0x54, 0xe1, 0x00, 0x00, 0x00, 0x00, 0xa0, 0x02, 0xfa, 0xf0, 0x12, 0x34, 0x00, 0x00, 0x02,
	0x04, 0x05, 0xb4, 0x04, 0x02, 0x08, 0x0a, 0x9f, 0x25, 0xe6, 0x7d, 0x00, 0x00, 0x00, 0x00,
	0x01, 0x03, 0x03, 0x07 };

static void
a_syn_is_read_whole(void **state)
{
	static const uint8_t src[16] = { [10] = 255, [11] = 255, 192, 168, 0, 60 };
	static const uint8_t dst[16] = { [10] = 255, [11] = 255, 192, 168, 0, 61 };
	struct sample sample = { .len = sizeof(syn_bytes) };
	struct segment segment;

	(void)state;

	memcpy(sample.bytes, syn_bytes, sizeof(syn_bytes));
	segment = sample_parse(&sample);
	assert_int_equal(segment.kind, PACKET_TCP);
	assert_int_equal(segment.ip_version, 4);
	assert_memory_equal(segment.src_addr, src, 16);
	assert_memory_equal(segment.dst_addr, dst, 16);
	assert_int_equal(segment.src_port, 39002);
	assert_int_equal(segment.dst_port, 80);
	assert_int_equal(segment.seq, 284972257);
	assert_int_equal(segment.ack, 0);
	assert_int_equal(segment.payload_len, 0);
	assert_int_equal(segment.window, 64240);
	assert_int_equal(segment.tcp_flags, TCP_SYN);
	assert_int_equal(segment.hop_limit, 64);
	assert_int_equal(segment.vlan_count, 0);
	assert_int_equal(segment.tcp_offset, 34);
	assert_int_equal(segment.tcp_header_len, 40);
	assert_int_equal(segment.uncheckable, 0);
}

static void
a_frame_cut_behind_the_tcp_header_is_read_whole(void **state)
{
	(void)state;

	for (uint8_t version = 4; version <= 6; version += 2) {
		struct sample sample = sample_tcp(version);
		struct segment whole = sample_parse(&sample);
		uint32_t header_end = whole.tcp_offset + 40U;

		for (uint32_t len = header_end; len < sample.len; len++) {
			struct segment cut = sample_parse_cut(&sample, len);

			assert_int_equal(cut.kind, PACKET_TCP);
			assert_int_equal(cut.payload_len, 33);
			assert_int_equal(cut.tcp_header_len, 40);
		}
	}
}

static void
options_that_were_cut_off_are_left_out(void **state)
{
	struct sample sample = sample_tcp(4);

	(void)state;

	for (uint32_t len = 54; len < 74; len++) {
		struct segment cut = sample_parse_cut(&sample, len);

		assert_int_equal(cut.kind, PACKET_TCP);
		assert_int_equal(cut.payload_len, 33);
		assert_int_equal(cut.tcp_header_len, len - 34);
	}
	for (uint32_t len = 34; len < 54; len++)
		assert_int_equal(sample_parse_cut(&sample, len).kind, PACKET_BAD_TCP);
}

static void
a_malformed_tcp_header_is_bad_tcp(void **state)
{
	struct sample sample = sample_tcp(4);

	(void)state;

	for (uint32_t words = 0; words < 16; words++) {
		bool fits = words >= 5 && words * 4 <= 40 + 33;

		sample.bytes[34 + 12] = (uint8_t)(words << 4);
		assert_int_equal(sample_parse(&sample).kind, fits ? PACKET_TCP : PACKET_BAD_TCP);
	}
	sample = sample_tcp(4);
	sample_set16(&sample, 16, 20 + 39);
	assert_int_equal(sample_parse(&sample).kind, PACKET_BAD_TCP);
}

static void
expect_quote(const struct sample *sample, uint8_t type, uint8_t code)
{
	struct segment segment = sample_parse(sample);
	struct build_tcp quoted = sample_spec(segment.ip_version);

	assert_string_equal(parse_kind_name(segment.kind), "icmp_tcp");
	assert_memory_equal(segment.src_addr, quoted.src_addr, 16);
	assert_memory_equal(segment.dst_addr, quoted.dst_addr, 16);
	assert_int_equal(segment.src_port, quoted.src_port);
	assert_int_equal(segment.dst_port, quoted.dst_port);
	assert_int_equal(segment.seq, quoted.seq);
	assert_int_equal(segment.icmp_type, type);
	assert_int_equal(segment.icmp_code, code);
	assert_int_equal(segment.ack, 0);
	assert_int_equal(segment.window, 0);
	assert_int_equal(segment.tcp_flags, 0);
	assert_int_equal(segment.tcp_header_len, 0);
	assert_int_equal(segment.payload_len, 0);
	assert_int_equal(segment.hop_limit, 250);
}

static void
only_final_icmp_errors_count_against_a_connection(void **state)
{
	(void)state;

	for (uint32_t type = 0; type <= UINT8_MAX; type++) {
		for (uint8_t code = 0; code < 16; code++) {
			struct sample v4 = sample_icmp(4, (uint8_t)type, code);
			struct sample v6 = sample_icmp(6, (uint8_t)type, code);

			if ((type == 3 && code != 4) || type == 11 || type == 12)
				expect_quote(&v4, (uint8_t)type, code);
			else
				assert_int_equal(sample_parse(&v4).kind, PACKET_ICMP);
			if (type == 1 || type == 3 || type == 4)
				expect_quote(&v6, (uint8_t)type, code);
			else
				assert_int_equal(sample_parse(&v6).kind, PACKET_ICMP);
		}
	}
}

static void
a_quote_needs_eight_bytes_of_tcp(void **state)
{
	struct sample v4 = sample_icmp(4, 3, 1);
	struct sample v6 = sample_icmp(6, 1, 0);

	(void)state;

	for (uint32_t len = 14 + 20; len < v4.len; len++)
		assert_int_equal(sample_parse_cut(&v4, len).kind,
				len < 14 + 20 + 8 + 20 + 8 ? PACKET_ICMP : PACKET_ICMP_TCP);
	for (uint32_t len = 14 + 40; len < v6.len; len++)
		assert_int_equal(sample_parse_cut(&v6, len).kind,
				len < 14 + 40 + 8 + 40 + 8 ? PACKET_ICMP : PACKET_ICMP_TCP);
	/* What lies behind the end of the ICMP message is no quote. */
	sample_set16(&v4, 16, 20 + 8 + 20 + 7);
	assert_int_equal(sample_parse(&v4).kind, PACKET_ICMP);
}

static void
a_quote_of_anything_but_tcp_is_plain_icmp(void **state)
{
	struct sample udp = sample_icmp(4, 3, 1);
	struct sample fragment = sample_icmp(4, 3, 1);
	struct sample other_version = sample_icmp(6, 1, 0);

	(void)state;

	udp.bytes[14 + 20 + 8 + 9] = 17;
	sample_set16(&fragment, 14 + 20 + 8 + 6, 1);
	other_version.bytes[14 + 40 + 8] = 0x45;
	assert_int_equal(sample_parse(&udp).kind, PACKET_ICMP);
	assert_int_equal(sample_parse(&fragment).kind, PACKET_ICMP);
	assert_int_equal(sample_parse(&other_version).kind, PACKET_ICMP);
}

static void
a_quote_is_found_behind_extension_headers(void **state)
{
	const uint8_t header[] = { 6, 0, 1, 4, 0, 0, 0, 0 };
	struct sample sample = sample_icmp(6, 1, 0);

	(void)state;

	sample_insert(&sample, 14 + 40 + 8 + 40, header, sizeof(header));
	sample.bytes[14 + 40 + 8 + 6] = 0;
	expect_quote(&sample, 1, 0);
}

static void
every_kind_has_a_name(void **state)
{
	(void)state;

	for (int kind = 0; kind < PACKET_KIND_COUNT; kind++)
		assert_string_not_equal(parse_kind_name((enum packet_kind)kind), "?");
	assert_string_equal(parse_kind_name(PACKET_FRAGMENT), "fragment");
	assert_string_equal(parse_kind_name(PACKET_KIND_COUNT), "?");
}

/* splitmix64, of Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators". */
static uint64_t
next_random(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Something of every header the parser knows. */
static uint32_t
make_seeds(struct sample *seeds)
{
	static const uint8_t stack[] = { 0x00, 0x64, 0x81, 0x00, 0x00, 0x05, 0x88, 0x64, 0x11, 0x00,
		0x00, 0x01, 0x00, 0x60, 0x02, 0x81, 0x00, 0x01, 0x00, 0xff, 0x00, 0x01, 0x01, 0xff,
		0x00, 0x00, 0x12, 0x34, 0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x86, 0xdd };
	static const uint8_t extensions[] = { 43, 0, 1, 4, 0, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0, 51,
		0, 0, 1, 0, 0, 0, 9, 6, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0 };
	uint32_t count = 0;

	seeds[count++] = sample_tcp(4);
	seeds[count++] = sample_tcp(6);
	seeds[count++] = sample_icmp(4, 3, 1);
	seeds[count++] = sample_icmp(6, 1, 0);
	seeds[count] = sample_tcp(6);
	sample_insert(&seeds[count], 14, stack, sizeof(stack));
	sample_set16(&seeds[count++], 12, 0x88a8);
	seeds[count] = sample_tcp(6);
	sample_insert(&seeds[count], 54, extensions, sizeof(extensions));
	sample_set16(&seeds[count], 14 + 4, sizeof(extensions) + 40 + 33);
	seeds[count++].bytes[14 + 6] = 0;
	return count;
}

static void
check_invariants(const struct sample *mutant, uint32_t len)
{
	uint8_t *bytes = malloc(len + 1);
	struct frame frame = { .len = len, .wire_len = mutant->len };
	struct tcp_options options;
	struct segment segment;

	assert_non_null(bytes);
	frame.data = bytes + 1; /* the block ends with the frame, and its data are not aligned */
	memcpy(frame.data, mutant->bytes, len);
	parse_frame(&frame, &segment);
	assert_memory_equal(frame.data, mutant->bytes, len);
	assert_true(segment.kind < PACKET_KIND_COUNT);
	assert_true(segment.vlan_count <= SEGMENT_VLANS);
	if (segment.kind == PACKET_TCP) {
		assert_true(segment.ip_version == 4 || segment.ip_version == 6);
		assert_in_range(segment.tcp_header_len, 20, 60);
		assert_true(segment.tcp_offset + (uint32_t)segment.tcp_header_len <= len);
		tcp_options_parse(frame.data + segment.tcp_offset + 20,
				segment.tcp_header_len - 20U, &options);
		checksum_tcp_ok(&frame, &segment);
	}
	if (segment.kind == PACKET_ICMP_TCP)
		assert_true(segment.tcp_offset + 8U <= len);
	free(bytes);
}

static void
every_prefix_of_a_good_frame_is_safe(void **state)
{
	struct sample seeds[8];
	uint32_t count = make_seeds(seeds);

	(void)state;

	for (uint32_t i = 0; i < count; i++) {
		assert_true(sample_parse(&seeds[i]).kind <= PACKET_ICMP_TCP);
		for (uint32_t len = 0; len <= seeds[i].len; len++)
			check_invariants(&seeds[i], len);
	}
}

static void
random_damage_is_safe(void **state)
{
	struct sample seeds[8];
	uint32_t count = make_seeds(seeds);
	uint64_t seed = SEED;
	uint32_t kinds[PACKET_KIND_COUNT] = { 0 };

	(void)state;

	for (uint32_t n = 0; n < MUTATIONS; n++) {
		struct sample mutant = seeds[next_random(&seed) % count];
		uint32_t changes = 1 + (uint32_t)(next_random(&seed) % 4);
		uint32_t len = mutant.len;

		while (changes-- > 0) {
			uint64_t random = next_random(&seed);

			mutant.bytes[random % mutant.len] = (uint8_t)(random >> 32);
		}
		if (next_random(&seed) % 4 == 0)
			len = (uint32_t)(next_random(&seed) % (len + 1));
		check_invariants(&mutant, len);
		kinds[sample_parse_cut(&mutant, len).kind]++;
	}
	/* The damage reached every outcome, but the one that is not decided here. */
	for (int kind = 0; kind < PACKET_KIND_COUNT; kind++)
		assert_true(kinds[kind] > 0 || kind == PACKET_BAD_CHECKSUM || kind == PACKET_ARP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_syn_is_read_whole),
		cmocka_unit_test(a_frame_cut_behind_the_tcp_header_is_read_whole),
		cmocka_unit_test(options_that_were_cut_off_are_left_out),
		cmocka_unit_test(a_malformed_tcp_header_is_bad_tcp),
		cmocka_unit_test(only_final_icmp_errors_count_against_a_connection),
		cmocka_unit_test(a_quote_needs_eight_bytes_of_tcp),
		cmocka_unit_test(a_quote_of_anything_but_tcp_is_plain_icmp),
		cmocka_unit_test(a_quote_is_found_behind_extension_headers),
		cmocka_unit_test(every_kind_has_a_name),
		cmocka_unit_test(every_prefix_of_a_good_frame_is_safe),
		cmocka_unit_test(random_damage_is_safe),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
