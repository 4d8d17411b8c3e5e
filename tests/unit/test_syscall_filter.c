/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/syscall_filter.h"
#include "base/compiler.h"
#include "child.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED true
#else
#define SANITIZED false
#endif

#define NOWHERE "/nowhere/at/all"

/* Each is made such that it harms nothing, and fails otherwise or succeeds without a filter. */
struct call {
	const char *name;
	long number;
	long args[5];
};

static const struct call calls[] = {
	{ "execve", SYS_execve, { (long)NOWHERE, 0, 0 } },
	{ "execveat", SYS_execveat, { -1, (long)NOWHERE, 0, 0, 0 } },
	{ "process_vm_readv", SYS_process_vm_readv, { 0, 0, 0, 0, 0 } },
	{ "unshare", SYS_unshare, { 0 } },
	{ "setns", SYS_setns, { -1, 0 } },
	{ "mount", SYS_mount, { (long)NOWHERE, (long)NOWHERE, (long)"tmpfs", 0, 0 } },
	{ "umount2", SYS_umount2, { (long)NOWHERE, 0 } },
	{ "chroot", SYS_chroot, { (long)NOWHERE } },
	{ "pivot_root", SYS_pivot_root, { (long)NOWHERE, (long)NOWHERE } },
	{ "open_by_handle_at", SYS_open_by_handle_at, { -1, 0, 0 } },
	{ "bpf", SYS_bpf, { -1, 0, 0 } },
	{ "finit_module", SYS_finit_module, { -1, (long)"", 0 } },
	{ "delete_module", SYS_delete_module, { (long)"nowhere", 0 } },
	{ "kexec_load", SYS_kexec_load, { 0, 0, 0, -1 } },
	{ "reboot", SYS_reboot, { 0, 0, 0, 0 } },
	{ "perf_event_open", SYS_perf_event_open, { 0, 0, -1, -1, 0 } },
	{ "userfaultfd", SYS_userfaultfd, { -1 } },
	{ "io_uring_setup", SYS_io_uring_setup, { 0, 0 } },
	{ "keyctl", SYS_keyctl, { -1, 0, 0, 0, 0 } },
	{ "swapon", SYS_swapon, { (long)NOWHERE, 0 } },
	{ "quotactl", SYS_quotactl, { -1, 0, 0, 0 } },
	{ "settimeofday", SYS_settimeofday, { 0, 0 } },
	{ "clock_settime", SYS_clock_settime, { 0, 0 } },
	{ "personality", SYS_personality, { 0xffffffff } },
};

static bool
is_denied(const struct call *call)
{
	const long *args = call->args;

	return syscall(call->number, args[0], args[1], args[2], args[3], args[4]) == -1 &&
			errno == EPERM;
}

static void
load_with(bool programs)
{
	const struct syscall_filter_needs needs = { .programs = programs };
	struct err err = { "" };
	int rc;

	child_assert(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	rc = syscall_filter_load(&needs, &err);
	if (rc != 0)
		fprintf(stderr, "%s\n", err.text);
	if (rc == -EOPNOTSUPP || rc == -EINVAL || rc == -ENOSYS)
		_exit(CHILD_SKIPS);
	child_assert(rc == 0);
}

static void
load(void)
{
	load_with(false);
}

static void
all_are_denied(void)
{
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		if (is_denied(&calls[i]))
			continue;
		fprintf(stderr, "%s is not denied\n", calls[i].name);
		_exit(1);
	}
}

static void
no_process_is_made(void)
{
	child_assert(fork() == -1 && errno == EPERM);
	child_assert(vfork() == -1 && errno == EPERM);
	child_assert(syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS);
	child_assert(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1 && errno == EPERM);
}

static void
load_and_try_all(void)
{
	struct child_thread thread;

	child_start(&thread, all_are_denied);
	load();
	all_are_denied();
	child_finish(&thread);
}

static void
load_and_try_to_make_a_process(void)
{
	struct child_thread thread;

	child_start(&thread, no_process_is_made);
	load();
	no_process_is_made();
	child_finish(&thread);
}

static void
work(void)
{
	int pair[2];
	char got;

	child_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	child_assert(write(pair[0], "x", 1) == 1 && read(pair[1], &got, 1) == 1);
	child_assert(close(pair[0]) == 0 && close(pair[1]) == 0);
	child_assert(sched_yield() == 0);
}

static void
load_and_work(void)
{
	struct child_thread thread;

	load();
	child_start(&thread, work);
	work();
	child_finish(&thread);
}

/* The shell makes a process, too. */
static void
load_and_run_a_program(void)
{
	char *const argv[] = { "/bin/sh", "-c", "(exit 3); exit $?", NULL };
	int status = 0;
	pid_t child;

	load_with(true);
	child_assert(posix_spawn(&child, argv[0], NULL, NULL, argv, environ) == 0);
	child_assert(waitpid(child, &status, 0) == child);
	child_assert(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

static void
load_for_programs_and_try_the_rest(void)
{
	load_with(true);
	for (size_t i = 1; i < ARRAY_LEN(calls); i++) /* all but execve */
		child_assert(is_denied(&calls[i]));
	child_assert(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) == -1 &&
			errno == EPERM);
	child_assert(syscall(SYS_clone, CLONE_NEWNET | SIGCHLD, 0, 0, 0, 0) == -1 &&
			errno == EPERM);
}

static void
where_a_program_must_be_run_it_can_be(void **state)
{
	(void)state;

	child_run(load_and_run_a_program);
}

static void
what_no_program_needs_is_denied_all_the_same(void **state)
{
	(void)state;

	child_run(load_for_programs_and_try_the_rest);
}

static void
a_thread_that_was_there_before_can_make_none_of_the_calls_either(void **state)
{
	(void)state;

	child_run(load_and_try_all);
}

static void
no_thread_makes_a_process_or_traces_one(void **state)
{
	(void)state;

	if (SANITIZED) /* its leak check does both */
		skip();
	child_run(load_and_try_to_make_a_process);
}

static void
threads_can_still_be_made_and_do_what_threads_do(void **state)
{
	(void)state;

	child_run(load_and_work);
}

/* If these failed with EPERM anyhow, the tests above would say nothing. */
static void
root_could_make_the_calls_without_the_filter(void **state)
{
	(void)state;

	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		if (is_denied(&calls[i]))
			print_message("%s is denied to root here\n", calls[i].name);
	}
	assert_false(is_denied(&calls[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_could_make_the_calls_without_the_filter),
		cmocka_unit_test(a_thread_that_was_there_before_can_make_none_of_the_calls_either),
		cmocka_unit_test(no_thread_makes_a_process_or_traces_one),
		cmocka_unit_test(where_a_program_must_be_run_it_can_be),
		cmocka_unit_test(what_no_program_needs_is_denied_all_the_same),
		cmocka_unit_test(threads_can_still_be_made_and_do_what_threads_do),
	};

	return cmocka_run_group_tests_name("syscall_filter", tests, NULL, NULL);
}
