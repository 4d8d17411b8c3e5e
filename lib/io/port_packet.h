/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What DPDK's net_af_packet driver does not tell: the frames that Linux dropped because the
 * driver's ring was full. Only its sockets know, so they are found and asked.
 */

#ifndef IO_PORT_PACKET_H
#define IO_PORT_PACKET_H

#include <stdint.h>

#define PORT_PACKET_SOCKETS_MAX 64

struct port_packet {
	uint32_t count; /* 0: it is no port of that driver, or none was found */
	int sockets[PORT_PACKET_SOCKETS_MAX]; /* the driver's own: not to be closed */
	uint64_t missed; /* so far; the kernel forgets what it told */
};

/** Find the sockets of this process that are bound to an interface. */
void port_packet_find(struct port_packet *packet, uint32_t if_index);

/** Frames dropped since port_packet_find(). */
uint64_t port_packet_missed(struct port_packet *packet);

#endif /* IO_PORT_PACKET_H */
