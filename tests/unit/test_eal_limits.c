/* SPDX-License-Identifier: Apache-2.0 */

#include "child.h"
#include "io/eal_limits.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define THREADS 3
#define MEMORY_MB 64
#define SOMEBODY 471100 /* who has no processes yet */

static void
what_is_there_is_no_error(void **state)
{
	struct err err = { "" };

	(void)state;

	assert_int_equal(eal_limits_check(THREADS, MEMORY_MB, &err), 0);
	assert_string_equal(err.text, "");
}

static void
be_short_of_descriptors(void)
{
	const struct rlimit limit = { 12, 12 };
	struct err err = { "" };

	child_assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	child_assert(eal_limits_check(THREADS, MEMORY_MB, &err) == -EMFILE);
	child_assert(strstr(err.text, "the limit is 12") != NULL);
}

static void
too_few_descriptors_are_told(void **state)
{
	(void)state;

	child_run(be_short_of_descriptors);
}

/* A sanitizer's shadow alone is more than any limit. */
static void
limit_memory(rlim_t more)
{
	struct rlimit limit = { .rlim_max = RLIM_INFINITY };
	unsigned long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "r");

	child_assert(statm != NULL && fscanf(statm, "%lu", &pages) == 1);
	fclose(statm);
	limit.rlim_cur = pages * (rlim_t)sysconf(_SC_PAGESIZE) + more;
	if (limit.rlim_cur > ((rlim_t)1 << 40))
		_exit(CHILD_SKIPS);
	child_assert(setrlimit(RLIMIT_AS, &limit) == 0);
}

static void
be_short_of_memory(void)
{
	struct err err = { "" };

	limit_memory(MEMORY_MB << 20);
	child_assert(eal_limits_check(THREADS, MEMORY_MB, &err) == -ENOMEM);
	child_assert(strstr(err.text, "MiB of memory for packets") != NULL);
}

static void
too_little_memory_is_told(void **state)
{
	(void)state;

	child_run(be_short_of_memory);
}

/* Room for what DPDK takes, and for none of the stacks of its threads. */
static void
be_short_of_room_for_threads(void)
{
	struct err err = { "" };

	limit_memory((MEMORY_MB + 34) << 20);
	child_assert(eal_limits_check(THREADS, MEMORY_MB, &err) == -EAGAIN);
	child_assert(strstr(err.text, "threads beside") != NULL);
}

static void
threads_that_find_no_room_beside_that_memory_are_told(void **state)
{
	(void)state;

	child_run(be_short_of_room_for_threads);
}

static void
be_allowed_few_threads(void)
{
	const struct rlimit limit = { 3, 3 };
	struct err err = { "" };

	if (geteuid() != 0)
		_exit(CHILD_SKIPS);
	child_assert(setresuid(SOMEBODY, SOMEBODY, SOMEBODY) == 0);
	child_assert(setrlimit(RLIMIT_NPROC, &limit) == 0);
	child_assert(eal_limits_check(THREADS, MEMORY_MB, &err) == -EAGAIN);
	child_assert(strstr(err.text, "ulimit -u") != NULL);
}

static void
threads_that_may_not_be_are_told(void **state)
{
	(void)state;

	child_run(be_allowed_few_threads);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_there_is_no_error),
		cmocka_unit_test(too_few_descriptors_are_told),
		cmocka_unit_test(too_little_memory_is_told),
		cmocka_unit_test(threads_that_find_no_room_beside_that_memory_are_told),
		cmocka_unit_test(threads_that_may_not_be_are_told),
	};

	return cmocka_run_group_tests_name("eal_limits", tests, NULL, NULL);
}
