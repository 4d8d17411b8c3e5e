/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/handover.h"

#include "io/hugepages.h"
#include "log/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_eal.h>

static void
give(const char *path, uid_t uid, gid_t gid)
{
	if (chown(path, uid, gid) < 0)
		log_line(LOG_WEIGHT_WARNING, "%s: stays root's: %s", path, strerror(errno));
}

/* Whether the user may make and rename files in the folder of this one. */
static void
check_folder(const char *path, uid_t uid, gid_t gid)
{
	char folder[PATH_MAX];
	struct stat st;
	mode_t may;

	snprintf(folder, sizeof(folder), "%s", path);
	if (stat(dirname(folder), &st) != 0)
		return;
	may = st.st_uid == uid ? st.st_mode >> 6 : st.st_gid == gid ? st.st_mode >> 3 : st.st_mode;
	if ((may & 03) != 03)
		log_line(LOG_WEIGHT_WARNING,
				"%s: cannot be rotated or opened anew, as its folder is not the user's;"
				" 'chown' it, or take another",
				path);
}

static void
give_output(const char *path, uid_t uid, gid_t gid)
{
	give(path, uid, gid);
	check_folder(path, uid, gid);
}

static void
give_entries(const char *folder, uid_t uid, gid_t gid)
{
	DIR *entries = opendir(folder);
	const struct dirent *entry;

	if (entries == NULL)
		return;
	while ((entry = readdir(entries)) != NULL)
		if (entry->d_name[0] != '.' &&
				fchownat(dirfd(entries), entry->d_name, uid, gid,
						AT_SYMLINK_NOFOLLOW) < 0)
			log_line(LOG_WEIGHT_WARNING, "%s/%s: stays root's: %s", folder,
					entry->d_name, strerror(errno));
	closedir(entries);
}

/* The folder above is that of all DPDK's programs: it stays root's, but may be passed. */
static void
let_pass_above(const char *folder)
{
	char above[PATH_MAX];
	struct stat st;

	snprintf(above, sizeof(above), "%s/..", folder);
	if (stat(above, &st) == 0 && (st.st_mode & S_IXOTH) == 0)
		chmod(above, (st.st_mode & 07777) | S_IXGRP | S_IXOTH);
}

void
handover_files(const struct config *config, uid_t uid, gid_t gid)
{
	const char *runtime = rte_eal_get_runtime_dir();

	for (size_t i = 0; i < config->output_count; i++)
		if (config->outputs[i].type == CONFIG_OUTPUT_FILE)
			give_output(config->outputs[i].path, uid, gid);
	give(config->control.socket, uid, gid);
	give(runtime, uid, gid);
	give_entries(runtime, uid, gid);
	let_pass_above(runtime);
	if (config->memory.hugepages)
		hugepages_give(config->dpdk.prefix, uid, gid);
}
