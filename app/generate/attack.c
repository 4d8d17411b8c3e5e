/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Servers with honest clients, and something that comes over them, once or in waves: a flood
 * of SYNs or of other segments, or an outage. What a flood is made of, where it comes from and
 * what it goes to is said by the options; victims, sources and ports take turns, so that what
 * each gets is known.
 */

#include "app/generate/cast.h"
#include "app/generate/honest.h"
#include "app/generate/truth.h"

#define PORTS 65535
#define PORT_STRIDE 40503 /* prime to PORTS, so that all ports come, in no obvious order */
#define WEB_PORT 80
#define SYNACK_AGAIN_PERCENT 50
#define HONEST_PORT_FIRST 1024

static const struct script_step syn_steps[] = { { CLIENT, SYN } };
static const struct script_step answered_steps[] = { { CLIENT, SYN }, { SERVER, SYN_ACK } };

/* A host that exists: its kernel knows of no SYN that a program made itself, or is the one
 * that sent it. */
static const struct script_step reset_steps[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN_ACK },
	{ CLIENT, RST },
};
static const struct script_step insistent_steps[] = {
	{ CLIENT, SYN },
	{ CLIENT, SYN, .after_us = SECONDS(1) },
	{ CLIENT, SYN, .after_us = SECONDS(1) },
	{ CLIENT, SYN, .after_us = SECONDS(1) },
};
static const struct script_step synack_steps[] = { { CLIENT, SYN_ACK } };
static const struct script_step synack_again_steps[] = {
	{ CLIENT, SYN_ACK },
	{ CLIENT, SYN_ACK, .after_us = SECONDS(1) },
	{ CLIENT, SYN_ACK, .after_us = SECONDS(2) },
};
static const struct script_step synack_refused_steps[] = { { CLIENT, SYN_ACK }, { SERVER, RST } };
static const struct script_step ack_steps[] = { { CLIENT, ACK } };
static const struct script_step ack_refused_steps[] = { { CLIENT, ACK }, { SERVER, RST } };
static const struct script_step rst_steps[] = { { CLIENT, RST } };

static const struct script syn_only = SCRIPT(syn_steps);
static const struct script answered = SCRIPT(answered_steps);
static const struct script reset = SCRIPT(reset_steps);
static const struct script insistent = SCRIPT(insistent_steps);
static const struct script synack_only = SCRIPT(synack_steps);
static const struct script synack_again = SCRIPT(synack_again_steps);
static const struct script synack_refused = SCRIPT(synack_refused_steps);
static const struct script ack_only = SCRIPT(ack_steps);
static const struct script ack_refused = SCRIPT(ack_refused_steps);
static const struct script rst_only = SCRIPT(rst_steps);

static const struct script *
choose_script(struct generator *generator, bool is_real)
{
	const struct generator_params *params = generator->params;
	const bool answer = random_below(&generator->random, 100) < params->answered_percent;
	const bool again = random_below(&generator->random, 100) < SYNACK_AGAIN_PERCENT;

	switch (params->with) {
	case SYN_ACK:
		return answer ? &synack_refused : again ? &synack_again : &synack_only;
	case ACK:
		return answer ? &ack_refused : &ack_only;
	case RST:
		return &rst_only;
	default:
		if (is_real)
			return answer ? &reset : &insistent;
		return answer ? &answered : &syn_only;
	}
}

/* By the source alone, as it is one or the other for good. */
static bool
is_spoofed(const struct generator_params *params, uint64_t source)
{
	uint64_t seed = params->seed ^ source << 32;

	return random_split(&seed) % 100 < params->spoofed_percent;
}

static uint64_t
source_of(const struct generator *generator, uint32_t number)
{
	const struct generator_params *params = generator->params;

	if (params->sources == 0)
		return number;
	return number % params->flood / params->victims % params->sources;
}

/* Segments other than SYNs belong to connections that one side takes for open. */
static void
cast_middle(struct generator *generator, struct dialogue *dialogue)
{
	if (generator->params->with == SYN_ACK) {
		dialogue->host[CLIENT].port = WEB_PORT;
		dialogue->host[CLIENT].stack = &host_linux;
		dialogue->host[SERVER].port = (uint16_t)random_between(
				&generator->random, HONEST_PORT_FIRST, UINT16_MAX);
	} else {
		dialogue->host[CLIENT].next++;
	}
	dialogue->host[SERVER].next++;
}

static void
flood_begin(struct generator *generator, struct dialogue *dialogue)
{
	const struct generator_params *params = generator->params;
	const uint32_t number = generator->flood_made++;
	const uint32_t turn = number % params->flood / params->victims;
	const uint64_t source = source_of(generator, number);
	const bool spoofed = is_spoofed(params, source);
	struct host *server = &dialogue->host[SERVER];
	uint64_t port;

	cast_source(generator, dialogue, source, !spoofed);
	cast_server(generator, dialogue);
	cast_next_addr(server->addr, number % params->flood % params->victims);
	port = server->port - 1 + (uint64_t)turn % params->ports * PORT_STRIDE;
	server->port = (uint16_t)(1 + port % PORTS);
	if (params->with != SYN)
		cast_middle(generator, dialogue);
	dialogue_begin(dialogue, choose_script(generator, !spoofed), generator->flood_us);
	generator->flood_us = 0;
	truth_note(generator->truth, dialogue, spoofed ? TRUTH_SPOOFED : TRUTH_REAL);
}

/* The first comes just at the onset, each other somewhere in its share of the time. */
static uint64_t
flood_next_us(struct generator *generator)
{
	const struct generator_params *params = generator->params;
	const struct generator_waves *waves = &params->waves;
	uint32_t wave, number;

	if (params->flood == 0 || generator->flood_made / params->flood == waves->times)
		return UINT64_MAX;
	if (generator->flood_us != 0)
		return generator->flood_us;
	wave = generator->flood_made / params->flood;
	number = generator->flood_made % params->flood;
	generator->flood_us = params->start_us + waves->onset_us + wave * waves->every_us +
			generator_share_us(waves->length_us, number, params->flood);
	if (number != 0)
		generator->flood_us += random_below(&generator->random,
				(uint32_t)(waves->length_us / params->flood) + 1);
	return generator->flood_us;
}

static bool
next(struct generator *generator, struct dialogue *dialogue)
{
	uint64_t honest_us = honest_next_us(generator);
	uint64_t flood_us = flood_next_us(generator);

	if (honest_us == UINT64_MAX && flood_us == UINT64_MAX)
		return false;
	if (honest_us <= flood_us)
		honest_begin(generator, dialogue);
	else
		flood_begin(generator, dialogue);
	return true;
}

const struct generator_kind attack_kind = {
	.name = "attack",
	.purpose = "a flood over servers that have honest clients, once or in waves",
	.takes = GENERATOR_RATE | GENERATOR_DURATION | GENERATOR_ANSWERED | GENERATOR_BASELINE |
			GENERATOR_WAVES | GENERATOR_SPOOFED | GENERATOR_SOURCES |
			GENERATOR_VICTIMS | GENERATOR_PORTS | GENERATOR_WITH | GENERATOR_DOWN |
			GENERATOR_RTT | GENERATOR_CLIENTS | GENERATOR_TRUTH,
	.rate = 2000,
	.next = next,
	.again = honest_again,
};

const struct generator_kind outage_kind = {
	.name = "outage",
	.purpose = "servers whose clients get no service for a while, and try again",
	.takes = GENERATOR_DURATION | GENERATOR_BASELINE | GENERATOR_WAVES | GENERATOR_VICTIMS |
			GENERATOR_DOWN | GENERATOR_RTT | GENERATOR_CLIENTS | GENERATOR_TRUTH,
	.down_percent = 100,
	.next = next,
	.again = honest_again,
};
