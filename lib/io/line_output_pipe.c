/* SPDX-License-Identifier: Apache-2.0 */

#include "io/line_output_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STDOUT_NAME "/proc/self/fd/1"

/*
 * A pipe or terminal that is opened by its name once more has flags of its own: then not even
 * another writer that fills it between poll() and write() makes us wait. A file opened so
 * would be written from its beginning, and a socket cannot be.
 */
static int
open_again(void)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) != 0 || !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
		return -1;
	return open(STDOUT_NAME, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int
line_output_pipe_stdout(void)
{
	const int flags = fcntl(STDOUT_FILENO, F_GETFL);
	int fd;

	if (flags < 0)
		return -errno;
	if ((flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	fd = open_again();
	if (fd < 0)
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return fd >= 0 ? fd : -errno;
}

static size_t
piece_len(const char *bytes, size_t len)
{
	const char *newline;

	if (len <= PIPE_BUF)
		return len;
	newline = memrchr(bytes, '\n', PIPE_BUF);
	return newline != NULL ? (size_t)(newline + 1 - bytes) : PIPE_BUF;
}

ssize_t
line_output_pipe_write(int fd, const char *bytes, size_t len)
{
	struct pollfd asked = { .fd = fd, .events = POLLOUT };
	ssize_t n;

	do {
		n = poll(&asked, 1, 0);
		if (n > 0)
			n = write(fd, bytes, piece_len(bytes, len));
		else if (n == 0)
			return -EAGAIN;
	} while (n < 0 && errno == EINTR);
	return n >= 0 ? n : -errno;
}
