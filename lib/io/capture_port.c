/* SPDX-License-Identifier: Apache-2.0 */

#include "io/capture_port.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#define PORT_NAME "net_pcap_capture"

/* libpcap gives no frame longer than this (its MAXIMUM_SNAPLEN). */
#define FRAME_LEN_MAX 262144

/* Mbufs that the pool's cache and the port may hold back. */
#define SPARE_MBUFS 1024
#define CACHE_MBUFS 256

struct rte_mempool *
capture_port_pool_create(uint32_t burst, struct err *err)
{
	/* Nearly all frames fit into one mbuf; a burst of the longest ones is rare, and memory
	 * that is not touched costs nothing. */
	const uint32_t parts = FRAME_LEN_MAX / RTE_MBUF_DEFAULT_DATAROOM;
	struct rte_mempool *pool = rte_pktmbuf_pool_create("capture", burst * parts + SPARE_MBUFS,
			CACHE_MBUFS, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);

	if (pool == NULL)
		err_set(err, rte_errno, "no memory for packet buffers: %s",
				rte_strerror(rte_errno));
	return pool;
}

static int
plug(int descriptor, const char *name, uint16_t *port, struct err *err)
{
	char args[64];
	int rc;

	/* A file's own name may hold a comma or a bracket, which mean something else there. */
	snprintf(args, sizeof(args), "rx_pcap=/proc/self/fd/%d", descriptor);
	rc = rte_eal_hotplug_add("vdev", PORT_NAME, args);
	if (rc == 0)
		rc = rte_eth_dev_get_port_by_name(PORT_NAME, port);
	if (rc < 0)
		return err_set(err, -rc, "%s: DPDK's net_pcap port does not open it: %s", name,
				rte_strerror(-rc));
	return 0;
}

static int
start(uint16_t port, struct rte_mempool *pool)
{
	const struct rte_eth_conf conf = { 0 };
	int rc = rte_eth_dev_configure(port, 1, 0, &conf);

	if (rc == 0)
		rc = rte_eth_rx_queue_setup(port, CAPTURE_PORT_QUEUE, 0,
				(unsigned int)SOCKET_ID_ANY, NULL, pool);
	if (rc == 0)
		rc = rte_eth_dev_start(port);
	return rc;
}

int
capture_port_open(int descriptor, const char *name, struct rte_mempool *pool, uint16_t *port,
		struct err *err)
{
	int rc = plug(descriptor, name, port, err);

	if (rc < 0)
		return rc;
	rc = start(*port, pool);
	if (rc < 0) {
		capture_port_close(*port);
		return err_set(err, -rc, "%s: DPDK's net_pcap port does not start: %s", name,
				rte_strerror(-rc));
	}
	return 0;
}

void
capture_port_close(uint16_t port)
{
	rte_eth_dev_stop(port);
	rte_eth_dev_close(port);
	rte_eal_hotplug_remove("vdev", PORT_NAME);
}

void
capture_port_ask(uint16_t port, struct capture_port_state *state)
{
	struct rte_eth_stats stats = { 0 };

	rte_eth_stats_get(port, &stats);
	state->unreadable = stats.ierrors;
	state->no_mbuf = stats.rx_nombuf;
}

int
capture_port_time_offset(struct err *err)
{
	int offset;

	/* The driver registers the same field; whoever comes first. */
	if (rte_mbuf_dyn_rx_timestamp_register(&offset, NULL) < 0)
		return err_set(err, rte_errno, "no room in an mbuf for a packet's time: %s",
				rte_strerror(rte_errno));
	return offset;
}
