/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Connections that all open in the first tenth of the time, and then talk until the end:
 * most segments belong to established connections, as on a quiet day.
 */

#include "app/generate/cast.h"

#define OPENING_SHARE 10
#define ROUND_STEPS 3

static const struct script_step steps[] = {
	HANDSHAKE,
	{ CLIENT, PUSH, THOUGHT, .len = 100 },
	{ SERVER, PUSH, .len = 300, .after_us = MS(1) },
	{ CLIENT, ACK, .back = ROUND_STEPS },
};
static const struct script talk = SCRIPT(steps);

static bool
next(struct generator *generator, struct dialogue *dialogue)
{
	const struct generator_params *params = generator->params;
	uint64_t opening_us = params->duration_us / OPENING_SHARE;
	uint64_t talk_us = params->duration_us - opening_us;
	uint32_t number = generator->made++;

	if (number == params->count)
		return false;
	cast_connection(generator, dialogue, &talk,
			params->start_us + generator_share_us(opening_us, number, params->count));
	/* What a round itself takes is not thought. */
	dialogue->think_us = talk_us / params->exchanges;
	if (dialogue->think_us > UINT64_C(2) * dialogue->host[CLIENT].round_trip_us)
		dialogue->think_us -= UINT64_C(2) * dialogue->host[CLIENT].round_trip_us;
	dialogue->rounds = params->exchanges - 1;
	return true;
}

const struct generator_kind established_kind = {
	.name = "established",
	.purpose = "connections that open and then exchange data to the end",
	.takes = GENERATOR_COUNT | GENERATOR_DURATION | GENERATOR_EXCHANGES,
	.count = 4096,
	.duration_ms = 10000,
	.exchanges = 20,
	.next = next,
};
