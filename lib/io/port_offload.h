/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Of a port on a Linux interface: the offloads by which the kernel joins frames before a
 * driver gets them, GRO and LRO. What they make was never on the wire, and is longer than any
 * port takes. They are turned off, and set back in the end.
 */

#ifndef IO_PORT_OFFLOAD_H
#define IO_PORT_OFFLOAD_H

#include <net/if.h>
#include <stdbool.h>

struct port_offload {
	char interface[IF_NAMESIZE]; /* "": nothing was changed */
	bool had_gro;
	bool had_lro;
};

/** Turn them off; an interface that has none, or cannot be asked, is left as it is. */
void port_offload_off(struct port_offload *offload, const char *interface);

/** As it was before. */
void port_offload_restore(struct port_offload *offload);

#endif /* IO_PORT_OFFLOAD_H */
