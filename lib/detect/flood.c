/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/flood.h"

#include "detect/tick.h"

#include <string.h>

/* Systems send a SYN again after a second; what has not come by then does not come. */
#define RETRY_TICKS 11

/* A sample this small says nothing of shares. */
#define SHARE_LEAST 10

/* Of a server that nobody knows alive: so many handshakes from so many sources are no clients. */
#define CROWD_LEAST 100.0
#define CROWD_SOURCES 20.0

/* Fewer sources that send so many SYNs each are machines, if they exist or not. */
#define FEW_SOURCES 64
#define SYNS_OF_ONE 8
#define FEW_AFTER_TICKS 5

/*
 * So many times the usual handshakes are no clients that try again. Where the server answers,
 * less is enough: clients whose ACKs are lost do try again, but not at once.
 */
#define RISEN_SILENT 5.0
#define RISEN_ANSWERED 1.5

/* A source stands out that has one in so many of all SYNs, and more than so many in the sample. */
#define STANDS_OUT 50
#define STANDS_OUT_SAMPLES 2

/* Half of the senders or more behave as real ones do. */
#define HALF 0.5

static bool
comes_from_many(const struct followed *victim, const struct suspect *suspect)
{
	return followed_syn(victim, 3) >= CROWD_LEAST && suspect != NULL &&
			sources_estimate(&suspect->sources) >= CROWD_SOURCES;
}

/* Of the handshakes that have had the time: whether most were tried again. */
static bool
is_retried(const struct followed *victim)
{
	const uint32_t old = followed_syn(victim, 2 * RETRY_TICKS) -
			followed_syn(victim, RETRY_TICKS);

	return followed_retried(victim, RETRY_TICKS) >= HALF * old;
}

static bool
has_had_time(const struct followed *victim)
{
	return victim->stepped_tick >= victim->cusum_tick + RETRY_TICKS + 2 &&
			followed_syn(victim, 2 * RETRY_TICKS) > followed_syn(victim, RETRY_TICKS);
}

/* More handshakes than those who usually come would begin. */
static bool
is_too_many(const struct detector_params *params, const struct followed *victim, bool is_silent,
		const struct suspect *suspect)
{
	if (judge_was_alive(victim) && judge_is_known(victim))
		return judge_has_risen(victim, is_silent ? RISEN_SILENT : RISEN_ANSWERED,
				params->window_ticks);
	return !is_silent || comes_from_many(victim, suspect);
}

/*
 * Handshakes beyond the usual that nobody completes are a flood. With no more than usual, either
 * the server is silent or its answers are lost: then those who come try again, as hosts do, and
 * that takes a moment to be seen.
 */
enum flood_verdict
flood_verdict_of(const struct detector_params *params, const struct followed *victim,
		uint32_t findings, const struct suspect *suspect)
{
	/* A server that falls silent, or comes back, is neither flooded nor quite silent. */
	const bool is_silent = (findings & JUDGE_SUDDEN) != 0
			? judge_was_silent(victim, params->window_ticks + 1)
			: judge_is_unanswered(victim, TICKS_PER_SEC);

	/* Of a silent server fewer are a finding than of a flood. */
	const bool is_enough = (findings & JUDGE_SUDDEN) != 0 || judge_is_enough(params, victim);

	if (findings == 0)
		return FLOOD_VERDICT_NONE;
	if (is_enough && is_too_many(params, victim, is_silent, suspect))
		return FLOOD_VERDICT_FLOOD;
	if (!has_had_time(victim) || (findings & JUDGE_SLOW) == 0)
		return FLOOD_VERDICT_NONE;
	if (!is_retried(victim))
		return is_enough ? FLOOD_VERDICT_FLOOD : FLOOD_VERDICT_NONE;
	return is_silent && judge_was_alive(victim) ? FLOOD_VERDICT_SERVER_DOWN
						    : FLOOD_VERDICT_NONE;
}

static void
count_tick(struct alarm_entry *entry, const struct followed_tick *tick, uint32_t last_second,
		uint64_t number)
{
	entry->syn += tick->syn;
	entry->resolved += tick->resolved;
	entry->left_open_at[number % ALARM_LAG] = entry->syn > entry->resolved
			? entry->syn - entry->resolved
			: 0;
	entry->retried += tick->retried;
	entry->client_reset += tick->client_reset;
	alarm_book_count(entry, tick->syn, tick->completed, last_second, number);
}

static double
share_of(uint64_t part, uint64_t whole)
{
	if (whole == 0)
		return 0;
	return part < whole ? (double)part / (double)whole : 1;
}

/*
 * Those that reset do so within a round trip, those that try again after a second; nobody does
 * both, so the shares add up, each of those that have had the time.
 */
static void
update_spoofed_share(struct alarm_entry *entry, uint64_t tick)
{
	const uint64_t answered_by_now = entry->left_open_at[(tick - 1) % ALARM_LAG];
	const uint64_t retried_by_now = entry->left_open_at[(tick - RETRY_TICKS) % ALARM_LAG];
	double genuine;

	if (tick < entry->onset_tick + RETRY_TICKS + 1 || retried_by_now < SHARE_LEAST)
		return;
	genuine = share_of(entry->client_reset, answered_by_now) +
			share_of(entry->retried, retried_by_now);
	entry->alarm.has_spoofed_share = true;
	entry->alarm.spoofed_share = genuine < 1 ? (float)(1 - genuine) : 0;
}

/* Sources are counted from the suspicion on: their number tells nothing at first. */
static bool
is_from_few(const struct alarm_entry *entry, uint64_t tick)
{
	const struct alarm *alarm = &entry->alarm;

	return alarm->has_sources && tick >= entry->start_tick + FEW_AFTER_TICKS &&
			alarm->sources_estimate <= FEW_SOURCES &&
			alarm->sources_estimate * (uint64_t)SYNS_OF_ONE <= alarm->total;
}

/* Resets are there before the share of those that try again is known. */
static bool
is_genuine(const struct alarm_entry *entry, uint64_t tick)
{
	if (entry->alarm.has_spoofed_share)
		return entry->alarm.spoofed_share < HALF;
	if (is_from_few(entry, tick))
		return true;
	return tick > entry->onset_tick &&
			share_of(entry->client_reset,
					entry->left_open_at[(tick - 1) % ALARM_LAG]) >= HALF &&
			entry->client_reset >= SHARE_LEAST;
}

static enum flood_kind
kind_of(const struct alarm_entry *entry, uint64_t tick)
{
	const struct followed *victim = entry->victim;

	/* A silent server is one until it answers, or is attacked as well. */
	if (entry->alarm.kind == FLOOD_SERVER_DOWN &&
			!judge_has_risen(victim, RISEN_SILENT, TICKS_PER_SEC) &&
			tick <= entry->silent_tick + RETRY_TICKS)
		return FLOOD_SERVER_DOWN;
	return is_genuine(entry, tick) ? FLOOD_UNSPOOFED : FLOOD_SPOOFED;
}

static uint64_t
least_to_stand_out(const struct alarm *alarm)
{
	const uint64_t sampled = (uint64_t)STANDS_OUT_SAMPLES *
			sources_weight(alarm->peak_pps / TICKS_PER_SEC);
	const uint64_t share = alarm->total / STANDS_OUT;

	return sampled > share ? sampled : share;
}

/* The most active source that is not used yet; NULL: no other stands out. */
static const struct source *
heaviest(const struct sources *sources, uint64_t least, const bool used[SOURCES_TOP])
{
	const struct source *best = NULL;

	for (uint32_t i = 0; i < SOURCES_TOP; i++)
		if (!used[i] && sources->top[i].count > least &&
				(best == NULL || sources->top[i].count > best->count))
			best = &sources->top[i];
	return best;
}

/* Those that completed no handshake; each that stands out is a source, whatever it completed. */
static uint32_t
left_open(const struct sources *sources, uint32_t standing_out)
{
	const double estimate = sources_estimate_open(sources) + 0.5;

	return estimate > standing_out ? (uint32_t)estimate : standing_out;
}

static void
update_sources(struct alarm_entry *entry, uint64_t tick)
{
	const uint64_t age_us = usec_since(entry->alarm.onset_us, tick_end_us(tick));
	const uint64_t least = least_to_stand_out(&entry->alarm);
	const struct source *top = entry->sources.top, *source;
	struct alarm *alarm = &entry->alarm;
	bool used[SOURCES_TOP] = { false };

	if (!alarm->has_sources)
		return;
	alarm->top_count = 0;
	while (alarm->top_count < ALARM_TOP_SOURCES &&
			(source = heaviest(&entry->sources, least, used)) != NULL) {
		used[source - top] = true;
		alarm->top[alarm->top_count++] = (struct alarm_source){
			.addr = { source->addr[0], source->addr[1] },
			.ipv6 = source->ipv6,
			.pps = (uint32_t)(source->count * USEC_PER_SEC /
					(age_us > TICK_US ? age_us : TICK_US)),
		};
	}
	alarm->sources_estimate = left_open(&entry->sources, alarm->top_count);
}

static void
update(struct alarm_entry *entry, uint64_t tick)
{
	struct alarm *alarm = &entry->alarm;

	alarm->half_open = entry->victim->half_open < UINT32_MAX
			? (uint32_t)entry->victim->half_open
			: UINT32_MAX;
	alarm->completion_ratio = (float)judge_completion(entry->victim);
	update_spoofed_share(entry, tick);
	alarm->kind = kind_of(entry, tick);
}

/* Handshakes in the second up to then, as far back as is remembered. */
static uint32_t
second_before(const struct followed *victim, uint64_t ago)
{
	uint32_t sum = 0;

	for (uint64_t i = 0; i < TICKS_PER_SEC && ago + i < FOLLOWED_TICKS; i++)
		sum += followed_tick_at(victim, ago + i)->syn;
	return sum;
}

void
flood_begin(struct alarm_book *book, const struct detector_params *params, struct followed *victim,
		uint32_t findings, enum flood_verdict verdict, uint64_t tick)
{
	struct alarm_entry *entry = alarm_book_begin(
			book, ALARM_SYN_FLOOD, victim, judge_onset_us(victim, findings), tick);
	uint64_t ticks;

	if (entry == NULL)
		return;
	entry->alarm.baseline_pps = (uint32_t)(victim->usual_syn * TICKS_PER_SEC + 0.5);
	if (victim->key.level == VICTIM_PREFIX)
		entry->alarm.prefix_len = victim->key.ipv6 ? params->prefixes.ipv6
							   : params->prefixes.ipv4;
	entry->alarm.kind = verdict == FLOOD_VERDICT_SERVER_DOWN ? FLOOD_SERVER_DOWN
								 : FLOOD_SPOOFED;
	ticks = tick >= entry->onset_tick ? tick - entry->onset_tick + 1 : 1;
	for (ticks = ticks < FOLLOWED_TICKS ? ticks : FOLLOWED_TICKS; ticks > 0; ticks--)
		count_tick(entry, followed_tick_at(victim, ticks - 1),
				second_before(victim, ticks - 1), tick - (ticks - 1));
}

void
flood_take_sources(struct alarm_entry *entry, const struct sources *sources)
{
	sources_merge(&entry->sources, sources);
	entry->alarm.has_sources = true;
}

void
flood_take_suspect(struct alarm_entry *entry, const struct suspect *suspect)
{
	if (suspect->tick < entry->onset_tick)
		return;
	suspects_add_since(suspect, entry->onset_tick, &entry->sources);
	entry->alarm.has_sources = true;
}

static bool
must_be_told(const struct detector_params *params, const struct alarm_entry *entry,
		enum flood_kind kind_before, bool share_before, uint64_t tick)
{
	return entry->alarm.kind != kind_before || entry->alarm.has_spoofed_share != share_before ||
			tick >= entry->told_tick + params->update_ticks;
}

/* However few still ask a server that is silent. */
static bool
goes_on(const struct detector_params *params, const struct alarm_entry *entry)
{
	const struct followed *victim = entry->victim;

	return judge_goes_on(params, victim) ||
			(entry->alarm.kind == FLOOD_SERVER_DOWN &&
					followed_syn(victim, TICKS_PER_SEC) > 0 &&
					judge_is_unanswered(victim, TICKS_PER_SEC));
}

/* Whether this tick leaves half as much open as the flood's do on average. */
static bool
is_part(const struct alarm_entry *entry, uint64_t tick)
{
	const struct followed_tick *now = followed_tick_at(entry->victim, 0);
	const double open = (double)entry->syn - (double)entry->resolved;
	const double ticks = (double)(tick - entry->onset_tick + 1);

	return ((double)now->syn - now->resolved) * ticks >= HALF * open;
}

/* It was over before a look back over some ticks could tell. */
static void
end(struct alarm_book *book, struct alarm_entry *entry, uint64_t tick)
{
	if (entry->true_tick <= entry->part_tick + JUDGE_GOES_ON_TICKS)
		entry->true_tick = entry->part_tick;
	alarm_book_end(book, entry, tick);
}

void
flood_step(struct alarm_book *book, const struct detector_params *params, struct alarm_entry *entry,
		uint64_t tick)
{
	const enum flood_kind kind_before = entry->alarm.kind;
	const bool share_before = entry->alarm.has_spoofed_share;

	if (goes_on(params, entry)) {
		entry->true_tick = tick;
		if (is_part(entry, tick))
			entry->part_tick = tick;
	}
	if (entry->true_tick < tick || judge_is_unanswered(entry->victim, TICKS_PER_SEC))
		entry->silent_tick = tick;
	if (tick > entry->start_tick)
		count_tick(entry, followed_tick_at(entry->victim, 0),
				followed_syn(entry->victim, TICKS_PER_SEC), tick);
	update_sources(entry, tick);
	update(entry, tick);
	if (tick == entry->start_tick)
		alarm_book_tell(book, entry, ALARM_START, tick);
	else if (tick >= entry->true_tick + params->hold_ticks)
		end(book, entry, tick);
	else if (must_be_told(params, entry, kind_before, share_before, tick))
		alarm_book_tell(book, entry, ALARM_UPDATE, tick);
}
