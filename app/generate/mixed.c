/* SPDX-License-Identifier: Apache-2.0 */

/*
 * An ordinary day with a flood in the middle of it: connections that complete, and of
 * which an exact number is cut by a RST, the others closed or left open; and an exact
 * number of SYNs that nobody completes.
 */

#include "app/generate/cast.h"

#define FLOOD_BEGINS 4 /* after this share of the time, and it lasts twice as long */
#define OPEN_PERCENT 25
#define SERVER_CLOSES_PERCENT 30

static const struct script_step client_closes_steps[] = { HANDSHAKE, EXCHANGE, CLOSE_BY_CLIENT };
static const struct script_step server_closes_steps[] = { HANDSHAKE, EXCHANGE, CLOSE_BY_SERVER };
static const struct script_step left_open_steps[] = { HANDSHAKE, EXCHANGE };

/* The user closes the program, or the process dies with data unread. */
static const struct script_step client_aborts[] = {
	HANDSHAKE,
	EXCHANGE,
	{ CLIENT, RST_ACK, .after_us = MS(40) },
};
static const struct script_step server_aborts[] = {
	HANDSHAKE,
	EXCHANGE,
	{ SERVER, RST_ACK, UNASKED, .after_us = MS(150) },
};

/* One end has forgotten the connection: its RST takes its number from the segment's ack. */
static const struct script_step server_knows_nothing[] = {
	HANDSHAKE,
	EXCHANGE,
	{ CLIENT, PUSH, .len = 120, .after_us = MS(200) },
	{ SERVER, RST },
};
static const struct script_step client_knows_nothing[] = {
	HANDSHAKE,
	{ CLIENT, PUSH, .text = SCRIPT_REQUEST },
	{ SERVER, ACK },
	{ SERVER, PUSH, .len = 1200, .after_us = MS(120) },
	{ CLIENT, RST },
};

static const struct script client_closes = SCRIPT(client_closes_steps);
static const struct script server_closes = SCRIPT(server_closes_steps);
static const struct script left_open = SCRIPT(left_open_steps);
static const struct script cut[] = {
	SCRIPT(client_aborts),
	SCRIPT(server_aborts),
	SCRIPT(server_knows_nothing),
	SCRIPT(client_knows_nothing),
};

/* Exactly so many of the connections (Knuth, TAOCP volume 2, 3.4.2, algorithm S). */
static bool
is_cut(struct generator *generator)
{
	const struct generator_params *params = generator->params;
	uint32_t left = params->count - generator->made;

	return random_below(&generator->random, left) < params->rst - generator->rst_made;
}

static const struct script *
choose_end(struct generator *generator)
{
	uint32_t number = random_below(&generator->random, 100);

	if (is_cut(generator))
		return &cut[generator->rst_made++ % ARRAY_LEN(cut)];
	if (number < OPEN_PERCENT)
		return &left_open;
	return number < OPEN_PERCENT + SERVER_CLOSES_PERCENT ? &server_closes : &client_closes;
}

static uint64_t
flood_us(const struct generator_params *params, uint32_t number)
{
	uint64_t quarter_us = params->duration_us / FLOOD_BEGINS;

	return params->start_us + quarter_us +
			generator_share_us(2 * quarter_us, number, params->flood);
}

static bool
next_connection(struct generator *generator, struct dialogue *dialogue)
{
	const struct script *script = choose_end(generator);

	cast_connection(generator, dialogue, script, generator->next_us);
	generator->made++;
	generator->next_us = 0;
	return true;
}

static bool
next(struct generator *generator, struct dialogue *dialogue)
{
	const struct generator_params *params = generator->params;
	bool more = generator->made < params->count;
	bool more_flood = generator->flood_made < params->flood;

	if (more && generator->next_us == 0)
		generator->next_us = generator_arrival_us(generator, generator->made);
	if (more && (!more_flood || generator->next_us <= flood_us(params, generator->flood_made)))
		return next_connection(generator, dialogue);
	if (!more_flood)
		return false;
	cast_flood(generator, dialogue, flood_us(params, generator->flood_made++));
	return true;
}

const struct generator_kind mixed_kind = {
	.name = "mixed",
	.purpose = "connections that complete, some cut by a RST, and a flood among them",
	.takes = GENERATOR_COUNT | GENERATOR_RATE | GENERATOR_DURATION | GENERATOR_FLOOD |
			GENERATOR_RST | GENERATOR_ANSWERED,
	.count = 65536,
	.rate = 8192,
	.flood = 14564,
	.rst = 656,
	.answered_percent = 50,
	.next = next,
};
