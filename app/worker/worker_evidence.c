/* SPDX-License-Identifier: Apache-2.0 */

#include "app/worker/worker_evidence.h"

void
worker_evidence_take(struct worker *worker, struct mail *mail)
{
	const struct header_ring *ring = pipeline_headers(worker->params.pipeline);

	if (worker->evidence_count == MAIL_EVIDENCE_MAX || !header_ring_is_on(ring)) {
		mail_send_back(mail);
		return;
	}
	evidence_request_begin(ring, mail->evidence);
	worker->evidence[worker->evidence_count++] = mail;
}

void
worker_evidence_go_on(struct worker *worker, uint32_t slots, uint64_t now_us)
{
	const struct header_ring *ring = pipeline_headers(worker->params.pipeline);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < worker->evidence_count; i++) {
		struct mail *mail = worker->evidence[i];

		if (evidence_request_step(ring, mail->evidence, slots, now_us))
			mail_send_back(mail);
		else
			worker->evidence[kept++] = mail;
	}
	worker->evidence_count = kept;
}

void
worker_evidence_finish(struct worker *worker)
{
	worker_evidence_go_on(worker, UINT32_MAX, worker->now_us);
	for (uint32_t i = 0; i < worker->evidence_count; i++)
		mail_send_back(worker->evidence[i]);
	worker->evidence_count = 0;
}
