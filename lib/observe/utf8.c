/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/utf8.h"

/* The rows of RFC 3629 section 4: where the first byte and the second must lie. */
static const struct row {
	uint8_t first_low, first_high;
	uint8_t second_low, second_high;
	uint8_t len;
} rows[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

uint32_t
utf8_len(const char *text)
{
	const uint8_t *bytes = (const uint8_t *)text;
	uint32_t at;

	if (bytes[0] < 0x80)
		return 1;
	for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (bytes[0] < rows[i].first_low || bytes[0] > rows[i].first_high)
			continue;
		if (bytes[1] < rows[i].second_low || bytes[1] > rows[i].second_high)
			return 0;
		for (at = 2; at < rows[i].len; at++)
			if ((bytes[at] & 0xc0) != 0x80)
				return 0;
		return rows[i].len;
	}
	return 0;
}
