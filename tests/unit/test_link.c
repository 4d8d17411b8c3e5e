/* SPDX-License-Identifier: Apache-2.0 */

#include "packet/link.h"
#include "tests/unit/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define IPV4 0x0800
#define IPV6 0x86dd

/* The sample of this version, with header bytes of another type before its packet. */
static struct sample
behind(uint8_t ip_version, uint16_t type, const void *header, uint32_t len)
{
	struct sample sample = sample_tcp(ip_version);

	sample_insert(&sample, SAMPLE_ETHERNET, header, len);
	sample_set16(&sample, SAMPLE_ETHER_TYPE, type);
	return sample;
}

static void
expect_sample(const struct sample *sample, uint32_t header_len)
{
	struct segment segment = sample_parse(sample);

	assert_string_equal(parse_kind_name(segment.kind), "tcp");
	assert_int_equal(segment.src_port, 39002);
	assert_int_equal(segment.seq, 284972257);
	assert_int_equal(segment.payload_len, 33);
	assert_int_equal(segment.tcp_offset,
			SAMPLE_ETHERNET + header_len + (segment.ip_version == 4 ? 20 : 40));
}

static void
every_cut_is_a_bad_link(const struct sample *sample, uint32_t header_len)
{
	for (uint32_t len = 0; len < SAMPLE_ETHERNET + header_len; len++)
		assert_int_equal(sample_parse_cut(sample, len).kind, PACKET_BAD_LINK);
}

static void
a_tag_of_each_type_is_read(void **state)
{
	static const uint16_t types[] = { 0x8100, 0x88a8, 0x9100 };

	(void)state;

	for (size_t i = 0; i < 3; i++) {
		const uint8_t tag[] = { 0xa1, 0x23, 0x08, 0x00 }; /* priority 5, VLAN 0x123 */
		struct sample sample = behind(4, types[i], tag, sizeof(tag));

		expect_sample(&sample, sizeof(tag));
		assert_int_equal(sample_parse(&sample).vlan_count, 1);
		assert_int_equal(sample_parse(&sample).vlan[0], 0x123);
		every_cut_is_a_bad_link(&sample, sizeof(tag));
	}
}

static void
the_outer_two_of_three_tags_are_kept(void **state)
{
	const uint8_t tags[] = { 0x00, 0x64, 0x81, 0x00, 0x0f, 0xff, 0x81, 0x00, 0x00, 0x03, 0x86,
		0xdd };
	struct sample sample = behind(6, 0x88a8, tags, sizeof(tags));
	struct segment segment = sample_parse(&sample);

	(void)state;

	expect_sample(&sample, sizeof(tags));
	assert_int_equal(segment.vlan_count, 2);
	assert_int_equal(segment.vlan[0], 100);
	assert_int_equal(segment.vlan[1], 4095);
	every_cut_is_a_bad_link(&sample, sizeof(tags));
}

static void
tags_are_kept_of_frames_that_are_not_ip(void **state)
{
	const uint8_t tag[] = { 0x00, 0x07, 0x88, 0xcc };
	struct sample sample = behind(4, 0x8100, tag, sizeof(tag));

	(void)state;

	assert_int_equal(sample_parse(&sample).kind, PACKET_NOT_IP);
	assert_int_equal(sample_parse(&sample).vlan_count, 1);
	assert_int_equal(sample_parse(&sample).vlan[0], 7);
}

static void
a_label_stack_leads_to_ip(void **state)
{
	const uint8_t labels[] = { 0x00, 0x01, 0x00, 0xff, 0x00, 0x02, 0x00, 0xff, 0x00, 0x03, 0x01,
		0xff };
	struct sample v4 = behind(4, 0x8847, labels, sizeof(labels));
	struct sample v6 = behind(6, 0x8848, labels, sizeof(labels));

	(void)state;

	expect_sample(&v4, sizeof(labels));
	expect_sample(&v6, sizeof(labels));
	every_cut_is_a_bad_link(&v4, sizeof(labels));
}

static void
a_pseudowire_is_looked_through(void **state)
{
	const uint8_t with_control_word[] = { 0x00, 0x01, 0x01, 0xff, 0x00, 0x00, 0x12, 0x34, 0x02,
		0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x81, 0x00, 0x00, 0x05, 0x08, 0x00 };
	const uint8_t without[] = { 0x00, 0x01, 0x01, 0xff, 0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0,
		2, 0x86, 0xdd };
	struct sample v4 = behind(4, 0x8847, with_control_word, sizeof(with_control_word));
	struct sample v6 = behind(6, 0x8847, without, sizeof(without));

	(void)state;

	expect_sample(&v4, sizeof(with_control_word));
	assert_int_equal(sample_parse(&v4).vlan[0], 5);
	expect_sample(&v6, sizeof(without));
	every_cut_is_a_bad_link(&v4, sizeof(with_control_word));
	every_cut_is_a_bad_link(&v6, sizeof(without));
}

static void
a_control_channel_is_not_ip(void **state)
{
	const uint8_t label[] = { 0x00, 0x01, 0x01, 0xff, 0x10, 0x00, 0x00, 0x21 };
	struct sample sample = behind(4, 0x8847, label, sizeof(label));

	(void)state;

	assert_int_equal(sample_parse(&sample).kind, PACKET_NOT_IP);
}

static void
a_pppoe_session_leads_to_ip(void **state)
{
	const uint8_t v4_session[] = { 0x11, 0x00, 0x00, 0x01, 0x00, 0x60, 0x00, 0x21 };
	const uint8_t v6_session[] = { 0x11, 0x00, 0x00, 0x01, 0x00, 0x60, 0x00, 0x57 };
	const uint8_t compressed[] = { 0x11, 0x00, 0x00, 0x01, 0x00, 0x60, 0x21 };
	const uint8_t mpls[] = { 0x11, 0x00, 0x00, 0x01, 0x00, 0x60, 0x02, 0x81, 0, 1, 1, 255 };
	struct sample v4 = behind(4, 0x8864, v4_session, sizeof(v4_session));
	struct sample v6 = behind(6, 0x8864, v6_session, sizeof(v6_session));
	struct sample one_byte = behind(4, 0x8864, compressed, sizeof(compressed));
	struct sample labelled = behind(4, 0x8864, mpls, sizeof(mpls));

	(void)state;

	expect_sample(&v4, sizeof(v4_session));
	expect_sample(&v6, sizeof(v6_session));
	expect_sample(&one_byte, sizeof(compressed));
	expect_sample(&labelled, sizeof(mpls));
	every_cut_is_a_bad_link(&v4, sizeof(v4_session));
}

static void
what_pppoe_says_of_itself_is_not_ip(void **state)
{
	const uint8_t lcp[] = { 0x11, 0x00, 0x00, 0x01, 0x00, 0x60, 0xc0, 0x21 };
	const uint8_t version_2[] = { 0x21, 0x00, 0x00, 0x01, 0x00, 0x60, 0x00, 0x21 };
	struct sample control = behind(4, 0x8864, lcp, sizeof(lcp));
	struct sample unknown = behind(4, 0x8864, version_2, sizeof(version_2));
	struct sample discovery = behind(4, 0x8863, lcp, sizeof(lcp));

	(void)state;

	assert_int_equal(sample_parse(&control).kind, PACKET_NOT_IP);
	assert_int_equal(sample_parse(&unknown).kind, PACKET_NOT_IP);
	assert_int_equal(sample_parse(&discovery).kind, PACKET_NOT_IP);
}

static void
a_length_in_place_of_a_type_is_not_ip(void **state)
{
	struct sample sample = sample_tcp(4);

	(void)state;

	for (uint16_t type = 0; type < 0x600; type++) {
		sample_set16(&sample, SAMPLE_ETHER_TYPE, type);
		assert_int_equal(sample_parse(&sample).kind, PACKET_NOT_IP);
	}
}

static void
arp_is_arp(void **state)
{
	struct sample sample = sample_tcp(4);

	(void)state;

	sample_set16(&sample, SAMPLE_ETHER_TYPE, 0x0806);
	assert_int_equal(sample_parse(&sample).kind, PACKET_ARP);
	assert_int_equal(sample_parse(&sample).ip_version, 0);
}

static void
a_tower_of_tags_is_given_up(void **state)
{
	const uint8_t tag[] = { 0x00, 0x01, 0x81, 0x00 };
	const uint8_t last[] = { 0x00, 0x01, 0x08, 0x00 };
	struct sample sample = behind(4, 0x8100, last, sizeof(last));

	(void)state;

	for (uint32_t tags = 2; tags < 40; tags++) {
		sample_insert(&sample, SAMPLE_ETHERNET, tag, sizeof(tag));
		assert_int_equal(sample_parse(&sample).kind,
				tags < LINK_HEADERS_MAX ? PACKET_TCP : PACKET_NOT_IP);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tag_of_each_type_is_read),
		cmocka_unit_test(the_outer_two_of_three_tags_are_kept),
		cmocka_unit_test(tags_are_kept_of_frames_that_are_not_ip),
		cmocka_unit_test(a_label_stack_leads_to_ip),
		cmocka_unit_test(a_pseudowire_is_looked_through),
		cmocka_unit_test(a_control_channel_is_not_ip),
		cmocka_unit_test(a_pppoe_session_leads_to_ip),
		cmocka_unit_test(what_pppoe_says_of_itself_is_not_ip),
		cmocka_unit_test(a_length_in_place_of_a_type_is_not_ip),
		cmocka_unit_test(arp_is_arp),
		cmocka_unit_test(a_tower_of_tags_is_given_up),
	};

	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
