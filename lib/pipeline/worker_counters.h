/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a worker counts beside its pipeline: the frames of each port, what became of them,
 * and its own turns. One row gives the field, the metric's name (without the prefix
 * synwire_ and the suffix _total) and the help text, as in pipeline/counters.h.
 *
 * One writer, the worker; any thread may read. Never reset. A frame is counted at the port
 * that it came in by, but for its sending, which is counted at the port that it left by.
 * Of a wire as a whole, once its workers have stopped: rx_frames = tx_frames + drops.
 */

#ifndef PIPELINE_WORKER_COUNTERS_H
#define PIPELINE_WORKER_COUNTERS_H

#include "base/compiler.h"
#include "base/counter.h"

/* X(field, metric, help) */
#define PORT_COUNTERS(X) \
	X(rx_frames, "rx_packets", "Frames received") \
	X(rx_bytes, "rx_bytes", "Bytes of frames received") \
	X(tx_frames, "tx_packets", "Frames sent on") \
	X(tx_bytes, "tx_bytes", "Bytes of frames sent on")

/* X(field, reason, help): frames that were not sent on; the reason is a label. */
#define PORT_DROPS(X) \
	X(drop_tx_full, "tx_full", "the outgoing port took no more") \
	X(drop_tx_down, "tx_down", "the outgoing port has no link") \
	X(drop_too_long, "too_long", "longer than the outgoing port takes") \
	X(drop_mirror, "mirror", "a mirror's frames end here") \
	X(drop_worker_full, "worker_full", "the worker that they were steered to took no more")

struct port_counters {
#define X(field, metric, help) struct counter field;
	PORT_COUNTERS(X)
	PORT_DROPS(X)
#undef X
} CACHE_ALIGNED;

/* X(field, metric, help) */
#define WORKER_COUNTERS(X) \
	X(turns, "turns", "Turns of the poll loop") \
	X(idle_turns, "idle_turns", "Turns in which no frame came") \
	X(full_turns, "full_turns", "Turns in which as many frames came as are taken at a time") \
	X(bypassed, "bypassed_packets", "Frames forwarded without being tracked") \
	X(missteered, "missteered_packets", \
			"Frames that were not steered to this worker by the rule; looked for in debug builds") \
	X(events, "events", "Events handed to the control thread") \
	X(events_lost, "events_lost", "Events lost because the control thread was behind") \
	X(reports, "detection_reports", \
			"Reports of a tick's victims handed to the control thread") \
	X(reports_late, "detection_ticks_late", \
			"Ticks whose counts came with a later report, as the control thread was behind") \
	X(invariants_broken, "invariants_broken", \
			"Times that what must hold of the worker did not; looked for in debug builds")

struct worker_counters {
#define X(field, metric, help) struct counter field;
	WORKER_COUNTERS(X)
#undef X
} CACHE_ALIGNED;

#endif /* PIPELINE_WORKER_COUNTERS_H */
