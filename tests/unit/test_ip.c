/* SPDX-License-Identifier: Apache-2.0 */

#include "packet/ip.h"
#include "tests/unit/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define V4 SAMPLE_ETHERNET
#define V4_LENGTH (V4 + 2)
#define V4_FRAGMENT (V4 + 6)
#define V4_PROTOCOL (V4 + 9)
#define V6 SAMPLE_ETHERNET
#define V6_LENGTH (V6 + 4)
#define V6_NEXT (V6 + 6)
#define V6_END (V6 + 40)
#define TCP_AND_PAYLOAD (40 + 33)

static void
expect_kind(const struct sample *sample, enum packet_kind kind)
{
	assert_string_equal(parse_kind_name(sample_parse(sample).kind), parse_kind_name(kind));
}

/* Put extension headers between the IPv6 header and TCP; the first one's protocol is given. */
static struct sample
extended(uint8_t first, const void *headers, uint32_t len)
{
	struct sample sample = sample_tcp(6);

	sample_insert(&sample, V6_END, headers, len);
	sample.bytes[V6_NEXT] = first;
	sample_set16(&sample, V6_LENGTH, (uint16_t)(len + TCP_AND_PAYLOAD));
	return sample;
}

static void
ipv4_options_are_skipped(void **state)
{
	const uint8_t options[] = { 0x94, 0x04, 0, 0, 1, 1, 1, 0 };
	struct sample sample = sample_tcp(4);
	struct segment segment;

	(void)state;

	sample_insert(&sample, V4 + 20, options, sizeof(options));
	sample.bytes[V4] = 0x47;
	sample_set16(&sample, V4_LENGTH, 28 + TCP_AND_PAYLOAD);
	segment = sample_parse(&sample);
	assert_int_equal(segment.kind, PACKET_TCP);
	assert_int_equal(segment.src_port, 39002);
	assert_int_equal(segment.payload_len, 33);
	assert_int_equal(segment.tcp_offset, V4 + 28);
	for (uint32_t len = V4; len < V4 + 28; len++)
		assert_int_equal(sample_parse_cut(&sample, len).kind, PACKET_BAD_IP);
}

static void
a_malformed_ipv4_header_is_bad_ip(void **state)
{
	struct sample short_header = sample_tcp(4);
	struct sample other_version = sample_tcp(4);
	struct sample short_packet = sample_tcp(4);

	(void)state;

	short_header.bytes[V4] = 0x44;
	other_version.bytes[V4] = 0x65;
	sample_set16(&short_packet, V4_LENGTH, 19);
	expect_kind(&short_header, PACKET_BAD_IP);
	expect_kind(&other_version, PACKET_BAD_IP);
	expect_kind(&short_packet, PACKET_BAD_IP);
}

static void
ethernet_padding_is_no_payload(void **state)
{
	struct build_tcp tcp = sample_spec(4);
	struct sample sample;

	(void)state;

	tcp.options = (struct build_options){ 0 };
	tcp.payload_len = 0;
	sample = sample_build(&tcp);
	assert_int_equal(sample.len, 60);
	assert_int_equal(sample_parse(&sample).payload_len, 0);
	tcp.payload_len = 1;
	sample = sample_build(&tcp);
	assert_int_equal(sample.len, 60);
	assert_int_equal(sample_parse(&sample).payload_len, 1);
}

static void
a_length_of_zero_means_that_of_the_frame(void **state)
{
	struct sample v4 = sample_tcp(4);
	struct sample v6 = sample_tcp(6);

	(void)state;

	sample_set16(&v4, V4_LENGTH, 0);
	sample_set16(&v6, V6_LENGTH, 0);
	assert_int_equal(sample_parse(&v4).payload_len, 33);
	assert_int_equal(sample_parse(&v6).payload_len, 33);
	assert_int_equal(sample_parse_cut(&v4, V4 + 40).payload_len, 33);
	assert_int_equal(sample_parse_cut(&v6, V6 + 60).payload_len, 33);
}

static void
fragments_but_the_first_are_only_counted(void **state)
{
	struct sample sample = sample_tcp(4);

	(void)state;

	sample_set16(&sample, V4_FRAGMENT, 0x2000);
	expect_kind(&sample, PACKET_TCP);
	assert_true(sample_parse(&sample).uncheckable);
	for (uint16_t offset = 1; offset <= 0x1fff; offset++) {
		sample_set16(&sample, V4_FRAGMENT, offset);
		expect_kind(&sample, PACKET_FRAGMENT);
	}
	sample_set16(&sample, V4_FRAGMENT, 0x4000); /* do not fragment */
	expect_kind(&sample, PACKET_TCP);
	assert_false(sample_parse(&sample).uncheckable);
}

static void
a_first_fragment_without_the_whole_tcp_header_is_a_fragment(void **state)
{
	struct sample sample = sample_tcp(4);

	(void)state;

	sample_set16(&sample, V4_FRAGMENT, 0x2000);
	sample_set16(&sample, V4_LENGTH, 20 + 39);
	expect_kind(&sample, PACKET_FRAGMENT);
	sample_set16(&sample, V4_LENGTH, 20 + 40);
	expect_kind(&sample, PACKET_TCP);
	sample.bytes[V4_PROTOCOL] = IPPROTO_UDP;
	expect_kind(&sample, PACKET_FRAGMENT);
}

static void
protocols_are_told_apart(void **state)
{
	struct sample v4 = sample_tcp(4);
	struct sample v6 = sample_tcp(6);

	(void)state;

	for (uint32_t protocol = 0; protocol <= UINT8_MAX; protocol++) {
		enum packet_kind kind = PACKET_IP_OTHER;

		if (protocol == IPPROTO_TCP)
			kind = PACKET_TCP;
		else if (protocol == IPPROTO_UDP)
			kind = PACKET_UDP;
		v4.bytes[V4_PROTOCOL] = (uint8_t)protocol;
		v6.bytes[V6_NEXT] = (uint8_t)protocol;
		if (protocol != IPPROTO_ICMP)
			expect_kind(&v4, kind);
		if (protocol != IPPROTO_ICMPV6 && ip_v6_extension_len((uint8_t)protocol, 0) == 0)
			expect_kind(&v6, kind);
	}
}

static void
every_extension_header_is_walked(void **state)
{
	/* hop-by-hop, routing, destination, fragment, authentication, mobility, HIP, shim6 */
	const uint8_t headers[] = { 43, 0, 1, 4, 0, 0, 0, 0, /* */
		60, 0, 0, 0, 0, 0, 0, 0, /* */
		44, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* */
		51, 0xff, 0, 0, 0, 0, 0, 9, /* its second byte is no length */
		135, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* */
		139, 0, 0, 0, 0, 0, 0, 0, /* */
		140, 0, 0, 0, 0, 0, 0, 0, /* */
		6, 0, 0, 0, 0, 0, 0, 0 };
	struct sample sample = extended(0, headers, sizeof(headers));
	struct segment segment = sample_parse(&sample);

	(void)state;

	assert_string_equal(parse_kind_name(segment.kind), "tcp");
	assert_int_equal(segment.dst_port, 80);
	assert_int_equal(segment.payload_len, 33);
	assert_int_equal(segment.tcp_offset, V6_END + sizeof(headers));
	assert_false(segment.uncheckable);
	for (uint32_t len = V6; len < V6_END + sizeof(headers); len++)
		assert_int_equal(sample_parse_cut(&sample, len).kind, PACKET_BAD_IP);
}

static void
an_extension_header_longer_than_its_packet_is_bad_ip(void **state)
{
	const uint8_t header[] = { 6, 0, 1, 4, 0, 0, 0, 0 };
	struct sample sample = extended(0, header, sizeof(header));

	(void)state;

	sample_set16(&sample, V6_LENGTH, 7);
	expect_kind(&sample, PACKET_BAD_IP);
	sample = extended(0, header, sizeof(header));
	sample.bytes[V6_END + 1] = 200;
	expect_kind(&sample, PACKET_BAD_IP);
}

static void
a_checksum_over_an_address_still_to_come_is_not_judged(void **state)
{
	uint8_t header[24] = { 6, 2, 2, 1 };
	struct sample sample = extended(43, header, sizeof(header));

	(void)state;

	assert_int_equal(sample_parse(&sample).kind, PACKET_TCP);
	assert_true(sample_parse(&sample).uncheckable);
	sample.bytes[V6_END + 3] = 0;
	assert_false(sample_parse(&sample).uncheckable);
}

static void
ipv6_fragments_are_told_from_atomic_ones(void **state)
{
	const uint8_t atomic[] = { 6, 0, 0, 0, 0, 0, 0, 9 };
	const uint8_t first[] = { 6, 0, 0, 1, 0, 0, 0, 9 };
	const uint8_t later[] = { 6, 0, 0, 8, 0, 0, 0, 9 };
	const uint8_t later_of_other[] = { 60, 0, 0, 8, 0, 0, 0, 9 };
	struct sample sample = extended(44, atomic, sizeof(atomic));

	(void)state;

	expect_kind(&sample, PACKET_TCP);
	assert_false(sample_parse(&sample).uncheckable);
	sample = extended(44, first, sizeof(first));
	expect_kind(&sample, PACKET_TCP);
	assert_true(sample_parse(&sample).uncheckable);
	sample = extended(44, later, sizeof(later));
	expect_kind(&sample, PACKET_FRAGMENT);
	sample = extended(44, later_of_other, sizeof(later_of_other));
	expect_kind(&sample, PACKET_FRAGMENT);
}

static void
too_many_extension_headers_are_bad_ip(void **state)
{
	uint8_t headers[20 * 8] = { 0 };

	(void)state;

	for (uint32_t count = 1; count <= 20; count++) {
		struct sample sample;

		memset(headers, 0, sizeof(headers));
		for (uint32_t n = 0; n < count; n++)
			headers[8 * n] = n + 1 < count ? 60 : 6;
		sample = extended(60, headers, 8 * count);
		expect_kind(&sample, count <= IP_EXTENSIONS_MAX ? PACKET_TCP : PACKET_BAD_IP);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_options_are_skipped),
		cmocka_unit_test(a_malformed_ipv4_header_is_bad_ip),
		cmocka_unit_test(ethernet_padding_is_no_payload),
		cmocka_unit_test(a_length_of_zero_means_that_of_the_frame),
		cmocka_unit_test(fragments_but_the_first_are_only_counted),
		cmocka_unit_test(a_first_fragment_without_the_whole_tcp_header_is_a_fragment),
		cmocka_unit_test(protocols_are_told_apart),
		cmocka_unit_test(every_extension_header_is_walked),
		cmocka_unit_test(an_extension_header_longer_than_its_packet_is_bad_ip),
		cmocka_unit_test(a_checksum_over_an_address_still_to_come_is_not_judged),
		cmocka_unit_test(ipv6_fragments_are_told_from_atomic_ones),
		cmocka_unit_test(too_many_extension_headers_are_bad_ip),
	};

	return cmocka_run_group_tests_name("ip", tests, NULL, NULL);
}
