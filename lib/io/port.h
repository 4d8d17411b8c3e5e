/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A port of the wire: one of DPDK's, taken and set up so that every frame comes in and none
 * is changed.
 *
 * Promiscuous and all-multicast; no offload that alters a frame is asked for (no stripping of
 * VLAN tags, no LRO, no checksums), flow control is off where that can be set, and the MTU is
 * the wire's. Each queue is one worker's; that both directions of a connection come to the
 * same queue is set up and verified by port_rss.h.
 *
 * The control thread opens and closes ports; between port_start() and port_stop() a worker
 * may receive from and send to its queue.
 */

#ifndef IO_PORT_H
#define IO_PORT_H

#include "base/err.h"
#include "io/port_device.h"
#include "io/port_interface.h"
#include "io/port_packet.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct eal;
struct rte_mempool;

/* Who sees to it that both directions of a connection come to the same queue. */
enum port_steering {
	PORT_STEERING_NOBODY, /* so one queue is all that can be used */
	PORT_STEERING_RSS, /* the network card */
	PORT_STEERING_KERNEL, /* Linux, by a hash that is equal for both directions */
};

/* What a driver may say of a port at any time, and then it carries nothing any more. */
enum port_loss {
	PORT_LOSS_NONE,
	PORT_LOSS_REMOVED, /* the card was taken away */
	PORT_LOSS_RESET, /* it wants to be set up anew, as a virtual function whose card was reset */
};

struct port {
	struct port_device device;
	uint16_t number; /* DPDK's */
	uint16_t queues;
	uint16_t descriptors[2]; /* of a receive queue, of a transmit queue */
	uint16_t reta_size; /* of the table from hash to queue; 0: none */
	uint64_t rss_types; /* RTE_ETH_RSS_*, as set */
	enum port_steering steering;
	int lock; /* descriptor of port_device_lock() */
	uint32_t if_index; /* of the Linux interface below it; 0: none */
	uint32_t mtu;
	int node; /* NUMA; -1: not known */
	bool is_plugged;
	bool is_started;
	atomic_int loss; /* enum port_loss; DPDK's interrupt thread: wo */
	char driver[32];
	char mac[18];
	struct port_packet packet; /* of net_af_packet */
	struct port_interface interface; /* of a Linux interface: how it was */
};

struct port_params {
	uint16_t queues; /* one for each worker */
	uint32_t mtu;
	struct rte_mempool *pool;
};

/**
 * Take the device.
 *
 * @param[in,out] port
 *   With device and mtu; all else is set here.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int port_plug(struct port *port, struct eal *eal, struct err *err);

/** Set it up, queue by queue; then port_start(). */
int port_set_up(struct port *port, const struct port_params *params, struct err *err);

/** From here on DPDK knows where the struct port is: it stays there until port_stop(). */
int port_start(struct port *port, struct err *err);

void port_stop(struct port *port);

/** Give the device back; a struct port of zeros is none, and left alone. */
void port_unplug(struct port *port);

/* What the driver counts; of what it does not count, 0. */
struct port_stats {
	uint64_t missed; /* frames lost because nobody took them in time */
	uint64_t rx_errors;
	uint64_t no_mbuf; /* frames lost for want of a buffer */
	uint64_t tx_errors;
};

void port_ask(struct port *port, struct port_stats *stats);

#endif /* IO_PORT_H */
