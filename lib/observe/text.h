/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Writing text fast: each function writes at out and returns where the next one writes.
 *
 * None writes a zero byte, and none checks for room: the caller's buffer has room for the
 * longest text it can make.
 */

#ifndef OBSERVE_TEXT_H
#define OBSERVE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TEXT_U64_MAX 20 /* characters of the largest number */

/** Decimal. */
char *text_u64(uint64_t value, char *out);

/** Decimal, with a minus sign if need be. */
char *text_i64(int64_t value, char *out);

/** Exactly @p digits decimal digits, with leading zeros. */
static inline char *
text_padded(uint32_t value, uint32_t digits, char *out)
{
	for (uint32_t i = digits; i > 0; i--) {
		out[i - 1] = (char)('0' + value % 10);
		value /= 10;
	}
	return out + digits;
}

static inline char *
text_bytes(const char *bytes, size_t len, char *out)
{
	memcpy(out, bytes, len);
	return out + len;
}

static inline char *
text_string(const char *string, char *out)
{
	return text_bytes(string, strlen(string), out);
}

#endif /* OBSERVE_TEXT_H */
