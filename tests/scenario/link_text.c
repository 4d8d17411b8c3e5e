/* SPDX-License-Identifier: Apache-2.0 */

#include "tcpdump_text.h"

#include <errno.h>

static int
mac_read(struct cursor *cursor, uint8_t mac[6])
{
	static const char what[] = "a MAC address as 02:00:00:00:00:01";

	for (unsigned i = 0; i < 6; i++) {
		char byte[5] = "0x";
		struct cursor digits = *cursor;
		uint64_t value;

		if (cursor->end - cursor->at < 3 || (i > 0 && !cursor_skip(cursor, ":")) ||
				cursor->end - cursor->at < 2)
			return cursor_fail(cursor, what);
		byte[2] = cursor->at[0];
		byte[3] = cursor->at[1];
		digits.at = byte;
		digits.end = byte + 4;
		if (cursor_hex(&digits, UINT8_MAX, &value, what) < 0 || !cursor_at_end(&digits))
			return cursor_fail(cursor, what);
		mac[i] = (uint8_t)value;
		cursor->at += 2;
	}
	return 0;
}

/* "ethertype 802.1Q-QinQ (0x88a8), " */
static int
ethertype_read(struct cursor *cursor)
{
	uint64_t type;

	if (cursor_expect(cursor, "ethertype ") < 0)
		return -EINVAL;
	cursor_word(cursor, "({");
	if (cursor_expect(cursor, "(") < 0 ||
			cursor_hex(cursor, UINT16_MAX, &type, "an EtherType") < 0)
		return -EINVAL;
	return cursor_expect(cursor, "), ");
}

/* What -e prints first: "MAC > MAC, ethertype IPv4 (0x0800), length 74: ". */
static int
ethernet_read(struct cursor *cursor, struct build_tcp *tcp)
{
	uint64_t length;

	if (mac_read(cursor, tcp->src_mac) < 0 || cursor_expect(cursor, " > ") < 0 ||
			mac_read(cursor, tcp->dst_mac) < 0 || cursor_expect(cursor, ", ") < 0)
		return -EINVAL;
	if (ethertype_read(cursor) < 0 || cursor_expect(cursor, "length ") < 0 ||
			cursor_number(cursor, UINT32_MAX, &length, "the frame's length") < 0)
		return -EINVAL;
	return cursor_expect(cursor, ": ");
}

/* Behind "vlan ": "100, p 0, ethertype IPv4 (0x0800), ". */
static int
vlan_read(struct cursor *cursor, struct build_tcp *tcp)
{
	uint64_t id;

	if (tcp->vlan_count == SEGMENT_VLANS)
		return cursor_fail(cursor, "at most two VLAN tags");
	if (cursor_number(cursor, 4095, &id, "a VLAN identifier") < 0 ||
			cursor_expect(cursor, ", p 0, ") < 0)
		return -EINVAL;
	tcp->vlan[tcp->vlan_count++] = (uint16_t)id;
	return ethertype_read(cursor);
}

/* Behind "MPLS ": "(label 16, tc 0, ttl 64) (label 17, tc 0, [S], ttl 64) ". */
static int
mpls_read(struct cursor *cursor, struct wrap *wrap)
{
	bool bottom = false;
	uint64_t label;

	while (!bottom) {
		if (wrap->label_count == WRAP_LABELS_MAX)
			return cursor_fail(cursor, "at most four MPLS labels, the last with [S]");
		if (cursor_expect(cursor, "(label ") < 0 ||
				cursor_number(cursor, 0xfffff, &label, "an MPLS label") < 0 ||
				cursor_expect(cursor, ", tc 0, ") < 0)
			return -EINVAL;
		bottom = cursor_skip(cursor, "[S], ");
		if (cursor_expect(cursor, "ttl 64) ") < 0)
			return -EINVAL;
		wrap->label[wrap->label_count++] = (uint32_t)label;
	}
	return 0;
}

/* Of -v, behind "(": what the builder writes may stand there, no more. */
static int
ip_header_read(struct cursor *cursor, struct tcpdump_line *line)
{
	bool ipv6 = cursor_skip(cursor, "hlim ");
	uint64_t limit, id = 0, length;

	if (!ipv6 && cursor_expect(cursor, "tos 0x0, ttl ") < 0)
		return -EINVAL;
	if (cursor_number(cursor, UINT8_MAX, &limit, "a hop limit") < 0)
		return -EINVAL;
	if (!ipv6 &&
			(cursor_expect(cursor, ", id ") < 0 ||
					cursor_number(cursor, UINT16_MAX, &id, "an IPv4 id") < 0))
		return -EINVAL;
	if (cursor_expect(cursor,
			    ipv6 ? ", next-header TCP (6) payload length: "
				 : ", offset 0, flags [DF], proto TCP (6), length ") < 0 ||
			cursor_number(cursor, UINT16_MAX, &length, "the packet's length") < 0 ||
			cursor_expect(cursor, ")") < 0)
		return -EINVAL;
	line->tcp.hop_limit = (uint8_t)limit;
	line->tcp.ip_id = (uint16_t)id;
	cursor_skip_blanks(cursor);
	return 0;
}

/* "IP ", "IP6 ", with -e behind PPPoE "IP (0x0021), length 62: "; nothing of it with -e. */
static int
ip_word_read(struct cursor *cursor, struct printed *printed)
{
	uint64_t length;

	printed->ipv6_word = cursor_skip(cursor, "IP6 ");
	printed->ip_word = !printed->ipv6_word && cursor_skip(cursor, "IP ");
	if (cursor_skip(cursor, "(0x0021), length ") || cursor_skip(cursor, "(0x0057), length ")) {
		if (cursor_number(cursor, UINT16_MAX, &length, "PPPoE's length") < 0 ||
				cursor_expect(cursor, ": ") < 0)
			return -EINVAL;
	}
	return cursor_skip(cursor, "(") ? ip_header_read(cursor, printed->line) : 0;
}

static bool
sees_mac(const struct cursor *cursor)
{
	return cursor->end - cursor->at > 2 && cursor->at[2] == ':';
}

int
link_text_read(struct cursor *cursor, struct printed *printed)
{
	struct tcpdump_line *line = printed->line;
	uint64_t session;

	printed->has_macs = sees_mac(cursor);
	if (printed->has_macs && ethernet_read(cursor, &line->tcp) < 0)
		return -EINVAL;
	while (cursor_skip(cursor, "vlan "))
		if (vlan_read(cursor, &line->tcp) < 0)
			return -EINVAL;
	if (cursor_skip(cursor, "MPLS ") && mpls_read(cursor, &line->wrap) < 0)
		return -EINVAL;
	if (cursor_skip(cursor, "PPPoE  [ses ")) {
		line->wrap.pppoe = true;
		if (cursor_hex(cursor, UINT16_MAX, &session, "a PPPoE session") < 0 ||
				cursor_expect(cursor, "] ") < 0)
			return -EINVAL;
	}
	if (!printed->has_macs && !cursor_sees(cursor, "IP"))
		return cursor_fail(cursor, "\"IP \", \"IP6 \" or tcpdump -e's MAC addresses");
	return ip_word_read(cursor, printed);
}
