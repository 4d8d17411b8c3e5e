/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The socket in the file system where an appliance is asked: made so that nobody whom its
 * mode keeps out could connect even for a moment, in the place of one that a killed process
 * left behind, but never of one where somebody answers.
 */

#ifndef APP_ASK_CONTROL_SOCKET_H
#define APP_ASK_CONTROL_SOCKET_H

#include "base/err.h"

#include <sys/types.h>
#include <sys/un.h>

struct control_socket {
	int fd; /* listens, and never blocks */
	struct sockaddr_un address;
	dev_t device; /* of the file, to know it again */
	ino_t inode;
};

/** The address of a path; -ENAMETOOLONG or -EINVAL with the sentence in @p err. */
int control_socket_address(const char *path, struct sockaddr_un *address, struct err *err);

/**
 * Make the socket and listen. Its folder is made, with mode 0755, if the folder above is there.
 *
 * @param mode
 *   Who may connect: the file's permissions, whatever the process's umask.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int control_socket_open(
		const char *path, mode_t mode, struct control_socket *socket, struct err *err);

/** Stop listening, and remove the file if it is still this socket's. */
void control_socket_close(struct control_socket *socket);

#endif /* APP_ASK_CONTROL_SOCKET_H */
