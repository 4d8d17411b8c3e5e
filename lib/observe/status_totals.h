/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Sums of the counters of a running appliance: over its workers, its ports, or all.
 */

#ifndef OBSERVE_STATUS_TOTALS_H
#define OBSERVE_STATUS_TOTALS_H

#include "observe/status.h"
#include "observe/summary_tables.h"

#include <stdint.h>

/* Frames of ports. */
struct status_frames {
#define X(field, metric, help) uint64_t field;
	PORT_COUNTERS(X)
	PORT_DROPS(X)
#undef X
	uint64_t drops; /* for all reasons */
};

struct status_totals {
	struct status_frames frames;
#define X(field, metric, help) uint64_t field;
	WORKER_COUNTERS(X)
#undef X
	struct summary_totals pipeline;
	uint64_t flow_slots;
};

/** Of one port, over all workers; @p port is an index in the status. */
struct status_frames status_totals_of_port(const struct status *status, uint32_t port);

/** Of one worker, over all ports. */
struct status_frames status_totals_of_worker(const struct status *status, uint32_t worker);

/**
 * Of the whole appliance.
 *
 * What was received is read last, so frames that come meanwhile can only seem to be in
 * flight, never to have been sent before they came.
 */
void status_totals_sum(const struct status *status, struct status_totals *totals);

/** Frames received and neither sent nor dropped: between two ports at this moment. */
uint64_t status_totals_in_flight(const struct status_frames *frames);

/** Flows in the table. */
uint64_t status_totals_flows(uint64_t opened, uint64_t closed);

#endif /* OBSERVE_STATUS_TOTALS_H */
