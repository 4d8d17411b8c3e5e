/* SPDX-License-Identifier: Apache-2.0 */

/* What one victim is like: the last seconds tick by tick, and the usual. */

#include "detect/followed.h"

#include "detect/tick.h"

#include <string.h>

/* What is learned fades over five minutes; before that, all that was seen counts alike. */
#define LEARNING_TICKS 3000

/* How long handshakes take is learned from about so many. */
#define DELAYS_KEPT 2000.0

/*
 * A victim whose handshakes nobody has timed yet is taken to have clients far away: most take
 * from half a second to a second. So many handshakes seen weigh as much as this assumption.
 */
#define ASSUMED_WEIGHT 4.0
#define ASSUMED_FROM 4
#define ASSUMED_TO 9

/*
 * Handshakes begin anywhere in their tick: of those that take as long as a tick and a half, half
 * are done in the next tick, half in the one behind. Each class is taken to take as long as it
 * can, so that a crowd is not expected to be done too soon.
 */
static void
add_taps(struct followed *victim, uint64_t delay_us, double weight)
{
	const uint64_t ticks = delay_us / TICK_US;
	const double later = (double)(delay_us % TICK_US) / (double)TICK_US;

	victim->taps[ticks] += weight * (1 - later);
	if (later > 0)
		victim->taps[ticks + 1] += weight * later;
}

static void
set_taps(struct followed *victim)
{
	double all = ASSUMED_WEIGHT;

	memset(victim->taps, 0, sizeof(victim->taps));
	for (uint32_t i = 0; i < VICTIM_DELAYS; i++)
		all += victim->delay[i];
	for (uint32_t i = 0; i < VICTIM_DELAYS; i++)
		add_taps(victim, victim_delay_end_us(i), victim->delay[i] / all);
	for (uint64_t tick = ASSUMED_FROM; tick <= ASSUMED_TO; tick++)
		add_taps(victim, tick * TICK_US,
				ASSUMED_WEIGHT / (ASSUMED_TO - ASSUMED_FROM + 1) / all);
}

void
followed_init(struct followed *victim)
{
	set_taps(victim);
}

static double
power(double base, uint64_t exponent)
{
	double result = 1;

	for (; exponent != 0; exponent >>= 1, base *= base)
		if ((exponent & 1) != 0)
			result *= base;
	return result;
}

void
followed_sleep(struct followed *victim, uint64_t ticks)
{
	const double kept = power(1.0 - 1.0 / LEARNING_TICKS, ticks);

	victim->usual_syn *= kept;
	victim->usual_completed *= kept;
	victim->usual_unfinished *= kept;
	for (uint32_t i = 0; i < ALARM_TYPE_COUNT; i++)
		victim->usual_stray[i] *= kept;
	memset(victim->ticks, 0, sizeof(victim->ticks));
	victim->cusum = 0;
}

static void
take_delays(struct followed *victim)
{
	double all = 0;

	if (victim->now.completed == 0 || victim->alarms != 0)
		return; /* under attack a server is not as usual */
	for (uint32_t i = 0; i < VICTIM_DELAYS; i++)
		all += victim->delay[i] += victim->now.delay[i];
	if (all > DELAYS_KEPT)
		for (uint32_t i = 0; i < VICTIM_DELAYS; i++)
			victim->delay[i] *= DELAYS_KEPT / all;
	set_taps(victim);
}

static void
take_counts(struct followed_tick *to, const struct victim_counts *now)
{
	*to = (struct followed_tick){
		.syn = now->syn,
		.synack = now->synack,
		.retried = now->retried,
		.client_reset = now->client_reset,
		.completed = now->completed,
		.resolved = now->completed + now->refused + now->broken_off,
	};
	to->stray[ALARM_BACKSCATTER] = now->stray_synack;
	to->stray[ALARM_RST_STORM] = now->stray_rst;
	to->stray[ALARM_ACK_STORM] = now->stray_ack;
	to->answered = now->stray_answered;
}

/*
 * Handshakes whose time to be resolved has come. Those of this tick beyond the last one's are
 * taken to have begun at its end, as they do when a crowd comes: their time begins a tick later.
 */
static double
expected_now(const struct followed *victim)
{
	double sum = 0;

	for (uint64_t ago = 0; ago < FOLLOWED_DELAYS; ago++) {
		const uint32_t syn = followed_tick_at(victim, ago)->syn;
		const uint32_t before = followed_tick_at(victim, ago + 1)->syn;
		const uint32_t late = syn > before ? syn - before : 0;

		sum += (syn - late) * victim->taps[ago];
		if (ago > 0)
			sum += late * (victim->taps[ago] + (ago == 1 ? victim->taps[0] : 0));
	}
	return sum;
}

void
followed_step(struct followed *victim, uint64_t tick, bool is_silent)
{
	struct followed_tick *to = &victim->ticks[tick % FOLLOWED_TICKS];
	const struct victim_counts *now = &victim->now;

	victim->stepped_tick = tick;
	take_counts(to, is_silent ? &(struct victim_counts){ 0 } : now);
	to->expected = expected_now(victim);
	to->unfinished = to->expected - to->resolved;
	if (is_silent)
		return;
	victim->half_open += (int64_t)now->syn - victim_ended(now);
	if (victim->half_open < 0)
		victim->half_open = 0; /* some began before it was followed */
	take_delays(victim);
	victim->now = (struct victim_counts){ 0 };
}

void
followed_skip(struct followed *victim, uint64_t tick)
{
	victim->stepped_tick = tick;
	victim->ticks[tick % FOLLOWED_TICKS] = (struct followed_tick){ 0 };
	victim->now = (struct victim_counts){ 0 };
}

static void
approach(double *usual, double value, double share)
{
	*usual += (value - *usual) * share;
}

void
followed_learn(struct followed *victim)
{
	const struct followed_tick *then = followed_tick_at(victim, TICKS_PER_SEC);
	double share;

	if (victim->stepped_tick < victim->since_tick + TICKS_PER_SEC)
		return;
	if (victim->learned_ticks < LEARNING_TICKS)
		victim->learned_ticks++;
	share = 1.0 / (double)victim->learned_ticks;
	approach(&victim->usual_syn, then->syn, share);
	approach(&victim->usual_completed, then->completed, share);
	approach(&victim->usual_unfinished, then->unfinished, share);
	for (uint32_t i = 0; i < ALARM_TYPE_COUNT; i++)
		approach(&victim->usual_stray[i], then->stray[i], share);
}

#define SUM(type, member) \
	type sum = 0; \
	for (uint32_t ago = 0; ago < ticks; ago++) \
		sum += followed_tick_at(victim, ago)->member; \
	return sum

uint32_t
followed_syn(const struct followed *victim, uint32_t ticks)
{
	SUM(uint32_t, syn);
}

uint32_t
followed_retried(const struct followed *victim, uint32_t ticks)
{
	SUM(uint32_t, retried);
}

uint32_t
followed_synack(const struct followed *victim, uint32_t ticks)
{
	SUM(uint32_t, synack);
}

uint32_t
followed_completed(const struct followed *victim, uint32_t ticks)
{
	SUM(uint32_t, completed);
}

uint32_t
followed_resolved(const struct followed *victim, uint32_t ticks)
{
	SUM(uint32_t, resolved);
}

uint32_t
followed_stray(const struct followed *victim, enum alarm_type type, uint32_t ticks)
{
	SUM(uint32_t, stray[type]);
}

uint32_t
followed_answered(const struct followed *victim, uint32_t ticks)
{
	SUM(uint32_t, answered);
}

double
followed_unfinished(const struct followed *victim, uint32_t ticks)
{
	SUM(double, unfinished);
}

double
followed_expected(const struct followed *victim, uint32_t ticks)
{
	SUM(double, expected);
}
