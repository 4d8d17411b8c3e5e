/* SPDX-License-Identifier: Apache-2.0 */

#include "app/replay_names.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
stat_name(const char *name, struct stat *st)
{
	return strcmp(name, "-") == 0 ? fstat(STDOUT_FILENO, st) : stat(name, st);
}

static bool
same_inode(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static const char *
last_part(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash != NULL ? slash + 1 : name;
}

static bool
stat_folder(const char *name, struct stat *st)
{
	char *copy = strdup(name); /* dirname() writes into it */
	const bool there = copy != NULL && stat(dirname(copy), st) == 0;

	free(copy);
	return there;
}

/* Two files not yet there are one if they will have the same name in the same folder. */
static bool
same_place(const char *a, const char *b)
{
	struct stat a_st, b_st;

	return strcmp(last_part(a), last_part(b)) == 0 && stat_folder(a, &a_st) &&
			stat_folder(b, &b_st) && same_inode(&a_st, &b_st);
}

static bool
same_file(const char *a, const char *b)
{
	struct stat a_st, b_st;
	const bool a_there = stat_name(a, &a_st) == 0, b_there = stat_name(b, &b_st) == 0;

	if (a_there && b_there)
		/* A device, such as /dev/null, is shared without harm. */
		return same_inode(&a_st, &b_st) && !S_ISCHR(a_st.st_mode);
	return !a_there && !b_there && same_place(a, b);
}

static int
check_against_captures(const struct replay_options *options, const char *option, const char *output,
		struct err *err)
{
	for (uint32_t i = 0; output != NULL && i < options->n_captures; i++)
		if (same_file(output, options->captures[i]))
			return err_set(err, EEXIST,
					"%s would overwrite the capture %s; name another file",
					option, options->captures[i]);
	return 0;
}

int
replay_names_check(const struct replay_options *options, struct err *err)
{
	const char *json = options->json, *out = options->out;

	if (json != NULL && out != NULL) {
		if (strcmp(json, "-") == 0 && strcmp(out, "-") == 0)
			return err_set(err, EEXIST,
					"--json and --out cannot both go to standard output");
		if (same_file(json, out))
			return err_set(err, EEXIST,
					"--json and --out both name %s; give each its own", out);
	}
	if (check_against_captures(options, "--json", json, err) < 0)
		return -EEXIST;
	return check_against_captures(options, "--out", out, err);
}
