/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The program's own setsockopt(2), which DPDK's drivers then call, since net_af_packet sets its
 * sockets otherwise than a wire needs, and takes no argument that says so.
 *
 * It always joins a fanout group, with a single queue too, and a socket cannot leave its group:
 *   PACKET_FANOUT_FLAG_DEFRAG: the kernel puts IPv4 fragments together before the driver gets
 *   them. What comes is no longer what was sent, and longer than any port takes: fragmented
 *   packets did not pass the wire at all.
 *   PACKET_FANOUT_FLAG_ROLLOVER: when a queue is full, its frames go to another one. Frames
 *   of a connection then come to two workers, just when there is most to do.
 * So both flags are left out.
 *
 * It makes the group's number of the process's and the interface's, which two processes on two
 * interfaces can have in common: then the later one does not start. The interface's alone is
 * what no other synwire here has.
 *
 * It sends what is in its ring with one call, of which the kernel does a part where the
 * socket's send buffer is full. The rest is counted as sent, and lies there until something else
 * is to be sent. So the buffer gets more room than the ring has frames.
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

/* The number lies in the low half. What people choose for other programs is small. */
#define NUMBER_MASK UINT32_C(0xffff)
#define NUMBERS_OF_OURS UINT32_C(0x8000)

/* More than any ring holds; a limit, which takes no memory. */
#define SEND_ROOM (1 << 30)

static int
set(int fd, int level, int option, const void *value, socklen_t len)
{
	return (int)syscall(SYS_setsockopt, fd, level, option, value, len);
}

/* The socket is bound to its interface already. */
static uint32_t
number_of_group(int fd, uint32_t proposed)
{
	struct sockaddr_ll address = { .sll_family = AF_UNSPEC };
	socklen_t len = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0 ||
			address.sll_family != AF_PACKET)
		return proposed & NUMBER_MASK;
	return ((uint32_t)address.sll_ifindex & NUMBER_MASK) | NUMBERS_OF_OURS;
}

int
setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	const int room = SEND_ROOM;
	uint32_t fanout;

	if (level == SOL_PACKET && option == PACKET_TX_RING)
		set(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	if (level == SOL_PACKET && option == PACKET_FANOUT && len == sizeof(fanout)) {
		memcpy(&fanout, value, sizeof(fanout));
		fanout = (fanout & ~(FLAGS_LEFT_OUT | NUMBER_MASK)) | number_of_group(fd, fanout);
		value = &fanout;
	}
	return set(fd, level, option, value, len);
}
