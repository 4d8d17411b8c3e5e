/* SPDX-License-Identifier: Apache-2.0 */

#include "app/worker/leg.h"

#include <sched.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <rte_ring.h>

/* A port that takes nothing for so long is full, and what is behind must not wait for it. */
#define TX_TRIES 64

static uint64_t
bytes_of(struct rte_mbuf *const *mbufs, uint32_t count)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < count; i++)
		bytes += mbufs[i]->pkt_len;
	return bytes;
}

uint16_t
leg_receive(const struct leg *leg, struct rte_mbuf **mbufs)
{
	uint16_t count;

	if (leg->in != NULL)
		return (uint16_t)rte_ring_sc_dequeue_burst(
				leg->in, (void **)mbufs, LEG_BURST_MAX, NULL);
	count = rte_eth_rx_burst(leg->rx_port, leg->rx_queue, mbufs, LEG_BURST_MAX);
	if (count == 0)
		return 0;
	for (uint16_t i = 0; i < count; i++)
		rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], const void *));
	counter_add(&leg->received->rx_frames, count);
	counter_add(&leg->received->rx_bytes, bytes_of(mbufs, count));
	return count;
}

/* The receiver takes what is in the ring in each of its turns, whatever else it does. */
static void
hand_back(struct rte_ring *out, struct rte_mbuf **mbufs, uint32_t count)
{
	uint32_t done = rte_ring_sp_enqueue_burst(out, (void **)mbufs, count, NULL);

	while (done < count) {
		sched_yield();
		done += rte_ring_sp_enqueue_burst(out, (void **)mbufs + done, count - done, NULL);
	}
}

static void
drop(struct rte_mbuf **mbufs, uint32_t count, struct counter *reason)
{
	rte_pktmbuf_free_bulk(mbufs, count);
	counter_add(reason, count);
}

/* Take out those that the port could not send, and might cut instead; gives how many are left. */
static uint16_t
drop_too_long(const struct leg *leg, struct rte_mbuf **mbufs, uint16_t count)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < count; i++) {
		if (mbufs[i]->pkt_len <= leg->frame_len_max)
			mbufs[kept++] = mbufs[i];
		else
			drop(&mbufs[i], 1, &leg->received->drop_too_long);
	}
	return kept;
}

static uint16_t
keep_sendable(const struct leg *leg, struct rte_mbuf **mbufs, uint16_t count)
{
	if (leg->frame_len_max == 0)
		return count;
	for (uint16_t i = 0; i < count; i++)
		if (mbufs[i]->pkt_len > leg->frame_len_max)
			return drop_too_long(leg, mbufs, count);
	return count;
}

static void
send_to_port(const struct leg *leg, struct rte_mbuf **mbufs, uint16_t count)
{
	const uint64_t bytes = bytes_of(mbufs, count); /* what is sent is not ours any more */
	uint64_t unsent_bytes = 0;
	uint16_t sent = 0;

	for (int i = 0; i < TX_TRIES; i++) {
		sent = (uint16_t)(sent +
				rte_eth_tx_burst(leg->tx_port, leg->tx_queue, mbufs + sent,
						(uint16_t)(count - sent)));
		if (sent == count)
			break;
		rte_pause();
	}
	if (sent < count) {
		unsent_bytes = bytes_of(mbufs + sent, count - sent);
		drop(mbufs + sent, count - sent, &leg->received->drop_tx_full);
	}
	counter_add(&leg->sent->tx_frames, sent);
	counter_add(&leg->sent->tx_bytes, bytes - unsent_bytes);
}

void
leg_send(const struct leg *leg, struct rte_mbuf **mbufs, uint16_t count)
{
	if (leg->out != NULL) {
		hand_back(leg->out, mbufs, count);
		return;
	}
	if (leg->is_mirror) {
		drop(mbufs, count, &leg->received->drop_mirror);
		return;
	}
	/* Some drivers take frames without a link, and send them when it is back and they are old. */
	if (leg->tx_down != NULL && atomic_load_explicit(leg->tx_down, memory_order_relaxed)) {
		drop(mbufs, count, &leg->received->drop_tx_down);
		return;
	}
	count = keep_sendable(leg, mbufs, count);
	if (count > 0)
		send_to_port(leg, mbufs, count);
}
