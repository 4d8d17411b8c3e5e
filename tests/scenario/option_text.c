/* SPDX-License-Identifier: Apache-2.0 */

#include "tcpdump_text.h"

#include <ctype.h>
#include <errno.h>

#define COOKIE_MIN 4 /* bytes; RFC 7413 section 4.1.1 */
#define COOKIE_MAX 16
#define SACK_BLOCKS_MAX 4

static int
mss_read(struct cursor *cursor, struct build_options *options)
{
	uint64_t mss;

	if (cursor_number(cursor, UINT16_MAX, &mss, "a segment size from 1 to 65535") < 0)
		return -EINVAL;
	options->mss = (uint16_t)mss;
	return mss == 0 ? cursor_fail(cursor, "a segment size other than 0 before this") : 0;
}

static int
timestamps_read(struct cursor *cursor, struct build_options *options)
{
	uint64_t val, ecr;

	if (cursor_number(cursor, UINT32_MAX, &val, "a timestamp") < 0 ||
			cursor_expect(cursor, " ecr ") < 0 ||
			cursor_number(cursor, UINT32_MAX, &ecr, "an echoed timestamp") < 0)
		return -EINVAL;
	options->timestamps = true;
	options->ts_val = (uint32_t)val;
	options->ts_ecr = (uint32_t)ecr;
	return 0;
}

static int
wscale_read(struct cursor *cursor, struct build_options *options)
{
	uint64_t shift;

	if (cursor_number(cursor, UINT8_MAX, &shift, "a window scale") < 0)
		return -EINVAL;
	options->has_wscale = true;
	options->wscale = (uint8_t)shift;
	return 0;
}

/* tcpdump prints "tfo  cookiereq" or "tfo  cookie 1122334455667788", with two blanks. */
static int
fast_open_read(struct cursor *cursor, struct build_options *options)
{
	unsigned digits = 0;

	if (cursor_skip(cursor, " cookiereq")) {
		options->fast_open_len = 2;
		return 0;
	}
	if (cursor_expect(cursor, " cookie ") < 0)
		return -EINVAL;
	for (; cursor->at < cursor->end && isxdigit((unsigned char)*cursor->at); cursor->at++)
		digits++;
	if (digits % 4 != 0 || digits < 2 * COOKIE_MIN || digits > 2 * COOKIE_MAX)
		return cursor_fail(
				cursor, "a cookie of 4 to 16 bytes, an even number, before this");
	options->fast_open_len = (uint8_t)(2 + digits / 2);
	return 0;
}

/*
 * "sack 1 {77:151}" is taken and left out of the frame: the builder writes none, and the
 * tracker looks at none.
 */
static int
sack_read(struct cursor *cursor)
{
	uint64_t blocks, edge;

	if (cursor_number(cursor, SACK_BLOCKS_MAX, &blocks, "1 to 4 SACK blocks") < 0 ||
			cursor_expect(cursor, " ") < 0)
		return -EINVAL;
	for (; blocks > 0; blocks--)
		if (cursor_expect(cursor, "{") < 0 ||
				cursor_number(cursor, UINT32_MAX, &edge, "a SACK edge") < 0 ||
				cursor_expect(cursor, ":") < 0 ||
				cursor_number(cursor, UINT32_MAX, &edge, "a SACK edge") < 0 ||
				cursor_expect(cursor, "}") < 0)
			return -EINVAL;
	return 0;
}

static int
option_read(struct cursor *cursor, struct build_options *options)
{
	if (cursor_skip(cursor, "nop") || cursor_skip(cursor, "eol"))
		return 0;
	if (cursor_skip(cursor, "mss "))
		return mss_read(cursor, options);
	if (cursor_skip(cursor, "sackOK")) {
		options->sack_permitted = true;
		return 0;
	}
	if (cursor_skip(cursor, "TS val "))
		return timestamps_read(cursor, options);
	if (cursor_skip(cursor, "wscale "))
		return wscale_read(cursor, options);
	if (cursor_skip(cursor, "tfo "))
		return fast_open_read(cursor, options);
	if (cursor_skip(cursor, "sack "))
		return sack_read(cursor);
	return cursor_fail(cursor, "one of mss, sackOK, TS, nop, wscale, tfo, sack and eol");
}

int
option_text_read(struct cursor *cursor, struct build_options *options)
{
	while (!cursor_skip(cursor, "]")) {
		if (option_read(cursor, options) < 0)
			return -EINVAL;
		if (!cursor_skip(cursor, ",") && !cursor_sees(cursor, "]"))
			return cursor_fail(cursor, "\",\" or \"]\"");
	}
	return 0;
}
