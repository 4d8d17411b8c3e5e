/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A port as the operator names it: a PCI address, or one of DPDK's virtual devices with its
 * arguments, such as net_af_packet0,iface=eth1,qpairs=2.
 *
 * Whether it can be had is found out before DPDK starts, since DPDK's own words for it are
 * few. What a virtual device needs beyond what the operator wrote follows from the number of
 * queues and the MTU. Nothing here needs the EAL.
 */

#ifndef IO_PORT_DEVICE_H
#define IO_PORT_DEVICE_H

#include "base/err.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#define PORT_DEVICE_NAME_LEN 64
#define PORT_DEVICE_ARGS_LEN 384

/* The Ethernet header and two VLAN tags, which Linux does not count into an MTU. */
#define PORT_DEVICE_OVERHEAD 22

struct port_device {
	char name[PORT_DEVICE_NAME_LEN]; /* "0000:01:00.0", "net_af_packet0" */
	char args[PORT_DEVICE_ARGS_LEN]; /* behind the first comma; "" for none */
	char interface[IF_NAMESIZE]; /* the Linux interface that it is on; "": none is named */
	bool is_pci;
	bool is_af_packet;
};

/**
 * @param text
 *   As configured.
 * @return
 *   0, or -EINVAL with the sentence in @p err.
 */
int port_device_parse(const char *text, struct port_device *device, struct err *err);

/** Whether there is such a device, and this process may use it; the sentence says what to do. */
int port_device_check(const struct port_device *device, struct err *err);

/**
 * The MTU that the device has now.
 *
 * @return
 *   Of the Linux interface that it is on; 1500 without one; 0 if it cannot be told.
 */
uint32_t port_device_mtu(const struct port_device *device);

/** The NUMA node of a card, as the kernel knows it; -1: not known, or it is none. */
int port_device_node(const struct port_device *device);

/**
 * Complete the arguments: as many queues as are wanted, and room for the longest frame.
 *
 * @param[out] frame_room
 *   Bytes that an mbuf must hold for the driver's sake; 0: the frames' own length will do.
 */
int port_device_complete(struct port_device *device, uint32_t queues, uint32_t mtu,
		uint32_t *frame_room, struct err *err);

/**
 * Keep other processes of this kind from forwarding by the same device, for as long as this
 * one lives.
 *
 * @return
 *   A descriptor to keep open, or -errno with the sentence in @p err.
 */
int port_device_lock(const struct port_device *device, struct err *err);

#endif /* IO_PORT_DEVICE_H */
