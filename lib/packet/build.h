/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * From a description to a frame with valid checksums: for generated traffic and for
 * tests, and the mirror of parse.c (what is built parses to what was asked for).
 */

#ifndef PACKET_BUILD_H
#define PACKET_BUILD_H

#include "packet/segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUILD_FRAME_MAX 65549 /* an IPv4 packet of 65535 bytes behind an Ethernet header */

/* The options to write, in the order Linux writes them; all zero writes none. */
struct build_options {
	uint16_t mss; /* 0: none */
	bool sack_permitted;
	bool timestamps;
	uint32_t ts_val;
	uint32_t ts_ecr;
	bool has_wscale;
	uint8_t wscale;
	uint8_t fast_open_len; /* 0: none; 2 asks for a cookie; 2 + 4..16 carries one */
};

struct build_tcp {
	uint8_t src_mac[6];
	uint8_t dst_mac[6];
	uint8_t ip_version; /* 4 or 6 */
	uint8_t src_addr[16]; /* IPv4 in the IPv4-mapped form */
	uint8_t dst_addr[16];
	uint8_t hop_limit;
	uint16_t ip_id; /* IPv4 only; DF is set */
	uint8_t vlan_count; /* tags, outermost first; two make 802.1ad around 802.1Q */
	uint16_t vlan[SEGMENT_VLANS];
	uint16_t src_port;
	uint16_t dst_port;
	uint32_t seq;
	uint32_t ack;
	uint16_t window;
	uint8_t tcp_flags;
	struct build_options options;
	const uint8_t *payload; /* NULL: payload_len bytes of a fixed pattern */
	uint32_t payload_len;
};

/**
 * Write one frame.
 *
 * @param out
 *   Where to; @p room bytes.
 * @return
 *   The frame's length, 60 at least (padded, as Ethernet demands, without the FCS);
 *   0 if it does not fit.
 */
size_t build_tcp_frame(const struct build_tcp *tcp, uint8_t *out, size_t room);

/* An error that a router or host sends about a segment. */
struct build_icmp {
	uint8_t src_mac[6];
	uint8_t dst_mac[6];
	uint8_t src_addr[16]; /* whose error it is; it goes to the segment's source */
	uint8_t hop_limit;
	uint16_t ip_id;
	uint8_t type; /* ICMP or ICMPv6, by the quoted segment's version */
	uint8_t code;
	const struct build_tcp *quoted; /* its headers are quoted, its tags and payload not */
};

/**
 * Write one ICMP or ICMPv6 error, as build_tcp_frame() does. The error is tagged as the
 * quoted segment is.
 */
size_t build_icmp_frame(const struct build_icmp *icmp, uint8_t *out, size_t room);

/** The IPv4-mapped form of an address in host byte order. */
void build_ipv4_mapped(uint32_t addr, uint8_t out[16]);

#endif /* PACKET_BUILD_H */
