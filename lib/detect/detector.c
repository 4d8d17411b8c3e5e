/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Each tick: the sums of all reports become one more tick of each victim's history, each is
 * judged alone, then it is decided whom to name, and what is under way goes on. Where nothing
 * is awake and no alarm is under way, silence costs nothing however long it is.
 */

#include "detect/detector.h"

#include "detect/alarm_book.h"
#include "detect/blame.h"
#include "detect/flood.h"
#include "detect/followed_table.h"
#include "detect/judge.h"
#include "detect/scan.h"
#include "detect/storm.h"
#include "detect/suspects.h"
#include "detect/tick.h"

#include <stdlib.h>
#include <string.h>

/* Who comes while a flood pauses is none of its sources. */
#define SOURCES_TICKS 5

/* A report from so long before is of another time: one capture after another, say. */
#define STEP_BACK_TICKS (2 * TICKS_PER_SEC)

struct detector {
	struct detector_params params;
	struct detector_counters counters;
	uint64_t tick; /* the last that was judged; 0: none */
	uint64_t first_tick;
	uint32_t seeing; /* reports of this tick from workers that saw all of it */
	uint32_t blind; /* and from those that did not */
	struct followed_table *followed;
	struct suspects suspects;
	struct scan scan;
	struct alarm_book book;
};

void
detector_params_default(struct detector_params *params)
{
	*params = (struct detector_params){
		.prefixes = { .ipv4 = 24, .ipv6 = 64 },
		.min_syn_pps = 40,
		.min_slow_syn_pps = 20,
		.max_completion = 0.4,
		.window_ticks = 2,
		.hold_ticks = 10 * TICKS_PER_SEC,
		.update_ticks = 10 * TICKS_PER_SEC,
		.scan_min_targets = 64,
		.storm_min_pps = 1000,
	};
}

struct detector *
detector_create(const struct detector_params *params, uint64_t seed)
{
	struct detector *detector = calloc(1, sizeof(*detector));

	if (detector == NULL)
		return NULL;
	detector->params = *params;
	address_hash_key_of(seed, detector->scan.key);
	detector->book.counters = &detector->counters;
	detector->followed = followed_table_create(seed);
	if (detector->followed == NULL) {
		free(detector);
		return NULL;
	}
	return detector;
}

void
detector_destroy(struct detector *detector)
{
	if (detector == NULL)
		return;
	followed_table_destroy(detector->followed);
	free(detector);
}

void
detector_retune(struct detector *detector, const struct detector_params *params)
{
	const struct victim_prefixes prefixes = detector->params.prefixes;

	detector->params = *params;
	detector->params.prefixes = prefixes; /* the workers' tables were made for these */
}

static void
take_sources(struct detector *detector, const struct report_victim *victim,
		const struct sources *sources, uint64_t tick)
{
	suspects_take(&detector->suspects, victim, sources, tick);
	for (uint32_t i = 0; i < DETECTOR_ALARMS; i++) {
		struct alarm_entry *entry = &detector->book.entries[i];

		if (entry->is_used && entry->alarm.type == ALARM_SYN_FLOOD &&
				tick <= entry->true_tick + SOURCES_TICKS &&
				victim_covers(&entry->victim->key, &victim->key,
						&detector->params.prefixes))
			flood_take_sources(entry, sources);
	}
}

static void
take_victim(struct detector *detector, const struct detect_report *report,
		const struct report_victim *victim, uint64_t tick)
{
	struct followed *followed = followed_table_wake(detector->followed, &victim->key, tick);

	if (followed != NULL)
		victim_counts_add(&followed->now, &victim->counts);
	if (victim->sources < report->sources_count)
		take_sources(detector, victim, &report->sources[victim->sources], tick);
}

static void
step_victims(struct detector *detector, uint64_t tick, bool is_silent)
{
	for (uint32_t i = 0; i < followed_table_awake_count(detector->followed); i++) {
		struct followed *victim = followed_table_awake(detector->followed, i);

		if (victim->stepped_tick >= tick)
			continue; /* it woke up for a later tick */
		followed_step(victim, tick, is_silent);
		victim->findings = judge_victim(&detector->params, victim);
		if (detector->blind == 0 && victim->alarms == 0 && !victim->is_partly_named &&
				judge_is_quiet(victim))
			followed_learn(victim);
	}
}

/* What is known of the sources by now is the alarm's, too. */
static void
hand_over_suspects(struct detector *detector, struct alarm_entry *entry, uint64_t tick)
{
	for (uint32_t i = 0; i < SUSPECTS_MAX; i++) {
		const struct suspect *suspect = &detector->suspects.suspect[i];

		if (suspects_is_current(suspect, tick) &&
				victim_covers(&entry->victim->key, &suspect->key,
						&detector->params.prefixes))
			flood_take_suspect(entry, suspect);
	}
}

static void
step_alarms(struct detector *detector, uint64_t tick)
{
	for (uint32_t i = 0; i < DETECTOR_ALARMS; i++) {
		struct alarm_entry *entry = &detector->book.entries[i];

		if (!entry->is_used || entry->alarm.type == ALARM_SCAN)
			continue;
		if (entry->alarm.type != ALARM_SYN_FLOOD) {
			storm_step(&detector->book, &detector->params, entry, tick);
			continue;
		}
		if (entry->start_tick == tick)
			hand_over_suspects(detector, entry, tick);
		flood_step(&detector->book, &detector->params, entry, tick);
	}
}

static void
step(struct detector *detector, uint64_t tick, bool is_silent)
{
	step_victims(detector, tick, is_silent);
	blame(&detector->book, &detector->params, detector->followed, &detector->suspects, tick);
	storm_begin_all(&detector->book, &detector->params, detector->followed,
			tick - detector->first_tick, tick);
	step_alarms(detector, tick);
	scan_step(&detector->scan, &detector->book, &detector->params, tick);
	followed_table_rest(detector->followed, tick);
	suspects_rest(&detector->suspects, tick);
	detector->counters.ticks++;
}

static bool
is_all_quiet(const struct detector *detector, uint64_t tick)
{
	for (uint32_t i = 0; i < DETECTOR_ALARMS; i++)
		if (detector->book.entries[i].is_used)
			return false;
	for (uint32_t i = 0; i < followed_table_awake_count(detector->followed); i++)
		if (followed_table_awake(detector->followed, i)->stepped_tick < tick)
			return false;
	return true;
}

/* Nothing came in the ticks before this one; where all is quiet, however many they are. */
static void
pass_silence(struct detector *detector, uint64_t tick)
{
	for (uint64_t silent = detector->tick + 1; silent < tick; silent++) {
		if (is_all_quiet(detector, silent))
			break;
		step(detector, silent, true);
	}
	detector->tick = tick - 1;
}

/* What is under way ends where it was, and all that was learned was of another time. */
static void
begin_anew(struct detector *detector)
{
	detector_finish(detector);
	followed_table_forget_all(detector->followed);
	suspects_forget_all(&detector->suspects);
	memset(detector->scan.sources, 0, sizeof(detector->scan.sources));
	detector->tick = 0;
	detector->seeing = detector->blind = 0;
}

void
detector_take(struct detector *detector, const struct detect_report *report)
{
	/* The first tick of 1970 is judged with the next: 0 stands for none. */
	const uint64_t tick = report->tick != 0 ? report->tick : 1;

	if (report->tick + STEP_BACK_TICKS < detector->tick)
		begin_anew(detector);
	/* No worker is so late: before it is told what came behind a gap, the gap must be over. */
	if (detector->tick != 0 && report->tick > detector->tick + FOLLOWED_TICKS)
		pass_silence(detector, report->tick);
	detector->counters.reports++;
	detector->counters.unfollowed_syns += report->unfollowed.syn;
	if (report->is_blind)
		detector->blind++;
	else
		detector->seeing++;
	for (uint32_t i = 0; i < report->victim_count; i++)
		take_victim(detector, report, &report->victims[i], tick);
	for (uint32_t i = 0; i < report->scanner_count; i++)
		scan_take(&detector->scan, &report->scanners[i], tick);
}

/* Nobody saw what passed: who judged by such a tick would take it for silence. */
static void
skip_tick(struct detector *detector, uint64_t tick)
{
	for (uint32_t i = 0; i < followed_table_awake_count(detector->followed); i++)
		followed_skip(followed_table_awake(detector->followed, i), tick);
}

/* What a worker does not see may go on. */
static void
hold_alarms(struct detector *detector, uint64_t tick)
{
	for (uint32_t i = 0; i < DETECTOR_ALARMS; i++)
		if (detector->book.entries[i].is_used)
			detector->book.entries[i].true_tick = tick;
}

void
detector_judge(struct detector *detector, uint64_t tick)
{
	if (tick <= detector->tick)
		return;
	if (detector->tick == 0) {
		detector->first_tick = tick;
		detector->tick = tick - 1;
	}
	pass_silence(detector, tick);
	if (detector->blind > 0 && detector->seeing == 0)
		skip_tick(detector, tick);
	else
		step(detector, tick, false);
	if (detector->blind > 0)
		hold_alarms(detector, tick);
	detector->seeing = detector->blind = 0;
	detector->tick = tick;
	detector->counters.victims = followed_table_count(detector->followed);
	detector->counters.victims_replaced = followed_table_replaced(detector->followed);
}

void
detector_finish(struct detector *detector)
{
	scan_finish(&detector->scan, &detector->book, detector->tick);
	for (uint32_t i = 0; i < DETECTOR_ALARMS; i++)
		if (detector->book.entries[i].is_used)
			alarm_book_end(&detector->book, &detector->book.entries[i], detector->tick);
}

bool
detector_next(struct detector *detector, struct alarm *alarm)
{
	return alarm_book_next(&detector->book, alarm);
}

void
detector_note_capture(struct detector *detector, uint32_t id, const char *path)
{
	for (uint32_t i = 0; i < DETECTOR_ALARMS; i++) {
		struct alarm *alarm = &detector->book.entries[i].alarm;

		if (detector->book.entries[i].is_used && alarm->id == id)
			strncpy(alarm->capture, path, sizeof(alarm->capture) - 1);
	}
}

uint32_t
detector_active(const struct detector *detector, const struct alarm **alarms, uint32_t room)
{
	uint32_t count = 0, at;

	for (uint32_t i = 0; i < DETECTOR_ALARMS; i++) {
		const struct alarm_entry *entry = &detector->book.entries[i];

		if (!entry->is_used || count == room)
			continue;
		for (at = count++; at > 0 && alarms[at - 1]->id > entry->alarm.id; at--)
			alarms[at] = alarms[at - 1];
		alarms[at] = &entry->alarm;
	}
	return count;
}

uint32_t
detector_ended(const struct detector *detector, const struct alarm **alarms, uint32_t room)
{
	const struct alarm_book *book = &detector->book;
	uint32_t count = book->ended_count < DETECTOR_ENDED ? (uint32_t)book->ended_count
							    : DETECTOR_ENDED;

	if (count > room)
		count = room;
	for (uint32_t i = 0; i < count; i++)
		alarms[i] = &book->ended[(book->ended_count - 1 - i) % DETECTOR_ENDED];
	return count;
}

const struct detector_counters *
detector_counters(const struct detector *detector)
{
	return &detector->counters;
}
