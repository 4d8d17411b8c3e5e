/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Ports of DPDK's virtual devices, of one queue each way. Those whose names begin with
 * net_ring give what was sent to them.
 */

#ifndef TESTS_PORT_FIXTURE_H
#define TESTS_PORT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <cmocka.h>

#define RING_PORT_ROOM 1023 /* of a net_ring */

static inline uint16_t
open_port(const char *name, struct rte_mempool *pool)
{
	const struct rte_eth_conf conf = { 0 };
	uint16_t port;

	assert_int_equal(rte_eal_hotplug_add("vdev", name, ""), 0);
	assert_int_equal(rte_eth_dev_get_port_by_name(name, &port), 0);
	assert_int_equal(rte_eth_dev_configure(port, 1, 1, &conf), 0);
	assert_int_equal(rte_eth_rx_queue_setup(port, 0, 0, 0, NULL, pool), 0);
	assert_int_equal(rte_eth_tx_queue_setup(port, 0, 0, 0, NULL), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
	return port;
}

/* Gives the number of frames that it held. Not for a port that always has one. */
static inline uint32_t
empty_port(uint16_t port)
{
	struct rte_mbuf *mbuf;
	uint32_t count = 0;

	for (; rte_eth_rx_burst(port, 0, &mbuf, 1) == 1; count++)
		rte_pktmbuf_free(mbuf);
	return count;
}

static inline void
close_port(const char *name, uint16_t port)
{
	rte_eth_dev_stop(port);
	rte_eth_dev_close(port);
	rte_eal_hotplug_remove("vdev", name);
}

#endif /* TESTS_PORT_FIXTURE_H */
