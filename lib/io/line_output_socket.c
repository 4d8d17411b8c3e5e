/* SPDX-License-Identifier: Apache-2.0 */

#include "io/line_output_socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int
line_output_socket_init(
		struct line_output_socket *sock, int type, const char *path, struct err *err)
{
	const size_t len = strlen(path);

	*sock = (struct line_output_socket){ .type = type, .fd = -1 };
	if (len >= sizeof(sock->reader.sun_path))
		return err_set(err, ENAMETOOLONG,
				"%s: too long: the path of a socket has at most %zu bytes", path,
				sizeof(sock->reader.sun_path) - 1);
	sock->reader.sun_family = AF_UNIX;
	memcpy(sock->reader.sun_path, path, len);
	return 0;
}

int
line_output_socket_connect(struct line_output_socket *sock)
{
	int rc;

	sock->fd = socket(AF_UNIX, sock->type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (sock->fd < 0)
		return -errno;
	do
		rc = connect(sock->fd, (const struct sockaddr *)&sock->reader,
				sizeof(sock->reader));
	while (rc < 0 && errno == EINTR);
	if (rc < 0) {
		rc = -errno;
		line_output_socket_disconnect(sock);
	}
	return rc;
}

void
line_output_socket_disconnect(struct line_output_socket *sock)
{
	if (sock->fd >= 0)
		close(sock->fd);
	sock->fd = -1;
}

bool
line_output_socket_has_hung_up(const struct line_output_socket *sock)
{
	struct pollfd asked = { .fd = sock->fd };

	return sock->type == SOCK_STREAM && poll(&asked, 1, 0) > 0 &&
			(asked.revents & POLLHUP) != 0;
}

static size_t
message_len(const struct line_output_socket *sock, const char *bytes, size_t len)
{
	const char *newline = sock->type == SOCK_DGRAM ? memchr(bytes, '\n', len) : NULL;

	return newline != NULL ? (size_t)(newline + 1 - bytes) : len;
}

ssize_t
line_output_socket_send(const struct line_output_socket *sock, const char *bytes, size_t len)
{
	ssize_t n;

	do
		n = send(sock->fd, bytes, message_len(sock, bytes, len),
				MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	/* The kernel's memory is short, not the connection broken. */
	return errno == ENOBUFS || errno == ENOMEM ? -EAGAIN : -errno;
}
