/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/honest.h"

#include "app/generate/cast.h"
#include "app/generate/truth.h"

#define NSEC_PER_SEC UINT64_C(1000000000)
#define NSEC_PER_USEC 1000
#define REFUSED_WAIT_US USEC_PER_SEC
#define REFUSED_TRIES 60
#define PORT_LAST 60999

static const struct script_step fetch_steps[] = {
	HANDSHAKE,
	{ CLIENT, PUSH, .text = SCRIPT_REQUEST },
	{ SERVER, PUSH, .after_us = MS(2), .text = SCRIPT_RESPONSE },
	CLOSE_BY_CLIENT,
};
static const struct script_step unheard_steps[] = { { CLIENT, SYN } };
static const struct script_step refused_steps[] = { { CLIENT, SYN }, { SERVER, RST_ACK } };

static const struct script fetch = SCRIPT(fetch_steps);
static const struct script unheard = SCRIPT(unheard_steps);
static const struct script refused = SCRIPT(refused_steps);

/* How long a kernel waits before it sends its SYN again, each time; Linux from 6.5 on. */
static const uint8_t linux_waits_s[] = { 1, 1, 1, 1, 1, 2, 4, 8, 16, 32 };
static const uint8_t windows_waits_s[] = { 1, 2, 4, 8 };

uint64_t
honest_next_us(struct generator *generator)
{
	const struct generator_params *params = generator->params;

	if (params->baseline == 0)
		return UINT64_MAX;
	if (generator->next_us == 0) {
		generator->honest_ns += random_wait_ns(
				&generator->random, NSEC_PER_SEC / params->baseline);
		generator->next_us = params->start_us + generator->honest_ns / NSEC_PER_USEC;
	}
	if (generator->next_us >= params->start_us + params->duration_us)
		return UINT64_MAX;
	return generator->next_us;
}

/* What becomes of a client whose SYN comes now. */
static const struct script *
choose_fate(struct generator *generator, uint64_t time_us)
{
	const struct generator_params *params = generator->params;
	uint32_t number = random_below(&generator->random, 100);

	if (number >= params->down_percent || !generator_in_wave(params, time_us))
		return &fetch;
	number = random_below(&generator->random, 100);
	return number < params->refused_percent ? &refused : &unheard;
}

void
honest_begin(struct generator *generator, struct dialogue *dialogue)
{
	uint32_t victim = generator->made++ % generator->params->victims;
	uint64_t time_us = generator->next_us;

	generator->next_us = 0;
	cast_client(generator, dialogue);
	cast_server(generator, dialogue);
	cast_next_addr(dialogue->host[SERVER].addr, victim);
	dialogue_begin(dialogue, choose_fate(generator, time_us), time_us);
	truth_note(generator->truth, dialogue, TRUTH_HONEST);
}

/* The same SYN once more. */
static bool
knock_again(struct generator *generator, struct dialogue *dialogue)
{
	const bool is_linux = dialogue->host[CLIENT].stack == &host_linux;
	const uint8_t *waits_s = is_linux ? linux_waits_s : windows_waits_s;
	const uint32_t count = is_linux ? ARRAY_LEN(linux_waits_s) : ARRAY_LEN(windows_waits_s);
	uint64_t time_us;

	if (dialogue->again == count)
		return false;
	time_us = dialogue->time_us + waits_s[dialogue->again++] * USEC_PER_SEC;
	dialogue_go_on(dialogue, choose_fate(generator, time_us), time_us);
	return true;
}

/* Another connection. */
static bool
come_anew(struct generator *generator, struct dialogue *dialogue)
{
	struct host *client = &dialogue->host[CLIENT];
	uint64_t time_us = dialogue->time_us + REFUSED_WAIT_US;

	if (dialogue->anew++ == REFUSED_TRIES)
		return false;
	dialogue->again = 0;
	client->port = (uint16_t)(client->port < PORT_LAST ? client->port + 1 : client->port - 1);
	host_renew(client, &generator->random);
	host_renew(&dialogue->host[SERVER], &generator->random);
	dialogue_go_on(dialogue, choose_fate(generator, time_us), time_us);
	return true;
}

bool
honest_again(struct generator *generator, struct dialogue *dialogue)
{
	if (dialogue->script == &unheard)
		return knock_again(generator, dialogue);
	if (dialogue->script == &refused)
		return come_anew(generator, dialogue);
	return false;
}
