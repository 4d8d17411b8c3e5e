/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Letters of MAIL_EVIDENCE: a worker copies frames of an attack for the control thread, a
 * bounded step a turn, and gives the letter back when it has enough or time is over.
 */

#ifndef APP_WORKER_WORKER_EVIDENCE_H
#define APP_WORKER_WORKER_EVIDENCE_H

#include "app/worker/worker.h"

/** A letter has come: what has passed by now is "before". One more than MAIL_EVIDENCE_MAX goes back at once, without an answer. */
void worker_evidence_take(struct worker *worker, struct mail *mail);

/* Kept frames that are looked at in a turn, for each letter: some microseconds' worth, and more
 * than come in a turn of two full legs. */
#define WORKER_EVIDENCE_SLOTS 128

/** Go on with each letter, for @p slots kept frames; no frame comes any more before @p now_us. */
void worker_evidence_go_on(struct worker *worker, uint32_t slots, uint64_t now_us);

/** Once a turn, behind its frames. */
static inline void
worker_evidence_step(struct worker *worker)
{
	if (worker->evidence_count > 0)
		worker_evidence_go_on(worker, WORKER_EVIDENCE_SLOTS, worker->now_us);
}

/** In a replay, where a tick ends: whose time is over by @p now_us goes back, before it is judged. */
static inline void
worker_evidence_settle(struct worker *worker, uint64_t now_us)
{
	worker_evidence_go_on(worker, UINT32_MAX, now_us);
}

/** No frames will come: look at what is there, and give all letters back. */
void worker_evidence_finish(struct worker *worker);

#endif /* APP_WORKER_WORKER_EVIDENCE_H */
