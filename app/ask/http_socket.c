/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/http_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of a crowd, none is left to send its SYN again a second later. */
#define BACKLOG 1024

/* -EINVAL: it is no address. */
static int
read_address(const char *text, uint16_t port, struct sockaddr_storage *address, socklen_t *len)
{
	struct sockaddr_in *four = (struct sockaddr_in *)address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		*len = sizeof(*four);
		return 0;
	}
	if (inet_pton(AF_INET6, text, &six->sin6_addr) != 1)
		return -EINVAL;
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(port);
	*len = sizeof(*six);
	return 0;
}

static int
bind_there(int fd, const struct sockaddr_storage *address, socklen_t len)
{
	const int yes = 1;

	/* Connections of the last run that are still in TIME_WAIT do not keep us out. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (address->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	if (bind(fd, (const struct sockaddr *)address, len) != 0 || listen(fd, BACKLOG) != 0)
		return -errno;
	return 0;
}

static int
listen_error(const char *address, uint16_t port, int code, struct err *err)
{
	const char *hint = code == EADDRINUSE	? "; another program listens there"
			: code == EADDRNOTAVAIL ? "; no interface has this address"
						: "";

	return err_set(err, code, "metrics: cannot listen on %s port %u: %s%s", address, port,
			strerror(code), hint);
}

int
http_socket_open(const char *text, uint16_t port, struct err *err)
{
	struct sockaddr_storage address;
	socklen_t len;
	int fd, rc;

	if (read_address(text, port, &address, &len) != 0)
		return err_set(err, EINVAL, "metrics: '%s' is no IPv4 or IPv6 address", text);
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return listen_error(text, port, errno, err);
	rc = bind_there(fd, &address, len);
	if (rc == 0)
		return fd;
	close(fd);
	return listen_error(text, port, -rc, err);
}

uint16_t
http_socket_port(int fd)
{
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(address);

	getsockname(fd, (struct sockaddr *)&address, &len);
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	return ntohs(((struct sockaddr_in *)&address)->sin_port);
}
