/* SPDX-License-Identifier: Apache-2.0 */

#include "io/line_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_WRITER_BUFFER ((size_t)1 << 20)

struct line_writer {
	char *name; /* for people */
	int fd;
	int error; /* errno of the first failure, 0 */
	size_t used;
	char buffer[LINE_WRITER_BUFFER];
};

static int
tell_error(const struct line_writer *writer, struct err *err)
{
	if (writer->error == 0)
		return 0;
	if (writer->error == EPIPE)
		return err_set(err, EPIPE, "%s: cannot be written: its reader has gone",
				writer->name);
	return err_set(err, writer->error, "%s: cannot be written: %s", writer->name,
			strerror(writer->error));
}

static int
open_descriptor(const char *path)
{
	if (strcmp(path, "-") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

int
line_writer_open(const char *path, struct line_writer **writer, struct err *err)
{
	struct line_writer *made = malloc(sizeof(*made));
	int rc;

	*writer = NULL;
	if (made == NULL)
		return err_set(err, ENOMEM, "%s: no memory left to write it", path);
	made->used = 0;
	made->error = 0;
	made->name = strdup(strcmp(path, "-") == 0 ? "standard output" : path);
	made->fd = made->name != NULL ? open_descriptor(path) : -1;
	if (made->fd < 0) {
		made->error = made->name != NULL ? errno : ENOMEM;
		rc = err_set(err, made->error, "%s: cannot be written: %s", path,
				strerror(made->error));
		free(made->name);
		free(made);
		return rc;
	}
	*writer = made;
	return 0;
}

static void
write_out(struct line_writer *writer)
{
	size_t done = 0;

	while (done < writer->used && writer->error == 0) {
		ssize_t n = write(writer->fd, writer->buffer + done, writer->used - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			writer->error = errno;
	}
	writer->used = 0;
}

char *
line_writer_reserve(struct line_writer *writer, size_t len)
{
	if (sizeof(writer->buffer) - writer->used < len)
		write_out(writer);
	return writer->buffer + writer->used;
}

void
line_writer_commit(struct line_writer *writer, size_t len)
{
	writer->used += len;
}

int
line_writer_error(const struct line_writer *writer)
{
	return -writer->error;
}

int
line_writer_close(struct line_writer *writer, struct err *err)
{
	int rc;

	if (writer == NULL)
		return 0;
	write_out(writer);
	if (close(writer->fd) != 0 && writer->error == 0)
		writer->error = errno;
	rc = tell_error(writer, err);
	free(writer->name);
	free(writer);
	return rc;
}
