/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Half of the time some clients come, then all at once, as after a link in the news. All
 * are real: every handshake completes, if at the second SYN. Not an attack, though the
 * number of SYNs rises like one.
 */

#include "app/generate/cast.h"

#define SEGMENT 1448 /* with timestamps, all that fits into 1500 bytes */

#define DOWNLOAD \
	{ CLIENT, PUSH, .text = SCRIPT_REQUEST }, { SERVER, ACK }, \
			{ SERVER, ACK, .len = SEGMENT, .after_us = MS(3) }, \
			{ SERVER, ACK, .len = SEGMENT }, { SERVER, PUSH, .len = 700 }, \
	{ \
		CLIENT, ACK \
	}

static const struct script_step plain[] = { HANDSHAKE, DOWNLOAD, CLOSE_BY_CLIENT };
static const struct script_step server_closes[] = { HANDSHAKE, DOWNLOAD, CLOSE_BY_SERVER };
static const struct script_step second_syn[] = {
	{ CLIENT, SYN },
	{ CLIENT, SYN, .after_us = SECONDS(1) },
	{ SERVER, SYN_ACK },
	{ CLIENT, ACK },
	DOWNLOAD,
	CLOSE_BY_CLIENT,
};
static const struct script_step third_syn[] = {
	{ CLIENT, SYN },
	{ CLIENT, SYN, .after_us = SECONDS(1) },
	{ CLIENT, SYN, .after_us = SECONDS(2) },
	{ SERVER, SYN_ACK },
	{ CLIENT, ACK },
	DOWNLOAD,
	CLOSE_BY_SERVER,
};
static const struct script_step second_synack[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN_ACK },
	{ SERVER, SYN_ACK, .after_us = SECONDS(1) },
	{ CLIENT, ACK },
	DOWNLOAD,
	CLOSE_BY_CLIENT,
};
static const struct script_step lost_synack[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN_ACK },
	{ CLIENT, SYN, .after_us = SECONDS(1) },
	{ SERVER, SYN_ACK },
	{ CLIENT, ACK },
	DOWNLOAD,
	CLOSE_BY_CLIENT,
};
static const struct script_step lost_ack[] = {
	{ CLIENT, SYN },
	{ SERVER, SYN_ACK },
	{ CLIENT, ACK, HIDDEN },
	DOWNLOAD,
	CLOSE_BY_CLIENT,
};

/* What the clients go through, and how many of a hundred, where no loss is set. */
static const struct {
	struct script script;
	uint8_t percent;
} fates[] = {
	{ SCRIPT(plain), 55 },
	{ SCRIPT(server_closes), 30 },
	{ SCRIPT(second_syn), 8 },
	{ SCRIPT(third_syn), 2 },
	{ SCRIPT(second_synack), 3 },
	{ SCRIPT(lost_ack), 2 },
};

/* One segment of the handshake is lost; that two of one client are is rare enough to leave out. */
static const struct script losses[] = {
	SCRIPT(second_syn),
	SCRIPT(lost_synack),
	SCRIPT(second_synack),
	SCRIPT(lost_ack),
};

static const struct script *
choose_loss(struct random *random, uint32_t percent)
{
	uint32_t number = random_below(random, 100);

	if (number < percent * ARRAY_LEN(losses))
		return &losses[number % ARRAY_LEN(losses)];
	return &fates[number % 2].script;
}

static const struct script *
choose_fate(struct random *random)
{
	uint32_t number = random_below(random, 100);
	size_t fate = 0;

	while (number >= fates[fate].percent)
		number -= fates[fate++].percent;
	return &fates[fate].script;
}

static uint64_t
arrival_us(const struct generator_params *params, uint32_t number)
{
	uint64_t half_us = params->duration_us / 2;
	uint32_t early = params->count / (params->surge + 1);

	if (number < early)
		return params->start_us + generator_share_us(half_us, number, early);
	return params->start_us + half_us +
			generator_share_us(half_us, number - early, params->count - early);
}

static bool
next(struct generator *generator, struct dialogue *dialogue)
{
	const struct generator_params *params = generator->params;
	uint32_t number = generator->made++;
	const struct script *fate;

	if (number == params->count)
		return false;
	fate = params->has_loss ? choose_loss(&generator->random, params->loss_percent)
				: choose_fate(&generator->random);
	cast_connection(generator, dialogue, fate, arrival_us(params, number));
	return true;
}

const struct generator_kind flashcrowd_kind = {
	.name = "flashcrowd",
	.purpose = "a rush of real clients that all complete, some at the second try",
	.takes = GENERATOR_COUNT | GENERATOR_RATE | GENERATOR_DURATION | GENERATOR_RTT |
			GENERATOR_LOSS | GENERATOR_SURGE | GENERATOR_CLIENTS,
	.count = 20000,
	.rate = 2000,
	.next = next,
};
