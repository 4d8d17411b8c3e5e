/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "tcpdump_text.h"

#include <errno.h>

/* tcpdump's letters, in the order in which it prints them. */
static const struct {
	char letter;
	uint8_t flag;
} flag_letters[] = {
	{ 'F', TCP_FIN },
	{ 'S', TCP_SYN },
	{ 'R', TCP_RST },
	{ 'P', TCP_PSH },
	{ '.', TCP_ACK },
	{ 'U', TCP_URG },
	{ 'E', TCP_ECE },
	{ 'W', TCP_CWR },
};

static int
flags_read(struct cursor *cursor, uint8_t *flags)
{
	if (cursor_expect(cursor, "Flags [") < 0)
		return -EINVAL;
	if (cursor_skip(cursor, "none]"))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(flag_letters); i++) {
		const char text[] = { flag_letters[i].letter, '\0' };

		if (cursor_skip(cursor, text))
			*flags |= flag_letters[i].flag;
	}
	return *flags != 0 && cursor_skip(cursor, "]")
			? 0
			: cursor_fail(cursor,
					  "TCP flags, some of FSRP.UEW in this order, and \"]\"");
}

/* Of -v: ", cksum 0x1f3a (correct)" or "(incorrect -> 0x2b4c)". */
static int
checksum_read(struct cursor *cursor, struct wrap *wrap)
{
	uint64_t value;

	if (!cursor_skip(cursor, ", cksum "))
		return 0;
	if (cursor_hex(cursor, UINT16_MAX, &value, "a checksum") < 0)
		return -EINVAL;
	if (cursor_skip(cursor, " (correct)"))
		return 0;
	wrap->bad_checksum = true;
	if (cursor_expect(cursor, " (incorrect -> ") < 0 ||
			cursor_hex(cursor, UINT16_MAX, &value, "a checksum") < 0)
		return -EINVAL;
	return cursor_expect(cursor, ")");
}

static int
number_32(struct cursor *cursor, uint32_t *out, const char *what)
{
	uint64_t value;

	if (cursor_number(cursor, UINT32_MAX, &value, what) < 0)
		return -EINVAL;
	*out = (uint32_t)value;
	return 0;
}

/* ", seq 1:77, ack 1, win 502" */
static int
numbers_read(struct cursor *cursor, struct printed *printed)
{
	struct build_tcp *tcp = &printed->line->tcp;
	uint64_t window;

	printed->has_seq = cursor_skip(cursor, ", seq ");
	if (printed->has_seq && number_32(cursor, &tcp->seq, "a sequence number") < 0)
		return -EINVAL;
	printed->has_end = printed->has_seq && cursor_skip(cursor, ":");
	if (printed->has_end && number_32(cursor, &printed->end, "the number behind the data") < 0)
		return -EINVAL;
	printed->has_ack = cursor_skip(cursor, ", ack ");
	if (printed->has_ack && number_32(cursor, &tcp->ack, "an acknowledgement number") < 0)
		return -EINVAL;
	if (cursor_expect(cursor, ", win ") < 0 ||
			cursor_number(cursor, UINT16_MAX, &window, "a window of at most 65535") < 0)
		return -EINVAL;
	tcp->window = (uint16_t)window;
	/* The builder writes no urgent pointer. */
	return (tcp->tcp_flags & TCP_URG) != 0 ? cursor_expect(cursor, ", urg 0") : 0;
}

/* ", options [...], length 76: HTTP: GET / HTTP/1.1" */
static int
tail_read(struct cursor *cursor, struct printed *printed)
{
	struct build_tcp *tcp = &printed->line->tcp;

	if (cursor_skip(cursor, ", options [") && option_text_read(cursor, &tcp->options) < 0)
		return -EINVAL;
	if (cursor_expect(cursor, ", length ") < 0 ||
			number_32(cursor, &tcp->payload_len, "the payload's length") < 0)
		return -EINVAL;
	if (tcp->payload_len > UINT16_MAX)
		return cursor_fail(cursor, "a length of at most 65535 before this");
	/* What tcpdump knows of the payload, or of a RST's text (-v). */
	if (cursor_sees(cursor, ":") || cursor_sees(cursor, " [RST"))
		while (!cursor_at_end(cursor) && !cursor_sees(cursor, " {"))
			cursor->at++;
	return 0;
}

/* Does what was printed fit together? */
static int
tcp_text_check(const struct cursor *cursor, const struct printed *printed)
{
	const struct build_tcp *tcp = &printed->line->tcp;

	if (printed->has_ack != ((tcp->tcp_flags & TCP_ACK) != 0))
		return cursor_fail(cursor, "\"ack N\" if, and only if, the flags hold \".\"");
	if ((tcp->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0 && !printed->has_seq)
		return cursor_fail(cursor, "\"seq N\", since the flags hold S, F or R");
	if (printed->has_end != (tcp->payload_len > 0))
		return cursor_fail(cursor, "\"seq N:M\" if, and only if, the length is not 0");
	if (printed->has_end && printed->end - tcp->seq != tcp->payload_len)
		return cursor_fail(cursor, "a length that is the difference of \"seq N:M\"");
	return 0;
}

int
tcp_text_read(struct cursor *cursor, struct printed *printed)
{
	struct cursor from = *cursor;

	if (flags_read(cursor, &printed->line->tcp.tcp_flags) < 0 ||
			checksum_read(cursor, &printed->line->wrap) < 0 ||
			numbers_read(cursor, printed) < 0 || tail_read(cursor, printed) < 0)
		return -EINVAL;
	return tcp_text_check(&from, printed);
}
