/* SPDX-License-Identifier: Apache-2.0 */

#include "app/worker/worker_evidence.h"

/* Kept frames that are looked at in a turn, for each letter: some microseconds' worth, and more
 * than come in a turn of two full legs. */
#define SLOTS_A_TURN 128

void
worker_evidence_take(struct worker *worker, struct mail *mail)
{
	if (worker->evidence_count < MAIL_EVIDENCE_MAX &&
			header_ring_is_on(pipeline_headers(worker->params.pipeline)))
		worker->evidence[worker->evidence_count++] = mail;
	else
		mail_send_back(mail);
}

static bool
step(const struct worker *worker, struct mail *mail, uint32_t slots)
{
	return evidence_request_step(pipeline_headers(worker->params.pipeline), mail->evidence,
			slots, worker->now_us);
}

void
worker_evidence_go_on(struct worker *worker)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < worker->evidence_count; i++) {
		struct mail *mail = worker->evidence[i];

		if (step(worker, mail, SLOTS_A_TURN))
			mail_send_back(mail);
		else
			worker->evidence[kept++] = mail;
	}
	worker->evidence_count = kept;
}

void
worker_evidence_finish(struct worker *worker)
{
	for (uint32_t i = 0; i < worker->evidence_count; i++) {
		step(worker, worker->evidence[i], UINT32_MAX);
		mail_send_back(worker->evidence[i]);
	}
	worker->evidence_count = 0;
}
