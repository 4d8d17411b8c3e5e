/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Capture files of attacks: one for each alarm but scans, with its first frames and some from
 * before, gathered from the workers (app/run/evidence_gather.h) and written to a folder of bounded size
 * (io/capture_folder.h).
 *
 * A few alarms at a time; others wait for their turn. What cannot be written is counted, and
 * told once a trouble, not once a file; nothing else stops for it.
 *
 * The control thread's, and knows no thread, no ring and no clock: a replay uses it as well.
 */

#ifndef APP_RUN_EVIDENCE_H
#define APP_RUN_EVIDENCE_H

#include "app/worker/mail.h"
#include "detect/alarm.h"
#include "detect/victim.h"
#include "observe/evidence_counters.h"
#include "observe/wire_json.h"

#include <stdbool.h>
#include <stdint.h>

/* For pipeline_params.kept_headers where there is a folder: 768 KiB a worker. */
#define EVIDENCE_KEPT_HEADERS 4096

/* More packets of one attack than a person looks at: 3.6 MiB for each worker, while it is gathered. */
#define EVIDENCE_PACKETS_MAX 10000

/* The longest folder of which a whole path fits into an alarm's `capture`. */
#define EVIDENCE_FOLDER_MAX 200

struct evidence_params {
	char folder[EVIDENCE_FOLDER_MAX + 1]; /* flood.capture */
	uint32_t packets; /* flood.capture_packets: from the alarm on, and as many from before */
	uint64_t bytes; /* flood.capture_size */
	uint64_t hold_us; /* flood.hold: an alarm does not end sooner than that */
	struct victim_prefixes prefixes;
	uint32_t workers;
	/* Put a letter into a worker's box; false: it is full. */
	bool (*post)(void *context, uint32_t worker, struct mail *mail);
	/* An alarm's file is there: for detector_note_capture(). */
	void (*written)(void *context, uint32_t alarm_id, const char *path);
	/* The folder takes no files any more, or does again. */
	void (*tell)(void *context, const struct wire_event *event);
	void *context;
};

struct evidence;

/** NULL: there is no memory. All the others take a NULL, and do nothing with it. */
struct evidence *evidence_create(const struct evidence_params *params);

/** As the user that the process will be: tell if the folder cannot be written to. */
void evidence_check(struct evidence *evidence);

/** Go on with other numbers: packets, bytes and hold_us are taken. */
void evidence_retune(struct evidence *evidence, const struct evidence_params *params);

/** What the wall's clock was set by since the start; see outputs_set_clock(). */
void evidence_set_clock(struct evidence *evidence, uint64_t shift_us);

/** What the detector says: gather the frames of what starts, and no more of what ends. */
void evidence_notice(struct evidence *evidence, const struct alarm *alarm);

/**
 * Write what has been gathered, and begin with what waits. Often; in a replay just before each
 * detector_judge() and at no other time, so that what a notice says does not depend on luck.
 */
void evidence_collect(struct evidence *evidence, uint64_t now_us);

/** The workers are at rest, and read no letters any more: write what there is. */
void evidence_finish(struct evidence *evidence);

/** NULL for NULL. */
const struct evidence_counters *evidence_counters(const struct evidence *evidence);

/** After evidence_finish(), or before the workers began. */
void evidence_destroy(struct evidence *evidence);

#endif /* APP_RUN_EVIDENCE_H */
