/* SPDX-License-Identifier: Apache-2.0 */

#include "packet/parse.h"

#include "base/compiler.h"
#include "packet/bytes.h"
#include "packet/ip.h"
#include "packet/link.h"
#include "packet/tcp_header.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_ether.h>
#include <rte_icmp.h>
#include <rte_tcp.h>

#define ICMP_HEADER_LEN 8
#define ICMP_QUOTED_TCP_LEN 8 /* ports and sequence number (RFC 792) */

/* ICMP (RFC 792) and ICMPv6 (RFC 4443 section 2.1) errors that tell of an end of hope. */
#define ICMP_UNREACHABLE 3
#define ICMP_FRAGMENTATION_NEEDED 4 /* a code of it, which tells of none */
#define ICMP_TIME_EXCEEDED 11
#define ICMP_PARAMETER_PROBLEM 12
#define ICMPV6_UNREACHABLE 1
#define ICMPV6_TIME_EXCEEDED 3
#define ICMPV6_PARAMETER_PROBLEM 4

static_assert(RTE_ETHER_HDR_LEN + LINK_HEADERS_MAX * LINK_HEADER_LEN_MAX +
						2 * (IP_V6_HEADER_LEN + IP_EXTENSIONS_MAX * IP_EXTENSION_LEN_MAX) +
						ICMP_HEADER_LEN <=
				UINT16_MAX,
		"segment.tcp_offset holds the offset of any TCP header");

#define X(id, name, help) [id] = name,
static const char *const kind_names[PACKET_KIND_COUNT] = { PACKET_KINDS(X) };
#undef X

/*
 * The quoted packet, in its own direction; the hop limit stays that of the error. An error goes to
 * whom the quoted packet came from: one that is sent elsewhere is made up.
 */
static bool
icmp_quote(struct ip_cursor *at, struct segment *segment)
{
	uint8_t hop_limit = segment->hop_limit;
	uint8_t sent_to[sizeof(segment->dst_addr)];
	const uint8_t *tcp;
	bool good;

	memcpy(sent_to, segment->dst_addr, sizeof(sent_to));
	good = segment->ip_version == 4
			? ip_v4_header(at, segment)
			: ip_v6_header(at, segment) && ip_v6_extensions(at, segment);

	if (!good || at->fragment == IP_FRAGMENT_LATER || at->protocol != IPPROTO_TCP ||
			!ip_readable(at, ICMP_QUOTED_TCP_LEN) ||
			memcmp(sent_to, segment->src_addr, sizeof(sent_to)) != 0)
		return false;
	tcp = at->data + at->offset;
	segment->src_port = bytes_load16(BYTES_AT(tcp, rte_tcp_hdr, src_port));
	segment->dst_port = bytes_load16(BYTES_AT(tcp, rte_tcp_hdr, dst_port));
	segment->seq = bytes_load32(BYTES_AT(tcp, rte_tcp_hdr, sent_seq));
	segment->ack = 0;
	segment->payload_len = 0;
	segment->window = 0;
	segment->tcp_flags = 0;
	segment->hop_limit = hop_limit;
	segment->tcp_header_len = 0;
	segment->tcp_offset = (uint16_t)at->offset;
	return true;
}

static bool
icmp_is_final(const struct segment *segment)
{
	if (segment->ip_version == 6)
		return segment->icmp_type == ICMPV6_UNREACHABLE ||
				segment->icmp_type == ICMPV6_TIME_EXCEEDED ||
				segment->icmp_type == ICMPV6_PARAMETER_PROBLEM;
	if (segment->icmp_type == ICMP_UNREACHABLE)
		return segment->icmp_code != ICMP_FRAGMENTATION_NEEDED;
	return segment->icmp_type == ICMP_TIME_EXCEEDED ||
			segment->icmp_type == ICMP_PARAMETER_PROBLEM;
}

/* A quote ends with the error that holds it, whatever padding the frame has behind that. */
static __rte_noinline enum packet_kind
icmp_message(struct ip_cursor cursor, struct segment *segment)
{
	struct ip_cursor *at = &cursor;
	const uint8_t *icmp = at->data + at->offset;

	if (!ip_readable(at, ICMP_HEADER_LEN) || at->left < ICMP_HEADER_LEN)
		return PACKET_ICMP;
	segment->icmp_type = *BYTES_AT(icmp, rte_icmp_hdr, icmp_type);
	segment->icmp_code = *BYTES_AT(icmp, rte_icmp_hdr, icmp_code);
	if (!icmp_is_final(segment))
		return PACKET_ICMP;
	if (at->len - at->offset > at->left)
		at->len = at->offset + at->left;
	at->offset += ICMP_HEADER_LEN;
	return icmp_quote(at, segment) ? PACKET_ICMP_TCP : PACKET_ICMP;
}

static __rte_noinline enum packet_kind
fragment_payload(struct ip_cursor at, struct segment *segment)
{
	segment->uncheckable = 1;
	if (at.fragment == IP_FRAGMENT_FIRST && at.protocol == IPPROTO_TCP &&
			tcp_header(&at, segment) == PACKET_TCP)
		return PACKET_TCP;
	return PACKET_FRAGMENT;
}

/*
 * The rare cases are functions of their own and get the cursor by value: so the common
 * one keeps it in registers.
 */
static inline enum packet_kind
ip_payload(struct ip_cursor *at, struct segment *segment)
{
	if (unlikely(at->fragment != IP_FRAGMENT_NONE))
		return fragment_payload(*at, segment);
	if (likely(at->protocol == IPPROTO_TCP))
		return tcp_header(at, segment);
	if (at->protocol == IPPROTO_UDP)
		return PACKET_UDP;
	if (at->protocol == (segment->ip_version == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return icmp_message(*at, segment);
	return PACKET_IP_OTHER;
}

static __rte_noinline enum packet_kind
extended_packet(struct ip_cursor at, struct segment *segment)
{
	return ip_v6_extensions(&at, segment) ? ip_payload(&at, segment) : PACKET_BAD_IP;
}

static inline enum packet_kind
ip_packet(const struct frame *frame, uint32_t type, uint32_t offset, struct segment *segment)
{
	struct ip_cursor at = {
		.data = frame->data,
		.len = frame->len,
		.wire_len = frame->wire_len,
		.offset = offset,
	};

	if (likely(type == RTE_ETHER_TYPE_IPV4)) {
		if (unlikely(!ip_v4_header(&at, segment)))
			return PACKET_BAD_IP;
		return ip_payload(&at, segment);
	}
	if (unlikely(!ip_v6_header(&at, segment)))
		return PACKET_BAD_IP;
	if (unlikely(ip_v6_extension_len(at.protocol, 0) != 0))
		return extended_packet(at, segment);
	return ip_payload(&at, segment);
}

static __rte_noinline enum packet_kind
tagged_frame(const struct frame *frame, uint32_t type, struct segment *segment)
{
	uint32_t offset = RTE_ETHER_HDR_LEN;

	type = link_skip(frame, type, &offset, segment);
	switch (type) {
	case RTE_ETHER_TYPE_IPV4:
	case RTE_ETHER_TYPE_IPV6:
		return ip_packet(frame, type, offset, segment);
	case RTE_ETHER_TYPE_ARP:
		return PACKET_ARP;
	case LINK_CUT:
		return PACKET_BAD_LINK;
	default:
		return PACKET_NOT_IP;
	}
}

static inline enum packet_kind
ethernet_frame(const struct frame *frame, struct segment *segment)
{
	uint16_t type;

	if (unlikely(frame->len < RTE_ETHER_HDR_LEN))
		return PACKET_BAD_LINK;
	type = bytes_load16(BYTES_AT(frame->data, rte_ether_hdr, ether_type));
	if (likely(type == RTE_ETHER_TYPE_IPV4 || type == RTE_ETHER_TYPE_IPV6))
		return ip_packet(frame, type, RTE_ETHER_HDR_LEN, segment);
	return tagged_frame(frame, type, segment);
}

void
parse_frame(const struct frame *frame, struct segment *segment)
{
	segment->ip_version = 0;
	segment->vlan_count = 0;
	segment->uncheckable = 0;
	segment->kind = (uint8_t)ethernet_frame(frame, segment);
}

const char *
parse_kind_name(enum packet_kind kind)
{
	return (size_t)kind < ARRAY_LEN(kind_names) ? kind_names[kind] : "?";
}
