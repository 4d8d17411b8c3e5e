/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/judge.h"

#include "detect/tick.h"

#include <math.h>

/* The usual is known after so many ticks. */
#define KNOWN_TICKS (3 * TICKS_PER_SEC)

/* A sudden flood has so many times the usual number of unfinished handshakes. */
#define SUDDEN_FACTOR 4.0

/* What a prefix must see beyond what a single victim must: stray scans hit every prefix. */
#define PREFIX_FACTOR 5.0

/*
 * The CUSUM's allowance and threshold, in ticks' worth of usual traffic: half of all handshakes
 * may stay unfinished; at three times the usual rate the alarm comes after one to two seconds.
 */
#define CUSUM_ALLOWANCE 0.5
#define CUSUM_ALARM 14.0
#define CUSUM_QUIET 3.0
#define CUSUM_MOST (2 * CUSUM_ALARM)

/* Nor is it a flood before so many handshakes are unfinished, or so many ticks have passed. */
#define SLOW_LEAST 20.0
#define SLOW_TICKS 8

/* A server that so many clients a second find silent is told to be down. */
#define SILENT_LEAST_PPS 5

/* No victim's usual traffic is taken to be less, in handshakes a tick. */
#define USUAL_LEAST 0.5

/* A server that answers fewer than one in so many answers nobody. */
#define ANSWERED_LEAST 10
#define SILENT_LEAST 4

/* A tick with a quarter of the flood's mean rate is a tick of the flood. */
#define LIKE_SHARE 4

/* Each of two ticks of a sudden flood has so many more unfinished handshakes than usual. */
#define SPREAD_LEAST 1.0

/* A flood goes on while so much of the rate that made it one is left. */
#define GOES_ON_SHARE 0.5

/* By chance as many of the usual clients more may come, in standard deviations. */
#define CHANCE 1.5

static double
larger(double a, double b)
{
	return a > b ? a : b;
}

static double
least_for(const struct followed *victim, uint32_t pps, uint32_t ticks)
{
	const double factor = victim->key.level == VICTIM_PREFIX ? PREFIX_FACTOR : 1;

	return factor * pps * ticks / TICKS_PER_SEC;
}

/* Handshakes beyond the usual that began in a tick. */
static double
excess_at(const struct followed *victim, uint64_t ago)
{
	const struct followed_tick *tick = followed_tick_at(victim, ago);

	return larger(0,
			(double)tick->syn - tick->resolved -
					larger(victim->usual_syn - victim->usual_completed, 0));
}

/* A burst in a single tick is one client's, or one page's. */
static bool
is_spread(const struct followed *victim, uint32_t ticks)
{
	double most = 0, second = 0;

	for (uint32_t ago = 0; ago <= ticks; ago++) {
		const double excess = excess_at(victim, ago);

		second = excess > most ? most : larger(excess, second);
		most = larger(excess, most);
	}
	return second >= larger(most / LIKE_SHARE, SPREAD_LEAST);
}

/* Handshakes that began in the last ticks and are not resolved: late ones and young ones. */
static double
left_open(const struct followed *victim, uint32_t ticks)
{
	double open = 0;

	for (uint32_t ago = 0; ago < ticks; ago++)
		open += (double)followed_tick_at(victim, ago)->syn -
				followed_tick_at(victim, ago)->resolved;
	return open;
}

/*
 * What is resolved sooner than expected is missing when it was expected: where clients stop
 * coming all at once, that is all there is. Of a flood the handshakes are still open.
 */
static bool
is_still_open(const struct followed *victim, double unfinished)
{
	return left_open(victim, FOLLOWED_DELAYS + JUDGE_GOES_ON_TICKS) >= unfinished / 2;
}

static bool
is_sudden_over(const struct detector_params *params, const struct followed *victim, uint32_t ticks)
{
	const double unfinished = followed_unfinished(victim, ticks);
	const double expected = followed_expected(victim, ticks);

	return unfinished >= least_for(victim, params->min_syn_pps, ticks) &&
			followed_completed(victim, ticks) <= params->max_completion * expected &&
			unfinished >= SUDDEN_FACTOR * victim->usual_unfinished * ticks &&
			is_spread(victim, ticks) && is_still_open(victim, unfinished);
}

/* One tick more, for who has so few clients that some of them come in a bunch. */
static bool
is_sudden(const struct detector_params *params, const struct followed *victim)
{
	return is_sudden_over(params, victim, params->window_ticks) ||
			is_sudden_over(params, victim, params->window_ticks + 1);
}

/*
 * In what the unfinished are measured: the victim's usual traffic, or what completes just now,
 * if that is more. A crowd that completes raises it; a flood does not.
 */
static double
unit_of(const struct followed *victim)
{
	const double now = (double)followed_completed(victim, TICKS_PER_SEC) / TICKS_PER_SEC;

	return larger(larger(victim->usual_syn, now), USUAL_LEAST);
}

static void
add_up(struct followed *victim)
{
	const double unfinished = followed_tick_at(victim, 0)->unfinished;
	const double beyond = unfinished - larger(victim->usual_unfinished, 0);
	const double before = victim->cusum;

	victim->cusum = larger(0, before + beyond / unit_of(victim) - CUSUM_ALLOWANCE);
	if (victim->cusum > CUSUM_MOST)
		victim->cusum = CUSUM_MOST;
	if (before == 0 && victim->cusum > 0)
		victim->cusum_tick = victim->stepped_tick;
}

/* Clients of a silent server come no more often than they ever did, so fewer are enough. */
static uint32_t
least_slow_pps(const struct detector_params *params, const struct followed *victim, uint32_t ticks)
{
	if (judge_was_alive(victim) && judge_is_unanswered(victim, ticks))
		return SILENT_LEAST_PPS;
	return params->min_slow_syn_pps;
}

static bool
is_slow(const struct detector_params *params, const struct followed *victim)
{
	const uint64_t lasted = victim->stepped_tick - victim->cusum_tick + 1;
	const uint32_t ticks = lasted < FOLLOWED_TICKS ? (uint32_t)lasted : FOLLOWED_TICKS;
	const double unfinished = followed_unfinished(victim, TICKS_PER_SEC);
	const double least = least_for(
			victim, least_slow_pps(params, victim, ticks), TICKS_PER_SEC);

	return victim->cusum >= CUSUM_ALARM && ticks >= SLOW_TICKS &&
			followed_unfinished(victim, ticks) >= SLOW_LEAST && unfinished >= least &&
			unfinished > CUSUM_ALLOWANCE * followed_expected(victim, TICKS_PER_SEC) &&
			is_still_open(victim, unfinished);
}

bool
judge_is_enough(const struct detector_params *params, const struct followed *victim)
{
	return followed_unfinished(victim, TICKS_PER_SEC) >=
			least_for(victim, params->min_slow_syn_pps, TICKS_PER_SEC);
}

uint32_t
judge_victim(const struct detector_params *params, struct followed *victim)
{
	add_up(victim);
	return (is_sudden(params, victim) ? JUDGE_SUDDEN : 0) |
			(is_slow(params, victim) ? JUDGE_SLOW : 0);
}

bool
judge_is_quiet(const struct followed *victim)
{
	return victim->cusum < CUSUM_QUIET;
}

/*
 * What goes on leaves handshakes open that begin now, and has left open what began before. The
 * first alone would take clients that are about to be answered for it, the second alone would
 * not see the end before those that are late are given up. What is served just now tells as
 * well as the past what is usual: of an attack that was there first, only the present does.
 */
bool
judge_goes_on(const struct detector_params *params, const struct followed *victim)
{
	const double usual = larger(victim->usual_unfinished, 0) * JUDGE_GOES_ON_TICKS;
	const double usual_syn = larger(victim->usual_syn * JUDGE_GOES_ON_TICKS,
			followed_resolved(victim, JUDGE_GOES_ON_TICKS));
	const double least = GOES_ON_SHARE *
					larger(least_for(victim, params->min_slow_syn_pps,
							       JUDGE_GOES_ON_TICKS),
							usual_syn) +
			CHANCE * sqrt(usual_syn);

	return left_open(victim, JUDGE_GOES_ON_TICKS) - usual >= least &&
			followed_unfinished(victim, JUDGE_GOES_ON_TICKS) - usual >= least / 2;
}

bool
judge_is_unanswered(const struct followed *victim, uint32_t ticks)
{
	return followed_synack(victim, ticks) * ANSWERED_LEAST <= followed_syn(victim, ticks);
}

bool
judge_was_silent(const struct followed *victim, uint32_t ticks)
{
	for (uint32_t ago = 0; ago < ticks; ago++) {
		const struct followed_tick *tick = followed_tick_at(victim, ago);

		if (tick->syn >= SILENT_LEAST && tick->synack * ANSWERED_LEAST <= tick->syn)
			return true;
	}
	return false;
}

bool
judge_is_known(const struct followed *victim)
{
	return victim->learned_ticks >= KNOWN_TICKS;
}

bool
judge_has_risen(const struct followed *victim, double factor, uint32_t ticks)
{
	return judge_is_known(victim) &&
			followed_syn(victim, ticks) >=
			factor * larger(victim->usual_syn, USUAL_LEAST) * ticks;
}

bool
judge_was_alive(const struct followed *victim)
{
	return victim->usual_completed > 0;
}

bool
judge_is_bad(const struct detector_params *params, const struct followed *victim)
{
	const uint32_t ticks = params->window_ticks + 1;
	const uint32_t syn = followed_syn(victim, ticks);

	return syn > 0 && followed_resolved(victim, ticks) <= params->max_completion * syn;
}

double
judge_completion(const struct followed *victim)
{
	const double expected = followed_expected(victim, TICKS_PER_SEC);
	const double completed = followed_completed(victim, TICKS_PER_SEC);

	if (expected <= 0)
		return completed > 0 ? 1 : 0;
	return completed < expected ? completed / expected : 1;
}

static double
mean_excess(const struct followed *victim, uint64_t ticks)
{
	double sum = 0;

	for (uint64_t ago = 0; ago < ticks; ago++)
		sum += excess_at(victim, ago);
	return sum / (double)ticks;
}

/* So many ticks a handshake takes in the mean: an unfinished one shows so much later. */
static uint64_t
usual_delay(const struct followed *victim)
{
	double ticks = 0;

	for (uint32_t i = 0; i < FOLLOWED_DELAYS; i++)
		ticks += i * victim->taps[i];
	return (uint64_t)ticks;
}

/* How many ticks there has been too much, as far as is known before looking closer. */
static uint64_t
ticks_of_trouble(const struct followed *victim, uint32_t findings)
{
	if ((findings & JUDGE_SUDDEN) != 0)
		return 2;
	return victim->stepped_tick - victim->cusum_tick + 1 + usual_delay(victim);
}

/*
 * Back to the first of the ticks that are like the others. The flood began somewhere in the
 * one before it, or in itself: what that tick has of the next one's handshakes tells where.
 */
uint64_t
judge_onset_us(const struct followed *victim, uint32_t findings)
{
	const uint64_t ticks = ticks_of_trouble(victim, findings);
	uint64_t first = ticks - 1;
	double like, part;

	if (ticks > FOLLOWED_TICKS - 2)
		return tick_start_us(victim->stepped_tick - (ticks - 1));
	like = larger(mean_excess(victim, ticks) / LIKE_SHARE, SPREAD_LEAST / LIKE_SHARE);
	while (first + 2 < FOLLOWED_TICKS && excess_at(victim, first + 1) >= like)
		first++;
	while (first > 0 && excess_at(victim, first) < like)
		first--;
	if (excess_at(victim, first + 1) > 0)
		first++;
	part = first > 0 ? excess_at(victim, first) / larger(excess_at(victim, first - 1), 1) : 1;
	return tick_end_us(victim->stepped_tick - first) -
			(uint64_t)((double)TICK_US * (part < 1 ? part : 1));
}
