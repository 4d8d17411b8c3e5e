/* SPDX-License-Identifier: Apache-2.0 */

#include "app/advise/target.h"

#include "observe/address.h"
#include "observe/text.h"

#include <string.h>

#define BITS 128
#define IPV4_OFFSET 96

struct target
target_of_alarm(const struct alarm *alarm)
{
	const struct victim_key *victim = &alarm->victim;
	struct target target = { .ipv6 = victim->ipv6, .bits = BITS, .port = victim->port };

	memcpy(target.addr, victim->addr, sizeof(target.addr));
	if (victim->level == VICTIM_PREFIX)
		target.bits = (uint8_t)(alarm->prefix_len + (victim->ipv6 ? 0 : IPV4_OFFSET));
	return target;
}

static bool
is_same_prefix(const uint8_t *a, const uint8_t *b, uint32_t bits)
{
	const uint32_t rest = bits % 8;

	return memcmp(a, b, bits / 8) == 0 &&
			(rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0);
}

bool
target_is_related(const struct target *a, const struct target *b)
{
	return a->ipv6 == b->ipv6 && (a->port == b->port || a->port == 0 || b->port == 0) &&
			is_same_prefix(a->addr, b->addr, a->bits < b->bits ? a->bits : b->bits);
}

struct alarm_text
target_text(const struct target *target)
{
	const uint8_t version = target->ipv6 ? 6 : 4;
	struct alarm_text text;
	char *end;

	if (target->port != 0) {
		end = address_endpoint_write(target->addr, target->port, version, text.text);
	} else {
		end = address_write(target->addr, version, text.text);
		if (target->bits < BITS)
			end = text_u64(target->ipv6 ? target->bits
						    : target->bits - (uint64_t)IPV4_OFFSET,
					text_string("/", end));
	}
	*end = '\0';
	return text;
}
