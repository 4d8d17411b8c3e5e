/* SPDX-License-Identifier: Apache-2.0 */

#include "app/replay/replay_names.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
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

/* 0 or an errno, for a name under which there is no file. */
static int
try_to_make(const char *name)
{
	char *copy = strdup(name); /* dirname() writes into it */
	int rc = 0;

	if (last_part(name)[0] == '\0')
		rc = name[0] != '\0' ? EISDIR : ENOENT;
	else if (copy == NULL)
		rc = ENOMEM;
	else if (faccessat(AT_FDCWD, dirname(copy), W_OK | X_OK, AT_EACCESS) != 0)
		rc = errno;
	free(copy);
	return rc;
}

/* Where a link leads that leads to no file yet. */
static int
try_to_make_linked(const char *name)
{
	char target[PATH_MAX], whole[2 * PATH_MAX];
	const ssize_t len = readlink(name, target, sizeof(target) - 1);

	if (len < 0)
		return try_to_make(name);
	target[len] = '\0';
	snprintf(whole, sizeof(whole), "%.*s%s",
			target[0] != '/' ? (int)(last_part(name) - name) : 0, name, target);
	return try_to_make_linked(whole); /* a circle of links was found by stat() */
}

/* 0 or the errno that opening it will give; makes nothing, and empties nothing. */
static int
try_to_open(const char *name)
{
	struct stat st;
	int fd;

	if (stat_name(name, &st) != 0)
		return errno == ENOENT ? try_to_make_linked(name) : errno;
	if (strcmp(name, "-") == 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	/* To open a pipe is to wait for its reader, who would see it end. */
	if (!S_ISREG(st.st_mode))
		return faccessat(AT_FDCWD, name, W_OK, AT_EACCESS) == 0 ? 0 : errno;
	fd = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int
check_writable(const char *output, struct err *err)
{
	const int rc = output != NULL ? try_to_open(output) : 0;

	return rc == 0 ? 0 : err_set(err, rc, "%s: cannot be written: %s", output, strerror(rc));
}

static int
check_against_inputs(const struct replay_options *options, const char *option, const char *output,
		struct err *err)
{
	for (uint32_t i = 0; output != NULL && i < options->n_captures; i++)
		if (same_file(output, options->captures[i]))
			return err_set(err, EEXIST,
					"%s would overwrite the capture %s; name another file",
					option, options->captures[i]);
	if (output != NULL && options->config != NULL && same_file(output, options->config))
		return err_set(err, EEXIST,
				"%s would overwrite the configuration %s; name another file",
				option, options->config);
	return 0;
}

int
replay_names_check(const struct replay_options *options, struct err *err)
{
	const char *json = options->json, *out = options->out;
	int rc;

	if (json != NULL && out != NULL) {
		if (strcmp(json, "-") == 0 && strcmp(out, "-") == 0)
			return err_set(err, EEXIST,
					"--json and --out cannot both go to standard output");
		if (same_file(json, out))
			return err_set(err, EEXIST,
					"--json and --out both name %s; give each its own", out);
	}
	if (check_against_inputs(options, "--json", json, err) < 0 ||
			check_against_inputs(options, "--out", out, err) < 0)
		return -EEXIST;
	rc = check_writable(json, err);
	return rc < 0 ? rc : check_writable(out, err);
}
