/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/victim.h"

#include "base/compiler.h"
#include "base/usec.h"

#include <assert.h>

static const uint32_t delay_ends_ms[] = { VICTIM_DELAY_ENDS_MS };
static_assert(ARRAY_LEN(delay_ends_ms) + 1 == VICTIM_DELAYS, "and one class more");

#define LAST_DELAY_END_MS 1500 /* a SYN or SYN-ACK sent again after a second */

bool
victim_covers(const struct victim_key *outer, const struct victim_key *inner,
		const struct victim_prefixes *prefixes)
{
	struct victim_key key = *inner;

	if (outer->level < inner->level)
		return false;
	while (key.level < outer->level) {
		struct victim_key parent;

		victim_parent(&key, prefixes, &parent);
		key = parent;
	}
	return victim_key_equal(outer, &key);
}

uint32_t
victim_delay_class(uint64_t elapsed_us)
{
	uint32_t at = 0;

	while (at < ARRAY_LEN(delay_ends_ms) && elapsed_us >= delay_ends_ms[at] * USEC_PER_MSEC)
		at++;
	return at;
}

uint64_t
victim_delay_end_us(uint32_t delay_class)
{
	const uint32_t end_ms = delay_class < ARRAY_LEN(delay_ends_ms) ? delay_ends_ms[delay_class]
								       : LAST_DELAY_END_MS;

	return end_ms * USEC_PER_MSEC;
}

void
victim_counts_add(struct victim_counts *counts, const struct victim_counts *more)
{
#define X(field, help) counts->field += more->field;
	VICTIM_COUNTS(X)
#undef X
	for (uint32_t i = 0; i < VICTIM_DELAYS; i++)
		counts->delay[i] += more->delay[i];
}
