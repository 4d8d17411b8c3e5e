/* SPDX-License-Identifier: Apache-2.0 */

/* Plays the cases of demo_scripts.c, each with a client whose address tells its number. */

#include "app/generate/cast.h"
#include "app/generate/demo_scripts.h"
#include "packet/build.h"

#include <string.h>

#define CLIENT_IPV4 UINT32_C(0xc633640a) /* 198.51.100.10 */
#define SERVER_IPV4 UINT32_C(0xc0000250) /* 192.0.2.80 */
#define CLIENT_PORT 40001
#define CLIENT_HOPS 12
#define CLIENT_ROUND_TRIP_US 18000

/* The case's own IP version needs addresses of that version, whatever the victim is. */
static void
choose_version(const struct demo_case *chosen, struct dialogue *dialogue)
{
	static const uint8_t client[16] = { 0x20, 0x01, 0x0d, 0xb8, [7] = 1, [15] = 0x0a };
	static const uint8_t server[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x80 };

	if (chosen->ip_version != 0 && chosen->ip_version != dialogue->ip_version) {
		dialogue->ip_version = chosen->ip_version;
		if (chosen->ip_version == 6)
			memcpy(dialogue->host[SERVER].addr, server, sizeof(server));
		else
			build_ipv4_mapped(SERVER_IPV4, dialogue->host[SERVER].addr);
	}
	if (dialogue->ip_version == 6)
		memcpy(dialogue->host[CLIENT].addr, client, sizeof(client));
	else
		build_ipv4_mapped(CLIENT_IPV4, dialogue->host[CLIENT].addr);
}

static bool
next(struct generator *generator, struct dialogue *dialogue)
{
	const struct generator_params *params = generator->params;
	uint32_t number = generator->made++;
	const struct demo_case *chosen = &demo_scripts_cases[number];
	struct host *client = &dialogue->host[CLIENT];

	if (number == demo_scripts_count)
		return false;
	cast_server(generator, dialogue);
	choose_version(chosen, dialogue);
	cast_next_addr(client->addr, number);
	client->port = (uint16_t)(CLIENT_PORT + number);
	host_init(client, chosen->stack != NULL ? chosen->stack : &host_linux, CLIENT_HOPS,
			CLIENT_ROUND_TRIP_US, &generator->random);
	if (chosen->vlan_count != 0) {
		dialogue->vlan_count = chosen->vlan_count;
		memcpy(dialogue->vlan, chosen->vlan, sizeof(dialogue->vlan));
	}
	dialogue_begin(dialogue, &chosen->script,
			params->start_us + chosen->start_ms * USEC_PER_MSEC);
	return true;
}

const struct generator_kind demo_kind = {
	.name = "demo",
	.purpose = "a few hundred packets with something of everything",
	.next = next,
};
