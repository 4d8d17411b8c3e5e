/* SPDX-License-Identifier: Apache-2.0 */

#include "io/free_memory.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static uint64_t
available(const char *meminfo)
{
	unsigned long long kib;
	char line[256];
	uint64_t bytes = UINT64_MAX;
	FILE *file = fopen(meminfo, "re");

	if (file == NULL)
		return UINT64_MAX;
	while (bytes == UINT64_MAX && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
			bytes = (uint64_t)kib << 10;
	fclose(file);
	return bytes;
}

/* "0::/system.slice/synwire.service": its path, within the unified hierarchy. */
static bool
find_group(const char *own_group, char path[static PATH_MAX])
{
	char line[PATH_MAX];
	bool found = false;
	FILE *file = fopen(own_group, "re");

	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), file) != NULL) {
		found = strncmp(line, "0::/", 4) == 0;
		if (found)
			snprintf(path, PATH_MAX, "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
	}
	fclose(file);
	return found;
}

/* "max", or a group that has no such file, is no limit. */
static uint64_t
limit_of(const char *groups, const char *path)
{
	char name[2 * PATH_MAX];
	unsigned long long bytes = ULLONG_MAX;
	FILE *file;

	snprintf(name, sizeof(name), "%s%s/memory.max", groups, path);
	file = fopen(name, "re");
	if (file == NULL)
		return UINT64_MAX;
	if (fscanf(file, "%llu", &bytes) != 1)
		bytes = ULLONG_MAX;
	fclose(file);
	return bytes;
}

/* Of a group and all that it is in. */
static uint64_t
limit(const char *own_group, const char *groups)
{
	char path[PATH_MAX];
	uint64_t least = UINT64_MAX;

	if (!find_group(own_group, path))
		return UINT64_MAX;
	for (;;) {
		const uint64_t bytes = limit_of(groups, path);
		char *slash = strrchr(path, '/');

		if (bytes < least)
			least = bytes;
		if (slash == NULL)
			return least;
		*slash = '\0';
	}
}

uint64_t
free_memory_at(const char *meminfo, const char *own_group, const char *groups)
{
	const uint64_t bytes = available(meminfo), most = limit(own_group, groups);

	return bytes < most ? bytes : most;
}

uint64_t
free_memory(void)
{
	return free_memory_at("/proc/meminfo", "/proc/self/cgroup", "/sys/fs/cgroup");
}
