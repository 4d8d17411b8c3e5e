/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a run says at its end to a person: attacks and what failed first, then where, then how fast,
 * then the proof that no frame was lost, and what could not be seen.
 *
 * Of the connections in the first line those failed whose SYN was seen and that did not
 * complete; unknown are those that were evicted, or seen in one direction only, before that
 * could be told; the others completed, or began out of sight. There is an event
 * incomplete_handshake of each that failed, and of each unknown one whose SYN was seen; and
 * of a few more, that completed after all when they were given up already.
 *
 * Totals come from the workers' counters, which lose nothing; servers, latencies and who
 * reset whom from the events of connections. Memory is bounded however long the run is.
 * One thread owns a summary.
 */

#ifndef OBSERVE_SUMMARY_H
#define OBSERVE_SUMMARY_H

#include "detect/alarm.h"
#include "handshake/record.h"
#include "pipeline/counters.h"
#include "pipeline/event.h"

#include <stdint.h>
#include <stdio.h>

struct summary;

/* Frames that did not go out, by reason. */
struct summary_drop {
	const char *reason; /* for a person: "the outgoing port was full" */
	uint64_t frames;
};

/* What the run itself knows. */
struct summary_run {
	const struct counters *const *counters; /* of each worker's pipeline */
	uint32_t workers;
	uint64_t rx_frames;
	uint64_t rx_bytes;
	uint64_t tx_frames;
	const struct summary_drop *drops;
	uint32_t drop_reasons; /* rows of drops; those of no frames are not printed */
	uint64_t elapsed_us; /* of the clock on the wall */
	uint64_t first_us; /* time of the first frame and of the last; 0: no frame */
	uint64_t last_us;
	const struct alarm *const *alarms; /* attacks, in the order to be shown, as last told */
	uint32_t alarm_count;
	uint64_t more_alarms; /* that are not among these */
};

/**
 * @param seed
 *   Random, so that nobody can choose addresses that collide in the table of servers.
 * @return
 *   NULL when there is no memory.
 */
struct summary *summary_create(uint64_t seed);

void summary_destroy(struct summary *summary);

/**
 * Take one event.
 *
 * @param kind
 *   Only EVENT_CONNECTION adds anything: it says what was finally judged, the others may
 *   come before that.
 */
void summary_add(struct summary *summary, const struct record *record, enum event_kind kind);

/** Print it, 100 columns at most; sections with nothing in them are left out. */
void summary_print(const struct summary *summary, const struct summary_run *run, FILE *out);

#endif /* OBSERVE_SUMMARY_H */
