/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/alarm_text.h"

#include "observe/address.h"
#include "observe/summary_text.h"
#include "observe/text.h"

#include <assert.h>

static_assert(ADDRESS_ENDPOINT_LEN_MAX < ALARM_TEXT_LEN, "an endpoint has room");
static_assert(sizeof("by , 4,294,967,295 targets") + ADDRESS_LEN_MAX <= ALARM_TEXT_LEN,
		"a scanner has room");

static uint8_t
version_of(bool ipv6)
{
	return ipv6 ? 6 : 4;
}

struct alarm_text
alarm_text_prefix(const struct alarm *alarm)
{
	const struct victim_key *victim = &alarm->victim;
	struct alarm_text text;
	char *p = address_write((const uint8_t *)victim->addr, version_of(victim->ipv6), text.text);

	*p++ = '/';
	*text_u64(alarm->prefix_len, p) = '\0';
	return text;
}

struct alarm_text
alarm_text_victim(const struct alarm *alarm)
{
	const struct victim_key *victim = &alarm->victim;
	const uint8_t *addr = (const uint8_t *)victim->addr;
	struct alarm_text text;

	if (victim->level == VICTIM_PREFIX)
		return alarm_text_prefix(alarm);
	if (victim->level == VICTIM_SERVICE)
		*address_endpoint_write(
				addr, victim->port, version_of(victim->ipv6), text.text) = '\0';
	else
		*address_write(addr, version_of(victim->ipv6), text.text) = '\0';
	return text;
}

struct alarm_text
alarm_text_whom(const struct alarm *alarm)
{
	const struct alarm_source *scanner = &alarm->scanner;
	struct alarm_text text;
	char *p;

	if (alarm->type != ALARM_SCAN)
		return alarm_text_victim(alarm);
	p = text_string("by ", text.text);
	p = address_write((const uint8_t *)scanner->addr, version_of(scanner->ipv6), p);
	p = text_string(", ", p);
	p = text_string(summary_text_count(alarm->scan_targets).text, p);
	*text_string(" targets", p) = '\0';
	return text;
}

const char *
alarm_text_what(const struct alarm *alarm)
{
	return alarm->type == ALARM_SYN_FLOOD ? alarm_flood_kind_word(alarm->kind)
					      : alarm_type_word(alarm->type);
}
