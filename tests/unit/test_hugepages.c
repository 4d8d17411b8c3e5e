/* SPDX-License-Identifier: Apache-2.0 */

/* A kernel's hugepages as a folder shows them: sizes, a table of mounts, and what is mounted. */

#include "io/hugepages.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (1L << 20)

struct kernel {
	char folder[32];
	char mounts[64];
	char mounted[64]; /* what hugetlbfs is mounted on */
};

static int
setup(void **state)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));

	if (kernel == NULL)
		return -1;
	strcpy(kernel->folder, "/tmp/hugepages.XXXXXX");
	if (mkdtemp(kernel->folder) == NULL)
		return -1;
	snprintf(kernel->mounts, sizeof(kernel->mounts), "%s/mounts", kernel->folder);
	snprintf(kernel->mounted, sizeof(kernel->mounted), "%s/huge", kernel->folder);
	*state = kernel;
	return mkdir(kernel->mounted, 0700);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int
teardown(void **state)
{
	struct kernel *kernel = *state;

	nftw(kernel->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(kernel);
	return 0;
}

static void
write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
have_free(const struct kernel *kernel, uint32_t size_kb, const char *count)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/hugepages-%ukB", kernel->folder, size_kb);
	assert_int_equal(mkdir(path, 0700), 0);
	strcat(path, "/free_hugepages");
	write_text(path, count);
	snprintf(path, sizeof(path), "%s/hugepages-%ukB/nr_hugepages", kernel->folder, size_kb);
	write_text(path, count);
}

static void
mount_it(const struct kernel *kernel)
{
	char text[256];

	snprintf(text, sizeof(text),
			"proc /proc proc rw 0 0\n"
			"nodev %s hugetlbfs rw,pagesize=2M 0 0\n",
			kernel->mounted);
	write_text(kernel->mounts, text);
}

/* A file as DPDK leaves it; gives its descriptor. */
static int
leave_file(const struct kernel *kernel, const char *name, long mib)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", kernel->mounted, name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, mib * MIB), 0);
	return fd;
}

static int
check(const struct kernel *kernel, uint32_t needed_mb, struct err *err)
{
	return hugepages_check_at(kernel->folder, kernel->mounts, needed_mb, "synwire", err);
}

static void
as_many_pages_as_are_needed_are_enough(void **state)
{
	const struct kernel *kernel = *state;
	struct err err;

	have_free(kernel, 2048, "100\n");
	mount_it(kernel);
	assert_int_equal(check(kernel, 200, &err), 0);
	assert_int_equal(check(kernel, 201, &err), -ENOMEM);
}

static void
pages_of_all_sizes_count(void **state)
{
	const struct kernel *kernel = *state;
	struct err err;

	have_free(kernel, 2048, "100\n");
	have_free(kernel, 1048576, "1\n");
	mount_it(kernel);
	assert_int_equal(check(kernel, 1224, &err), 0);
	assert_int_equal(check(kernel, 1225, &err), -ENOMEM);
}

static void
the_sentence_tells_how_many_there_are_and_what_to_do(void **state)
{
	const struct kernel *kernel = *state;
	struct err err = { "" };

	have_free(kernel, 2048, "10\n");
	mount_it(kernel);
	assert_int_equal(check(kernel, 101, &err), -ENOMEM);
	assert_string_equal(err.text,
			"101 MiB of hugepages are needed and 20 MiB are free:"
			" 'echo 51 >/proc/sys/vm/nr_hugepages' makes them;"
			" memory.hugepages: false does without");
}

static void
pages_that_others_have_are_asked_for_again(void **state)
{
	const struct kernel *kernel = *state;
	struct err err = { "" };
	char path[128];

	have_free(kernel, 2048, "10\n");
	snprintf(path, sizeof(path), "%s/hugepages-2048kB/nr_hugepages", kernel->folder);
	write_text(path, "60\n");
	assert_int_equal(check(kernel, 101, &err), -ENOMEM);
	assert_non_null(strstr(err.text, "'echo 101 >/proc/sys/vm/nr_hugepages' makes them"));
	assert_non_null(strstr(err.text, "hugetlbfs is not mounted"));
}

static void
a_kernel_without_hugepages_has_none(void **state)
{
	const struct kernel *kernel = *state;
	struct err err = { "" };

	assert_int_equal(check(kernel, 1, &err), -ENOMEM);
	assert_non_null(strstr(err.text, "and 0 MiB are free"));
}

static void
pages_are_of_no_use_unless_hugetlbfs_is_mounted(void **state)
{
	const struct kernel *kernel = *state;
	struct err err = { "" };

	have_free(kernel, 2048, "100\n");
	write_text(kernel->mounts, "proc /proc proc rw 0 0\ntmpfs /dev/hugepages tmpfs rw 0 0\n");
	assert_int_equal(check(kernel, 200, &err), -ENOMEM);
	assert_non_null(strstr(err.text, "mount -t hugetlbfs none /dev/hugepages'"));
}

static void
what_a_killed_run_left_behind_counts_as_free(void **state)
{
	const struct kernel *kernel = *state;
	struct err err;

	have_free(kernel, 2048, "10\n");
	mount_it(kernel);
	close(leave_file(kernel, "synwiremap_0", 2));
	close(leave_file(kernel, "synwiremap_65536", 4));
	assert_int_equal(check(kernel, 26, &err), 0);
	assert_int_equal(check(kernel, 27, &err), -ENOMEM);
}

static void
what_is_in_use_or_another_s_does_not_count_as_free(void **state)
{
	const struct kernel *kernel = *state;
	const int used = leave_file(kernel, "synwiremap_0", 2);
	struct err err;

	have_free(kernel, 2048, "10\n");
	mount_it(kernel);
	assert_int_equal(flock(used, LOCK_SH), 0);
	close(leave_file(kernel, "othermap_0", 2));
	assert_int_equal(check(kernel, 20, &err), 0);
	assert_int_equal(check(kernel, 21, &err), -ENOMEM);
	close(used);
}

static void
no_kernel_has_as_many_pages_as_can_be_asked_for(void **state)
{
	unsigned long long pages = 0;
	const char *command;
	struct err err = { "" };

	(void)state;
	assert_int_equal(hugepages_check(UINT32_MAX, "synwire", &err), -ENOMEM);
	assert_non_null(strstr(err.text, "4294967295 MiB of hugepages are needed"));
	command = strstr(err.text, "'echo ");
	assert_non_null(command);
	assert_int_equal(sscanf(command, "'echo %llu", &pages), 1);
	assert_true(pages >= UINT64_C(2147483648)); /* and what others have already */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(as_many_pages_as_are_needed_are_enough),
		TEST(pages_of_all_sizes_count),
		TEST(the_sentence_tells_how_many_there_are_and_what_to_do),
		TEST(pages_that_others_have_are_asked_for_again),
		TEST(a_kernel_without_hugepages_has_none),
		TEST(pages_are_of_no_use_unless_hugetlbfs_is_mounted),
		TEST(what_a_killed_run_left_behind_counts_as_free),
		TEST(what_is_in_use_or_another_s_does_not_count_as_free),
		cmocka_unit_test(no_kernel_has_as_many_pages_as_can_be_asked_for),
	};

	return cmocka_run_group_tests_name("hugepages", tests, NULL, NULL);
}
