/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Letters of MAIL_EVIDENCE: a worker copies frames of an attack for the control thread, a
 * bounded step a turn, and gives the letter back when it has enough or time is over.
 */

#ifndef APP_WORKER_WORKER_EVIDENCE_H
#define APP_WORKER_WORKER_EVIDENCE_H

#include "app/worker/worker.h"

/** A letter has come. One more than MAIL_EVIDENCE_MAX goes back at once, without an answer. */
void worker_evidence_take(struct worker *worker, struct mail *mail);

/** Go on with each; the work of worker_evidence_step(). */
void worker_evidence_go_on(struct worker *worker);

/** Once a turn, behind its frames. */
static inline void
worker_evidence_step(struct worker *worker)
{
	if (worker->evidence_count > 0)
		worker_evidence_go_on(worker);
}

/** No frames will come: look at what is there, and give all letters back. */
void worker_evidence_finish(struct worker *worker);

#endif /* APP_WORKER_WORKER_EVIDENCE_H */
