/* SPDX-License-Identifier: Apache-2.0 */

/*
 * How long an echo takes: ICMP echoes to an address, one at a time. Prints the nanoseconds of
 * each that came back, a line each. Run by wire-bench.
 *
 * The kernel at the far end answers, and the kernel here stamps the answer on arrival: no
 * program has to be woken for either, so what is measured is the way, not the scheduler.
 */

#include "packet/checksum.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 1000
#define NS_PER_S INT64_C(1000000000)

static void
fail(const char *what)
{
	fprintf(stderr, "wire_rtt: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static int64_t
to_ns(const struct timespec *time)
{
	return time->tv_sec * NS_PER_S + time->tv_nsec;
}

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now); /* the kernel's stamps are in this */
	return to_ns(&now);
}

static int
open_socket(const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	const int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0)
		fail("socket");
	errno = EINVAL;
	if (inet_pton(AF_INET, text, &address.sin_addr) != 1 ||
			connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		fail(text);
	return fd;
}

static void
send_echo(int fd, uint16_t id, uint16_t seq)
{
	struct icmphdr icmp = { .type = ICMP_ECHO, .un.echo = { htons(id), htons(seq) } };

	icmp.checksum = checksum_finish(checksum_add(0, &icmp, sizeof(icmp)));
	if (send(fd, &icmp, sizeof(icmp), 0) < 0)
		fail("send");
}

/* When the next message came; 0: it is not the answer. */
static int64_t
take_answer(int fd, uint16_t id, uint16_t seq)
{
	uint8_t data[128], control[CMSG_SPACE(sizeof(struct timespec))];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr message = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	const ssize_t len = recvmsg(fd, &message, 0);
	const struct cmsghdr *stamp = CMSG_FIRSTHDR(&message);
	struct icmphdr icmp;
	struct timespec time;

	if (len < (ssize_t)(sizeof(struct iphdr) + sizeof(icmp)) || stamp == NULL)
		return 0;
	memcpy(&icmp, data + sizeof(uint32_t) * (data[0] & 0xf), sizeof(icmp));
	if (icmp.type != ICMP_ECHOREPLY || icmp.un.echo.id != htons(id) ||
			icmp.un.echo.sequence != htons(seq))
		return 0;
	memcpy(&time, CMSG_DATA(stamp), sizeof(time));
	return to_ns(&time);
}

static void
measure(int fd, uint16_t id, uint16_t seq)
{
	const int64_t start = now_ns();
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	send_echo(fd, id, seq);
	while (poll(&poll_fd, 1, PATIENCE_MS) > 0) {
		const int64_t came = take_answer(fd, id, seq);

		if (came != 0) {
			printf("%lld\n", (long long)(came - start));
			return;
		}
	}
}

int
main(int argc, char **argv)
{
	int fd;

	if (argc != 4) {
		fputs("Usage: wire_rtt ADDRESS COUNT MICROSECONDS-BETWEEN\n", stderr);
		return EXIT_FAILURE;
	}
	fd = open_socket(argv[1]);
	for (long i = 0; i < strtol(argv[2], NULL, 10); i++) {
		measure(fd, (uint16_t)getpid(), (uint16_t)i);
		usleep((useconds_t)strtoul(argv[3], NULL, 10));
	}
	return EXIT_SUCCESS;
}
