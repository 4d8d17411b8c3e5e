/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Of a port on a Linux interface: what DPDK's drivers for these do not set. In the end all is
 * set back, but that the interface stays up.
 *
 * GRO and LRO are turned off, by which the kernel joins frames before a driver gets them: what
 * they make was never on the wire, and is longer than any port takes. And the kernel is kept
 * from answering ARP there, which it would do for the addresses of its other interfaces.
 */

#ifndef IO_PORT_INTERFACE_H
#define IO_PORT_INTERFACE_H

#include "base/err.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct port_interface {
	char name[IF_NAMESIZE]; /* "": nothing was changed */
	bool had_gro;
	bool had_lro;
	uint32_t mtu; /* as it was; 0: not changed */
	bool has_arp_ignore; /* and it was: */
	int arp_ignore;
};

/**
 * Bring it up, set its MTU, and keep the kernel from joining frames and from answering.
 *
 * @return
 *   0, or -errno with the sentence in @p err; port_interface_restore() in any case.
 */
int port_interface_prepare(
		struct port_interface *interface, const char *name, uint32_t mtu, struct err *err);

/** As it was before; nothing to do for a struct of zeros. */
void port_interface_restore(struct port_interface *interface);

#endif /* IO_PORT_INTERFACE_H */
