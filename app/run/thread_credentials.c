/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/thread_credentials.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TASKS "/proc/self/task"

struct status {
	uint32_t uids[4];
	uint32_t gids[4];
	uint64_t capabilities;
	uint32_t lines; /* of the three above */
};

static void
take_line(struct status *status, const char *line)
{
	uint32_t *u = status->uids;
	uint32_t *g = status->gids;

	if (sscanf(line, "Uid: %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32, &u[0], &u[1], &u[2],
			    &u[3]) == 4 ||
			sscanf(line, "Gid: %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32, &g[0],
					&g[1], &g[2], &g[3]) == 4 ||
			sscanf(line, "CapPrm: %" SCNx64, &status->capabilities) == 1)
		status->lines++;
}

/* Returns -ENOENT for a thread that has ended meanwhile. */
static int
read_status(struct status *status, const char *task)
{
	char path[64];
	char line[512];
	FILE *file;

	memset(status, 0, sizeof(*status));
	snprintf(path, sizeof(path), TASKS "/%.16s/status", task);
	file = fopen(path, "re");
	if (file == NULL)
		return -errno;
	while (fgets(line, sizeof(line), file) != NULL)
		take_line(status, line);
	fclose(file);
	return status->lines == 3 ? 0 : -ENOENT;
}

static bool
is_wanted(const struct status *status, const struct thread_credentials *wanted,
		uint64_t capabilities)
{
	for (int i = 0; i < 4; i++) {
		if (status->uids[i] != wanted->uid || status->gids[i] != wanted->gid)
			return false;
	}
	return status->capabilities == capabilities;
}

static int
check_thread(const char *task, const struct thread_credentials *wanted, struct err *err)
{
	const bool own = strtol(task, NULL, 10) == gettid();
	struct status status;
	int rc = read_status(&status, task);

	if (rc == -ENOENT)
		return 0;
	if (rc < 0)
		return err_set(err, -rc, TASKS "/%s/status: %s", task, strerror(-rc));
	if (is_wanted(&status, wanted, own ? wanted->capabilities : 0))
		return 0;
	return err_set(err, EPERM,
			"thread %s did not give up its privileges: it has user %" PRIu32
			", group %" PRIu32 " and the capabilities 0x%" PRIx64,
			task, status.uids[1], status.gids[1], status.capabilities);
}

int
thread_credentials_check(const struct thread_credentials *wanted, struct err *err)
{
	const struct dirent *entry;
	DIR *tasks = opendir(TASKS);
	int rc = 0;

	if (tasks == NULL)
		return err_set(err, errno, TASKS ": %s; is /proc mounted?", strerror(errno));
	while (rc == 0 && (entry = readdir(tasks)) != NULL) {
		if (entry->d_name[0] != '.')
			rc = check_thread(entry->d_name, wanted, err);
	}
	closedir(tasks);
	return rc;
}
