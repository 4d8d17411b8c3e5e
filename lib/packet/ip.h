/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One IP header after the other, for parse.c only: for the packet itself and for the
 * packet that an ICMP error quotes. Inline, since every packet passes here.
 */

#ifndef PACKET_IP_H
#define PACKET_IP_H

#include "packet/bytes.h"
#include "packet/segment.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_ip.h>

#define IP_V4_HEADER_LEN sizeof(struct rte_ipv4_hdr)
#define IP_V6_HEADER_LEN sizeof(struct rte_ipv6_hdr)

#define IP_EXTENSION_LEN_MAX ((255 + 1) * 8)

/* RFC 8200 section 4.1 has each once, and one of them twice; some room on top of that. */
#define IP_EXTENSIONS_MAX 12

/* Extension headers for which the C library has no name. */
#define IP_PROTO_HIP 139 /* RFC 7401 */
#define IP_PROTO_SHIM6 140 /* RFC 5533 */

enum ip_fragment {
	IP_FRAGMENT_NONE,
	IP_FRAGMENT_FIRST,
	IP_FRAGMENT_LATER,
};

/* Where the parser stands in a frame. Never beyond what may be read: offset <= len. */
struct ip_cursor {
	const uint8_t *data;
	uint32_t len; /* bytes that may be read at data */
	uint32_t wire_len; /* bytes of the whole frame */
	uint32_t offset; /* of the next header */
	uint32_t left; /* bytes of the packet from there on; more than may be read, perhaps */
	uint8_t protocol; /* of the next header */
	uint8_t fragment; /* enum ip_fragment */
};

static inline bool
ip_readable(const struct ip_cursor *at, size_t len)
{
	return at->len - at->offset >= len;
}

/*
 * The total length may exceed the frame, as a capture that was cut off need not know
 * how long the frame was. It is zero where a capture was made above an interface that
 * splits segments in hardware: then the frame's own length has to do.
 */
static inline bool
ip_v4_lengths(struct ip_cursor *at, const uint8_t *ip, struct segment *segment)
{
	uint32_t header_len = (uint32_t)(ip[0] & RTE_IPV4_HDR_IHL_MASK) * RTE_IPV4_IHL_MULTIPLIER;
	uint32_t total_len = bytes_load16(BYTES_AT(ip, rte_ipv4_hdr, total_length));

	if (unlikely(total_len == 0 && at->wire_len > at->offset)) {
		total_len = at->wire_len - at->offset;
		segment->uncheckable = 1;
	}
	if (unlikely(header_len < IP_V4_HEADER_LEN || !ip_readable(at, header_len) ||
			    total_len < header_len))
		return false;
	at->offset += header_len;
	at->left = total_len - header_len;
	return true;
}

/*
 * In two stores of the size that flow_key_of() loads: a load that needs more than one store has
 * to wait for the cache.
 */
static inline void
ip_v4_address(const uint8_t *wire, uint8_t mapped[16])
{
	const uint64_t high = 0, prefix = htobe64(UINT64_C(0xffff) << 32);
	uint32_t address;
	uint64_t low;

	memcpy(&address, wire, sizeof(address));
	low = prefix | (uint64_t)address << (BYTE_ORDER == LITTLE_ENDIAN ? 32 : 0);
	memcpy(mapped, &high, sizeof(high));
	memcpy(mapped + sizeof(high), &low, sizeof(low));
}

/** Take an IPv4 header with its options; false if it is malformed. */
static inline bool
ip_v4_header(struct ip_cursor *at, struct segment *segment)
{
	const uint8_t *ip = at->data + at->offset;
	uint16_t fragment;

	if (unlikely(!ip_readable(at, IP_V4_HEADER_LEN) || ip[0] >> 4 != 4))
		return false;
	if (unlikely(!ip_v4_lengths(at, ip, segment)))
		return false;
	ip_v4_address(BYTES_AT(ip, rte_ipv4_hdr, src_addr), segment->src_addr);
	ip_v4_address(BYTES_AT(ip, rte_ipv4_hdr, dst_addr), segment->dst_addr);
	segment->ip_version = 4;
	segment->hop_limit = *BYTES_AT(ip, rte_ipv4_hdr, time_to_live);
	at->protocol = *BYTES_AT(ip, rte_ipv4_hdr, next_proto_id);
	fragment = bytes_load16(BYTES_AT(ip, rte_ipv4_hdr, fragment_offset));
	if (unlikely(fragment & RTE_IPV4_HDR_OFFSET_MASK))
		at->fragment = IP_FRAGMENT_LATER;
	else if (unlikely(fragment & RTE_IPV4_HDR_MF_FLAG))
		at->fragment = IP_FRAGMENT_FIRST;
	return true;
}

/** How long an extension header is, by its length byte; 0 if the protocol is no such header. */
static inline uint32_t
ip_v6_extension_len(uint8_t protocol, uint8_t length)
{
	switch (protocol) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_MH:
	case IP_PROTO_HIP:
	case IP_PROTO_SHIM6:
		return (length + 1U) * 8; /* RFC 8200 section 4 */
	case IPPROTO_AH:
		return (length + 2U) * 4; /* RFC 4302 section 2.2 */
	case IPPROTO_FRAGMENT:
		return 8;
	default:
		return 0;
	}
}

/** Take an IPv6 header without its extension headers; false if it is malformed. */
static inline bool
ip_v6_header(struct ip_cursor *at, struct segment *segment)
{
	const uint8_t *ip = at->data + at->offset;

	if (unlikely(!ip_readable(at, IP_V6_HEADER_LEN) || ip[0] >> 4 != 6))
		return false;
	memcpy(segment->src_addr, BYTES_AT(ip, rte_ipv6_hdr, src_addr), 16);
	memcpy(segment->dst_addr, BYTES_AT(ip, rte_ipv6_hdr, dst_addr), 16);
	segment->ip_version = 6;
	segment->hop_limit = *BYTES_AT(ip, rte_ipv6_hdr, hop_limits);
	at->protocol = *BYTES_AT(ip, rte_ipv6_hdr, proto);
	at->left = bytes_load16(BYTES_AT(ip, rte_ipv6_hdr, payload_len));
	at->offset += (uint32_t)IP_V6_HEADER_LEN;
	/* Zero is a jumbogram (RFC 2675), or as with IPv4. */
	if (unlikely(at->left == 0 && at->wire_len > at->offset)) {
		at->left = at->wire_len - at->offset;
		segment->uncheckable = 1;
	}
	return true;
}

/**
 * Step over all extension headers, if there are any.
 *
 * @return
 *   False if one is not whole, or there are too many.
 */
bool ip_v6_extensions(struct ip_cursor *at, struct segment *segment);

#endif /* PACKET_IP_H */
