/* SPDX-License-Identifier: Apache-2.0 */

#include "io/port_packet.h"

#include <dirent.h>
#include <linux/if_packet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

static bool
is_bound_to(int fd, uint32_t if_index)
{
	struct sockaddr_ll address = { .sll_family = AF_UNSPEC };
	socklen_t len = sizeof(address);

	return getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
			address.sll_family == AF_PACKET &&
			(uint32_t)address.sll_ifindex == if_index;
}

void
port_packet_find(struct port_packet *packet, uint32_t if_index)
{
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;

	*packet = (struct port_packet){ .count = 0 };
	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL && packet->count < PORT_PACKET_SOCKETS_MAX) {
		const int fd = atoi(entry->d_name);

		if (is_bound_to(fd, if_index))
			packet->sockets[packet->count++] = fd;
	}
	closedir(folder);
}

uint64_t
port_packet_missed(struct port_packet *packet)
{
	for (uint32_t i = 0; i < packet->count; i++) {
		struct tpacket_stats stats = { 0 };
		socklen_t len = sizeof(stats);

		if (getsockopt(packet->sockets[i], SOL_PACKET, PACKET_STATISTICS, &stats, &len) ==
				0)
			packet->missed += stats.tp_drops;
	}
	return packet->missed;
}
