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

/*
 * A capture may have cut the options off: the segment is good all the same, and
 * tcp_header_len then counts what there is of them.
 */
static inline enum packet_kind
tcp_header(const struct ip_cursor *at, struct segment *segment)
{
	const uint8_t *tcp = at->data + at->offset;
	uint32_t header_len;

	if (unlikely(!ip_readable(at, TCP_HEADER_LEN)))
		return PACKET_BAD_TCP;
	header_len = (uint32_t)(*BYTES_AT(tcp, rte_tcp_hdr, data_off) >> 4) * 4;
	if (unlikely(header_len < TCP_HEADER_LEN || header_len > at->left))
		return PACKET_BAD_TCP;
	segment->src_port = bytes_load16(BYTES_AT(tcp, rte_tcp_hdr, src_port));
	segment->dst_port = bytes_load16(BYTES_AT(tcp, rte_tcp_hdr, dst_port));
	segment->seq = bytes_load32(BYTES_AT(tcp, rte_tcp_hdr, sent_seq));
	segment->ack = bytes_load32(BYTES_AT(tcp, rte_tcp_hdr, recv_ack));
	segment->payload_len = at->left - header_len;
	segment->window = bytes_load16(BYTES_AT(tcp, rte_tcp_hdr, rx_win));
	segment->tcp_flags = *BYTES_AT(tcp, rte_tcp_hdr, tcp_flags);
	segment->icmp_type = 0;
	segment->icmp_code = 0;
	segment->tcp_offset = (uint16_t)at->offset;
	segment->tcp_header_len = (uint8_t)(ip_readable(at, header_len) ? header_len
									: at->len - at->offset);
	return PACKET_TCP;
}

#endif /* PACKET_TCP_HEADER_H */
