/* SPDX-License-Identifier: Apache-2.0 */

#include "tcpdump_line.h"

#include "base/usec.h"
#include "tcpdump_text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define DEFAULT_DAY_US (UINT64_C(1616198400) * USEC_PER_SEC) /* 2021-03-20 */
#define DEFAULT_HOP_LIMIT 64

static struct cursor
cursor_over(const char *file, const char *text, size_t len, unsigned number, struct err *err)
{
	return (struct cursor){ .file = file,
		.line = number,
		.start = text,
		.at = text,
		.end = text + len,
		.err = err };
}

void
tcpdump_reader_init(struct tcpdump_reader *reader, const char *file)
{
	reader->file = file;
	reader->day_us = DEFAULT_DAY_US;
	reader->absolute = false;
	reader->count = 0;
}

bool
tcpdump_line_starts(const char *text, size_t len)
{
	return len > 4 && isdigit((unsigned char)text[0]) && isdigit((unsigned char)text[1]) &&
			(text[2] == ':' || text[4] == '-');
}

bool
tcpdump_line_goes_on(const char *text, size_t len)
{
	static const char header[] = "(tos 0x0, ttl ";

	return len > 0 && text[len - 1] == ')' &&
			memmem(text, len, header, sizeof(header) - 1) != NULL;
}

int
tcpdump_time_read(const struct tcpdump_reader *reader, const char *text, size_t len,
		unsigned number, uint64_t *time_us, struct err *err)
{
	struct cursor cursor = cursor_over(reader->file, text, len, number, err);

	if (endpoint_time(&cursor, reader->day_us, time_us) < 0)
		return -EINVAL;
	return cursor_at_end(&cursor) ? 0 : cursor_fail(&cursor, "nothing behind the time");
}

int
tcpdump_base_read(struct tcpdump_reader *reader, const char *text, size_t len, unsigned number,
		struct err *err)
{
	struct cursor cursor = cursor_over(reader->file, text, len, number, err);
	struct build_tcp ends = { 0 };
	struct conversation *talk;
	uint64_t seq, ack;
	unsigned side = 0;

	if (endpoint_pair(&cursor, &ends) < 0 || cursor_expect(&cursor, ": seq ") < 0 ||
			cursor_number(&cursor, UINT32_MAX, &seq, "a sequence number") < 0 ||
			cursor_expect(&cursor, ", ack ") < 0 ||
			cursor_number(&cursor, UINT32_MAX, &ack, "an acknowledgement number") < 0)
		return -EINVAL;
	if (!cursor_at_end(&cursor))
		return cursor_fail(&cursor, "nothing behind the numbers");
	talk = conversation_find(reader, &ends, &side);
	if (talk == NULL)
		return cursor_fail(&cursor, "at most 1024 conversations in one file");
	talk->based = true;
	talk->base[side] = (uint32_t)seq;
	talk->base[!side] = (uint32_t)ack;
	return 0;
}

/* A host's MAC address where tcpdump printed none: of the end of its address. */
static void
mac_from_address(const uint8_t addr[16], uint8_t mac[6])
{
	mac[0] = 0x02;
	mac[1] = 0x00;
	memcpy(mac + 2, addr + 12, 4);
}

static int
tcp_line_read(struct cursor *cursor, struct printed *printed)
{
	if (endpoint_pair(cursor, &printed->line->tcp) < 0 || cursor_expect(cursor, ": ") < 0)
		return -EINVAL;
	return tcp_text_read(cursor, printed);
}

/* An ICMP line has no ports: its fourth word tells. */
static bool
is_icmp(struct cursor cursor)
{
	cursor_word(&cursor, " ");
	cursor_skip(&cursor, " > ");
	cursor_word(&cursor, " ");
	return cursor_sees(&cursor, " ICMP");
}

static int
version_check(const struct cursor *cursor, const struct printed *printed)
{
	uint8_t version = printed->line->tcp.ip_version;

	if ((printed->ip_word && version != 4) || (printed->ipv6_word && version != 6))
		return cursor_fail(cursor, "addresses that fit \"IP\" or \"IP6\"");
	return 0;
}

static int
line_read(struct tcpdump_reader *reader, struct cursor *cursor, struct printed *printed)
{
	struct tcpdump_line *line = printed->line;
	struct cursor addresses;
	bool icmp;

	if (endpoint_time(cursor, reader->day_us, &line->time_us) < 0 ||
			cursor_expect(cursor, " ") < 0 || link_text_read(cursor, printed) < 0)
		return -EINVAL;
	addresses = *cursor;
	icmp = is_icmp(*cursor);
	if ((icmp ? icmp_text_read(cursor, printed) : tcp_line_read(cursor, printed)) < 0 ||
			version_check(&addresses, printed) < 0 ||
			attribute_text_read(cursor, printed) < 0)
		return -EINVAL;
	if (line->wrap.pppoe && line->wrap.label_count != 0)
		return cursor_fail(cursor, "one of PPPoE and MPLS, not both");
	if (!icmp)
		return conversation_resolve(reader, &addresses, printed);
	line->icmp.hop_limit = line->tcp.hop_limit;
	line->tcp.hop_limit = DEFAULT_HOP_LIMIT;
	return 0;
}

int
tcpdump_line_read(struct tcpdump_reader *reader, const char *text, size_t len, unsigned number,
		struct tcpdump_line *line, struct err *err)
{
	struct cursor cursor = cursor_over(reader->file, text, len, number, err);
	struct printed printed = { .line = line };

	memset(line, 0, sizeof(*line));
	line->tcp.hop_limit = DEFAULT_HOP_LIMIT;
	if (line_read(reader, &cursor, &printed) < 0)
		return -EINVAL;
	if (!printed.has_macs) {
		mac_from_address(line->tcp.src_addr, line->tcp.src_mac);
		mac_from_address(line->tcp.dst_addr, line->tcp.dst_mac);
	}
	return 0;
}
