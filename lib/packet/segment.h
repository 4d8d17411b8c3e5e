/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What the tracker sees of a frame: a TCP segment without its bytes.
 *
 * Only parse.c fills one, after every length was checked there; whoever reads it
 * checks none again. All fields are in host byte order; addresses are as on the
 * wire, IPv4 ones in the IPv4-mapped form (RFC 4291 section 2.5.5.2).
 */

#ifndef PACKET_SEGMENT_H
#define PACKET_SEGMENT_H

#include <stdint.h>

/* X(id, name, help): what a frame is. One row gives the enum, the counter and the text. */
#define PACKET_KINDS(X) \
	X(PACKET_TCP, "tcp", "TCP segments that were tracked") \
	X(PACKET_ICMP_TCP, "icmp_tcp", "ICMP errors that quote a TCP segment") \
	X(PACKET_ICMP, "icmp", "other ICMP and ICMPv6") \
	X(PACKET_UDP, "udp", "UDP datagrams") \
	X(PACKET_IP_OTHER, "ip_other", "IP packets of any other protocol") \
	X(PACKET_FRAGMENT, "fragment", "IP fragments without a whole TCP header") \
	X(PACKET_ARP, "arp", "ARP") \
	X(PACKET_NOT_IP, "not_ip", "frames that carry neither IP nor ARP") \
	X(PACKET_BAD_LINK, "bad_link", \
			"frames cut off in the Ethernet, VLAN, MPLS or PPPoE header") \
	X(PACKET_BAD_IP, "bad_ip", "malformed IPv4 or IPv6 headers, or cut off") \
	X(PACKET_BAD_TCP, "bad_tcp", \
			"malformed TCP headers, or cut off by a short snapshot length") \
	X(PACKET_BAD_CHECKSUM, "bad_checksum", \
			"TCP segments with a wrong checksum (only if verified)")

enum packet_kind {
#define X(id, name, help) id,
	PACKET_KINDS(X)
#undef X
	PACKET_KIND_COUNT
};

/* The flags byte of the TCP header (RFC 9293 section 3.1). */
enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
	TCP_ECE = 0x40,
	TCP_CWR = 0x80,
};

#define SEGMENT_VLANS 2

struct segment {
	uint8_t src_addr[16];
	uint8_t dst_addr[16];
	uint16_t src_port;
	uint16_t dst_port;
	uint32_t seq;
	uint32_t ack; /* meaningful with TCP_ACK */
	uint32_t payload_len; /* bytes of TCP payload on the wire, by the IP header */
	uint16_t window; /* as in the header, not scaled */
	uint8_t tcp_flags;
	uint8_t hop_limit; /* TTL of IPv4 */
	uint8_t kind; /* enum packet_kind */
	uint8_t ip_version; /* 4 or 6; 0 if not IP */
	uint8_t icmp_type; /* of the error, for PACKET_ICMP_TCP */
	uint8_t icmp_code;
	uint8_t vlan_count : 7; /* tags kept in vlan, outermost first */
	uint8_t uncheckable : 1; /* the frame does not hold what its checksum is over */
	uint8_t tcp_header_len; /* bytes, options included, as far as the frame has them */
	uint16_t tcp_offset; /* of the TCP header in the frame */
	uint16_t vlan[SEGMENT_VLANS]; /* VLAN identifiers, 12 bits */
};

/*
 * For PACKET_ICMP_TCP the addresses, ports and seq are those of the quoted segment,
 * in its own direction: the sender of the quoted segment is src. Only the first
 * eight bytes of a quoted TCP header are sure to be there (RFC 792), so flags, ack,
 * window and lengths are zero.
 */

#endif /* PACKET_SEGMENT_H */
