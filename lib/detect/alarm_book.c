/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/alarm_book.h"

#include "detect/tick.h"

#include <string.h>

/* After so long without, what there is no room for is another attack. */
#define MISSED_TICKS (5 * TICKS_PER_SEC)

/* So many times as heavy must an attack be to take the place of the lightest. */
#define HEAVIER 4

static struct alarm_entry *
free_entry(struct alarm_book *book)
{
	for (uint32_t i = 0; i < DETECTOR_ALARMS; i++)
		if (!book->entries[i].is_used)
			return &book->entries[i];
	return NULL;
}

/* Scans are their scanner's to end, and what begins in this tick has not been told yet. */
static struct alarm_entry *
lightest_entry(struct alarm_book *book, uint64_t tick)
{
	struct alarm_entry *lightest = NULL;

	for (uint32_t i = 0; i < DETECTOR_ALARMS; i++) {
		struct alarm_entry *entry = &book->entries[i];

		if (entry->victim != NULL && entry->start_tick < tick &&
				(lightest == NULL || entry->alarm.pps < lightest->alarm.pps))
			lightest = entry;
	}
	return lightest;
}

/* Many light attacks are cheap to make: they must not keep a heavy one from being told. */
static struct alarm_entry *
make_room(struct alarm_book *book, const struct followed *victim, uint64_t tick)
{
	struct alarm_entry *lightest = lightest_entry(book, tick);

	if (victim == NULL || lightest == NULL ||
			followed_syn(victim, TICKS_PER_SEC) / HEAVIER <= lightest->alarm.pps)
		return NULL;
	alarm_book_end(book, lightest, tick);
	return lightest;
}

/* Each tick it is tried anew, but one attack is missed only once. */
static void
count_missed(struct alarm_book *book, enum alarm_type type, struct followed *victim, uint64_t tick)
{
	if (victim == NULL)
		return; /* the caller's */
	if (victim->missed_tick[type] == 0 || tick > victim->missed_tick[type] + MISSED_TICKS)
		book->counters->alarms_missed++;
	victim->missed_tick[type] = tick;
}

struct alarm_entry *
alarm_book_begin(struct alarm_book *book, enum alarm_type type, struct followed *victim,
		uint64_t onset_us, uint64_t tick)
{
	struct alarm_entry *entry = free_entry(book);

	if (entry == NULL)
		entry = make_room(book, victim, tick);
	if (entry == NULL) {
		count_missed(book, type, victim, tick);
		return NULL;
	}
	memset(entry, 0, sizeof(*entry));
	entry->is_used = true;
	entry->victim = victim;
	entry->onset_tick = tick_of(onset_us);
	entry->start_tick = entry->true_tick = entry->part_tick = entry->told_tick = tick;
	entry->alarm.id = ++book->last_id;
	entry->alarm.type = type;
	entry->alarm.onset_us = onset_us;
	entry->alarm.detected_us = tick_end_us(tick);
	if (victim != NULL) {
		entry->alarm.victim = victim->key;
		victim->alarms |= UINT32_C(1) << type;
	}
	book->counters->alarms++;
	book->counters->started[type]++;
	return entry;
}

/* A place at the end of the queue; an update is told again soon, a start is not. */
static struct alarm *
notice_place(struct alarm_book *book, enum alarm_phase phase)
{
	if (book->notice_count < ALARM_BOOK_NOTICES)
		return &book->notices[(book->notice_first + book->notice_count++) %
				ALARM_BOOK_NOTICES];
	if (phase == ALARM_UPDATE)
		return NULL;
	for (uint32_t i = 0; i < ALARM_BOOK_NOTICES; i++) {
		const uint32_t at = (book->notice_first + i) % ALARM_BOOK_NOTICES;

		if (book->notices[at].phase != ALARM_UPDATE)
			continue;
		for (uint32_t n = i; n + 1 < ALARM_BOOK_NOTICES; n++)
			book->notices[(book->notice_first + n) %
					ALARM_BOOK_NOTICES] = book->notices[(book->notice_first +
											    n + 1) %
					ALARM_BOOK_NOTICES];
		return &book->notices[(book->notice_first + ALARM_BOOK_NOTICES - 1) %
				ALARM_BOOK_NOTICES];
	}
	return NULL;
}

void
alarm_book_tell(struct alarm_book *book, struct alarm_entry *entry, enum alarm_phase phase,
		uint64_t tick)
{
	struct alarm *notice;

	entry->alarm.phase = phase;
	entry->alarm.time_us = tick_end_us(tick);
	entry->told_tick = tick;
	notice = notice_place(book, phase);
	if (notice != NULL)
		*notice = entry->alarm;
}

void
alarm_book_end(struct alarm_book *book, struct alarm_entry *entry, uint64_t tick)
{
	entry->alarm.ended_us = tick_end_us(entry->true_tick);
	if (entry->victim != NULL) {
		entry->victim->alarms &= ~(UINT32_C(1) << entry->alarm.type);
		entry->victim->cusum = 0; /* the next attack is another */
	}
	if (entry->alarm.type == ALARM_SYN_FLOOD)
		book->counters->floods[entry->alarm.kind]++;
	alarm_book_tell(book, entry, ALARM_END, tick);
	book->ended[book->ended_count++ % DETECTOR_ENDED] = entry->alarm;
	entry->is_used = false;
}

static void
count_series(struct alarm_entry *entry, uint32_t count, uint32_t completed)
{
	struct alarm *alarm = &entry->alarm;

	entry->second_count += count;
	entry->second_completed += completed;
	if (++entry->second_ticks < TICKS_PER_SEC)
		return;
	if (alarm->series_count == ALARM_SERIES) {
		alarm->series_count--;
		memmove(alarm->series_pps, alarm->series_pps + 1,
				alarm->series_count * sizeof(alarm->series_pps[0]));
		memmove(alarm->series_completed, alarm->series_completed + 1,
				alarm->series_count * sizeof(alarm->series_completed[0]));
	}
	alarm->series_pps[alarm->series_count] = entry->second_count;
	alarm->series_completed[alarm->series_count++] = entry->second_completed;
	entry->second_ticks = entry->second_count = entry->second_completed = 0;
}

/* Before a second is full, the rate is that since the onset, and so is the peak. */
static uint32_t
young_rate(const struct alarm_entry *entry, uint64_t tick)
{
	const uint64_t age_us = usec_since(entry->alarm.onset_us, tick_end_us(tick));

	return (uint32_t)(entry->alarm.total * USEC_PER_SEC /
			(age_us > TICK_US ? age_us : TICK_US));
}

void
alarm_book_count(struct alarm_entry *entry, uint32_t count, uint32_t completed,
		uint32_t last_second, uint64_t tick)
{
	struct alarm *alarm = &entry->alarm;

	alarm->total += count;
	count_series(entry, count, completed);
	if (tick + 1 < entry->onset_tick + TICKS_PER_SEC) {
		alarm->pps = young_rate(entry, tick);
		alarm->peak_pps = alarm->pps;
		return;
	}
	alarm->pps = last_second;
	if (last_second > alarm->peak_pps || !entry->has_full_second)
		alarm->peak_pps = last_second;
	entry->has_full_second = true;
}

bool
alarm_book_next(struct alarm_book *book, struct alarm *alarm)
{
	if (book->notice_count == 0)
		return false;
	*alarm = book->notices[book->notice_first];
	book->notice_first = (book->notice_first + 1) % ALARM_BOOK_NOTICES;
	book->notice_count--;
	return true;
}
