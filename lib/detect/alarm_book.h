/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The alarms under way, those that are over, and the notices that nobody has taken yet.
 *
 * A notice is a copy of the alarm as it was. When nobody takes them, the newest are dropped,
 * but for the start and the end of an alarm the oldest update makes room.
 */

#ifndef DETECT_ALARM_BOOK_H
#define DETECT_ALARM_BOOK_H

#include "detect/detector.h"
#include "detect/followed.h"

#include <stdbool.h>
#include <stdint.h>

#define ALARM_BOOK_NOTICES 512 /* more than three of each alarm under way */
#define ALARM_LAG 16 /* ticks for which running totals are remembered; a power of two */

/* An alarm under way, with what is only needed to go on with it. */
struct alarm_entry {
	bool is_used;
	struct alarm alarm;
	struct followed *victim; /* NULL for a scan */
	uint64_t onset_tick;
	uint64_t start_tick; /* when it was told first */
	uint64_t true_tick; /* the last in which its condition held */
	uint64_t part_tick; /* of a flood: the last that had a part in that */
	uint64_t told_tick; /* of the last notice */
	uint64_t silent_tick; /* the last in which the server answered nobody, or nobody asked */
	bool has_full_second; /* the peak is that of a whole second */

	/* Of a flood, since its onset. */
	uint64_t syn;
	uint64_t resolved;
	uint64_t left_open_at[ALARM_LAG]; /* handshakes that nothing had resolved, by tick */
	uint64_t retried;
	uint64_t client_reset;
	struct sources sources;

	/* For the series: of the second under way. */
	uint32_t second_ticks;
	uint32_t second_count;
	uint32_t second_completed;
};

struct alarm_book {
	struct alarm_entry entries[DETECTOR_ALARMS];
	struct alarm ended[DETECTOR_ENDED];
	uint64_t ended_count; /* so far; the latest lies at ended_count - 1 modulo their number */
	struct alarm notices[ALARM_BOOK_NOTICES];
	uint32_t notice_first;
	uint32_t notice_count;
	uint32_t last_id;
	struct detector_counters *counters;
};

/** Begin one, with type, victim, onset and detection filled in; NULL: there is no room. */
struct alarm_entry *alarm_book_begin(struct alarm_book *book, enum alarm_type type,
		struct followed *victim, uint64_t onset_us, uint64_t tick);

/** Say something of it. */
void alarm_book_tell(struct alarm_book *book, struct alarm_entry *entry, enum alarm_phase phase,
		uint64_t tick);

/** It is over: told, and remembered as ended. */
void alarm_book_end(struct alarm_book *book, struct alarm_entry *entry, uint64_t tick);

/** Count a tick into rates, peak and series; @p completed is 0 but for a flood. */
void alarm_book_count(struct alarm_entry *entry, uint32_t count, uint32_t completed,
		uint32_t last_second, uint64_t tick);

bool alarm_book_next(struct alarm_book *book, struct alarm *alarm);

#endif /* DETECT_ALARM_BOOK_H */
