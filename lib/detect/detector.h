/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The detector: sums what the workers' meters report, judges each victim each tick, and says
 * when an attack begins, how it goes, and when it is over.
 *
 * One thread owns it. It knows no clock: time is that of the reports.
 */

#ifndef DETECT_DETECTOR_H
#define DETECT_DETECTOR_H

#include "detect/alarm.h"
#include "detect/report.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Attacks under way at a time, of all types. A flood that is much heavier takes the place of the
 * lightest, which is told to be over; other further ones are counted as missed.
 */
#define DETECTOR_ALARMS 128
/* Attacks that are over and still remembered. */
#define DETECTOR_ENDED 64

struct detector_params {
	struct victim_prefixes prefixes;
	uint32_t min_syn_pps; /* flood.min_syn_pps: no fewer unfinished handshakes are a sudden flood */
	uint32_t min_slow_syn_pps; /* flood.min_slow_syn_pps: nor a slow one */
	double max_completion; /* flood.max_completion: a share of 1 */
	uint32_t window_ticks; /* flood.window: for so long a sudden flood must last to be told */
	uint32_t hold_ticks; /* flood.hold: for so long it must be gone to be over */
	uint32_t update_ticks; /* flood.update: between two updates of one alarm */
	uint32_t scan_min_targets; /* scan.min_targets: different ones within ten seconds */
	uint32_t storm_min_pps; /* storm.min_pps: of stray segments to one victim */
};

void detector_params_default(struct detector_params *params);

struct detector;

/**
 * @param seed
 *   Random; keys the hash.
 * @return
 *   NULL when there is no memory.
 */
struct detector *detector_create(const struct detector_params *params, uint64_t seed);

void detector_destroy(struct detector *detector);

/** Go on with other thresholds; what is under way stays. */
void detector_retune(struct detector *detector, const struct detector_params *params);

/** Take one worker's report, whosever it is; it may be given back at once. */
void detector_take(struct detector *detector, const struct detect_report *report);

/** The reports of @p tick are in: judge. A gap since the last tick judged is silence. */
void detector_judge(struct detector *detector, uint64_t tick);

/** The run ends: what is under way is over. */
void detector_finish(struct detector *detector);

/** Take the next notice; false: there is none. */
bool detector_next(struct detector *detector, struct alarm *alarm);

/** Where the first packets of an alarm are kept; shown from then on. */
void detector_note_capture(struct detector *detector, uint32_t id, const char *path);

/** Alarms under way, the oldest first; they live until the next call of the detector. */
uint32_t detector_active(
		const struct detector *detector, const struct alarm **alarms, uint32_t room);

/** Alarms that are over, the latest first. */
uint32_t detector_ended(
		const struct detector *detector, const struct alarm **alarms, uint32_t room);

/* X(field, help): what the detector counts of itself; never reset. */
#define DETECTOR_COUNTERS(X) \
	X(ticks, "Ticks that were judged") \
	X(reports, "Reports of workers that were taken") \
	X(victims, "Victims that are followed now") \
	X(alarms, "Alarms that were raised") \
	X(alarms_missed, "Alarms for which there was no room") \
	X(victims_replaced, "Victims that gave way to others") \
	X(unfollowed_syns, "SYNs to destinations that no worker had a place for")

struct detector_counters {
#define X(field, help) uint64_t field;
	DETECTOR_COUNTERS(X)
#undef X
	uint64_t started[ALARM_TYPE_COUNT]; /* alarms by type */
	uint64_t floods[FLOOD_KIND_COUNT]; /* floods by the kind they had last */
};

const struct detector_counters *detector_counters(const struct detector *detector);

#endif /* DETECT_DETECTOR_H */
