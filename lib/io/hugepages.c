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

#define MOUNTS "/proc/mounts"

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

/* Of pages of all sizes: those that are free, or all there are. */
static uint64_t
sum_kb(const char *sizes, const char *which)
{
	char pattern[256];
	uint64_t sum = 0;
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/hugepages-*kB", sizes);
	if (glob(pattern, 0, NULL, &found) != 0)
		return 0;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		unsigned long long page_kb = 0;
		char path[512];

		if (sscanf(strrchr(found.gl_pathv[i], '-'), "-%llukB", &page_kb) != 1)
			continue;
		snprintf(path, sizeof(path), "%s/%s", found.gl_pathv[i], which);
		sum += page_kb * read_number(path);
	}
	globfree(&found);
	return sum;
}

/* What is done with one of DPDK's files. */
struct visitor {
	void (*visit)(const char *path, struct visitor *visitor);
	uint64_t kb; /* of files that a killed run left behind */
	uid_t uid;
	gid_t gid;
};

/* DPDK locks the files that it uses. */
static void
count_left_behind(const char *path, struct visitor *visitor)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0)
		visitor->kb += (uint64_t)st.st_size >> 10;
	close(fd);
}

static void
give(const char *path, struct visitor *visitor)
{
	/* Without it only a second process of this user is at a loss. */
	if (chown(path, visitor->uid, visitor->gid) < 0)
		return;
}

static void
visit_folder(const char *folder, const char *prefix, struct visitor *visitor)
{
	char pattern[512];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/%smap_*", folder, prefix);
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		visitor->visit(found.gl_pathv[i], visitor);
	globfree(&found);
}

/* Of every mount of hugetlbfs; false: there is none. */
static bool
visit_mounts(const char *table, const char *prefix, struct visitor *visitor)
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
		visit_folder(mount->mnt_dir, prefix, visitor);
	}
	endmntent(mounts);
	return mounted;
}

/* Of a file that another process uses, the lock is not to be had. */
static void
remove_left_behind(const char *path, struct visitor *visitor)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	(void)visitor;
	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlink(path);
	close(fd);
}

void
hugepages_remove(const char *prefix)
{
	struct visitor visitor = { .visit = remove_left_behind };

	visit_mounts(MOUNTS, prefix, &visitor);
}

void
hugepages_give(const char *prefix, uid_t uid, gid_t gid)
{
	struct visitor visitor = { .visit = give, .uid = uid, .gid = gid };

	visit_mounts(MOUNTS, prefix, &visitor);
}

int
hugepages_check_at(const char *sizes, const char *mounts, uint32_t needed_mb, const char *prefix,
		struct err *err)
{
	static const char mount[] =
			"hugetlbfs is not mounted: 'mkdir -p /dev/hugepages && mount -t hugetlbfs none"
			" /dev/hugepages' does that";
	const uint64_t needed_kb = (uint64_t)needed_mb << 10;
	struct visitor visitor = { .visit = count_left_behind };
	const bool mounted = visit_mounts(mounts, prefix, &visitor);
	const uint64_t kb = sum_kb(sizes, "free_hugepages") + visitor.kb;
	const uint64_t wanted_kb = sum_kb(sizes, "nr_hugepages") + needed_kb - kb;

	if (kb < needed_kb)
		return err_set(err, ENOMEM,
				"%u MiB of hugepages are needed and %llu MiB are free:"
				" 'echo %llu >/proc/sys/vm/nr_hugepages' makes them%s%s;"
				" memory.hugepages: false does without",
				needed_mb, (unsigned long long)(kb >> 10),
				(unsigned long long)((wanted_kb + USUAL_PAGE_KB - 1) /
						USUAL_PAGE_KB),
				mounted ? "" : "; ", mounted ? "" : mount);
	if (!mounted)
		return err_set(err, ENOMEM, "%s; memory.hugepages: false does without", mount);
	return 0;
}

int
hugepages_check(uint32_t needed_mb, const char *prefix, struct err *err)
{
	return hugepages_check_at("/sys/kernel/mm/hugepages", MOUNTS, needed_mb, prefix, err);
}
