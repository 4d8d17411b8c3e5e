/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A folder of the test's own, and what is in it.
 */

#ifndef TESTS_FOLDER_FIXTURE_H
#define TESTS_FOLDER_FIXTURE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct folder {
	char path[64];
};

static inline int
folder_make(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	if (folder == NULL)
		return -1;
	strcpy(folder->path, "/tmp/folder.XXXXXX");
	*state = folder;
	return mkdtemp(folder->path) != NULL ? 0 : -1;
}

static inline int
folder_count(const char *path, bool remove_them)
{
	DIR *entries = opendir(path);
	const struct dirent *entry;
	int count = 0;

	if (entries == NULL)
		return -1;
	while ((entry = readdir(entries)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		count++;
		if (remove_them && unlinkat(dirfd(entries), entry->d_name, 0) != 0)
			unlinkat(dirfd(entries), entry->d_name, AT_REMOVEDIR);
	}
	closedir(entries);
	return count;
}

static inline int
folder_remove(void **state)
{
	struct folder *folder = *state;

	folder_count(folder->path, true);
	rmdir(folder->path);
	free(folder);
	return 0;
}

static inline const char *
folder_path(const struct folder *folder, const char *name, char path[256])
{
	snprintf(path, 256, "%s/%s", folder->path, name);
	return path;
}

static inline bool
folder_has(const struct folder *folder, const char *name)
{
	char path[256];
	struct stat st;

	return lstat(folder_path(folder, name, path), &st) == 0;
}

/* A file of this size, last changed this many seconds after 1970. */
static inline void
folder_put(const struct folder *folder, const char *name, off_t bytes, time_t changed)
{
	const struct timespec times[2] = { { .tv_sec = changed }, { .tv_sec = changed } };
	char path[256];
	int fd = open(folder_path(folder, name, path), O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, bytes), 0);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

#endif /* TESTS_FOLDER_FIXTURE_H */
