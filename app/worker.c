/* SPDX-License-Identifier: Apache-2.0 */

#include "app/worker.h"

#include "base/usec.h"
#include "io/capture_time.h"

#include <sched.h>
#include <string.h>
#include <time.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <rte_pause.h>
#include <rte_prefetch.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

/* A port that takes nothing for so long is full, and what is behind must not wait for it. */
#define TX_TRIES 64

/* Timers are coarser than this by far, and a dense capture is not asked more often. */
#define TICK_STEP_US (10 * USEC_PER_MSEC)

/* More than packets are ever out of order: the next capture is an earlier one. */
#define STEP_BACK_US USEC_PER_SEC

void
worker_init(struct worker *worker, const struct worker_params *params)
{
	memset(worker, 0, sizeof(*worker));
	worker->params = *params;
	worker->first_us = UINT64_MAX;
}

void
worker_stop(struct worker *worker)
{
	atomic_store_explicit(&worker->stop, true, memory_order_relaxed);
}

static bool
is_stopped(const struct worker *worker)
{
	return atomic_load_explicit(&worker->stop, memory_order_relaxed);
}

uint64_t
worker_drops(const struct worker *worker)
{
	uint64_t drops = 0;

#define X(field, metric, help) drops += counter_read(&worker->counters.field);
	WORKER_DROPS(X)
#undef X
	return drops;
}

static uint64_t
clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

/* Move the pipeline's events into the ring. */
static void
hand_over_events(struct worker *worker)
{
	struct event_batch *batch = pipeline_events(worker->params.pipeline);
	uint32_t done = 0;

	if (batch->count == 0)
		return;
	for (;;) {
		done += rte_ring_sp_enqueue_burst_elem(worker->params.events, &batch->events[done],
				sizeof(batch->events[0]), batch->count - done, NULL);
		if (done == batch->count || worker->params.mode == WORKER_LIVE)
			break;
		sched_yield(); /* control may need this very processor to make room */
	}
	counter_add(&worker->counters.events, done);
	if (done < batch->count)
		counter_add(&worker->counters.events_lost, batch->count - done);
	batch->count = 0;
}

static void
track(struct worker *worker, const struct frame *frames, uint32_t count)
{
	/* The only verdict so far is to forward. */
	uint8_t verdicts[PIPELINE_BURST_MAX];

	if (count == 0)
		return;
	pipeline_burst(worker->params.pipeline, frames, count, verdicts);
	hand_over_events(worker);
}

/* Let every timer run out that is due. */
static void
settle(struct worker *worker, uint64_t now_us)
{
	bool done;

	do {
		done = pipeline_tick(worker->params.pipeline, now_us);
		hand_over_events(worker);
	} while (!done && !is_stopped(worker));
	worker->ticked_us = now_us;
}

/* A burst may span hours of packet time: timers that ran out before a frame come first. */
static void
track_in_time(struct worker *worker, const struct frame *frames, uint32_t count)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < count; i++) {
		const uint64_t now_us = frames[i].time_us;

		if (now_us + STEP_BACK_US < worker->ticked_us)
			worker->ticked_us = now_us;
		if (usec_since(worker->ticked_us, now_us) < TICK_STEP_US)
			continue;
		track(worker, frames + first, i - first);
		settle(worker, now_us);
		first = i;
	}
	track(worker, frames + first, count - first);
}

static uint64_t
packet_time_us(const struct worker *worker, const struct rte_mbuf *mbuf)
{
	return capture_time_us(
			*RTE_MBUF_DYNFIELD(mbuf, worker->params.time_offset, const uint64_t *));
}

/* Returns the bytes of all frames. */
static uint64_t
take_frames(const struct worker *worker, struct rte_mbuf *const *mbufs, uint32_t count,
		struct frame *frames)
{
	const bool live = worker->params.mode == WORKER_LIVE;
	const uint64_t now_us = live ? clock_us() : 0;
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < count; i++)
		rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], const void *));
	for (uint32_t i = 0; i < count; i++) {
		frames[i].data = rte_pktmbuf_mtod(mbufs[i], uint8_t *);
		frames[i].len = mbufs[i]->data_len; /* the headers are in the first part */
		frames[i].wire_len = mbufs[i]->pkt_len;
		frames[i].time_us = live ? now_us : packet_time_us(worker, mbufs[i]);
		bytes += mbufs[i]->pkt_len;
	}
	return bytes;
}

/* Captures in turn need not be in the order of time, nor the packets of one. */
static void
note_times(struct worker *worker, const struct frame *frames, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (frames[i].time_us < worker->first_us)
			worker->first_us = frames[i].time_us;
		if (frames[i].time_us > worker->last_us)
			worker->last_us = frames[i].time_us;
	}
	worker->now_us = frames[count - 1].time_us;
}

static void
send_on(struct worker *worker, struct rte_mbuf **mbufs, uint16_t count)
{
	const struct worker_leg *leg = &worker->leg;
	uint16_t sent = 0;

	for (int i = 0; i < TX_TRIES; i++) {
		sent = (uint16_t)(sent +
				rte_eth_tx_burst(leg->tx_port, leg->tx_queue, mbufs + sent,
						(uint16_t)(count - sent)));
		if (sent == count)
			break;
		rte_pause();
	}
	counter_add(&worker->counters.tx_frames, sent);
	if (sent == count)
		return;
	rte_pktmbuf_free_bulk(mbufs + sent, count - sent);
	counter_add(&worker->counters.drop_tx_full, count - sent);
}

/* One turn; gives the number of frames received. */
static uint16_t
turn(struct worker *worker)
{
	const struct worker_leg *leg = &worker->leg;
	struct rte_mbuf *mbufs[PIPELINE_BURST_MAX];
	struct frame frames[PIPELINE_BURST_MAX];
	uint16_t count;

	count = rte_eth_rx_burst(leg->rx_port, leg->rx_queue, mbufs, PIPELINE_BURST_MAX);
	if (count == 0)
		return 0;
	counter_add(&worker->counters.rx_frames, count);
	counter_add(&worker->counters.rx_bytes, take_frames(worker, mbufs, count, frames));
	note_times(worker, frames, count);
	if (worker->params.mode == WORKER_REPLAY && worker->params.timeouts)
		track_in_time(worker, frames, count);
	else
		track(worker, frames, count);
	send_on(worker, mbufs, count);
	return count;
}

static void
run_live(struct worker *worker)
{
	while (!is_stopped(worker)) {
		turn(worker);
		pipeline_tick(worker->params.pipeline, clock_us());
		hand_over_events(worker);
	}
}

int
worker_run(void *arg)
{
	struct worker *worker = arg;

	if (worker->params.mode == WORKER_LIVE)
		run_live(worker);
	else
		while (!is_stopped(worker) && turn(worker) == PIPELINE_BURST_MAX)
			;
	return 0;
}

int
worker_finish(void *arg)
{
	struct worker *worker = arg;
	bool done;

	do {
		done = pipeline_finish(worker->params.pipeline, worker->now_us);
		hand_over_events(worker);
	} while (!done);
	return 0;
}
