/* SPDX-License-Identifier: Apache-2.0 */

#include "base/usec.h"
#include "naive_facts.h"

/* --- what is said --- */

static void
say(struct naive *naive, const struct naive_connection *c, enum event_kind kind, uint64_t time_us)
{
	struct record record;

	naive_record(c, &record);
	said_add(&naive->said, kind, time_us, &record);
}

/* What the handshake comes to. It is said once, of all that have a SYN and do not complete. */
void
naive_judge_handshake(struct naive *naive, struct naive_connection *c, enum handshake_result result,
		uint64_t time_us)
{
	bool said = c->judged != HANDSHAKE_UNSET;

	c->judged = result;
	if (!said && naive_first(c, SEGMENT_SYN, FLOW_CLIENT) != NULL)
		say(naive, c, EVENT_INCOMPLETE_HANDSHAKE, time_us);
}

static bool
is_wanted(const struct naive *naive, const struct naive_seen *rst)
{
	return naive->params.rst_events_all || rst->rst.verdict == RST_MID_CONNECTION ||
			rst->rst.verdict == RST_SUSPECTED_INJECTION;
}

void
naive_say_rst(struct naive *naive, const struct naive_connection *c, struct naive_seen *rst,
		uint64_t time_us)
{
	if (rst->rst_reported || !is_wanted(naive, rst))
		return;
	rst->rst_reported = true;
	say(naive, c, EVENT_RST, time_us);
}

/* The connection ends; what is still to be said of it is said. */
void
naive_release(struct naive *naive, struct naive_connection *c, enum end_how unless_on_the_wire,
		uint64_t time_us)
{
	struct naive_seen *rst = naive_rst_of(c);
	struct record record;

	naive_record(c, &record);
	if (record.end == END_UNSET)
		record.end = unless_on_the_wire;
	else
		time_us = naive_last(c)->time_us;
	if (naive_result(c) == HANDSHAKE_UNSET)
		naive_judge_handshake(naive, c, naive_result_of_silence(c), time_us);
	if (rst != NULL)
		naive_say_rst(naive, c, rst, time_us);
	record.handshake.result = naive_result(c);
	record.handshake.silent = verdict_silent_party(record.handshake.result);
	said_add(&naive->said, EVENT_CONNECTION, time_us, &record);
	c->open = false;
}

/* --- timers --- */

/* How long a sender waits in all: one RTO a linear try, then each wait twice the last. */
static uint64_t
giveup_us(uint64_t rto_us, uint32_t linear, uint32_t retries)
{
	uint64_t wait_us = rto_us;
	uint64_t sum_us = 0;

	for (uint32_t i = 0; i < linear; i++)
		sum_us += wait_us;
	for (uint32_t i = 0; i <= retries; i++) {
		sum_us += wait_us;
		wait_us = 2 * wait_us;
		if (wait_us > 120 * USEC_PER_SEC)
			wait_us = 120 * USEC_PER_SEC;
	}
	return sum_us;
}

static uint64_t
release_deadline(const struct naive *naive, const struct naive_connection *c)
{
	const struct tracker_params *params = &naive->params;
	uint64_t last_us = naive_last(c)->time_us;

	switch (c->state) {
	case NAIVE_SYN_SENT:
	case NAIVE_SYN_CROSSED:
		if (c->went_on)
			return last_us + params->established_us;
		return c->seen[0].time_us +
				giveup_us(params->initial_rto_us, params->syn_linear_timeouts,
						params->syn_retries);
	case NAIVE_SYN_RECEIVED:
		if (c->went_on)
			return last_us + params->established_us;
		/* Choice: when that was is not kept if it was more than 71 minutes after the SYN. */
		return (naive_synack_is_late(c) ? last_us : naive_good_synack(c)->time_us) +
				giveup_us(params->initial_rto_us, 0, params->synack_retries);
	case NAIVE_FIN_WAIT:
	case NAIVE_CLOSING:
		return last_us + params->closing_us;
	case NAIVE_TIME_WAIT:
		return last_us + params->time_wait_us;
	case NAIVE_RESET:
		return last_us + params->reset_us;
	default:
		return last_us + params->established_us;
	}
}

/* The RST is obeyed. */
void
naive_reset(struct naive *naive, struct naive_connection *c, const struct naive_seen *rst,
		uint64_t time_us)
{
	enum handshake_result result = naive_result(c) == HANDSHAKE_UNSET
			? naive_result_of_rst(c, rst)
			: HANDSHAKE_UNSET;

	c->state_before_rst = c->state;
	c->state = NAIVE_RESET;
	if (result != HANDSHAKE_UNSET)
		naive_judge_handshake(naive, c, result, time_us);
}

/* The receiver kept silent: it believed the RST. */
static void
confirm_rst(struct naive *naive, struct naive_connection *c, struct naive_seen *rst,
		uint64_t time_us)
{
	bool doubted = rst->belief == NAIVE_DOUBTED;

	if (rst->rst.after == RST_AFTER_UNSET)
		rst->rst.after = RST_AFTER_SILENT;
	rst->belief = NAIVE_BELIEVED;
	if (doubted)
		naive_reset(naive, c, rst, time_us);
	naive_say_rst(naive, c, rst, time_us);
}

/* Whether what the receiver of the RST does is not known yet, or not told. */
static bool
is_awaited(const struct naive *naive, const struct naive_connection *c,
		const struct naive_seen *rst)
{
	if (rst == NULL || rst->belief == NAIVE_DOUBTED)
		return rst != NULL;
	return c->state == NAIVE_RESET &&
			(rst->rst.after == RST_AFTER_UNSET ||
					(is_wanted(naive, rst) && !rst->rst_reported));
}

/*
 * Everything of one connection whose time has come. Choice: what a RST comes to is waited
 * for, whatever else runs out before that.
 */
void
naive_run_timers(struct naive *naive, struct naive_connection *c, uint64_t now_us)
{
	while (c->open && naive->params.timeouts) {
		struct naive_seen *rst = naive_rst_of(c);
		bool awaited = is_awaited(naive, c, rst);
		uint64_t at_us = awaited ? naive_last(c)->time_us + naive->params.rst_confirm_us
					 : release_deadline(naive, c);

		if (at_us > now_us)
			return;
		if (awaited)
			confirm_rst(naive, c, rst, at_us);
		else
			naive_release(naive, c, END_TIMEOUT, at_us);
	}
}
