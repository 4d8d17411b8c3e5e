/* SPDX-License-Identifier: Apache-2.0 */

#include "io/port_offload.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Ask for a value, or set one: ETHTOOL_GGRO and its like. */
static bool
ask(const char *interface, uint32_t command, uint32_t *value)
{
	struct ethtool_value question = { .cmd = command, .data = *value };
	struct ifreq ifreq = { .ifr_data = (char *)&question };
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool done;

	if (fd < 0)
		return false;
	memcpy(ifreq.ifr_name, interface, sizeof(ifreq.ifr_name));
	done = ioctl(fd, SIOCETHTOOL, &ifreq) == 0;
	close(fd);
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

void
port_offload_off(struct port_offload *offload, const char *interface)
{
	memcpy(offload->interface, interface, sizeof(offload->interface));
	offload->had_gro = has_gro(interface);
	offload->had_lro = has_lro(interface);
	if (offload->had_gro)
		set_gro(interface, false);
	if (offload->had_lro)
		set_lro(interface, false);
}

void
port_offload_restore(struct port_offload *offload)
{
	if (offload->had_gro)
		set_gro(offload->interface, true);
	if (offload->had_lro)
		set_lro(offload->interface, true);
	*offload = (struct port_offload){ .had_gro = false };
}
