/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/conversation_text.h"

#include "observe/address.h"
#include "observe/summary_text.h"
#include "observe/timestamp.h"

#include <stdarg.h>
#include <string.h>

struct conversation_text
conversation_text_in(char *out, size_t room)
{
	out[0] = '\0';
	return (struct conversation_text){ out, room, 0 };
}

void
conversation_text_add(struct conversation_text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text->out + text->len, text->room - text->len, format, args);
	va_end(args);
	if (len > 0)
		text->len += (size_t)len;
	if (text->len >= text->room)
		text->len = text->room - 1;
}

const char *
conversation_text_side(enum flow_side side)
{
	return side == FLOW_CLIENT ? "client" : "server";
}

void
conversation_text_duration(struct conversation_text *text, uint64_t us)
{
	conversation_text_add(text, "%s", summary_text_time(us).text);
}

void
conversation_text_count(struct conversation_text *text, uint64_t count)
{
	conversation_text_add(text, "%s", summary_text_count(count).text);
}

void
conversation_text_endpoint(
		struct conversation_text *text, const struct record *record, enum flow_side side)
{
	char endpoint[ADDRESS_ENDPOINT_LEN_MAX];
	char *end = address_endpoint_write(record->side[side].addr, record->side[side].port,
			record->ip_version, endpoint);

	conversation_text_add(text, "%.*s", (int)(end - endpoint), endpoint);
}

void
conversation_text_time(struct conversation_text *text, uint64_t time_us)
{
	struct timestamp_cache cache = { 0 };
	char time[TIMESTAMP_LEN];

	timestamp_write(&cache, time_us, time);
	conversation_text_add(text, "%.10s %.15s", time, time + 11);
}

struct icmp_name {
	uint8_t ip_version;
	uint8_t type;
	int16_t code; /* -1: any */
	const char *name;
};

/* RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1; RFC 4443. */
static const struct icmp_name icmp_names[] = {
	{ 4, 3, 0, "net unreachable" },
	{ 4, 3, 1, "host unreachable" },
	{ 4, 3, 2, "protocol unreachable" },
	{ 4, 3, 3, "port unreachable" },
	{ 4, 3, 4, "fragmentation needed" },
	{ 4, 3, 5, "source route failed" },
	{ 4, 3, 6, "net unknown" },
	{ 4, 3, 7, "host unknown" },
	{ 4, 3, 9, "net prohibited" },
	{ 4, 3, 10, "host prohibited" },
	{ 4, 3, 13, "administratively prohibited" },
	{ 4, 3, -1, "unreachable" },
	{ 4, 4, -1, "source quench" },
	{ 4, 5, -1, "redirect" },
	{ 4, 11, -1, "time exceeded" },
	{ 4, 12, -1, "parameter problem" },
	{ 6, 1, 0, "no route" },
	{ 6, 1, 1, "administratively prohibited" },
	{ 6, 1, 2, "beyond scope of source" },
	{ 6, 1, 3, "address unreachable" },
	{ 6, 1, 4, "port unreachable" },
	{ 6, 1, 5, "source address failed policy" },
	{ 6, 1, 6, "reject route" },
	{ 6, 1, -1, "unreachable" },
	{ 6, 2, -1, "packet too big" },
	{ 6, 3, -1, "time exceeded" },
	{ 6, 4, -1, "parameter problem" },
};

const char *
conversation_text_icmp(uint8_t ip_version, uint8_t type, uint8_t code)
{
	for (size_t i = 0; i < ARRAY_LEN(icmp_names); i++) {
		const struct icmp_name *row = &icmp_names[i];

		if (row->ip_version == ip_version && row->type == type &&
				(row->code == code || row->code < 0))
			return row->name;
	}
	return NULL;
}
