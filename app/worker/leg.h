/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One direction of a wire, as a thread sees it: from where a burst comes and where it goes.
 *
 * Usually that is a queue of one port and a queue of its peer. A mirror's frames go nowhere.
 * With software steering a worker's legs are rings, and the receiver at their other ends
 * does all with the ports and counts it.
 *
 * Every frame that a leg gives is sent on or counted as a drop by reason.
 */

#ifndef APP_WORKER_LEG_H
#define APP_WORKER_LEG_H

#include "pipeline/worker_counters.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct port;
struct rte_mbuf;
struct rte_ring;

#define LEG_BURST_MAX 32

struct leg {
	uint16_t rx_port; /* DPDK's number */
	uint16_t rx_queue;
	uint16_t tx_port;
	uint16_t tx_queue;
	bool is_mirror; /* nothing is sent */
	const atomic_bool *tx_down; /* control: wo; the port that sends has no link; NULL: it has */
	uint32_t frame_len_max; /* what the port that sends can take; 0: anything */
	struct rte_ring *in; /* with `out`, in the place of the ports; else NULL */
	struct rte_ring *out;
	struct port_counters *received; /* of the ports, this thread's; not used with rings */
	struct port_counters *sent;
	const struct port *port; /* that it receives by; for checks of the steering */
};

/** Up to LEG_BURST_MAX frames; gives their number. */
uint16_t leg_receive(const struct leg *leg, struct rte_mbuf **mbufs);

/** Frames that leg_receive() gave go on, or are dropped and counted; none is the caller's then. */
void leg_send(const struct leg *leg, struct rte_mbuf **mbufs, uint16_t count);

#endif /* APP_WORKER_LEG_H */
