/* SPDX-License-Identifier: Apache-2.0 */

#include "packet/ip.h"

/* All extension headers are this long at least, and begin with the next one's protocol. */
#define EXTENSION_LEN_MIN 8
#define EXTENSION_LENGTH 1 /* the byte that tells the length */
#define ROUTING_SEGMENTS_LEFT 3 /* RFC 8200 section 4.4 */
#define FRAGMENT_FIELD 2 /* the two bytes with offset and flag, section 4.5 */

/* A header with neither offset nor more to come is a whole packet all the same (RFC 6946). */
static enum ip_fragment
fragment_of(const uint8_t *extension)
{
	uint16_t field = bytes_load16(extension + FRAGMENT_FIELD);

	if (RTE_IPV6_GET_FO(field) != 0)
		return IP_FRAGMENT_LATER;
	return RTE_IPV6_GET_MF(field) != 0 ? IP_FRAGMENT_FIRST : IP_FRAGMENT_NONE;
}

static bool
skip_extension(struct ip_cursor *at, struct segment *segment)
{
	const uint8_t *extension = at->data + at->offset;
	uint32_t len;

	if (!ip_readable(at, EXTENSION_LEN_MIN))
		return false;
	len = ip_v6_extension_len(at->protocol, extension[EXTENSION_LENGTH]);
	if (!ip_readable(at, len) || at->left < len)
		return false;
	if (at->protocol == IPPROTO_FRAGMENT)
		at->fragment = (uint8_t)fragment_of(extension);
	/* The checksum is over the last hop's address, which is then not yet in the header. */
	if (at->protocol == IPPROTO_ROUTING && extension[ROUTING_SEGMENTS_LEFT] != 0)
		segment->uncheckable = 1;
	at->protocol = extension[0];
	at->offset += len;
	at->left -= len;
	return true;
}

/* What looks like a header in a later fragment is a piece of something. */
static bool
is_at_extension(const struct ip_cursor *at)
{
	return at->fragment != IP_FRAGMENT_LATER && ip_v6_extension_len(at->protocol, 0) != 0;
}

bool
ip_v6_extensions(struct ip_cursor *at, struct segment *segment)
{
	for (uint32_t n = 0; is_at_extension(at); n++)
		if (n == IP_EXTENSIONS_MAX || !skip_extension(at, segment))
			return false;
	return true;
}
