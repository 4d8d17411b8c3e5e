/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/receiver.h"

#include "app/worker/worker.h"

#include <string.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

/* Turns that what the ports have received may take to be handed over, once the end is near. */
#define DRAIN_TURNS 1024

static bool
is_set(const atomic_bool *flag)
{
	return atomic_load_explicit(flag, memory_order_acquire);
}

/* Not each driver says by which port a frame came in, so the frame is told its leg instead. */
static void
sort_by_worker(struct receiver *receiver, uint32_t leg, struct rte_mbuf *const *mbufs,
		uint32_t count)
{
	struct frame frames[LEG_BURST_MAX];

	memset(receiver->batch_count, 0,
			receiver->steer->workers * sizeof(receiver->batch_count[0]));
	worker_take_frames(mbufs, count, 0, frames);
	for (uint32_t i = 0; i < count; i++) {
		const uint32_t w = steer_frame(receiver->steer, &frames[i]);

		mbufs[i]->port = (uint16_t)leg;
		receiver->batch[w][receiver->batch_count[w]++] = mbufs[i];
	}
}

static void
hand_to_workers(struct receiver *receiver, const struct leg *leg)
{
	for (uint32_t w = 0; w < receiver->steer->workers; w++) {
		struct rte_mbuf **batch = receiver->batch[w];
		const uint32_t count = receiver->batch_count[w];
		uint32_t taken;

		if (count == 0)
			continue;
		taken = rte_ring_sp_enqueue_burst(receiver->to[w], (void **)batch, count, NULL);
		if (taken == count)
			continue;
		rte_pktmbuf_free_bulk(batch + taken, count - taken);
		counter_add(&leg->received->drop_worker_full, count - taken);
	}
}

/* Gives the number of frames received. */
static uint32_t
receive(struct receiver *receiver)
{
	struct rte_mbuf *mbufs[LEG_BURST_MAX];
	uint32_t all = 0;
	bool full = false;

	for (uint32_t i = 0; i < receiver->leg_count; i++) {
		const struct leg *leg = &receiver->legs[i];
		const uint16_t count = leg_receive(leg, mbufs);

		if (count == 0)
			continue;
		sort_by_worker(receiver, i, mbufs, count);
		hand_to_workers(receiver, leg);
		all += count;
		full |= count == LEG_BURST_MAX;
	}
	if (full)
		counter_add(&receiver->counters.full_turns, 1);
	return all;
}

/* Runs of frames of the same leg leave together. */
static void
send_runs(const struct receiver *receiver, struct rte_mbuf **mbufs, uint32_t count)
{
	uint32_t first = 0;

	for (uint32_t i = 1; i <= count; i++) {
		if (i < count && mbufs[i]->port == mbufs[first]->port)
			continue;
		leg_send(&receiver->legs[mbufs[first]->port], mbufs + first, (uint16_t)(i - first));
		first = i;
	}
}

/* Gives the number of frames that came back. */
static uint32_t
send_on(struct receiver *receiver)
{
	struct rte_mbuf *mbufs[LEG_BURST_MAX];
	uint32_t all = 0;

	for (uint32_t w = 0; w < receiver->steer->workers; w++) {
		const uint32_t count = rte_ring_sc_dequeue_burst(
				receiver->from[w], (void **)mbufs, LEG_BURST_MAX, NULL);

		if (count > 0)
			send_runs(receiver, mbufs, count);
		all += count;
	}
	return all;
}

static void
turn(struct receiver *receiver, bool receiving)
{
	const uint32_t received = receiving ? receive(receiver) : 0;
	const uint32_t sent = send_on(receiver);

	counter_add(&receiver->counters.turns, 1);
	if (received == 0)
		counter_add(&receiver->counters.idle_turns, 1);
	if (received + sent > 0)
		idle_wake(&receiver->idle);
	else
		idle_rest(&receiver->idle);
}

int
receiver_run(void *arg)
{
	struct receiver *receiver = arg;

	while (!is_set(&receiver->close))
		turn(receiver, true);
	for (int i = 0; i < DRAIN_TURNS && receive(receiver) > 0; i++)
		send_on(receiver);
	atomic_store_explicit(&receiver->is_closed, true, memory_order_release);
	while (!is_set(&receiver->stop))
		turn(receiver, false);
	while (send_on(receiver) > 0)
		;
	return 0;
}
