/* SPDX-License-Identifier: Apache-2.0 */

#include "io/port.h"

#include "io/eal.h"
#include "io/port_rss.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

/* About a millisecond of 64-byte frames at a million a second. */
#define DESCRIPTORS_MIN 1024

/* What buffers are there for, a queue each way: see frame_pool.c. */
#define DESCRIPTORS_MAX 2048

#define BROADCAST_MAC "ff:ff:ff:ff:ff:ff"
static_assert(sizeof(BROADCAST_MAC) <= sizeof(((struct port *)0)->mac), "it holds a MAC address");

/* DPDK's own words, if it had any, tell more than the number that it gave. */
static int
tell(const struct port *port, struct eal *eal, int code, const char *what, struct err *err)
{
	const char *words = eal != NULL ? eal_last_words(eal) : "";

	return err_set(err, -code, "%s: %s: %s%s%s", port->device.name, what, rte_strerror(-code),
			*words != '\0' ? "; DPDK says: " : "", words);
}

/* A PCI device is probed as DPDK starts, a virtual one is plugged in. */
static int
find_or_plug(struct port *port, struct eal *eal, struct err *err)
{
	const struct port_device *device = &port->device;
	int rc = 0;

	eal_last_words(eal);
	if (!device->is_pci)
		rc = rte_eal_hotplug_add("vdev", device->name, device->args);
	if (rc < 0)
		return tell(port, eal, rc, "DPDK does not open it", err);
	rc = rte_eth_dev_get_port_by_name(device->name, &port->number);
	port->is_plugged = rc == 0;
	if (port->is_plugged)
		return 0;
	tell(port, eal, rc, "DPDK has no driver that takes it", err);
	if (!device->is_pci)
		rte_eal_hotplug_remove("vdev", device->name);
	return rc;
}

static void
note_facts(struct port *port, const struct rte_eth_dev_info *info)
{
	struct rte_ether_addr mac = { 0 };

	snprintf(port->driver, sizeof(port->driver), "%s", info->driver_name);
	port->if_index = info->if_index;
	if (port->if_index == 0 && port->device.interface[0] != '\0')
		port->if_index = if_nametoindex(port->device.interface);
	port->node = rte_eth_dev_socket_id(port->number);
	rte_eth_macaddr_get(port->number, &mac);
	snprintf(port->mac, sizeof(port->mac), RTE_ETHER_ADDR_PRT_FMT, RTE_ETHER_ADDR_BYTES(&mac));
	/* DPDK writes them in capitals, everybody else here does not. */
	for (char *at = port->mac; *at != '\0'; at++)
		if (*at >= 'A' && *at <= 'F')
			*at = (char)(*at - 'A' + 'a');
}

int
port_plug(struct port *port, struct eal *eal, struct err *err)
{
	struct rte_eth_dev_info info;
	int rc;

	port->lock = port_device_lock(&port->device, err);
	if (port->lock < 0)
		return port->lock;
	rc = find_or_plug(port, eal, err);
	if (rc < 0) {
		close(port->lock);
		return rc;
	}
	rc = rte_eth_dev_info_get(port->number, &info);
	if (rc < 0)
		return tell(port, eal, rc, "DPDK tells nothing of it", err);
	note_facts(port, &info);
	if (port->device.is_af_packet)
		port_packet_find(&port->packet, port->if_index);
	if (port->device.interface[0] == '\0')
		return 0;
	return port_interface_prepare(&port->interface, port->device.interface, port->mtu, err);
}

static int
configure(struct port *port, const struct port_params *params, const struct rte_eth_dev_info *info,
		struct err *err)
{
	struct rte_eth_conf conf = { .rxmode = { .mtu = params->mtu } };
	int rc;

	/* DPDK's net_af_packet knows less of the MTU than the interface that it is on. */
	if (port->device.is_af_packet)
		conf.rxmode.mtu = RTE_ETHER_MTU;
	else if (params->mtu > info->max_mtu || params->mtu < info->min_mtu)
		return err_set(err, EINVAL, "%s: takes an MTU from %u to %u, not %u",
				port->device.name, info->min_mtu, info->max_mtu, params->mtu);
	conf.intr_conf.rmv = (*info->dev_flags & RTE_ETH_DEV_INTR_RMV) != 0;
	port->steering = port_rss_choose(port, info, params->queues, &conf);
	if (params->queues > 1 && port->steering == PORT_STEERING_NOBODY)
		return port_rss_refuse(port, info, params->queues, err);
	rc = rte_eth_dev_configure(port->number, params->queues, params->queues, &conf);
	return rc == 0 ? 0 : tell(port, NULL, rc, "is not to be configured", err);
}

/*
 * With fewer than net_af_xdp asks for, the kernel drops frames where nobody counts them; what
 * other drivers ask for suits a benchmark.
 */
static uint16_t
choose_descriptors(uint16_t wanted)
{
	if (wanted < DESCRIPTORS_MIN)
		return DESCRIPTORS_MIN;
	return wanted < DESCRIPTORS_MAX ? wanted : DESCRIPTORS_MAX;
}

static int
set_up_queues(struct port *port, const struct port_params *params,
		const struct rte_eth_dev_info *info, struct err *err)
{
	const unsigned int node = (unsigned int)port->node;
	uint16_t *descriptors = port->descriptors;
	int rc;

	descriptors[0] = choose_descriptors(info->default_rxportconf.ring_size);
	descriptors[1] = choose_descriptors(info->default_txportconf.ring_size);
	rc = rte_eth_dev_adjust_nb_rx_tx_desc(port->number, &descriptors[0], &descriptors[1]);
	for (uint16_t queue = 0; queue < params->queues && rc == 0; queue++) {
		rc = rte_eth_rx_queue_setup(
				port->number, queue, descriptors[0], node, NULL, params->pool);
		if (rc == 0)
			rc = rte_eth_tx_queue_setup(
					port->number, queue, descriptors[1], node, NULL);
	}
	return rc == 0 ? 0 : tell(port, NULL, rc, "a queue is not to be set up", err);
}

/* A pause frame would let one slow side slow down the other. */
static void
turn_off_flow_control(const struct port *port)
{
	struct rte_eth_fc_conf conf;

	if (rte_eth_dev_flow_ctrl_get(port->number, &conf) != 0)
		return;
	conf.mode = RTE_ETH_FC_NONE;
	conf.autoneg = 0;
	rte_eth_dev_flow_ctrl_set(port->number, &conf);
}

int
port_set_up(struct port *port, const struct port_params *params, struct err *err)
{
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(port->number, &info);

	if (rc < 0)
		return tell(port, NULL, rc, "DPDK tells nothing of it", err);
	if (params->queues > info.max_rx_queues || params->queues > info.max_tx_queues)
		return err_set(err, EINVAL,
				"%s: has %u receive and %u transmit queues, and %u workers need as"
				" many of each; set workers.count, or workers.steering: software",
				port->device.name, info.max_rx_queues, info.max_tx_queues,
				params->queues);
	port->queues = params->queues;
	port->mtu = params->mtu;
	rc = configure(port, params, &info, err);
	if (rc == 0)
		rc = set_up_queues(port, params, &info, err);
	if (rc == 0)
		turn_off_flow_control(port);
	return rc;
}

/* Of a driver that cannot be told, such as that of a capture, every frame comes anyway. */
static int
take_all_frames(const struct port *port, struct err *err)
{
	int rc = rte_eth_promiscuous_enable(port->number);

	if (rc < 0 && rc != -ENOTSUP)
		return tell(port, NULL, rc, "does not become promiscuous", err);
	rte_eth_allmulticast_enable(port->number);
	return 0;
}

static int
note_loss(uint16_t number, enum rte_eth_event_type event, void *context, void *more)
{
	struct port *port = context;

	(void)number;
	(void)more;
	atomic_store_explicit(&port->loss,
			event == RTE_ETH_EVENT_INTR_RESET ? PORT_LOSS_RESET : PORT_LOSS_REMOVED,
			memory_order_relaxed);
	return 0;
}

static int
listen_to_losses(struct port *port, struct err *err)
{
	int rc = rte_eth_dev_callback_register(
			port->number, RTE_ETH_EVENT_INTR_RMV, note_loss, port);

	if (rc == 0)
		rc = rte_eth_dev_callback_register(
				port->number, RTE_ETH_EVENT_INTR_RESET, note_loss, port);
	return rc == 0 ? 0 : tell(port, NULL, rc, "does not tell when it is gone", err);
}

static void
listen_no_more(struct port *port)
{
	rte_eth_dev_callback_unregister(port->number, RTE_ETH_EVENT_INTR_RMV, note_loss, port);
	rte_eth_dev_callback_unregister(port->number, RTE_ETH_EVENT_INTR_RESET, note_loss, port);
}

int
port_start(struct port *port, struct err *err)
{
	int rc = rte_eth_dev_start(port->number);

	if (rc < 0)
		return tell(port, NULL, rc, "does not start", err);
	port->is_started = true;
	rc = listen_to_losses(port, err);
	if (rc == 0)
		rc = take_all_frames(port, err);
	if (rc == 0 && port->steering == PORT_STEERING_RSS)
		rc = port_rss_verify(port, err);
	return rc;
}

void
port_stop(struct port *port)
{
	if (!port->is_started)
		return;
	listen_no_more(port);
	rte_eth_promiscuous_disable(port->number); /* of a Linux interface it would stay */
	rte_eth_dev_stop(port->number);
	port->is_started = false;
}

void
port_unplug(struct port *port)
{
	if (!port->is_plugged)
		return;
	port_stop(port);
	port_interface_restore(&port->interface);
	rte_eth_dev_close(port->number);
	if (!port->device.is_pci)
		rte_eal_hotplug_remove("vdev", port->device.name);
	port->is_plugged = false;
	if (port->lock >= 0)
		close(port->lock);
}

void
port_ask(struct port *port, struct port_stats *stats)
{
	struct rte_eth_stats raw = { 0 };

	rte_eth_stats_get(port->number, &raw);
	stats->missed = raw.imissed + port_packet_missed(&port->packet);
	stats->rx_errors = raw.ierrors;
	stats->no_mbuf = raw.rx_nombuf;
	stats->tx_errors = raw.oerrors;
}
