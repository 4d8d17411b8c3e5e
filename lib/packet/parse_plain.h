/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The short way from frame to segment, for what nearly all frames are: Ethernet, then an
 * IPv4 header without options or an IPv6 header without extension headers, unfragmented,
 * then TCP. Inline, so that whoever needs the segment at once has it in registers.
 *
 * parse_frame() is the truth, and knows these frames as well: where one of these functions
 * says true, it would have made the very same segment. Whatever is in doubt, a malformed
 * header too, they leave to it.
 */

#ifndef PACKET_PARSE_PLAIN_H
#define PACKET_PARSE_PLAIN_H

#include "packet/tcp_header.h"

#include <rte_ether.h>

#define PARSE_PLAIN_V4 0x45 /* version, and a header of five words */
#define PARSE_PLAIN_V4_TCP (RTE_ETHER_HDR_LEN + IP_V4_HEADER_LEN)
#define PARSE_PLAIN_V6_TCP (RTE_ETHER_HDR_LEN + IP_V6_HEADER_LEN)

/* The TCP header, all of it, at @p offset of a packet that has @p left bytes from there on. */
static inline bool
parse_plain_tcp(const uint8_t *data, uint32_t len, uint32_t offset, uint32_t left,
		struct segment *segment)
{
	const struct ip_cursor at = { .data = data, .len = len, .offset = offset, .left = left };

	if (!ip_readable(&at, tcp_header_len(data + offset)) ||
			tcp_header(&at, segment) != PACKET_TCP)
		return false;
	segment->kind = PACKET_TCP;
	segment->vlan_count = 0;
	segment->uncheckable = 0;
	return true;
}

/** A plain IPv4 frame; false: it is another, and nothing is said of it. */
static inline bool
parse_plain_v4(const uint8_t *data, uint32_t len, struct segment *segment)
{
	const uint16_t fragment_bits = RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK;
	const uint8_t *ip;
	uint32_t total_len;

	if (len < PARSE_PLAIN_V4_TCP + TCP_HEADER_LEN)
		return false;
	ip = data + RTE_ETHER_HDR_LEN;
	if (bytes_load16(BYTES_AT(data, rte_ether_hdr, ether_type)) != RTE_ETHER_TYPE_IPV4 ||
			ip[0] != PARSE_PLAIN_V4 ||
			*BYTES_AT(ip, rte_ipv4_hdr, next_proto_id) != IPPROTO_TCP ||
			(bytes_load16(BYTES_AT(ip, rte_ipv4_hdr, fragment_offset)) &
					fragment_bits) != 0)
		return false;
	total_len = bytes_load16(BYTES_AT(ip, rte_ipv4_hdr, total_length));
	if (total_len < IP_V4_HEADER_LEN ||
			!parse_plain_tcp(data, len, PARSE_PLAIN_V4_TCP,
					total_len - (uint32_t)IP_V4_HEADER_LEN, segment))
		return false;
	ip_v4_address(BYTES_AT(ip, rte_ipv4_hdr, src_addr), segment->src_addr);
	ip_v4_address(BYTES_AT(ip, rte_ipv4_hdr, dst_addr), segment->dst_addr);
	segment->hop_limit = *BYTES_AT(ip, rte_ipv4_hdr, time_to_live);
	segment->ip_version = 4;
	return true;
}

/** The same for IPv6. */
static inline bool
parse_plain_v6(const uint8_t *data, uint32_t len, struct segment *segment)
{
	const uint8_t *ip;

	if (len < PARSE_PLAIN_V6_TCP + TCP_HEADER_LEN)
		return false;
	ip = data + RTE_ETHER_HDR_LEN;
	if (bytes_load16(BYTES_AT(data, rte_ether_hdr, ether_type)) != RTE_ETHER_TYPE_IPV6 ||
			ip[0] >> 4 != 6 || *BYTES_AT(ip, rte_ipv6_hdr, proto) != IPPROTO_TCP ||
			!parse_plain_tcp(data, len, PARSE_PLAIN_V6_TCP,
					bytes_load16(BYTES_AT(ip, rte_ipv6_hdr, payload_len)),
					segment))
		return false;
	memcpy(segment->src_addr, BYTES_AT(ip, rte_ipv6_hdr, src_addr), 16);
	memcpy(segment->dst_addr, BYTES_AT(ip, rte_ipv6_hdr, dst_addr), 16);
	segment->hop_limit = *BYTES_AT(ip, rte_ipv6_hdr, hop_limits);
	segment->ip_version = 6;
	return true;
}

#endif /* PACKET_PARSE_PLAIN_H */
