/* SPDX-License-Identifier: Apache-2.0 */

/* A flood of SYNs from sources that were made up, each of which sends just one. */

#include "app/generate/cast.h"

static bool
next(struct generator *generator, struct dialogue *dialogue)
{
	uint32_t number = generator->made++;

	if (number == generator->params->count)
		return false;
	cast_flood(generator, dialogue, generator_arrival_us(generator, number));
	return true;
}

const struct generator_kind synflood_kind = {
	.name = "synflood",
	.purpose = "SYNs from spoofed sources to one server, never completed",
	.takes = GENERATOR_COUNT | GENERATOR_RATE | GENERATOR_DURATION | GENERATOR_ANSWERED,
	.count = 262144,
	.rate = 100000,
	.next = next,
};
