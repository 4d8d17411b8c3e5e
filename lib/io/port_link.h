/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The link of a port: whether it has one, and taking it down so that the far end notices.
 *
 * A network card's driver does both. The drivers for Linux interfaces do neither, so there
 * the interface itself is asked and set, which needs CAP_NET_ADMIN.
 */

#ifndef IO_PORT_LINK_H
#define IO_PORT_LINK_H

#include "base/err.h"
#include "io/port.h"

#include <stdbool.h>
#include <stdint.h>

struct port_link {
	bool is_there; /* the interface or card exists, and its driver can go on with it */
	bool wants_reset; /* it is there no more because its driver wants to set it up anew */
	bool is_up; /* it has link */
	uint32_t speed_mbps; /* 0: not known */
};

void port_link_ask(const struct port *port, struct port_link *link);

/** Take the link down, or let it come up again. */
int port_link_set(const struct port *port, bool up, struct err *err);

/** Whether port_link_set() needs CAP_NET_ADMIN for this port. */
bool port_link_needs_admin(const struct port *port);

#endif /* IO_PORT_LINK_H */
