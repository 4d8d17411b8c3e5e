/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/control_socket.h"

#include <errno.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Connections that the kernel keeps until they are accepted. */
#define BACKLOG 64

#define FOLDER_MODE 0755

int
control_socket_address(const char *path, struct sockaddr_un *address, struct err *err)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (path[0] == '\0')
		return err_set(err, EINVAL, "the control socket needs a path");
	if (strlen(path) >= sizeof(address->sun_path))
		return err_set(err, ENAMETOOLONG, "%s: the path of a socket has %zu bytes at most",
				path, sizeof(address->sun_path) - 1);
	strcpy(address->sun_path, path);
	return 0;
}

static int
make_folder(const char *path, struct err *err)
{
	char copy[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *folder;

	snprintf(copy, sizeof(copy), "%s", path);
	folder = dirname(copy);
	if (mkdir(folder, FOLDER_MODE) == 0)
		(void)chmod(folder, FOLDER_MODE); /* whatever the umask took */
	else if (errno != EEXIST)
		return err_set(err, errno, "%s: cannot make the folder of the control socket: %s",
				folder, strerror(errno));
	return 0;
}

static int
new_socket(struct err *err)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd >= 0 ? fd : err_set(err, errno, "control socket: %s", strerror(errno));
}

/* A socket that nobody listens on refuses; one whose backlog is full says EAGAIN. */
static int
check_stale(const struct sockaddr_un *address, struct err *err)
{
	const char *path = address->sun_path;
	const int fd = new_socket(err);
	int why = 0;

	if (fd < 0)
		return fd;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0)
		why = errno;
	close(fd);
	if (why == ECONNREFUSED || why == ENOENT)
		return 0;
	if (why == 0 || why == EAGAIN)
		return err_set(err, EADDRINUSE, "another synwire answers on %s", path);
	return err_set(err, why, "%s: cannot tell whether another synwire answers: %s", path,
			strerror(why));
}

static int
remove_stale(const struct sockaddr_un *address, struct err *err)
{
	const char *path = address->sun_path;
	struct stat found;
	int rc;

	if (lstat(path, &found) == 0 && !S_ISSOCK(found.st_mode))
		return err_set(err, EEXIST, "%s: is there already, and is no socket", path);
	rc = check_stale(address, err);
	if (rc == 0 && unlink(path) != 0 && errno != ENOENT)
		rc = err_set(err, errno, "%s: cannot remove the old control socket: %s", path,
				strerror(errno));
	return rc;
}

static int
bind_socket(const struct control_socket *socket, struct err *err)
{
	const struct sockaddr_un *address = &socket->address;

	if (bind(socket->fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
		return 0;
	return err_set(err, errno, "%s: cannot make the control socket: %s", address->sun_path,
			strerror(errno));
}

/* Until it listens, nobody can connect, so that the mode is there before the first who may. */
static int
listen_there(struct control_socket *socket, mode_t mode, struct err *err)
{
	const char *path = socket->address.sun_path;
	struct stat made;

	if (chmod(path, mode) == 0 && lstat(path, &made) == 0 && listen(socket->fd, BACKLOG) == 0) {
		socket->device = made.st_dev;
		socket->inode = made.st_ino;
		return 0;
	}
	return err_set(err, errno, "%s: cannot listen on the control socket: %s", path,
			strerror(errno));
}

int
control_socket_open(const char *path, mode_t mode, struct control_socket *socket, struct err *err)
{
	int rc = control_socket_address(path, &socket->address, err);

	if (rc == 0)
		rc = make_folder(path, err);
	if (rc != 0)
		return rc;
	socket->fd = new_socket(err);
	if (socket->fd < 0)
		return socket->fd;
	rc = bind_socket(socket, err);
	if (rc == -EADDRINUSE) {
		rc = remove_stale(&socket->address, err);
		if (rc == 0)
			rc = bind_socket(socket, err);
	}
	if (rc == 0) {
		rc = listen_there(socket, mode, err);
		if (rc != 0)
			unlink(path);
	}
	if (rc != 0)
		close(socket->fd);
	return rc;
}

void
control_socket_close(struct control_socket *socket)
{
	struct stat found;

	if (lstat(socket->address.sun_path, &found) == 0 && found.st_dev == socket->device &&
			found.st_ino == socket->inode)
		unlink(socket->address.sun_path);
	close(socket->fd);
}
