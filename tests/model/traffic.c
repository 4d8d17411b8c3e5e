/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A conversation is what two hosts would have in mind: numbers and how far they have come.
 * Mostly the next step is what a host would send; now and then it is anything else.
 */

#include "base/usec.h"
#include "handshake/retry.h"
#include "traffic_hosts.h"

#include <string.h>

#define START_US (UINT64_C(1600000000) * USEC_PER_SEC)
/* The time of a SYN inside a connection is kept for nine hours: no answer may come after that. */
#define LASTS_US (9 * 3600 * USEC_PER_SEC)

/* --- time --- */

/* A moment when a timer of this conversation may run out. */
static uint64_t
some_deadline(struct maker *maker, const struct conversation *conversation)
{
	const struct tracker_params *params = maker->params;
	struct retry syn = { .linear = params->syn_linear_timeouts,
		.retries = params->syn_retries,
		.rto_us = params->initial_rto_us };
	struct retry synack = { .retries = params->synack_retries,
		.rto_us = params->initial_rto_us };

	switch (random_below(&maker->random, 8)) {
	case 0:
		return conversation->syn_us + retry_giveup_us(&syn);
	case 1:
		return conversation->synack_us + retry_giveup_us(&synack);
	case 2:
		return conversation->last_us + params->established_us;
	case 3:
		return conversation->last_us + params->closing_us;
	case 4:
		return conversation->last_us + params->time_wait_us;
	case 5:
		return conversation->last_us + params->reset_us;
	default:
		return conversation->last_us + params->rst_confirm_us;
	}
}

static uint64_t
some_gap(struct maker *maker)
{
	struct random *random = &maker->random;

	switch (random_below(random, 32)) {
	case 0:
		return 0;
	case 1:
	case 2:
		return USEC_PER_SEC - 1 + random_below(random, 3);
	case 3:
	case 4:
		return random_below(random, 5000000);
	case 5:
		return random_below(random, 100000000);
	case 6:
		return (random_next(random) >> 32) % (3 * 3600 * USEC_PER_SEC);
	case 7:
	case 8:
	case 9:
	case 10:
		return random_below(random, 1000000);
	default:
		return random_below(random, 20000);
	}
}

static void
pass_time(struct maker *maker, const struct conversation *conversation)
{
	if (random_once_in(&maker->random, 12)) {
		uint64_t at_us = some_deadline(maker, conversation) - 1 +
				random_below(&maker->random, 3);

		if (at_us > maker->now_us)
			maker->now_us = at_us;
	} else {
		maker->now_us += some_gap(maker);
	}
}

/* --- conversations --- */

static void
disturb(struct maker *maker, struct conversation *conversation)
{
	unsigned from = random_below(&maker->random, 2);

	switch (random_below(&maker->random, 24)) {
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
		traffic_send_rst(maker, conversation, from);
		break;
	case 5:
	case 6:
		traffic_send_foreign_syn(maker, conversation, from);
		break;
	case 7:
	case 8:
		traffic_send_foreign_synack(maker, conversation, from);
		break;
	case 9:
		traffic_send_syn(maker, conversation, from, false);
		break;
	case 10:
	case 11:
		traffic_send_syn(maker, conversation, from, true);
		break;
	case 12:
		traffic_send_synack(
				maker, conversation, from, false, conversation->host[!from].next);
		break;
	case 13:
		traffic_send_synack(
				maker, conversation, from, true, conversation->host[!from].next);
		break;
	case 14:
		traffic_send_synack(maker, conversation, from, random_once_in(&maker->random, 2),
				(uint32_t)random_next(&maker->random));
		break;
	case 15:
		traffic_send_illegal(maker, conversation, from);
		break;
	case 16:
		traffic_send_icmp(maker, conversation, from);
		break;
	case 17:
	case 18:
		traffic_send_fin(maker, conversation, from);
		break;
	case 19:
		conversation->host[from].next = (uint32_t)random_next(&maker->random);
		traffic_send_data(maker, conversation, from);
		break;
	case 20:
		traffic_send_data(maker, conversation, from);
		break;
	default:
		traffic_send_ack(maker, conversation, from);
		break;
	}
}

static void
refresh(struct random *random, struct conversation *conversation)
{
	for (unsigned i = 0; i < 2; i++) {
		struct host *host = &conversation->host[i];

		host->isn = traffic_some_isn(random);
		host->next = host->isn + 1;
		host->acked = conversation->host[!i].next;
		host->hop_limit = (uint8_t)(50 + random_below(random, 14));
		host->window = (uint16_t)(random_once_in(random, 5)
						? random_below(random, 64)
						: 1000 + random_below(random, 64000));
		host->wscale = (uint8_t)(random_once_in(random, 3) ? 0 : random_below(random, 16));
	}
	conversation->fast_open = random_once_in(random, 12);
	conversation->one_way = random_once_in(random, 15);
}

static void
begin(struct maker *maker, struct conversation *conversation)
{
	struct random *random = &maker->random;

	if (!random_once_in(random, 3))
		refresh(random, conversation);
	conversation->host[0].fin = conversation->host[1].fin = false;
	switch (random_below(random, 12)) {
	case 0: /* picked up in the middle */
		conversation->host[0].next = traffic_some_isn(random);
		conversation->host[1].next = traffic_some_isn(random);
		conversation->progress = OPEN;
		traffic_send_data(maker, conversation, random_below(random, 2));
		break;
	case 1: /* simultaneous open */
		traffic_send_syn(maker, conversation, 0, false);
		maker->now_us += random_below(random, 1000);
		traffic_send_syn(maker, conversation, 1, false);
		conversation->progress = SYNACK_OUT;
		break;
	default:
		traffic_send_syn(maker, conversation, 0, false);
		conversation->progress = SYN_OUT;
		break;
	}
}

static void
answer_syn(struct maker *maker, struct conversation *conversation)
{
	switch (random_below(&maker->random, 10)) {
	case 0:
	case 1:
		traffic_send_syn(maker, conversation, 0, true);
		break;
	case 2:
		traffic_send_rst(maker, conversation, random_below(&maker->random, 2));
		break;
	case 3:
		traffic_send_icmp(maker, conversation, 0);
		break;
	default:
		traffic_send_synack(maker, conversation, 1, false, conversation->host[0].next);
		conversation->progress = SYNACK_OUT;
		break;
	}
}

static void
answer_synack(struct maker *maker, struct conversation *conversation)
{
	switch (random_below(&maker->random, 12)) {
	case 0:
		traffic_send_synack(maker, conversation, 1, true, conversation->host[0].next);
		break;
	case 1:
		traffic_send_rst(maker, conversation, random_below(&maker->random, 2));
		break;
	case 2:
		traffic_send_synack(maker, conversation, 0, true, conversation->host[1].next);
		break;
	case 3:
		conversation->progress = OPEN;
		traffic_send_data(maker, conversation, 0);
		break;
	case 4:
		traffic_send_ack(maker, conversation, 1);
		break;
	default:
		conversation->progress = OPEN;
		traffic_send_ack(maker, conversation, 0);
		break;
	}
}

static void
talk(struct maker *maker, struct conversation *conversation)
{
	unsigned from = random_below(&maker->random, 2);

	if (conversation->host[from].fin || random_once_in(&maker->random, 8))
		traffic_send_fin(maker, conversation, from);
	else if (random_once_in(&maker->random, 3))
		traffic_send_ack(maker, conversation, from);
	else
		traffic_send_data(maker, conversation, from);
	if (conversation->host[0].fin && conversation->host[1].fin)
		conversation->progress = CLOSED;
}

static void
close_down(struct maker *maker, struct conversation *conversation)
{
	if (random_once_in(&maker->random, 4))
		begin(maker, conversation);
	else
		traffic_send_ack(maker, conversation, random_below(&maker->random, 2));
}

static void
go_on(struct maker *maker, struct conversation *conversation)
{
	if (random_once_in(&maker->random, maker->noise)) {
		disturb(maker, conversation);
		return;
	}
	switch (conversation->progress) {
	case SYN_OUT:
		answer_syn(maker, conversation);
		break;
	case SYNACK_OUT:
		answer_synack(maker, conversation);
		break;
	case OPEN:
		talk(maker, conversation);
		break;
	case CLOSED:
		close_down(maker, conversation);
		break;
	case IDLE:
		begin(maker, conversation);
		break;
	}
}

/* Few hosts and ports, so that two conversations may share a key. */
static void
make_hosts(struct maker *maker)
{
	struct random *random = &maker->random;

	maker->count = 1 + random_below(random, CONVERSATIONS_MAX);
	for (uint32_t i = 0; i < maker->count; i++) {
		struct conversation *conversation = &maker->conversations[i];

		conversation->ip_version = random_once_in(random, 3) ? 6 : 4;
		for (unsigned side = 0; side < 2; side++) {
			struct host *host = &conversation->host[side];

			build_ipv4_mapped(0x0a000001 + side + random_below(random, 2), host->addr);
			if (conversation->ip_version == 6)
				host->addr[0] = 0x20;
			host->port = (uint16_t)(side == 0 ? 1000 + random_below(random, 2) : 80);
		}
		conversation->vlan_count = (uint8_t)(random_once_in(random, 4)
						? random_below(random, 3)
						: 0);
		refresh(random, conversation);
	}
}

static void
make_params(struct random *random, struct tracker_params *params)
{
	tracker_params_default(params);
	params->rst_events_all = random_once_in(random, 3);
	if (random_once_in(random, 2))
		return;
	params->timeouts = !random_once_in(random, 4);
	params->syn_linear_timeouts = random_below(random, 2) * 4;
	params->syn_retries = 1 + random_below(random, 9);
	params->synack_retries = random_below(random, 8);
	params->rst_ttl_tolerance = (uint8_t)random_below(random, 8);
	if (random_once_in(random, 2))
		params->rst_confirm_us = 10000 + random_below(random, 20000000);
	if (random_once_in(random, 2))
		params->established_us = USEC_PER_SEC * (1 + random_below(random, 20000));
}

void
traffic_make(uint64_t seed, struct traffic *traffic)
{
	struct maker maker = {
		.random.state = seed, .params = &traffic->params, .sequence = &traffic->sequence
	};
	uint32_t want;

	*traffic = (struct traffic){ 0 };
	make_params(&maker.random, &traffic->params);
	make_hosts(&maker);
	maker.now_us = START_US + random_below(&maker.random, 1000000);
	maker.noise = 2 + random_below(&maker.random, 20);
	want = 5 + random_below(&maker.random, 150);
	do {
		struct conversation *conversation = &maker.conversations[random_below(
				&maker.random, maker.count)];

		go_on(&maker, conversation);
		pass_time(&maker, conversation);
	} while (traffic->sequence.count < want && maker.now_us < START_US + LASTS_US);
	traffic->sequence.end_us = maker.now_us;
}
