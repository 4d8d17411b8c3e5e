/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "tcpdump_text.h"

#include <errno.h>
#include <netinet/in.h>

static int
ttl_read(struct cursor *cursor, struct printed *printed)
{
	uint64_t limit;

	if (cursor_number(cursor, UINT8_MAX, &limit, "a hop limit") < 0)
		return -EINVAL;
	printed->line->tcp.hop_limit = (uint8_t)limit;
	return 0;
}

static int
vlan_read(struct cursor *cursor, struct printed *printed)
{
	struct build_tcp *tcp = &printed->line->tcp;
	uint64_t id;

	do {
		if (tcp->vlan_count == SEGMENT_VLANS)
			return cursor_fail(cursor, "at most two VLAN tags");
		if (cursor_number(cursor, 4095, &id, "a VLAN identifier") < 0)
			return -EINVAL;
		tcp->vlan[tcp->vlan_count++] = (uint16_t)id;
	} while (cursor_skip(cursor, "."));
	return 0;
}

static int
mpls_read(struct cursor *cursor, struct printed *printed)
{
	struct wrap *wrap = &printed->line->wrap;
	uint64_t label;

	do {
		if (wrap->label_count == WRAP_LABELS_MAX)
			return cursor_fail(cursor, "at most four MPLS labels");
		if (cursor_number(cursor, 0xfffff, &label, "an MPLS label") < 0)
			return -EINVAL;
		wrap->label[wrap->label_count++] = (uint32_t)label;
	} while (cursor_skip(cursor, "."));
	return 0;
}

static int
pppoe_read(struct cursor *cursor, struct printed *printed)
{
	(void)cursor;

	printed->line->wrap.pppoe = true;
	return 0;
}

static int
bad_checksum_read(struct cursor *cursor, struct printed *printed)
{
	if (printed->line->is_icmp)
		return cursor_fail(cursor, "a TCP segment for {badsum}");
	printed->line->wrap.bad_checksum = true;
	return 0;
}

static const struct {
	const char *word;
	uint8_t protocol;
} header_words[] = {
	{ "hopopts", IPPROTO_HOPOPTS },
	{ "routing", IPPROTO_ROUTING },
	{ "fragment", IPPROTO_FRAGMENT },
	{ "dstopts", IPPROTO_DSTOPTS },
};

static int
header_read(struct cursor *cursor, struct wrap *wrap)
{
	for (size_t i = 0; i < ARRAY_LEN(header_words); i++)
		if (cursor_skip(cursor, header_words[i].word)) {
			wrap->header[wrap->header_count++] = header_words[i].protocol;
			return 0;
		}
	return cursor_fail(cursor, "one of hopopts, routing, fragment and dstopts");
}

static int
headers_read(struct cursor *cursor, struct printed *printed)
{
	struct wrap *wrap = &printed->line->wrap;

	if (printed->line->tcp.ip_version != 6)
		return cursor_fail(cursor, "an IPv6 packet for {exthdr ...}");
	do {
		if (wrap->header_count == WRAP_HEADERS_MAX)
			return cursor_fail(cursor, "at most six extension headers");
		if (header_read(cursor, wrap) < 0)
			return -EINVAL;
	} while (cursor_skip(cursor, " "));
	return 0;
}

static int
fragment_read(struct cursor *cursor, struct printed *printed)
{
	if (cursor_skip(cursor, "first"))
		printed->line->wrap.fragment = WRAP_FRAGMENT_FIRST;
	else if (cursor_skip(cursor, "later"))
		printed->line->wrap.fragment = WRAP_FRAGMENT_LATER;
	else
		return cursor_fail(cursor, "\"first\" or \"later\"");
	return 0;
}

static int
cut_read(struct cursor *cursor, struct printed *printed)
{
	uint64_t bytes;

	if (cursor_number(cursor, BUILD_FRAME_MAX, &bytes, "the bytes that were captured") < 0)
		return -EINVAL;
	if (bytes == 0)
		return cursor_fail(cursor, "a number of bytes other than 0 before this");
	printed->line->wrap.cut = (uint32_t)bytes;
	return 0;
}

/* Read already, by icmp_text.c; here only stepped over. */
static int
quotes_read(struct cursor *cursor, struct printed *printed)
{
	if (!printed->line->is_icmp)
		return cursor_fail(cursor, "an ICMP line for {quotes ...}");
	cursor_word(cursor, "}");
	return 0;
}

static const struct {
	const char *word; /* with the blank, where something follows */
	int (*read)(struct cursor *cursor, struct printed *printed);
} attributes[] = {
	{ "ttl ", ttl_read },
	{ "vlan ", vlan_read },
	{ "mpls ", mpls_read },
	{ "pppoe", pppoe_read },
	{ "exthdr ", headers_read },
	{ "frag ", fragment_read },
	{ "badsum", bad_checksum_read },
	{ "cut ", cut_read },
	{ "quotes ", quotes_read },
};

static int
attribute_read(struct cursor *cursor, struct printed *printed)
{
	for (size_t i = 0; i < ARRAY_LEN(attributes); i++)
		if (cursor_skip(cursor, attributes[i].word))
			return attributes[i].read(cursor, printed);
	return cursor_fail(cursor,
			"one of ttl, vlan, mpls, pppoe, exthdr, frag, badsum, cut and quotes");
}

int
attribute_text_read(struct cursor *cursor, struct printed *printed)
{
	cursor_skip_blanks(cursor);
	while (!cursor_at_end(cursor)) {
		if (cursor_expect(cursor, "{") < 0 || attribute_read(cursor, printed) < 0 ||
				cursor_expect(cursor, "}") < 0)
			return -EINVAL;
		cursor_skip_blanks(cursor);
	}
	return 0;
}
