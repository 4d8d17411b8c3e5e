/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/address.h"

#include "observe/text.h"

#include <stdbool.h>
#include <string.h>

#define GROUPS 8

static char *
write_dotted(const uint8_t addr[4], char *out)
{
	for (uint32_t i = 0; i < 4; i++) {
		out = text_u64(addr[i], out);
		*out++ = '.';
	}
	return out - 1;
}

static char *
write_hex(uint32_t group, char *out)
{
	for (uint32_t shift = 12; shift > 0; shift -= 4)
		if (group >> shift != 0)
			*out++ = "0123456789abcdef"[group >> shift & 15];
	*out++ = "0123456789abcdef"[group & 15];
	return out;
}

/* The zero groups that "::" stands for: the first of the longest runs; len 0 if none. */
struct zeros {
	uint32_t first;
	uint32_t len;
};

static struct zeros
longest_zeros(const uint32_t groups[GROUPS])
{
	struct zeros best = { 0, 1 }; /* one zero group is not shortened: section 4.2.2 */
	uint32_t len = 0;

	for (uint32_t i = 0; i < GROUPS; i++) {
		len = groups[i] == 0 ? len + 1 : 0;
		if (len > best.len)
			best = (struct zeros){ i + 1 - len, len };
	}
	return best.len > 1 ? best : (struct zeros){ 0, 0 };
}

static char *
write_ipv6(const uint8_t addr[16], char *out)
{
	uint32_t groups[GROUPS];
	struct zeros zeros;

	for (uint32_t i = 0; i < GROUPS; i++)
		groups[i] = (uint32_t)addr[2 * i] << 8 | addr[2 * i + 1];
	zeros = longest_zeros(groups);
	for (uint32_t i = 0; i < GROUPS; i++) {
		if (zeros.len > 0 && i == zeros.first) {
			out = text_bytes("::", 2, out);
			i += zeros.len - 1;
			continue;
		}
		if (i > 0 && out[-1] != ':')
			*out++ = ':';
		out = write_hex(groups[i], out);
	}
	return out;
}

static bool
is_mapped(const uint8_t addr[16])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(addr, prefix, sizeof(prefix)) == 0;
}

char *
address_write(const uint8_t addr[16], uint8_t ip_version, char *out)
{
	if (ip_version == 4)
		return write_dotted(addr + 12, out);
	if (is_mapped(addr)) /* section 5 of the RFC */
		return write_dotted(addr + 12, text_bytes("::ffff:", 7, out));
	return write_ipv6(addr, out);
}

char *
address_endpoint_write(const uint8_t addr[16], uint16_t port, uint8_t ip_version, char *out)
{
	if (ip_version != 4)
		*out++ = '[';
	out = address_write(addr, ip_version, out);
	if (ip_version != 4)
		*out++ = ']';
	*out++ = ':';
	return text_u64(port, out);
}
