/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The builder writes Ethernet, tags, IP and TCP. What only tests need, labels, PPPoE,
 * extension headers, fragments and damage, is put into its frame here.
 */

#include "packet/bytes.h"
#include "packet/checksum.h"
#include "tcpdump_line.h"

#include <netinet/in.h>
#include <string.h>

#define ETHERNET_LEN 14
#define TAG_LEN 4
#define LABEL_LEN 4
#define LABEL_BOTTOM 0x100
#define LABEL_TTL 64
#define PPPOE_LEN 8 /* with the two bytes of the PPP protocol */
#define EXTENSION_LEN 8
#define IPV4_LEN 20
#define IPV6_LEN 40
#define FRAME_LEN_MIN 60
#define SYN_OPTIONS_LEN 20
#define TCP_LEN 20
#define ICMP_LEN 8
#define QUOTE_TCP_MIN 8
#define LATER_OFFSET 185 /* in units of eight bytes: behind a first fragment of 1480 */

struct building {
	uint8_t *out;
	size_t len; /* 0: it did not fit */
	size_t room;
	size_t network; /* where the IP header lies, once the labels are in */
	uint8_t ip_version;
};

/* Open a gap; what lies behind it moves. */
static uint8_t *
insert(struct building *b, size_t at, size_t len)
{
	if (b->len == 0 || b->len + len > b->room) {
		b->len = 0;
		return NULL;
	}
	memmove(b->out + at + len, b->out + at, b->len - at);
	b->len += len;
	return memset(b->out + at, 0, len);
}

static void
ipv4_rewrite(struct building *b, size_t offset, uint16_t value)
{
	uint8_t *ip = b->out + b->network;
	uint16_t checksum;

	bytes_store16(ip + offset, value);
	bytes_store16(ip + 10, 0);
	checksum = checksum_finish(checksum_add(0, ip, IPV4_LEN));
	memcpy(ip + 10, &checksum, sizeof(checksum));
}

static void
put_extension(struct building *b, uint8_t protocol, uint16_t fragment_field)
{
	uint8_t *extension = insert(b, b->network + IPV6_LEN, EXTENSION_LEN);
	uint8_t *ip = b->out + b->network;

	if (extension == NULL)
		return;
	extension[0] = ip[6];
	ip[6] = protocol;
	bytes_store16(ip + 4, (uint16_t)(bytes_load16(ip + 4) + EXTENSION_LEN));
	if (protocol == IPPROTO_ROUTING)
		extension[2] = 4; /* RFC 8754; no segment is left */
	else if (protocol == IPPROTO_FRAGMENT)
		bytes_store16(extension + 2, fragment_field);
	else
		memcpy(extension + 2, "\x01\x04", 2); /* PadN over the rest */
}

static void
put_fragment(struct building *b, enum wrap_fragment fragment)
{
	if (fragment == WRAP_WHOLE)
		return;
	if (b->ip_version == 4)
		ipv4_rewrite(b, 6, fragment == WRAP_FRAGMENT_FIRST ? 0x2000 : LATER_OFFSET);
	else
		put_extension(b, IPPROTO_FRAGMENT,
				fragment == WRAP_FRAGMENT_FIRST ? 1 : LATER_OFFSET << 3);
}

static void
put_labels(struct building *b, const struct wrap *wrap)
{
	uint8_t *at = insert(b, b->network, (size_t)wrap->label_count * LABEL_LEN);

	if (at == NULL || wrap->label_count == 0)
		return;
	bytes_store16(at - 2, 0x8847);
	for (unsigned i = 0; i < wrap->label_count; i++)
		bytes_store32(at + i * LABEL_LEN,
				wrap->label[i] << 12 | LABEL_TTL |
						(i + 1 == wrap->label_count ? LABEL_BOTTOM : 0));
}

static void
put_pppoe(struct building *b)
{
	const uint8_t *ip = b->out + b->network;
	uint16_t ip_len = b->ip_version == 4 ? bytes_load16(ip + 2)
					     : (uint16_t)(bytes_load16(ip + 4) + IPV6_LEN);
	uint8_t *at = insert(b, b->network, PPPOE_LEN);

	if (at == NULL)
		return;
	bytes_store16(at - 2, 0x8864);
	bytes_store16(at, 0x1100);
	bytes_store16(at + 2, 1);
	bytes_store16(at + 4, (uint16_t)(ip_len + 2));
	bytes_store16(at + 6, b->ip_version == 4 ? 0x0021 : 0x0057);
}

/* A router may quote no more than eight bytes of TCP (RFC 792): cut the builder's quote so. */
static void
shorten_quote(struct building *b)
{
	size_t cut = TCP_LEN - QUOTE_TCP_MIN;
	uint8_t *ip = b->out + b->network;
	uint8_t *icmp = ip + IPV4_LEN;
	uint16_t ip_len = (uint16_t)(bytes_load16(ip + 2) - cut);
	uint16_t checksum;

	ipv4_rewrite(b, 2, ip_len);
	memset(ip + ip_len, 0, cut);
	bytes_store16(icmp + 2, 0);
	checksum = checksum_finish(checksum_add(0, icmp, ip_len - IPV4_LEN));
	memcpy(icmp + 2, &checksum, sizeof(checksum));
	b->len = b->network + ip_len < FRAME_LEN_MIN ? FRAME_LEN_MIN : b->network + ip_len;
}

static void
build_icmp(struct building *b, const struct tcpdump_line *line)
{
	struct build_tcp quoted = line->tcp;
	struct build_icmp icmp = {
		.hop_limit = line->icmp.hop_limit,
		.type = line->icmp.type,
		.code = line->icmp.code,
		.quoted = &quoted,
	};
	size_t ip_len = b->ip_version == 4 ? IPV4_LEN : IPV6_LEN;

	if (line->icmp.len < ICMP_LEN + ip_len + TCP_LEN + SYN_OPTIONS_LEN)
		memset(&quoted.options, 0, sizeof(quoted.options));
	memcpy(icmp.src_mac, line->tcp.dst_mac, sizeof(icmp.src_mac));
	memcpy(icmp.dst_mac, line->tcp.src_mac, sizeof(icmp.dst_mac));
	memcpy(icmp.src_addr, line->icmp.src_addr, sizeof(icmp.src_addr));
	b->len = build_icmp_frame(&icmp, b->out, b->room);
	if (b->len != 0 && line->icmp.len < ICMP_LEN + ip_len + TCP_LEN)
		shorten_quote(b);
}

/* While the IP header has no extensions: the TCP header lies right behind it. */
static void
break_checksum(struct building *b)
{
	size_t tcp = b->network + (b->ip_version == 4 ? IPV4_LEN : IPV6_LEN);

	b->out[tcp + 16] ^= 0x55;
}

size_t
tcpdump_line_frame(const struct tcpdump_line *line, uint8_t *out, size_t room, size_t *wire_len)
{
	struct building b = {
		.out = out,
		.room = room,
		.network = ETHERNET_LEN + (size_t)line->tcp.vlan_count * TAG_LEN,
		.ip_version = line->tcp.ip_version,
	};

	if (line->is_icmp)
		build_icmp(&b, line);
	else
		b.len = build_tcp_frame(&line->tcp, out, room);
	if (b.len == 0)
		return 0;
	if (line->wrap.bad_checksum)
		break_checksum(&b);
	put_fragment(&b, line->wrap.fragment);
	/* The last goes in first: each is put right behind the IP header. */
	for (unsigned i = line->wrap.header_count; i > 0; i--)
		put_extension(&b, line->wrap.header[i - 1], 0);
	put_labels(&b, &line->wrap);
	if (line->wrap.pppoe && b.len != 0)
		put_pppoe(&b);
	*wire_len = b.len;
	return line->wrap.cut != 0 && line->wrap.cut < b.len ? line->wrap.cut : b.len;
}
