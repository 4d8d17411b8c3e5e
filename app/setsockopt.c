/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The program's own setsockopt(2), which DPDK's drivers then call: AF_PACKET's sockets join
 * their fanout group without two of its flags.
 *
 * DPDK's net_af_packet always joins one, with a single queue too, and asks for
 *   PACKET_FANOUT_FLAG_DEFRAG: the kernel puts IPv4 fragments together before the driver gets
 *   them. What comes is no longer what was sent, and longer than any port takes: fragmented
 *   packets did not pass the wire at all.
 *   PACKET_FANOUT_FLAG_ROLLOVER: when a queue is full, its frames go to another one. Frames
 *   of a connection then come to two workers, just when there is most to do.
 * No argument of the driver says otherwise, and a socket cannot leave its group.
 *
 * The linker lets a program's own function of this name win over the C library's, for shared
 * libraries too (-Wl,--export-dynamic-symbol=setsockopt in app/meson.build).
 */

#include <linux/if_packet.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The flags lie in the high half. */
#define FLAGS_LEFT_OUT ((uint32_t)(PACKET_FANOUT_FLAG_DEFRAG | PACKET_FANOUT_FLAG_ROLLOVER) << 16)

int
setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	uint32_t fanout;

	if (level == SOL_PACKET && option == PACKET_FANOUT && len == sizeof(fanout)) {
		memcpy(&fanout, value, sizeof(fanout));
		fanout &= ~FLAGS_LEFT_OUT;
		value = &fanout;
	}
	return (int)syscall(SYS_setsockopt, fd, level, option, value, len);
}
