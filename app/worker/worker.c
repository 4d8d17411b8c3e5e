/* SPDX-License-Identifier: Apache-2.0 */

#include "app/worker/worker.h"

#include "app/worker/self_check.h"
#include "app/worker/worker_evidence.h"

#include <sched.h>
#include <string.h>

#include <rte_mbuf.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

void
worker_init(struct worker *worker, const struct worker_params *params)
{
	memset(worker, 0, sizeof(*worker));
	worker->params = *params;
	idle_set(&worker->idle, params->idle);
	worker->is_bypassed = params->is_bypassed;
	worker->first_us = UINT64_MAX;
	report_desk_init(&worker->desk, pipeline_meter(params->pipeline), params->reports,
			&worker->counters);
}

void
worker_stop(struct worker *worker)
{
	atomic_store_explicit(&worker->stop, true, memory_order_relaxed);
}

void
worker_hand_over(struct worker *worker, bool patient)
{
	struct event_batch *batch = pipeline_events(worker->params.pipeline);
	uint32_t done = 0;

	if (batch->count == 0)
		return;
	for (;;) {
		done += rte_ring_sp_enqueue_burst_elem(worker->params.events, &batch->events[done],
				sizeof(batch->events[0]), batch->count - done, NULL);
		if (done == batch->count || !patient)
			break;
		sched_yield(); /* control may need this very processor to make room */
	}
	counter_add(&worker->counters.events, done);
	if (done < batch->count)
		counter_add(&worker->counters.events_lost, batch->count - done);
	batch->count = 0;
}

void
worker_track(struct worker *worker, const struct frame *frames, uint32_t count, bool patient)
{
	/* The only verdict so far is to forward. */
	uint8_t verdicts[PIPELINE_BURST_MAX];

	if (count == 0)
		return;
	pipeline_burst(worker->params.pipeline, frames, count, verdicts);
	worker_hand_over(worker, patient);
	self_check(worker);
}

void
worker_take_frames(struct rte_mbuf *const *mbufs, uint32_t count, uint64_t now_us,
		struct frame *frames)
{
	for (uint32_t i = 0; i < count; i++) {
		frames[i].data = rte_pktmbuf_mtod(mbufs[i], uint8_t *);
		frames[i].len = mbufs[i]->data_len; /* the headers are in the first part */
		frames[i].wire_len = mbufs[i]->pkt_len;
		frames[i].time_us = now_us;
	}
}

int
worker_finish(void *arg)
{
	struct worker *worker = arg;
	bool done;

	if (worker->is_bypassed)
		pipeline_note_blind(worker->params.pipeline, worker->now_us);
	/* Before connections end that go on. */
	report_desk_finish(&worker->desk);
	worker_read_all_mail(worker);
	do {
		done = pipeline_finish(worker->params.pipeline, worker->now_us);
		worker_hand_over(worker, true);
	} while (!done);
	self_check(worker);
	worker_evidence_finish(worker);
	return 0;
}
