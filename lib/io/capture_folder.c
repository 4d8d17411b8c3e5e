/* SPDX-License-Identifier: Apache-2.0 */

#include "io/capture_folder.h"

#include "io/capture_folder_room.h"
#include "io/capture_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_MODE 0640

/* Of the pcap format: before the first frame, and before each. */
#define FILE_HEADER 24
#define FRAME_HEADER 16

static int
open_folder(const char *path, struct err *err)
{
	const int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return err_set(err, errno, "%s: cannot be opened: %s", path, strerror(errno));
	return folder;
}

int
capture_folder_check(const char *path, struct err *err)
{
	const int folder = open_folder(path, err);
	int rc = 0;

	if (folder < 0)
		return folder;
	if (faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) != 0)
		rc = err_set(err, errno, "%s: no file can be made there: %s", path,
				strerror(errno));
	close(folder);
	return rc;
}

uint64_t
capture_folder_bytes(const struct capture_folder_frame *frames, uint32_t count)
{
	uint64_t bytes = FILE_HEADER;

	for (uint32_t i = 0; i < count; i++)
		bytes += FRAME_HEADER + frames[i].len;
	return bytes;
}

/* What a run that ended in the middle has left behind may have the name. */
static int
create(int folder, const char *name)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	const int fd = openat(folder, name, flags, FILE_MODE);

	if (fd >= 0 || errno != EEXIST || unlinkat(folder, name, 0) != 0)
		return fd;
	return openat(folder, name, flags, FILE_MODE);
}

static int
write_frames(int fd, const char *path, const struct capture_folder_frame *frames, uint32_t count,
		struct err *err)
{
	struct capture_writer *writer;
	const int rc = capture_writer_adopt(fd, path, &writer, err);

	if (rc < 0)
		return rc;
	/* The first error sticks, and the close gives it. */
	for (uint32_t i = 0; i < count; i++)
		capture_writer_write(writer, frames[i].data, frames[i].len, frames[i].wire_len,
				frames[i].time_us);
	return capture_writer_close(writer, err);
}

static int
write_file(int folder, const char *path, const char *name,
		const struct capture_folder_frame *frames, uint32_t count, struct err *err)
{
	char unfinished[CAPTURE_FOLDER_ROOM_UNFINISHED];
	char full[PATH_MAX];
	int fd, rc;

	capture_folder_room_unfinished(name, unfinished);
	snprintf(full, sizeof(full), "%s/%s", path, name);
	fd = create(folder, unfinished);
	if (fd < 0)
		return err_set(err, errno, "%s: cannot be made: %s", full, strerror(errno));
	rc = write_frames(fd, full, frames, count, err);
	if (rc == 0 && renameat(folder, unfinished, folder, name) != 0)
		rc = err_set(err, errno, "%s: cannot get its name: %s", full, strerror(errno));
	if (rc < 0)
		unlinkat(folder, unfinished, 0);
	return rc;
}

int
capture_folder_write(const char *path, const char *name, uint64_t bytes_max,
		const struct capture_folder_frame *frames, uint32_t count, struct err *err)
{
	const int folder = open_folder(path, err);
	int rc;

	if (folder < 0)
		return folder;
	rc = capture_folder_room_make(
			folder, path, capture_folder_bytes(frames, count), bytes_max, err);
	if (rc == 0)
		rc = write_file(folder, path, name, frames, count, err);
	close(folder);
	return rc;
}
