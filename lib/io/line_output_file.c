/* SPDX-License-Identifier: Apache-2.0 */

#include "io/line_output_file.h"

#include "io/line_output_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room for what rotation appends to the name. */
#define SUFFIX_LEN sizeof(".4294967295")

/* O_NONBLOCK: of a pipe; neither its opening nor a write shall wait for a reader. */
static int
open_name(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
	while (fd < 0 && errno == EINTR);
	return fd;
}

/* Where it cannot be seen the answer is yes: an empty line hurts less than two lines in one. */
static bool
is_torn_at(const char *path, off_t size)
{
	const int fd = open_name(path, O_RDONLY);
	char last = 0;
	ssize_t n;

	if (fd < 0)
		return true;
	do
		n = pread(fd, &last, 1, size - 1);
	while (n < 0 && errno == EINTR);
	close(fd);
	return last != '\n';
}

/* The old descriptor goes only when the new one is there. */
static int
open_by_name(struct line_output_file *file)
{
	const int fd = open_name(file->path, O_WRONLY | O_CREAT | O_APPEND);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0) {
		const int rc = -errno;

		close(fd);
		return rc;
	}
	if (file->fd >= 0)
		close(file->fd);
	file->fd = fd;
	file->is_regular = S_ISREG(st.st_mode);
	file->size = (uint64_t)st.st_size;
	file->ends_torn = file->is_regular && st.st_size > 0 && is_torn_at(file->path, st.st_size);
	return 0;
}

int
line_output_file_open(struct line_output_file *file, const char *path, uint64_t rotate_size,
		uint32_t rotate_keep, struct err *err)
{
	int rc = 0;

	*file = (struct line_output_file){
		.fd = -1, .rotate_size = rotate_size, .rotate_keep = rotate_keep
	};
	file->path = strdup(path);
	if (file->path == NULL)
		rc = -ENOMEM;
	else if (strlen(path) + SUFFIX_LEN > PATH_MAX)
		rc = -ENAMETOOLONG;
	else
		rc = open_by_name(file);
	if (rc == 0)
		return 0;
	free(file->path);
	return err_set(err, -rc, "%s: cannot be written: %s", path, strerror(-rc));
}

int
line_output_file_close(struct line_output_file *file, struct err *err)
{
	int rc = 0;

	if (close(file->fd) != 0 && errno != EINTR)
		rc = err_set(err, errno, "%s: cannot be written: %s", file->path, strerror(errno));
	free(file->path);
	return rc;
}

void
line_output_file_was_moved(struct line_output_file *file)
{
	file->is_moved = true;
	file->retry.was_tried = false;
}

/* FILE.NUMBER */
static const char *
numbered(const struct line_output_file *file, uint32_t number, char name[static PATH_MAX])
{
	snprintf(name, PATH_MAX, "%s.%u", file->path, number);
	return name;
}

/* The first number that no file has: those above it need not move. The last is overwritten. */
static uint32_t
free_number(const struct line_output_file *file)
{
	char name[PATH_MAX];
	struct stat st;
	uint32_t number = 1;

	while (number < file->rotate_keep && lstat(numbered(file, number, name), &st) == 0)
		number++;
	return number;
}

static int
rename_all(const struct line_output_file *file)
{
	char from[PATH_MAX], to[PATH_MAX];

	for (uint32_t i = free_number(file); i > 1; i--) {
		if (rename(numbered(file, i - 1, from), numbered(file, i, to)) != 0)
			return -errno;
	}
	/* A file that another has moved away only needs to be made again. */
	if (rename(file->path, numbered(file, 1, to)) != 0 && errno != ENOENT)
		return -errno;
	return 0;
}

static int
rotate(struct line_output_file *file)
{
	char first[PATH_MAX];
	int rc = rename_all(file);

	if (rc < 0)
		return rc;
	rc = open_by_name(file);
	if (rc < 0) /* The name shall lead to what is written, as before. */
		(void)!rename(numbered(file, 1, first), file->path);
	else
		file->rotations++;
	return rc;
}

static bool
wants_rotation(const struct line_output_file *file)
{
	return file->is_regular && file->rotate_size > 0 && file->size >= file->rotate_size;
}

bool
line_output_file_tidy(struct line_output_file *file, uint64_t now_us)
{
	const bool is_moved = file->is_moved;
	int rc;

	if (!is_moved && !wants_rotation(file))
		return false;
	if (!line_output_retry_is_due(&file->retry, now_us))
		return false;
	rc = is_moved ? open_by_name(file) : rotate(file);
	if (rc < 0) {
		line_output_retry_note(&file->retry, now_us);
		snprintf(file->trouble, sizeof(file->trouble),
				is_moved ? "cannot be opened again, the old file is written on: %s"
					 : "cannot be rotated, it grows on: %s",
				strerror(-rc));
		return false;
	}
	file->is_moved = false;
	file->trouble[0] = '\0';
	return true;
}

/* Without a rotation that is due and failed, a file ends with the line that reached the size. */
static size_t
until_rotation(const struct line_output_file *file, const char *bytes, size_t len)
{
	const char *newline;
	uint64_t left;

	if (file->rotate_size <= file->size)
		return len;
	left = file->rotate_size - file->size;
	if (left >= len)
		return len;
	newline = memchr(bytes + left - 1, '\n', len - (size_t)left + 1);
	return newline != NULL ? (size_t)(newline + 1 - bytes) : len;
}

/* Others may have cut the file or appended to it. */
static int
look_at_size(struct line_output_file *file)
{
	struct stat st;

	if (fstat(file->fd, &st) != 0)
		return -errno;
	file->size = (uint64_t)st.st_size;
	return 0;
}

/* All of it, or up to an error, which *error then tells. */
static size_t
write_all(int fd, const char *bytes, size_t len, int *error)
{
	size_t done = 0;

	*error = 0;
	while (done < len) {
		const ssize_t n = write(fd, bytes + done, len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR) {
			*error = n == 0 ? EIO : errno;
			break;
		}
	}
	return done;
}

/*
 * Of the bytes just appended those behind the last newline are taken away again, unless
 * another has appended to them. Returns how many bytes stay.
 */
static size_t
cut_back(struct line_output_file *file, const char *bytes, size_t done)
{
	const char *newline = memrchr(bytes, '\n', done);
	const size_t whole = newline != NULL ? (size_t)(newline + 1 - bytes) : 0;
	const uint64_t before = file->size;
	int rc;

	if (whole == done || look_at_size(file) != 0 || file->size != before + done)
		return done;
	do
		rc = ftruncate(file->fd, (off_t)(before + whole));
	while (rc < 0 && errno == EINTR);
	return rc == 0 ? whole : done;
}

static int
end_torn_line(struct line_output_file *file)
{
	int error;

	if (file->ends_torn && file->size > 0) {
		if (write_all(file->fd, "\n", 1, &error) == 0)
			return -error;
		file->size++;
	}
	file->ends_torn = false;
	return 0;
}

ssize_t
line_output_file_write(struct line_output_file *file, const char *bytes, size_t len)
{
	uint64_t before;
	size_t done;
	int error;

	if (!file->is_regular)
		return line_output_pipe_write(file->fd, bytes, len);
	error = -look_at_size(file);
	if (error == 0)
		error = -end_torn_line(file);
	if (error != 0)
		return -error;
	before = file->size;
	done = write_all(file->fd, bytes, until_rotation(file, bytes, len), &error);
	if (error != 0)
		done = cut_back(file, bytes, done);
	file->size = before + done;
	return done > 0 || error == 0 ? (ssize_t)done : -error;
}
