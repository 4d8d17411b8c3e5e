/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "tcpdump_text.h"

#include <errno.h>
#include <string.h>

#define ICMP_HEADER 8
#define QUOTE_TCP_MIN 8 /* RFC 792; of IPv4 only, since ICMPv6 quotes all that fits */
#define QUOTE_TCP_BARE 20
#define QUOTE_TCP_SYN 40 /* with the options of Linux */

/*
 * What tcpdump 4.99 prints; '@' is the quoted destination, '#' its port, '~' the quoted
 * source. A text that starts another one stands behind it.
 */
struct icmp_form {
	uint8_t type;
	uint8_t code;
	const char *text;
};

static const struct icmp_form ipv4_forms[] = {
	{ 3, 0, "net @ unreachable" },
	{ 3, 1, "host @ unreachable" },
	{ 3, 2, "@ protocol 6 unreachable" },
	{ 3, 3, "@ tcp port # unreachable" },
	{ 3, 4, "@ unreachable - need to frag" },
	{ 3, 5, "@ unreachable - source route failed" },
	{ 3, 9, "net @ unreachable - admin prohibited" },
	{ 3, 10, "host @ unreachable - admin prohibited" },
	{ 3, 13, "host @ unreachable - admin prohibited filter" },
	{ 11, 0, "time exceeded in-transit" },
};

static const struct icmp_form ipv6_forms[] = {
	{ 1, 0, "destination unreachable, unreachable route @" },
	{ 1, 1, "destination unreachable,  unreachable prohibited @" },
	{ 1, 2, "destination unreachable, beyond scope @, source address ~" },
	{ 1, 3, "destination unreachable, unreachable address @" },
	{ 1, 4, "destination unreachable, unreachable port, @ tcp port #" },
	{ 3, 0, "time exceeded in-transit for @" },
};

static bool
address_is(struct cursor *cursor, const uint8_t expected[16])
{
	uint8_t addr[16], version;

	return endpoint_read(cursor, &version, addr, NULL) == 0 && memcmp(addr, expected, 16) == 0;
}

static bool
port_is(struct cursor *cursor, uint16_t expected)
{
	uint64_t port;

	return cursor_number(cursor, UINT16_MAX, &port, "a port") == 0 && port == expected;
}

/* Whether the text up to ", length " is of this form and names the quoted segment's ends. */
static bool
form_matches(struct cursor *cursor, const char *form, const struct build_tcp *quoted)
{
	for (; *form != '\0'; form++) {
		const char text[] = { *form, '\0' };
		bool matches;

		if (*form == '@')
			matches = address_is(cursor, quoted->dst_addr);
		else if (*form == '~')
			matches = address_is(cursor, quoted->src_addr);
		else if (*form == '#')
			matches = port_is(cursor, quoted->dst_port);
		else
			matches = cursor_skip(cursor, text);
		if (!matches)
			return false;
	}
	return cursor_sees(cursor, ", length ");
}

static int
form_read(struct cursor *cursor, const struct icmp_form *forms, size_t count,
		struct tcpdump_line *line)
{
	for (size_t i = 0; i < count; i++) {
		struct cursor attempt = *cursor;

		if (!form_matches(&attempt, forms[i].text, &line->tcp))
			continue;
		line->icmp.type = forms[i].type;
		line->icmp.code = forms[i].code;
		*cursor = attempt;
		return cursor_expect(cursor, ", length ");
	}
	return cursor_fail(cursor, "an ICMP error that names the quoted segment's destination");
}

/* The attribute is needed first: it tells what the printed addresses must be. */
static int
quote_read(struct cursor *cursor, struct printed *printed)
{
	struct cursor quote = *cursor;
	struct build_tcp *tcp = &printed->line->tcp;
	uint64_t seq;

	while (!cursor_at_end(&quote) && !cursor_sees(&quote, " {quotes "))
		quote.at++;
	if (!cursor_skip(&quote, " {quotes "))
		return cursor_fail(&quote, "{quotes ADDR.PORT > ADDR.PORT seq N}");
	if (endpoint_pair(&quote, tcp) < 0 || cursor_expect(&quote, " seq ") < 0 ||
			cursor_number(&quote, UINT32_MAX, &seq, "an absolute sequence number") < 0)
		return -EINVAL;
	tcp->seq = (uint32_t)seq;
	tcp->tcp_flags = TCP_SYN;
	tcp->window = 64240;
	tcp->options = (struct build_options){ .mss = 1460,
		.sack_permitted = true,
		.timestamps = true,
		.has_wscale = true,
		.wscale = 7 };
	return 0;
}

/* How much of the quoted segment there is follows from the length. */
static int
length_read(struct cursor *cursor, struct tcpdump_line *line)
{
	uint64_t ip_header = line->tcp.ip_version == 4 ? 20 : 40;
	uint64_t length, quoted;

	if (cursor_number(cursor, UINT16_MAX, &length, "the ICMP message's length") < 0)
		return -EINVAL;
	quoted = length - ICMP_HEADER - ip_header; /* a shorter one wraps and is none of these */
	if (quoted != QUOTE_TCP_SYN && quoted != QUOTE_TCP_BARE &&
			(quoted != QUOTE_TCP_MIN || line->tcp.ip_version == 6))
		return cursor_fail(cursor,
				line->tcp.ip_version == 4 ? "a length of 36, 48 or 68 before this"
							  : "a length of 68 or 88 before this");
	line->icmp.len = (uint16_t)length;
	return 0;
}

static int
ends_check(struct cursor *cursor, const struct printed *printed, uint8_t src_version,
		const uint8_t dst_addr[16])
{
	const struct build_tcp *quoted = &printed->line->tcp;

	if (src_version != quoted->ip_version ||
			memcmp(dst_addr, quoted->src_addr, sizeof(quoted->src_addr)) != 0)
		return cursor_fail(cursor, "an error sent to the source of the quoted segment");
	return 0;
}

int
icmp_text_read(struct cursor *cursor, struct printed *printed)
{
	struct tcpdump_line *line = printed->line;
	uint8_t version, dst_addr[16];
	int rc;

	line->is_icmp = true;
	if (endpoint_read(cursor, &version, line->icmp.src_addr, NULL) < 0 ||
			cursor_expect(cursor, " > ") < 0 ||
			endpoint_read(cursor, &version, dst_addr, NULL) < 0 ||
			cursor_expect(cursor, ": ") < 0)
		return -EINVAL;
	if (quote_read(cursor, printed) < 0 || ends_check(cursor, printed, version, dst_addr) < 0)
		return -EINVAL;
	if (cursor_expect(cursor, version == 4 ? "ICMP " : "ICMP6, ") < 0)
		return -EINVAL;
	if (version == 4)
		rc = form_read(cursor, ipv4_forms, ARRAY_LEN(ipv4_forms), line);
	else
		rc = form_read(cursor, ipv6_forms, ARRAY_LEN(ipv6_forms), line);
	return rc < 0 ? rc : length_read(cursor, line);
}
