/* SPDX-License-Identifier: Apache-2.0 */

#include "packet/build.h"

#include "packet/bytes.h"
#include "packet/checksum.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_icmp.h>
#include <rte_ip.h>
#include <rte_tcp.h>

#define FRAME_LEN_MIN (RTE_ETHER_MIN_LEN - RTE_ETHER_CRC_LEN)
#define TAG_LEN 4
#define IP_LEN_MAX 65535
#define OPTIONS_LEN_MAX 40
#define TCP_HEADER_LEN sizeof(struct rte_tcp_hdr)
#define ICMP_HEADER_LEN 8
#define COOKIE_BYTE 0xc5
#define PAYLOAD_BYTE '.'

#define OPTION_NOP 1
#define OPTION_MSS 2
#define OPTION_WSCALE 3
#define OPTION_SACK_PERMITTED 4
#define OPTION_TIMESTAMPS 8
#define OPTION_FAST_OPEN 34

/* What the headers of one packet have in common. */
struct ip_spec {
	uint8_t version;
	const uint8_t *src_addr;
	const uint8_t *dst_addr;
	uint8_t hop_limit;
	uint16_t ip_id;
	uint8_t protocol;
	uint32_t payload_len;
};

static uint32_t
ip_header_len(uint8_t version)
{
	return version == 4 ? sizeof(struct rte_ipv4_hdr) : sizeof(struct rte_ipv6_hdr);
}

static uint8_t *
put_bytes(uint8_t *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

static uint8_t *
put8(uint8_t *at, uint8_t value)
{
	*at = value;
	return at + 1;
}

static uint8_t *
put16(uint8_t *at, uint16_t value)
{
	bytes_store16(at, value);
	return at + sizeof(value);
}

static uint8_t *
put32(uint8_t *at, uint32_t value)
{
	bytes_store32(at, value);
	return at + sizeof(value);
}

static uint8_t *
put_ethernet(uint8_t *at, const uint8_t *dst_mac, const uint8_t *src_mac,
		const struct build_tcp *tcp)
{
	at = put_bytes(at, dst_mac, RTE_ETHER_ADDR_LEN);
	at = put_bytes(at, src_mac, RTE_ETHER_ADDR_LEN);
	for (uint32_t n = 0; n < tcp->vlan_count; n++) {
		at = put16(at, n + 1 < tcp->vlan_count ? RTE_ETHER_TYPE_QINQ : RTE_ETHER_TYPE_VLAN);
		at = put16(at, tcp->vlan[n]);
	}
	return put16(at, tcp->ip_version == 4 ? RTE_ETHER_TYPE_IPV4 : RTE_ETHER_TYPE_IPV6);
}

static uint8_t *
put_ipv4(uint8_t *at, const struct ip_spec *ip)
{
	uint8_t *header = at;
	uint16_t checksum;

	at = put8(at, RTE_IPV4_VHL_DEF);
	at = put8(at, 0);
	at = put16(at, (uint16_t)(sizeof(struct rte_ipv4_hdr) + ip->payload_len));
	at = put16(at, ip->ip_id);
	at = put16(at, RTE_IPV4_HDR_DF_FLAG);
	at = put8(at, ip->hop_limit);
	at = put8(at, ip->protocol);
	at = put16(at, 0);
	at = put_bytes(at, ip->src_addr + 12, 4);
	at = put_bytes(at, ip->dst_addr + 12, 4);
	checksum = checksum_finish(checksum_add(0, header, sizeof(struct rte_ipv4_hdr)));
	memcpy(BYTES_AT(header, rte_ipv4_hdr, hdr_checksum), &checksum, sizeof(checksum));
	return at;
}

static uint8_t *
put_ipv6(uint8_t *at, const struct ip_spec *ip)
{
	at = put32(at, UINT32_C(6) << 28);
	at = put16(at, (uint16_t)ip->payload_len);
	at = put8(at, ip->protocol);
	at = put8(at, ip->hop_limit);
	at = put_bytes(at, ip->src_addr, 16);
	return put_bytes(at, ip->dst_addr, 16);
}

static uint8_t *
put_ip(uint8_t *at, const struct ip_spec *ip)
{
	return ip->version == 4 ? put_ipv4(at, ip) : put_ipv6(at, ip);
}

static uint8_t *
put_nops(uint8_t *at, uint32_t count)
{
	memset(at, OPTION_NOP, count);
	return at + count;
}

/* SACK-permitted stands in the place of the two no-operations before the timestamps. */
static uint8_t *
put_sack_and_timestamps(uint8_t *at, const struct build_options *options)
{
	if (!options->sack_permitted && !options->timestamps)
		return at;
	if (!options->sack_permitted || !options->timestamps)
		at = put_nops(at, 2);
	if (options->sack_permitted) {
		at = put8(at, OPTION_SACK_PERMITTED);
		at = put8(at, 2);
	}
	if (options->timestamps) {
		at = put8(at, OPTION_TIMESTAMPS);
		at = put8(at, 10);
		at = put32(at, options->ts_val);
		at = put32(at, options->ts_ecr);
	}
	return at;
}

static uint8_t *
put_fast_open(uint8_t *at, const struct build_options *options)
{
	uint32_t len = options->fast_open_len;

	at = put8(at, OPTION_FAST_OPEN);
	at = put8(at, (uint8_t)len);
	memset(at, COOKIE_BYTE, len - 2);
	return put_nops(at + len - 2, (4 - len % 4) % 4);
}

static uint8_t *
put_options(uint8_t *at, const struct build_options *options)
{
	if (options->mss != 0) {
		at = put8(at, OPTION_MSS);
		at = put8(at, 4);
		at = put16(at, options->mss);
	}
	at = put_sack_and_timestamps(at, options);
	if (options->has_wscale) {
		at = put_nops(at, 1);
		at = put8(at, OPTION_WSCALE);
		at = put8(at, 3);
		at = put8(at, options->wscale);
	}
	return options->fast_open_len != 0 ? put_fast_open(at, options) : at;
}

static uint32_t
options_len(const struct build_options *options)
{
	uint32_t len = options->mss != 0 ? 4 : 0;

	if (options->timestamps)
		len += 12;
	else if (options->sack_permitted)
		len += 4;
	if (options->has_wscale)
		len += 4;
	return len + (options->fast_open_len + 3U) / 4 * 4;
}

/* Without the checksum and the payload. */
static uint8_t *
put_tcp_header(uint8_t *at, const struct build_tcp *tcp, uint32_t header_len)
{
	at = put16(at, tcp->src_port);
	at = put16(at, tcp->dst_port);
	at = put32(at, tcp->seq);
	at = put32(at, tcp->ack);
	at = put8(at, (uint8_t)(header_len / 4 << 4));
	at = put8(at, tcp->tcp_flags);
	at = put16(at, tcp->window);
	at = put32(at, 0);
	return put_options(at, &tcp->options);
}

static void
set_tcp_checksum(uint8_t *header, const struct build_tcp *tcp, uint32_t tcp_len)
{
	struct segment segment = { .ip_version = tcp->ip_version };
	uint16_t checksum;

	memcpy(segment.src_addr, tcp->src_addr, sizeof(segment.src_addr));
	memcpy(segment.dst_addr, tcp->dst_addr, sizeof(segment.dst_addr));
	checksum = checksum_finish(
			checksum_add(checksum_tcp_pseudo(&segment, tcp_len), header, tcp_len));
	memcpy(BYTES_AT(header, rte_tcp_hdr, cksum), &checksum, sizeof(checksum));
}

/* From the IP header to the end of the payload. */
static uint8_t *
put_tcp_packet(uint8_t *at, const struct build_tcp *tcp)
{
	uint32_t header_len = (uint32_t)TCP_HEADER_LEN + options_len(&tcp->options);
	struct ip_spec ip = {
		.version = tcp->ip_version,
		.src_addr = tcp->src_addr,
		.dst_addr = tcp->dst_addr,
		.hop_limit = tcp->hop_limit,
		.ip_id = tcp->ip_id,
		.protocol = IPPROTO_TCP,
		.payload_len = header_len + tcp->payload_len,
	};
	uint8_t *header = put_ip(at, &ip);

	at = put_tcp_header(header, tcp, header_len);
	if (tcp->payload != NULL)
		memcpy(at, tcp->payload, tcp->payload_len);
	else
		memset(at, PAYLOAD_BYTE, tcp->payload_len);
	set_tcp_checksum(header, tcp, ip.payload_len);
	return at + tcp->payload_len;
}

/* The whole frame's length, padding included; 0 if no packet can be so. */
static size_t
frame_len(const struct build_tcp *tcp, size_t ip_payload_len)
{
	size_t ip_len = ip_header_len(tcp->ip_version) + ip_payload_len;
	size_t len = RTE_ETHER_HDR_LEN + (size_t)tcp->vlan_count * TAG_LEN + ip_len;

	if (ip_len > IP_LEN_MAX || tcp->vlan_count > SEGMENT_VLANS ||
			options_len(&tcp->options) > OPTIONS_LEN_MAX)
		return 0;
	return len < FRAME_LEN_MIN ? FRAME_LEN_MIN : len;
}

static void
pad(uint8_t *out, uint8_t *end, size_t len)
{
	memset(end, 0, len - (size_t)(end - out));
}

size_t
build_tcp_frame(const struct build_tcp *tcp, uint8_t *out, size_t room)
{
	size_t tcp_len = TCP_HEADER_LEN + options_len(&tcp->options) + tcp->payload_len;
	size_t len = frame_len(tcp, tcp_len);
	uint8_t *at;

	if (len == 0 || len > room)
		return 0;
	at = put_ethernet(out, tcp->dst_mac, tcp->src_mac, tcp);
	pad(out, put_tcp_packet(at, tcp), len);
	return len;
}

/* ICMPv6 sums over a pseudo header too (RFC 4443 section 2.3). */
static void
set_icmp_checksum(uint8_t *icmp, const struct ip_spec *ip)
{
	uint64_t sum = checksum_add(0, icmp, ip->payload_len);
	uint16_t checksum;

	if (ip->version == 6) {
		sum = checksum_add(sum, ip->src_addr, 16);
		sum = checksum_add(sum, ip->dst_addr, 16);
		sum += (uint64_t)rte_cpu_to_be_32(ip->payload_len) +
				rte_cpu_to_be_32(IPPROTO_ICMPV6);
	}
	checksum = checksum_finish(sum);
	memcpy(BYTES_AT(icmp, rte_icmp_hdr, icmp_cksum), &checksum, sizeof(checksum));
}

size_t
build_icmp_frame(const struct build_icmp *icmp, uint8_t *out, size_t room)
{
	struct build_tcp quoted = *icmp->quoted;
	size_t quote_len = ip_header_len(quoted.ip_version) + TCP_HEADER_LEN +
			options_len(&quoted.options);
	size_t len = frame_len(&quoted, ICMP_HEADER_LEN + quote_len);
	struct ip_spec ip = {
		.version = quoted.ip_version,
		.src_addr = icmp->src_addr,
		.dst_addr = quoted.src_addr,
		.hop_limit = icmp->hop_limit,
		.ip_id = icmp->ip_id,
		.protocol = quoted.ip_version == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6,
		.payload_len = ICMP_HEADER_LEN + (uint32_t)quote_len,
	};
	uint8_t *header;
	uint8_t *at;

	if (len == 0 || len > room)
		return 0;
	quoted.payload_len = 0;
	header = put_ip(put_ethernet(out, icmp->dst_mac, icmp->src_mac, &quoted), &ip);
	at = put8(header, icmp->type);
	at = put8(at, icmp->code);
	at = put16(at, 0);
	at = put32(at, 0);
	at = put_tcp_packet(at, &quoted);
	set_icmp_checksum(header, &ip);
	pad(out, at, len);
	return len;
}

void
build_ipv4_mapped(uint32_t addr, uint8_t out[16])
{
	memset(out, 0, 10);
	memset(out + 10, 0xff, 2);
	bytes_store32(out + 12, addr);
}
