/* SPDX-License-Identifier: Apache-2.0 */

#include "io/free_memory.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)

/* A machine of files: its meminfo, the group of the process, and the groups' limits. */
static char folder[64];

static const char *
in_folder(const char *name)
{
	static char names[4][PATH_MAX];
	static unsigned int next;
	char *made = names[next++ % 4];

	snprintf(made, PATH_MAX, "%s/%s", folder, name);
	return made;
}

static void
write_file(const char *name, const char *text)
{
	FILE *file = fopen(in_folder(name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int
make_machine(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_free_memory_XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	mkdir(in_folder("groups"), 0700);
	mkdir(in_folder("groups/a"), 0700);
	mkdir(in_folder("groups/a/b"), 0700);
	write_file("meminfo",
			"MemTotal:       24684092 kB\nMemFree:          102400 kB\n"
			"MemAvailable:    1048576 kB\nBuffers:            1000 kB\n");
	write_file("own", "1:name=systemd:/elsewhere\n0::/a/b\n");
	return 0;
}

static int
remove_machine(void **state)
{
	static const char *const names[] = { "groups/a/b/memory.max", "groups/a/memory.max",
		"meminfo", "own", "groups/a/b", "groups/a", "groups", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove(in_folder(names[i]));
	return 0;
}

static uint64_t
ask(void)
{
	return free_memory_at(in_folder("meminfo"), in_folder("own"), in_folder("groups"));
}

static void
what_is_available_counts_not_what_lies_idle(void **state)
{
	(void)state;
	assert_int_equal(ask(), 1024 * MIB);
}

static void
no_more_than_its_group_may_have_or_one_that_the_group_is_in(void **state)
{
	(void)state;
	write_file("groups/a/b/memory.max", "536870912\n");
	assert_int_equal(ask(), 512 * MIB);
	write_file("groups/a/memory.max", "268435456\n");
	assert_int_equal(ask(), 256 * MIB);
	write_file("groups/a/memory.max", "max\n");
	write_file("groups/a/b/memory.max", "max\n");
	assert_int_equal(ask(), 1024 * MIB);
}

static void
the_root_s_group_and_other_hierarchies_are_no_limit(void **state)
{
	(void)state;
	write_file("own", "0::/\n");
	assert_int_equal(ask(), 1024 * MIB);
	write_file("own", "3:memory:/a/b\n");
	write_file("groups/a/b/memory.max", "1\n");
	assert_int_equal(ask(), 1024 * MIB);
}

static void
where_nobody_tells_there_is_no_limit(void **state)
{
	(void)state;
	assert_true(free_memory_at("/nowhere", "/nowhere", "/nowhere") == UINT64_MAX);
	write_file("meminfo", "MemTotal: 1 kB\n");
	assert_true(ask() == UINT64_MAX);
}

static void
this_machine_has_some(void **state)
{
	(void)state;
	assert_true(free_memory() > MIB);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_machine, remove_machine)
	const struct CMUnitTest tests[] = {
		TEST(what_is_available_counts_not_what_lies_idle),
		TEST(no_more_than_its_group_may_have_or_one_that_the_group_is_in),
		TEST(the_root_s_group_and_other_hierarchies_are_no_limit),
		TEST(where_nobody_tells_there_is_no_limit),
		TEST(this_machine_has_some),
	};
#undef TEST

	return cmocka_run_group_tests_name("free_memory", tests, NULL, NULL);
}
