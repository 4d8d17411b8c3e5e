/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A half-open scan as nmap does one: a SYN to each port; an open one answers with a
 * SYN-ACK, which the scanner's kernel resets; a closed one with a RST; a filtered one
 * not at all, and is asked again after a second, from the next source port.
 */

#include "app/generate/cast.h"
#include "packet/build.h"

#include <string.h>

#define PORTS 1024 /* of each host */
#define PORT_STRIDE 769 /* odd, so that all ports come, in no obvious order */
#define FILTERED_PERCENT 10
#define SCANNER_IPV4 UINT32_C(0xcb007142) /* 203.0.113.66 */
#define SCANNER_PORT 51234
#define SCANNER_HOPS 11
#define SCANNER_ROUND_TRIP_US 24000
#define ASK_AGAIN_US USEC_PER_SEC

static const struct script_step open_steps[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN_ACK },
	{ CLIENT, RST },
};
static const struct script_step closed_steps[] = { { CLIENT, SYN }, { SERVER, RST_ACK } };
static const struct script_step filtered_steps[] = { { CLIENT, SYN } };

static const struct script open_port = SCRIPT(open_steps);
static const struct script closed_port = SCRIPT(closed_steps);
static const struct script filtered_port = SCRIPT(filtered_steps);

static uint16_t
port_of(uint32_t target)
{
	return (uint16_t)(1 + target * PORT_STRIDE % PORTS);
}

/* By the target alone, so that it is known again when it is asked again. */
static const struct script *
answer_of(const struct generator *generator, uint32_t target)
{
	uint64_t seed = generator->params->seed + target;
	uint16_t port = port_of(target);

	if (port == 22 || port == 80 || port == 443)
		return &open_port;
	return random_split(&seed) % 100 < FILTERED_PERCENT ? &filtered_port : &closed_port;
}

static uint64_t
arrival_us(const struct generator_params *params, uint32_t target)
{
	return params->start_us + generator_share_us(params->duration_us, target, params->count);
}

static void
cast_scanner(struct generator *generator, struct dialogue *dialogue, uint32_t attempt)
{
	static const uint8_t ipv6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0x0b, 0xad, [15] = 0x66 };
	struct host *scanner = &dialogue->host[CLIENT];

	if (generator->params->ip_version == 4)
		build_ipv4_mapped(SCANNER_IPV4, scanner->addr);
	else
		memcpy(scanner->addr, ipv6, sizeof(ipv6));
	scanner->port = (uint16_t)(SCANNER_PORT + attempt);
	host_init(scanner, &host_scanner, SCANNER_HOPS, SCANNER_ROUND_TRIP_US, &generator->random);
}

static void
ask(struct generator *generator, struct dialogue *dialogue, uint32_t target, uint32_t attempt,
		uint64_t time_us)
{
	struct host *host = &dialogue->host[SERVER];

	cast_scanner(generator, dialogue, attempt);
	cast_server(generator, dialogue);
	cast_next_addr(host->addr, target / PORTS);
	host->port = port_of(target);
	dialogue_begin(dialogue, answer_of(generator, target), time_us);
}

static bool
next(struct generator *generator, struct dialogue *dialogue)
{
	const struct generator_params *params = generator->params;
	uint32_t made = generator->made;
	uint64_t again_us;

	while (generator->again < made && answer_of(generator, generator->again) != &filtered_port)
		generator->again++;
	again_us = arrival_us(params, generator->again) + ASK_AGAIN_US;
	if (made < params->count &&
			(generator->again == made || arrival_us(params, made) < again_us)) {
		ask(generator, dialogue, made, 0, arrival_us(params, made));
		generator->made++;
		return true;
	}
	if (generator->again == made)
		return false;
	ask(generator, dialogue, generator->again++, 1, again_us);
	return true;
}

const struct generator_kind scan_kind = {
	.name = "scan",
	.purpose = "one source that knocks at many ports of many hosts",
	.takes = GENERATOR_COUNT | GENERATOR_RATE | GENERATOR_DURATION,
	.count = 4096,
	.rate = 1000,
	.next = next,
};
