/* SPDX-License-Identifier: Apache-2.0 */

/* Handshakes that complete, and nothing after: the work of a tracker at its densest. */

#include "app/generate/cast.h"

static const struct script_step steps[] = { HANDSHAKE };
static const struct script handshake = SCRIPT(steps);

static bool
next(struct generator *generator, struct dialogue *dialogue)
{
	uint32_t number = generator->made++;

	if (number == generator->params->count)
		return false;
	cast_connection(generator, dialogue, &handshake, generator_arrival_us(generator, number));
	return true;
}

const struct generator_kind handshakes_kind = {
	.name = "handshakes",
	.purpose = "handshakes that complete; the connections stay open, without data",
	.takes = GENERATOR_COUNT | GENERATOR_RATE | GENERATOR_DURATION | GENERATOR_RTT |
			GENERATOR_CLIENTS,
	.count = 65536,
	.rate = 20000,
	.next = next,
};
