/* SPDX-License-Identifier: Apache-2.0 */

#include "packet/build.h"
#include "packet/checksum.h"
#include "packet/tcp_options.h"
#include "tests/unit/naive_checksum.h"
#include "tests/unit/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Header lengths before TCP, without tags. */
#define BEFORE_TCP(version) (14U + ((version) == 4 ? 20U : 40U))

/* The checksum of TCP or ICMPv6, over a pseudo header written out as the RFCs draw it. */
static uint16_t
naive_sum_with_pseudo_header(const uint8_t *ip, const uint8_t *payload, uint32_t len)
{
	static uint8_t bytes[BUILD_FRAME_MAX + 40];
	uint32_t at = 0;
	bool is_v4 = ip[0] >> 4 == 4;
	uint32_t addresses = is_v4 ? 8 : 32;

	memcpy(bytes, ip + (is_v4 ? 12 : 8), addresses);
	at += addresses;
	bytes[at++] = (uint8_t)(len >> 24);
	bytes[at++] = (uint8_t)(len >> 16);
	bytes[at++] = (uint8_t)(len >> 8);
	bytes[at++] = (uint8_t)len;
	memset(bytes + at, 0, 3);
	at += 3;
	bytes[at++] = is_v4 ? ip[9] : ip[6];
	memcpy(bytes + at, payload, len);
	return naive_checksum(bytes, at + len);
}

static void
expect_good_checksums(const struct sample *sample, const struct segment *segment)
{
	const uint8_t *tcp = sample->bytes + segment->tcp_offset;
	const uint8_t *ip = tcp - (segment->ip_version == 4 ? 20 : 40);

	if (segment->ip_version == 4)
		assert_int_equal(naive_checksum(ip, 20), 0);
	assert_int_equal(naive_sum_with_pseudo_header(
					 ip, tcp, segment->tcp_header_len + segment->payload_len),
			0);
}

static void
expect_options(const struct sample *sample, const struct segment *segment,
		const struct build_options *asked)
{
	struct tcp_options options;

	tcp_options_parse(sample->bytes + segment->tcp_offset + 20, segment->tcp_header_len - 20U,
			&options);
	assert_false(options.malformed);
	assert_int_equal(options.mss, asked->mss);
	assert_int_equal(options.sack_permitted, asked->sack_permitted);
	assert_int_equal(options.timestamps, asked->timestamps);
	assert_int_equal(options.has_wscale, asked->has_wscale);
	assert_int_equal(options.wscale, asked->has_wscale ? asked->wscale : 0);
	assert_int_equal(options.fast_open, asked->fast_open_len != 0);
}

/* What is built parses to what was asked for. */
static void
expect_round_trip(const struct build_tcp *tcp)
{
	struct sample sample = sample_build(tcp);
	struct segment segment = sample_parse(&sample);

	assert_true(sample.len >= 60);
	assert_memory_equal(sample.bytes, tcp->dst_mac, 6);
	assert_memory_equal(sample.bytes + 6, tcp->src_mac, 6);
	assert_int_equal(segment.kind, PACKET_TCP);
	assert_int_equal(segment.ip_version, tcp->ip_version);
	assert_memory_equal(segment.src_addr, tcp->src_addr, 16);
	assert_memory_equal(segment.dst_addr, tcp->dst_addr, 16);
	assert_int_equal(segment.hop_limit, tcp->hop_limit);
	assert_int_equal(segment.vlan_count, tcp->vlan_count);
	assert_memory_equal(segment.vlan, tcp->vlan, tcp->vlan_count * sizeof(tcp->vlan[0]));
	assert_int_equal(segment.src_port, tcp->src_port);
	assert_int_equal(segment.dst_port, tcp->dst_port);
	assert_int_equal(segment.seq, tcp->seq);
	assert_int_equal(segment.ack, tcp->ack);
	assert_int_equal(segment.window, tcp->window);
	assert_int_equal(segment.tcp_flags, tcp->tcp_flags);
	assert_int_equal(segment.payload_len, tcp->payload_len);
	expect_options(&sample, &segment, &tcp->options);
	expect_good_checksums(&sample, &segment);
}

/* Each bit of the number switches one option on. */
static struct build_options
options_of(uint32_t bits)
{
	return (struct build_options){
		.mss = bits & 1 ? 1460 : 0,
		.sack_permitted = bits & 2,
		.timestamps = bits & 4,
		.ts_val = 0x01020304,
		.ts_ecr = 0x05060708,
		.has_wscale = bits & 8,
		.wscale = 7,
		.fast_open_len = bits & 16 ? 10 : 0,
	};
}

static void
every_mix_of_options_tags_and_lengths_comes_back(void **state)
{
	(void)state;

	for (uint32_t bits = 0; bits < 32; bits++)
		for (uint8_t tags = 0; tags <= SEGMENT_VLANS; tags++)
			for (uint32_t len = 0; len < 20; len++)
				for (uint8_t version = 4; version <= 6; version += 2) {
					struct build_tcp tcp = sample_spec(version);

					tcp.options = options_of(bits);
					tcp.vlan_count = tags;
					tcp.vlan[0] = 4094;
					tcp.vlan[1] = 7;
					tcp.payload_len = len;
					expect_round_trip(&tcp);
				}
}

static void
every_flag_comes_back(void **state)
{
	struct build_tcp tcp = sample_spec(4);

	(void)state;

	for (uint32_t flags = 0; flags <= UINT8_MAX; flags++) {
		tcp.tcp_flags = (uint8_t)flags;
		expect_round_trip(&tcp);
	}
}

static void
fast_open_cookies_of_every_length_come_back(void **state)
{
	struct build_tcp tcp = sample_spec(6);

	(void)state;

	for (uint8_t len = 2; len <= 18; len++) {
		tcp.options.fast_open_len = len;
		expect_round_trip(&tcp);
	}
}

static void
options_stand_in_the_order_of_linux(void **state)
{
	static const uint8_t order[] = { 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 7, 0, 0, 0, 9, 1,
		3, 3, 7 };
	struct sample sample = sample_tcp(4);

	(void)state;

	assert_memory_equal(sample.bytes + BEFORE_TCP(4) + 20, order, sizeof(order));
}

static void
two_tags_are_802_1ad_around_802_1q(void **state)
{
	static const uint8_t tags[] = { 0x88, 0xa8, 0x00, 0x64, 0x81, 0x00, 0x00, 0xc8, 0x08,
		0x00 };
	struct build_tcp tcp = sample_spec(4);
	struct sample sample;

	(void)state;

	tcp.vlan_count = 2;
	tcp.vlan[0] = 100;
	tcp.vlan[1] = 200;
	sample = sample_build(&tcp);
	assert_memory_equal(sample.bytes + 12, tags, sizeof(tags));
}

static void
the_payload_is_what_was_given(void **state)
{
	static const uint8_t text[] = "GET / HTTP/1.1";
	struct build_tcp tcp = sample_spec(4);
	struct sample sample;

	(void)state;

	tcp.payload = text;
	tcp.payload_len = sizeof(text);
	sample = sample_build(&tcp);
	assert_memory_equal(sample.bytes + BEFORE_TCP(4) + 40, text, sizeof(text));
	expect_round_trip(&tcp);
}

static void
a_frame_is_written_into_its_room_or_not_at_all(void **state)
{
	struct build_tcp tcp = sample_spec(4);
	uint8_t out[200];
	size_t len = build_tcp_frame(&tcp, out, sizeof(out));

	(void)state;

	assert_int_equal(len, BEFORE_TCP(4) + 40 + 33);
	memset(out, 0xa5, sizeof(out));
	assert_int_equal(build_tcp_frame(&tcp, out, len - 1), 0);
	assert_int_equal(out[0], 0xa5);
	assert_int_equal(build_tcp_frame(&tcp, out, len), len);
	assert_int_equal(out[len], 0xa5);
}

static void
an_ip_packet_has_65535_bytes_at_most(void **state)
{
	static uint8_t out[BUILD_FRAME_MAX + 100];
	struct build_tcp tcp = sample_spec(4);

	(void)state;

	tcp.payload_len = 65535 - 60;
	assert_int_equal(build_tcp_frame(&tcp, out, sizeof(out)), BUILD_FRAME_MAX);
	assert_int_equal(naive_sum_with_pseudo_header(out + 14, out + 34, 65515), 0);
	tcp.payload_len++;
	assert_int_equal(build_tcp_frame(&tcp, out, sizeof(out)), 0);
	tcp.payload_len = UINT32_MAX;
	assert_int_equal(build_tcp_frame(&tcp, out, sizeof(out)), 0);
}

static void
what_no_frame_can_have_is_not_built(void **state)
{
	struct build_tcp tags = sample_spec(4);
	struct build_tcp options = sample_spec(4);
	uint8_t out[200];

	(void)state;

	tags.vlan_count = SEGMENT_VLANS + 1;
	assert_int_equal(build_tcp_frame(&tags, out, sizeof(out)), 0);
	options.options.fast_open_len = 22; /* 20 before it, 40 is the most */
	assert_int_equal(build_tcp_frame(&options, out, sizeof(out)), 0);
}

static void
an_icmp_error_has_good_checksums_inside_and_outside(void **state)
{
	struct sample v4 = sample_icmp(4, 3, 1);
	struct sample v6 = sample_icmp(6, 1, 0);

	(void)state;

	assert_int_equal(v4.len, 14 + 20 + 8 + 20 + 40);
	assert_int_equal(naive_checksum(v4.bytes + 14, 20), 0);
	assert_int_equal(naive_checksum(v4.bytes + 34, v4.len - 34), 0);
	assert_int_equal(naive_checksum(v4.bytes + 42, 20), 0);
	assert_int_equal(naive_sum_with_pseudo_header(v4.bytes + 42, v4.bytes + 62, 40), 0);
	assert_int_equal(v6.len, 14 + 40 + 8 + 40 + 40);
	assert_int_equal(
			naive_sum_with_pseudo_header(v6.bytes + 14, v6.bytes + 54, v6.len - 54), 0);
	assert_int_equal(naive_sum_with_pseudo_header(v6.bytes + 62, v6.bytes + 102, 40), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mix_of_options_tags_and_lengths_comes_back),
		cmocka_unit_test(every_flag_comes_back),
		cmocka_unit_test(fast_open_cookies_of_every_length_come_back),
		cmocka_unit_test(options_stand_in_the_order_of_linux),
		cmocka_unit_test(two_tags_are_802_1ad_around_802_1q),
		cmocka_unit_test(the_payload_is_what_was_given),
		cmocka_unit_test(a_frame_is_written_into_its_room_or_not_at_all),
		cmocka_unit_test(an_ip_packet_has_65535_bytes_at_most),
		cmocka_unit_test(what_no_frame_can_have_is_not_built),
		cmocka_unit_test(an_icmp_error_has_good_checksums_inside_and_outside),
	};

	return cmocka_run_group_tests_name("build", tests, NULL, NULL);
}
