/* SPDX-License-Identifier: Apache-2.0 */

#include "packet/checksum.h"

#include "packet/bytes.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include <rte_tcp.h>

/*
 * The sum may be taken in the machine's own byte order, and in larger words than 16
 * bits: the carries that are folded back in the end make it the same (RFC 1071 section
 * 2). 64 bits hold the carries of 2^32 words.
 */
uint64_t
checksum_add(uint64_t sum, const void *data, uint32_t len)
{
	const uint8_t *at = data;
	uint32_t word;

	for (; len >= sizeof(word); len -= (uint32_t)sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		sum += word;
	}
	word = 0;
	memcpy(&word, at, len);
	return sum + word;
}

uint16_t
checksum_finish(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	return (uint16_t)~sum;
}

/* RFC 9293 section 3.1 for IPv4, RFC 8200 section 8.1 for IPv6. */
uint64_t
checksum_tcp_pseudo(const struct segment *segment, uint32_t tcp_len)
{
	uint32_t skip = segment->ip_version == 4 ? 12 : 0;
	uint64_t sum = (uint64_t)rte_cpu_to_be_32(tcp_len) + rte_cpu_to_be_32(IPPROTO_TCP);

	sum = checksum_add(sum, segment->src_addr + skip, 16 - skip);
	return checksum_add(sum, segment->dst_addr + skip, 16 - skip);
}

bool
checksum_tcp_ok(const struct frame *frame, const struct segment *segment)
{
	const uint8_t *tcp = frame->data + segment->tcp_offset;
	uint32_t header_len = (uint32_t)(*BYTES_AT(tcp, rte_tcp_hdr, data_off) >> 4) * 4;
	uint32_t tcp_len = header_len + segment->payload_len;

	if (segment->uncheckable || frame->len - segment->tcp_offset < tcp_len)
		return true;
	return checksum_finish(checksum_add(checksum_tcp_pseudo(segment, tcp_len), tcp, tcp_len)) ==
			0;
}
