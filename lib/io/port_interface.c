/* SPDX-License-Identifier: Apache-2.0 */

#include "io/port_interface.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int
ask_kernel(const char *interface, unsigned long request, struct ifreq *ifreq)
{
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -errno;
	memcpy(ifreq->ifr_name, interface, sizeof(ifreq->ifr_name));
	rc = ioctl(fd, request, ifreq) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

/* Ask for a value, or set one: ETHTOOL_GGRO and its like. */
static bool
ask(const char *interface, uint32_t command, uint32_t *value)
{
	struct ethtool_value question = { .cmd = command, .data = *value };
	struct ifreq ifreq = { .ifr_data = (char *)&question };
	const bool done = ask_kernel(interface, SIOCETHTOOL, &ifreq) == 0;

	*value = question.data;
	return done;
}

static bool
has_gro(const char *interface)
{
	uint32_t on = 0;

	return ask(interface, ETHTOOL_GGRO, &on) && on != 0;
}

static void
set_gro(const char *interface, bool on)
{
	uint32_t value = on;

	ask(interface, ETHTOOL_SGRO, &value);
}

static bool
has_lro(const char *interface)
{
	uint32_t flags = 0;

	return ask(interface, ETHTOOL_GFLAGS, &flags) && (flags & ETH_FLAG_LRO) != 0;
}

static void
set_lro(const char *interface, bool on)
{
	uint32_t flags = 0;

	if (!ask(interface, ETHTOOL_GFLAGS, &flags))
		return;
	flags = on ? flags | ETH_FLAG_LRO : flags & ~(uint32_t)ETH_FLAG_LRO;
	ask(interface, ETHTOOL_SFLAGS, &flags);
}

static void
turn_offloads_off(struct port_interface *interface)
{
	interface->had_gro = has_gro(interface->name);
	interface->had_lro = has_lro(interface->name);
	if (interface->had_gro)
		set_gro(interface->name, false);
	if (interface->had_lro)
		set_lro(interface->name, false);
}

static int
set_mtu(const char *name, uint32_t mtu)
{
	struct ifreq ifreq = { .ifr_mtu = (int)mtu };

	return ask_kernel(name, SIOCSIFMTU, &ifreq);
}

static int
change_mtu(struct port_interface *interface, uint32_t mtu, struct err *err)
{
	struct ifreq ifreq = { .ifr_mtu = 0 };
	int rc = ask_kernel(interface->name, SIOCGIFMTU, &ifreq);

	if (rc == 0 && (uint32_t)ifreq.ifr_mtu != mtu) {
		interface->mtu = (uint32_t)ifreq.ifr_mtu;
		rc = set_mtu(interface->name, mtu);
	}
	return rc == 0 ? 0
		       : err_set(err, -rc, "interface '%s' does not take an MTU of %u: %s",
					 interface->name, mtu, strerror(-rc));
}

static int
bring_up(const char *name, struct err *err)
{
	struct ifreq ifreq = { .ifr_flags = 0 };
	int rc = ask_kernel(name, SIOCGIFFLAGS, &ifreq);

	if (rc == 0 && (ifreq.ifr_flags & IFF_UP) == 0) {
		ifreq.ifr_flags = (short)(ifreq.ifr_flags | IFF_UP);
		rc = ask_kernel(name, SIOCSIFFLAGS, &ifreq);
	}
	return rc == 0 ? 0
		       : err_set(err, -rc, "interface '%s' does not come up: %s", name,
					 strerror(-rc));
}

int
port_interface_prepare(
		struct port_interface *interface, const char *name, uint32_t mtu, struct err *err)
{
	int rc;

	*interface = (struct port_interface){ .mtu = 0 };
	memcpy(interface->name, name, sizeof(interface->name));
	rc = change_mtu(interface, mtu, err);
	if (rc == 0)
		rc = bring_up(name, err);
	if (rc == 0)
		turn_offloads_off(interface);
	return rc;
}

void
port_interface_restore(struct port_interface *interface)
{
	if (interface->had_gro)
		set_gro(interface->name, true);
	if (interface->had_lro)
		set_lro(interface->name, true);
	if (interface->mtu != 0)
		set_mtu(interface->name, interface->mtu);
	*interface = (struct port_interface){ .mtu = 0 };
}
