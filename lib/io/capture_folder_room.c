/* SPDX-License-Identifier: Apache-2.0 */

#include "io/capture_folder_room.h"

#include "base/usec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PREFIX "flood-"
#define SUFFIX ".pcap"
#define UNFINISHED ".part"

struct own_file {
	char name[CAPTURE_FOLDER_ROOM_UNFINISHED];
	uint64_t bytes;
	struct timespec changed;
};

struct own_files {
	struct own_file *all;
	size_t count;
	size_t room;
	uint64_t bytes;
};

void
capture_folder_room_name(uint32_t id, uint64_t time_us, char name[CAPTURE_FOLDER_ROOM_NAME])
{
	const time_t seconds = (time_t)(time_us / USEC_PER_SEC);
	char when[20] = "";
	struct tm parts;

	if (gmtime_r(&seconds, &parts) == NULL ||
			strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &parts) == 0)
		when[0] = '\0'; /* a time that no capture has */
	snprintf(name, CAPTURE_FOLDER_ROOM_NAME, PREFIX "%" PRIu32 "-%s" SUFFIX, id, when);
}

void
capture_folder_room_unfinished(const char *name, char unfinished[CAPTURE_FOLDER_ROOM_UNFINISHED])
{
	snprintf(unfinished, CAPTURE_FOLDER_ROOM_UNFINISHED, ".%s" UNFINISHED, name);
}

/* Behind a text that stands there; NULL: another one does. */
static const char *
pass(const char *at, const char *text)
{
	const size_t len = strlen(text);

	return at != NULL && strncmp(at, text, len) == 0 ? at + len : NULL;
}

/* Behind as many digits. */
static const char *
pass_digits(const char *at, size_t least, size_t most)
{
	const size_t count = at != NULL ? strspn(at, "0123456789") : 0;

	return count >= least && count <= most ? at + count : NULL;
}

bool
capture_folder_room_is_ours(const char *name)
{
	const bool is_unfinished = name[0] == '.';
	const char *at = pass(is_unfinished ? name + 1 : name, PREFIX);

	at = pass_digits(at, 1, 10);
	at = pass(at, "-");
	at = pass_digits(at, 8, 8);
	at = pass(at, "T");
	at = pass_digits(at, 6, 6);
	at = pass(at, "Z" SUFFIX);
	if (is_unfinished)
		at = pass(at, UNFINISHED);
	return at != NULL && *at == '\0';
}

static int
add(struct own_files *files, const char *name, const struct stat *st)
{
	if (files->count == files->room) {
		const size_t room = 2 * files->room + 16;
		struct own_file *all = realloc(files->all, room * sizeof(*all));

		if (all == NULL)
			return -ENOMEM;
		files->all = all;
		files->room = room;
	}
	files->all[files->count] = (struct own_file){ .bytes = (uint64_t)st->st_size,
		.changed = st->st_mtim };
	strcpy(files->all[files->count++].name, name); /* ours are no longer */
	files->bytes += (uint64_t)st->st_size;
	return 0;
}

static int
list(DIR *entries, struct own_files *files)
{
	const struct dirent *entry;
	struct stat st;
	int rc = 0;

	while (rc == 0 && (entry = readdir(entries)) != NULL)
		if (capture_folder_room_is_ours(entry->d_name) &&
				fstatat(dirfd(entries), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
						0 &&
				S_ISREG(st.st_mode))
			rc = add(files, entry->d_name, &st);
	return rc;
}

/* The oldest first; of the same time, in the order of their names. */
static int
compare(const void *a, const void *b)
{
	const struct own_file *x = a, *y = b;

	if (x->changed.tv_sec != y->changed.tv_sec)
		return x->changed.tv_sec < y->changed.tv_sec ? -1 : 1;
	if (x->changed.tv_nsec != y->changed.tv_nsec)
		return x->changed.tv_nsec < y->changed.tv_nsec ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* What cannot be removed is left, if others make room enough. */
static int
remove_oldest(int folder, struct own_files *files, uint64_t bytes_kept)
{
	int error = 0;

	if (files->count > 1)
		qsort(files->all, files->count, sizeof(files->all[0]), compare);
	for (size_t i = 0; i < files->count && files->bytes > bytes_kept; i++) {
		if (unlinkat(folder, files->all[i].name, 0) == 0 || errno == ENOENT)
			files->bytes -= files->all[i].bytes;
		else
			error = errno;
	}
	return files->bytes > bytes_kept ? -error : 0;
}

static DIR *
open_entries(int folder)
{
	const int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;

	if (entries == NULL && fd >= 0)
		close(fd);
	return entries;
}

int
capture_folder_room_make(
		int folder, const char *path, uint64_t bytes, uint64_t bytes_max, struct err *err)
{
	struct own_files files = { .count = 0 };
	DIR *entries = open_entries(folder);
	int rc;

	if (entries == NULL)
		return err_set(err, errno, "%s: cannot be read: %s", path, strerror(errno));
	rc = list(entries, &files);
	closedir(entries);
	if (rc == 0 && bytes > bytes_max)
		rc = -EFBIG;
	if (rc == 0)
		rc = remove_oldest(folder, &files, bytes_max - bytes);
	free(files.all);
	return rc == 0 ? 0
		       : err_set(err, -rc, "%s: no room can be made for another file: %s", path,
					 strerror(-rc));
}
