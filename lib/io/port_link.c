/* SPDX-License-Identifier: Apache-2.0 */

#include "io/port_link.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_ethdev.h>

static int
ask_flags(int fd, const struct port *port, struct ifreq *ifreq)
{
	/* By its number: another interface of that name would be another one. */
	if (if_indextoname(port->if_index, ifreq->ifr_name) == NULL)
		return -ENODEV;
	return ioctl(fd, SIOCGIFFLAGS, ifreq) < 0 ? -errno : 0;
}

/*
 * Whether it has carrier. IFF_RUNNING, which says so of an interface that cannot be asked, may be
 * a second late.
 */
static bool
has_carrier(int fd, const struct ifreq *interface)
{
	struct ethtool_value value = { .cmd = ETHTOOL_GLINK };
	struct ifreq ifreq = *interface;

	ifreq.ifr_data = (char *)&value;
	if (ioctl(fd, SIOCETHTOOL, &ifreq) == 0)
		return value.data != 0;
	return (interface->ifr_flags & IFF_RUNNING) != 0;
}

static void
ask_interface(const struct port *port, struct port_link *link)
{
	struct ifreq ifreq = { 0 };
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return; /* for want of a descriptor nothing is said to have changed */
	link->is_there = ask_flags(fd, port, &ifreq) == 0;
	link->is_up = link->is_there && (ifreq.ifr_flags & IFF_UP) != 0 && has_carrier(fd, &ifreq);
	close(fd);
}

void
port_link_ask(const struct port *port, struct port_link *link)
{
	const int loss = atomic_load_explicit(&port->loss, memory_order_relaxed);
	struct rte_eth_link state = { 0 };

	if (loss != PORT_LOSS_NONE) {
		*link = (struct port_link){ .wants_reset = loss == PORT_LOSS_RESET };
		return;
	}
	if (port->if_index != 0) {
		ask_interface(port, link);
		return;
	}
	*link = (struct port_link){ .is_there = true };
	if (rte_eth_link_get_nowait(port->number, &state) != 0)
		return;
	link->is_up = state.link_status == RTE_ETH_LINK_UP;
	if (state.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN)
		link->speed_mbps = state.link_speed;
}

static int
set_interface(const struct port *port, bool up)
{
	struct ifreq ifreq = { 0 };
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -errno;
	rc = ask_flags(fd, port, &ifreq);
	if (rc == 0) {
		ifreq.ifr_flags = (short)(up ? ifreq.ifr_flags | IFF_UP
					     : ifreq.ifr_flags & ~IFF_UP);
		rc = ioctl(fd, SIOCSIFFLAGS, &ifreq) < 0 ? -errno : 0;
	}
	close(fd);
	return rc;
}

int
port_link_set(const struct port *port, bool up, struct err *err)
{
	int rc;

	if (port->if_index != 0)
		rc = set_interface(port, up);
	else
		rc = up ? rte_eth_dev_set_link_up(port->number)
			: rte_eth_dev_set_link_down(port->number);
	if (rc == 0)
		return 0;
	return err_set(err, -rc, "%s: its link cannot be %s: %s", port->device.name,
			up ? "brought up" : "taken down", strerror(-rc));
}

bool
port_link_needs_admin(const struct port *port)
{
	return port->if_index != 0;
}
