/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Lines into a UNIX socket that a reader has bound: a stream, or a datagram for each line.
 *
 * Invariant: nothing here waits. A connection that failed in any way is of no more use: the
 * caller disconnects, and connects again when it may.
 */

#ifndef IO_LINE_OUTPUT_SOCKET_H
#define IO_LINE_OUTPUT_SOCKET_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/un.h>

struct line_output_socket {
	int type; /* SOCK_STREAM or SOCK_DGRAM */
	int fd; /* -1: not connected */
	struct sockaddr_un reader;
};

/** @return 0, or -ENAMETOOLONG with the sentence in @p err. Nothing is opened yet. */
int line_output_socket_init(
		struct line_output_socket *sock, int type, const char *path, struct err *err);

/** @return 0 or -errno; it must not be connected. */
int line_output_socket_connect(struct line_output_socket *sock);

void line_output_socket_disconnect(struct line_output_socket *sock);

/** A stream's reader has gone: what is written now reaches nobody. */
bool line_output_socket_has_hung_up(const struct line_output_socket *sock);

/**
 * Send what there is room for; of a datagram socket, the first line.
 *
 * @return
 *   How many bytes went; -EAGAIN where there is no room; -EMSGSIZE for a line that is longer
 *   than any datagram; another -errno where the connection failed.
 */
ssize_t line_output_socket_send(
		const struct line_output_socket *sock, const char *bytes, size_t len);

#endif /* IO_LINE_OUTPUT_SOCKET_H */
