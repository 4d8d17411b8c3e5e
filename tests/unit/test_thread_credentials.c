/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/thread_credentials.h"
#include "child.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

#define SOMEBODY 471100

static void
nothing(void)
{
}

static void
find_one_that_was_left_behind(void)
{
	const struct thread_credentials wanted = { .uid = SOMEBODY, .gid = SOMEBODY };
	struct child_thread thread;
	struct err err = { "" };

	if (geteuid() != 0)
		_exit(CHILD_SKIPS);
	child_start(&thread, nothing);
	/* The system calls themselves, unlike libc's functions, change one thread. */
	child_assert(syscall(SYS_setresgid, SOMEBODY, SOMEBODY, SOMEBODY) == 0);
	child_assert(syscall(SYS_setresuid, SOMEBODY, SOMEBODY, SOMEBODY) == 0);
	child_assert(thread_credentials_check(&wanted, &err) == -EPERM);
	child_assert(strstr(err.text, "did not give up its privileges: it has user 0, group 0") !=
			NULL);
	child_finish(&thread);
	child_assert(thread_credentials_check(&wanted, &err) == 0);
}

static void
find_a_capability(void)
{
	const struct thread_credentials less = { .capabilities = 1 };
	struct err err = { "" };

	if (geteuid() != 0)
		_exit(CHILD_SKIPS);
	child_assert(thread_credentials_check(&less, &err) == -EPERM);
	child_assert(strstr(err.text, "and the capabilities 0x") != NULL);
}

static void
a_thread_that_is_still_somebody_else_is_found(void **state)
{
	(void)state;

	child_run(find_one_that_was_left_behind);
}

static void
a_thread_that_can_do_more_than_it_should_is_found(void **state)
{
	(void)state;

	child_run(find_a_capability);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_that_is_still_somebody_else_is_found),
		cmocka_unit_test(a_thread_that_can_do_more_than_it_should_is_found),
	};

	return cmocka_run_group_tests_name("thread_credentials", tests, NULL, NULL);
}
