/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/cast.h"

#include "packet/build.h"
#include "packet/bytes.h"

#include <string.h>

#define CLIENT_PREFIX UINT32_C(0xc6120000) /* 198.18.0.0/15 */
#define CLIENT_PORT_BITS 15
#define CLIENT_PORT_FIRST 32768 /* net.ipv4.ip_local_port_range of Linux */
#define CLIENT_PORT_LAST 60999
#define SPOOFED_PORT_FIRST 1024
#define IPV6_PREFIX UINT32_C(0x20010db8)
#define WINDOWS_PERCENT 30
#define SERVER_HOPS 2
#define SERVER_ROUND_TRIP_US 300
#define HOPS_MIN 6
#define HOPS_MAX 22
#define CLIENT_ROUND_TRIP_MIN_US 4000
#define CLIENT_ROUND_TRIP_MAX_US 90000

/* Networks that a flood tool leaves out, and that are in use here. */
static const struct {
	uint32_t prefix;
	uint32_t mask;
} kept_out[] = {
	{ 0x00000000, 0xff000000 }, /* this network */
	{ 0x0a000000, 0xff000000 }, /* private */
	{ 0x64400000, 0xffc00000 }, /* shared */
	{ 0x7f000000, 0xff000000 }, /* loopback */
	{ 0xa9fe0000, 0xffff0000 }, /* link local */
	{ 0xac100000, 0xfff00000 }, /* private */
	{ 0xc0000000, 0xffffff00 }, /* protocol assignments */
	{ 0xc0000200, 0xffffff00 }, /* documentation: the server */
	{ 0xc0a80000, 0xffff0000 }, /* private */
	{ CLIENT_PREFIX, 0xfffe0000 }, { 0xe0000000, 0xe0000000 }, /* multicast, and reserved */
};

static bool
is_kept_out(uint32_t addr)
{
	for (size_t i = 0; i < ARRAY_LEN(kept_out); i++)
		if ((addr & kept_out[i].mask) == kept_out[i].prefix)
			return true;
	return false;
}

/* What is distinct in 32 bits is so in 128: a network of its own, and an address in it. */
static void
set_addr(struct host *host, uint8_t ip_version, uint32_t addr)
{
	uint64_t seed = addr;
	uint64_t interface = random_split(&seed);

	if (ip_version == 4) {
		build_ipv4_mapped(addr, host->addr);
		return;
	}
	bytes_store32(host->addr, IPV6_PREFIX);
	bytes_store32(host->addr + 4, addr);
	memcpy(host->addr + 8, &interface, sizeof(interface));
}

/*
 * One draw a statement: the order in which arguments are evaluated is the compiler's. The same
 * draws whatever is set, so that all else stays the same, too.
 */
static void
init_client(struct host *host, const struct host_stack *stack, uint32_t set_us,
		struct random *random)
{
	uint8_t hops = (uint8_t)random_between(random, HOPS_MIN, HOPS_MAX);
	uint32_t round_trip_us = random_between(
			random, CLIENT_ROUND_TRIP_MIN_US, CLIENT_ROUND_TRIP_MAX_US);

	if (set_us != 0)
		round_trip_us = set_us;
	host_init(host, stack, hops, round_trip_us, random);
}

static bool
is_victim(const struct generator *generator, const struct host *host)
{
	const uint8_t *first = generator->params->victim_addr;

	return memcmp(host->addr, first, 12) == 0 &&
			bytes_load32(host->addr + 12) - bytes_load32(first + 12) <
			generator->params->victims;
}

/*
 * Address and port. Few clients take their ports one after the other, each its own, and none
 * again before it had all.
 */
static uint32_t
client_number(struct generator *generator)
{
	const uint32_t clients = generator->params->clients;
	uint64_t next;

	if (clients == 0)
		return (uint32_t)shuffle_next(&generator->clients);
	next = generator->clients.next++;
	return (uint32_t)(next % clients) << CLIENT_PORT_BITS |
			(uint32_t)(next / clients % (CLIENT_PORT_LAST - CLIENT_PORT_FIRST + 1));
}

void
cast_client(struct generator *generator, struct dialogue *dialogue)
{
	struct random *random = &generator->random;
	struct host *host = &dialogue->host[CLIENT];
	uint32_t number;
	uint32_t port;
	bool is_windows;

	do {
		number = client_number(generator);
		port = CLIENT_PORT_FIRST + (number & ((1 << CLIENT_PORT_BITS) - 1));
		set_addr(host, generator->params->ip_version,
				CLIENT_PREFIX + (number >> CLIENT_PORT_BITS));
	} while (port > CLIENT_PORT_LAST || is_victim(generator, host));
	host->port = (uint16_t)port;
	is_windows = random_below(random, 100) < WINDOWS_PERCENT;
	init_client(host, is_windows ? &host_windows : &host_linux,
			generator->params->round_trip_us, random);
}

void
cast_spoofed(struct generator *generator, struct dialogue *dialogue)
{
	struct random *random = &generator->random;
	struct host *host = &dialogue->host[CLIENT];
	uint64_t number;

	do {
		number = shuffle_next(&generator->spoofed);
		host->port = (uint16_t)number;
		set_addr(host, generator->params->ip_version, (uint32_t)(number >> 16));
	} while (host->port < SPOOFED_PORT_FIRST || is_kept_out((uint32_t)(number >> 16)) ||
			is_victim(generator, host));
	init_client(host, &host_flooder, 0, random);
}

void
cast_source(struct generator *generator, struct dialogue *dialogue, uint64_t number, bool is_real)
{
	struct random *random = &generator->random;
	struct host *host = &dialogue->host[CLIENT];
	uint32_t addr;

	do {
		addr = (uint32_t)shuffle_at(&generator->sources, number);
		set_addr(host, generator->params->ip_version, addr);
		number += CAST_SOURCES;
	} while (is_kept_out(addr) || is_victim(generator, host));
	host->port = (uint16_t)random_between(random, SPOOFED_PORT_FIRST, UINT16_MAX);
	init_client(host, is_real ? &host_linux : &host_flooder, 0, random);
}

void
cast_server(struct generator *generator, struct dialogue *dialogue)
{
	const struct generator_params *params = generator->params;
	struct host *host = &dialogue->host[SERVER];

	dialogue->ip_version = params->ip_version;
	dialogue->vlan_count = params->vlan_count;
	memcpy(dialogue->vlan, params->vlan, sizeof(dialogue->vlan));
	memcpy(host->addr, params->victim_addr, sizeof(host->addr));
	host->port = params->victim_port;
	host_init(host, &host_linux, SERVER_HOPS, SERVER_ROUND_TRIP_US, &generator->random);
}

void
cast_next_addr(uint8_t addr[16], uint32_t number)
{
	bytes_store32(addr + 12, bytes_load32(addr + 12) + number);
}

void
cast_connection(struct generator *generator, struct dialogue *dialogue, const struct script *script,
		uint64_t time_us)
{
	cast_client(generator, dialogue);
	cast_server(generator, dialogue);
	dialogue_begin(dialogue, script, time_us);
}

void
cast_flood(struct generator *generator, struct dialogue *dialogue, uint64_t time_us)
{
	static const struct script_step ignored_steps[] = { { CLIENT, SYN } };
	static const struct script_step answered_steps[] = { { CLIENT, SYN }, { SERVER, SYN_ACK } };
	static const struct script ignored = SCRIPT(ignored_steps);
	static const struct script answered = SCRIPT(answered_steps);
	bool answer = random_below(&generator->random, 100) < generator->params->answered_percent;

	cast_spoofed(generator, dialogue);
	cast_server(generator, dialogue);
	dialogue_begin(dialogue, answer ? &answered : &ignored, time_us);
}
