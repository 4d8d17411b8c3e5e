/* SPDX-License-Identifier: Apache-2.0 */

#include "io/hugepages.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The smallest size is what x86 and arm64 machines have unless they were told otherwise. */
#define USUAL_PAGE_KB 2048

static uint64_t
read_number(const char *path)
{
	unsigned long long number = 0;
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return 0;
	if (fscanf(file, "%llu", &number) != 1)
		number = 0;
	fclose(file);
	return number;
}

static uint64_t
free_kb(const char *sizes)
{
	char pattern[256];
	uint64_t free = 0;
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/hugepages-*kB", sizes);
	if (glob(pattern, 0, NULL, &found) != 0)
		return 0;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		unsigned long long page_kb = 0;
		char path[512];

		if (sscanf(strrchr(found.gl_pathv[i], '-'), "-%llukB", &page_kb) != 1)
			continue;
		snprintf(path, sizeof(path), "%s/free_hugepages", found.gl_pathv[i]);
		free += page_kb * read_number(path);
	}
	globfree(&found);
	return free;
}

/* DPDK locks the files that it uses. */
static uint64_t
left_behind_kb(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t size_kb = 0;
	struct stat st;

	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0)
		size_kb = (uint64_t)st.st_size >> 10;
	close(fd);
	return size_kb;
}

static uint64_t
left_behind_in_kb(const char *folder, const char *prefix)
{
	char pattern[512];
	uint64_t sum_kb = 0;
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/%smap_*", folder, prefix);
	if (glob(pattern, 0, NULL, &found) != 0)
		return 0;
	for (size_t i = 0; i < found.gl_pathc; i++)
		sum_kb += left_behind_kb(found.gl_pathv[i]);
	globfree(&found);
	return sum_kb;
}

/* Whether hugetlbfs is mounted anywhere, and what there is to be had again. */
static bool
look_at_mounts(const char *table, const char *prefix, uint64_t *kb)
{
	FILE *mounts = setmntent(table, "re");
	const struct mntent *mount;
	bool mounted = false;

	if (mounts == NULL)
		return false;
	while ((mount = getmntent(mounts)) != NULL) {
		if (strcmp(mount->mnt_type, "hugetlbfs") != 0)
			continue;
		mounted = true;
		*kb += left_behind_in_kb(mount->mnt_dir, prefix);
	}
	endmntent(mounts);
	return mounted;
}

int
hugepages_check_at(const char *sizes, const char *mounts, uint32_t needed_mb, const char *prefix,
		struct err *err)
{
	const uint64_t needed_kb = (uint64_t)needed_mb << 10;
	const uint64_t pages = (needed_kb + USUAL_PAGE_KB - 1) / USUAL_PAGE_KB;
	uint64_t kb = free_kb(sizes);
	const bool mounted = look_at_mounts(mounts, prefix, &kb);

	if (kb < needed_kb)
		return err_set(err, ENOMEM,
				"%u MiB of hugepages are needed and %llu MiB are free;"
				" 'echo %llu >/proc/sys/vm/nr_hugepages' makes them, and"
				" memory.hugepages: false does without",
				needed_mb, (unsigned long long)(kb >> 10),
				(unsigned long long)pages);
	if (!mounted)
		return err_set(err, ENOMEM,
				"hugetlbfs is not mounted; 'mount -t hugetlbfs none /dev/hugepages'"
				" does that, and memory.hugepages: false does without");
	return 0;
}

int
hugepages_check(uint32_t needed_mb, const char *prefix, struct err *err)
{
	return hugepages_check_at(
			"/sys/kernel/mm/hugepages", "/proc/mounts", needed_mb, prefix, err);
}
