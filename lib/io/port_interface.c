/* SPDX-License-Identifier: Apache-2.0 */

#include "io/port_interface.h"

#include "log/log.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ARP_IGNORE_ALL 8 /* ip-sysctl: do not reply for all local addresses */

static int
ask_kernel(const char *interface, unsigned long request, struct ifreq *ifreq)
{
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -errno;
	snprintf(ifreq->ifr_name, sizeof(ifreq->ifr_name), "%.*s", IF_NAMESIZE - 1, interface);
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
		log_line(LOG_WEIGHT_INFO, "interface '%s' is down, and is brought up", name);
		ifreq.ifr_flags = (short)(ifreq.ifr_flags | IFF_UP);
		rc = ask_kernel(name, SIOCSIFFLAGS, &ifreq);
	}
	return rc == 0 ? 0
		       : err_set(err, -rc, "interface '%s' does not come up: %s", name,
					 strerror(-rc));
}

/* False: there is none, or it may not be touched. */
static bool
exchange_arp_ignore(const char *name, int value, int *before)
{
	char path[96];
	FILE *file;
	bool done;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/arp_ignore", name);
	file = fopen(path, "r+e");
	if (file == NULL)
		return false;
	done = fscanf(file, "%d", before) == 1;
	rewind(file);
	done = done && fprintf(file, "%d\n", value) > 0;
	return fclose(file) == 0 && done;
}

/* Linux answers ARP on any interface for the addresses of all of them, unless it is told. */
static void
keep_kernel_from_answering(struct port_interface *interface)
{
	interface->has_arp_ignore = exchange_arp_ignore(
			interface->name, ARP_IGNORE_ALL, &interface->arp_ignore);
	if (!interface->has_arp_ignore)
		log_line(LOG_WEIGHT_WARNING,
				"the kernel may answer ARP on interface '%s':"
				" 'sysctl -w net.ipv4.conf.%s.arp_ignore=8' keeps it from that",
				interface->name, interface->name);
}

int
port_interface_prepare(
		struct port_interface *interface, const char *name, uint32_t mtu, struct err *err)
{
	int rc;

	*interface = (struct port_interface){ .mtu = 0 };
	snprintf(interface->name, sizeof(interface->name), "%.*s", IF_NAMESIZE - 1, name);
	rc = change_mtu(interface, mtu, err);
	if (rc == 0)
		rc = bring_up(name, err);
	if (rc < 0)
		return rc;
	turn_offloads_off(interface);
	keep_kernel_from_answering(interface);
	return 0;
}

void
port_interface_restore(struct port_interface *interface)
{
	int ignored;

	if (interface->had_gro)
		set_gro(interface->name, true);
	if (interface->had_lro)
		set_lro(interface->name, true);
	if (interface->mtu != 0)
		set_mtu(interface->name, interface->mtu);
	if (interface->has_arp_ignore)
		exchange_arp_ignore(interface->name, interface->arp_ignore, &ignored);
	*interface = (struct port_interface){ .mtu = 0 };
}
