/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The TCP header, for parse.c and parse_plain.h only. Inline, since every packet passes here.
 */

#ifndef PACKET_TCP_HEADER_H
#define PACKET_TCP_HEADER_H

#include "packet/ip.h"

#include <rte_tcp.h>

#define TCP_HEADER_LEN sizeof(struct rte_tcp_hdr)

/* What a header says of its own length; it may be less than TCP_HEADER_LEN. */
static inline uint32_t
tcp_header_len(const uint8_t *tcp)
{
	return (uint32_t)(*BYTES_AT(tcp, rte_tcp_hdr, data_off) >> 4) * 4;
}

/*
 * A capture may have cut the options off: the segment is good all the same, and
 * tcp_header_len then counts what there is of them. All is read before anything is written, as
 * for all that the compiler knows the frame might lie in the segment.
 */
static inline enum packet_kind
tcp_header(const struct ip_cursor *at, struct segment *segment)
{
	const uint8_t *tcp = at->data + at->offset;
	uint32_t header_len, seq, ack;
	uint16_t src_port, dst_port, window;
	uint8_t flags;

	if (unlikely(!ip_readable(at, TCP_HEADER_LEN)))
		return PACKET_BAD_TCP;
	header_len = tcp_header_len(tcp);
	if (unlikely(header_len < TCP_HEADER_LEN || header_len > at->left))
		return PACKET_BAD_TCP;
	src_port = bytes_load16(BYTES_AT(tcp, rte_tcp_hdr, src_port));
	dst_port = bytes_load16(BYTES_AT(tcp, rte_tcp_hdr, dst_port));
	seq = bytes_load32(BYTES_AT(tcp, rte_tcp_hdr, sent_seq));
	ack = bytes_load32(BYTES_AT(tcp, rte_tcp_hdr, recv_ack));
	window = bytes_load16(BYTES_AT(tcp, rte_tcp_hdr, rx_win));
	flags = *BYTES_AT(tcp, rte_tcp_hdr, tcp_flags);
	segment->src_port = src_port;
	segment->dst_port = dst_port;
	segment->seq = seq;
	segment->ack = ack;
	segment->payload_len = at->left - header_len;
	segment->window = window;
	segment->tcp_flags = flags;
	segment->icmp_type = 0;
	segment->icmp_code = 0;
	segment->tcp_header_len = (uint8_t)(ip_readable(at, header_len) ? header_len
									: at->len - at->offset);
	segment->tcp_offset = (uint16_t)at->offset;
	return PACKET_TCP;
}

#endif /* PACKET_TCP_HEADER_H */
