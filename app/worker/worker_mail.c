/* SPDX-License-Identifier: Apache-2.0 */

/* How a worker reads its letters, between two bursts. */

#include "app/worker/worker.h"
#include "app/worker/worker_evidence.h"

#include <rte_ring.h>

/* Buckets of the flow table that a query may look at in a turn: some microseconds' worth. */
#define QUERY_BUCKETS 16

/* What passed meanwhile was not seen, so what is known from before may lack a part. */
static void
set_tracking(struct worker *worker, bool tracking)
{
	if (tracking && worker->is_bypassed)
		pipeline_note_blind(worker->params.pipeline, worker->now_us);
	worker->is_bypassed = !tracking;
}

static void
read_letter(struct worker *worker, struct mail *mail)
{
	switch (mail->kind) {
	case MAIL_RETUNE:
		pipeline_retune(worker->params.pipeline, &mail->retune);
		break;
	case MAIL_TRACKING:
		set_tracking(worker, mail->tracking);
		break;
	case MAIL_QUOTE:
		pipeline_take_quote(worker->params.pipeline, &mail->quote, worker->now_us);
		worker_hand_over(worker, false);
		break;
	case MAIL_EVIDENCE:
		worker_evidence_take(worker, mail);
		return; /* as it does */
	case MAIL_QUERY:
		worker->query = mail;
		return; /* it goes back when it is answered */
	}
	mail_send_back(mail);
}

/* Go on with the query that is under way. */
static void
answer(struct worker *worker)
{
	if (!pipeline_query_step(worker->params.pipeline, worker->query->query, QUERY_BUCKETS))
		return;
	mail_send_back(worker->query);
	worker->query = NULL;
}

/* False: there is none. */
static bool
take_letter(struct worker *worker)
{
	void *letter;

	if (worker->params.mail == NULL || rte_ring_sc_dequeue(worker->params.mail, &letter) != 0)
		return false;
	read_letter(worker, letter);
	return true;
}

void
worker_attend_to_mail(struct worker *worker)
{
	if (worker->query == NULL)
		take_letter(worker);
	else
		answer(worker);
}

void
worker_read_all_mail(struct worker *worker)
{
	do
		while (worker->query != NULL)
			answer(worker);
	while (take_letter(worker));
}
