/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The filter is asked at each system call, which costs some 20 ns: of a burst, where a port is
 * a socket; nothing, where it is a card of DPDK's own.
 *
 * Two calls cannot be told apart by their number. clone() makes threads and processes: it is
 * denied for the latter by its flags, unless a program must be run. clone3() keeps its flags in memory, where no filter
 * looks, so it "does not exist", and libc takes clone() instead.
 */

#include "app/run/syscall_filter.h"

#include "base/compiler.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* LeakSanitizer looks for leaks, at the end, from a process that traces this one. */
#ifdef __SANITIZE_ADDRESS__
#define IS_TRACING_ITSELF true
#else
#define IS_TRACING_ITSELF false
#endif

/* By name: a call that this machine or libseccomp does not have is passed over. */
static const char *const programs[] = { "execve", "fork", "vfork" };

static const char *const denied[] = {
	/* programs that have no name */
	"execveat",
	/* the memory and files of other processes */
	"process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp",
	/* other file systems and namespaces, files by number instead of by path */
	"mount", "umount", "umount2", "pivot_root", "chroot", "fsopen", "fsconfig", "fsmount",
	"fspick", "move_mount", "open_tree", "mount_setattr", "unshare", "setns",
	"open_by_handle_at", "fanotify_init", "swapon", "swapoff", "acct", "quotactl",
	"quotactl_fd",
	/* code in the kernel, another kernel */
	"bpf", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
	"reboot",
	/* large parts of the kernel in one call, in which mistakes are found again and again */
	"perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
	"add_key", "request_key", "keyctl",
	/* the machine's clock, name, log and I/O ports; what kind of process this is */
	"settimeofday", "clock_settime", "clock_settime64", "clock_adjtime", "clock_adjtime64",
	"adjtimex", "stime", "sethostname", "setdomainname", "syslog", "vhangup", "iopl", "ioperm",
	"personality", "modify_ldt"
};

static int
deny(scmp_filter_ctx filter, int code, const char *name)
{
	const int number = seccomp_syscall_resolve_name(name);

	if (number == __NR_SCMP_ERROR)
		return 0;
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint16_t)code), number, 0);
}

static int
deny_processes(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_thread = SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);

	return seccomp_rule_add_array(
			filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, &no_thread);
}

/* A process may be made, but not one in namespaces of its own. */
static int
deny_namespaces(scmp_filter_ctx filter)
{
	static const uint64_t flags[] = { CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET,
		CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(flags); i++) {
		const struct scmp_arg_cmp set = SCMP_A0_64(SCMP_CMP_MASKED_EQ, flags[i], flags[i]);

		rc = seccomp_rule_add_array(
				filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, &set);
	}
	return rc;
}

static int
deny_all(scmp_filter_ctx filter, const char *const *names, size_t count)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = deny(filter, EPERM, names[i]);
	return rc;
}

static int
deny_programs(scmp_filter_ctx filter, const struct syscall_filter_needs *needs)
{
	int rc;

	if (needs->programs)
		return deny_namespaces(filter);
	rc = deny_all(filter, programs, ARRAY_LEN(programs));
	if (rc == 0 && !IS_TRACING_ITSELF)
		rc = deny_processes(filter);
	return rc;
}

static int
add_rules(scmp_filter_ctx filter, const struct syscall_filter_needs *needs)
{
	int rc = deny(filter, ENOSYS, "clone3");

	if (rc == 0)
		rc = deny_all(filter, denied, ARRAY_LEN(denied));
	if (rc == 0 && !IS_TRACING_ITSELF)
		rc = deny(filter, EPERM, "ptrace");
	if (rc == 0)
		rc = deny_programs(filter, needs);
	return rc;
}

static int
set_attributes(scmp_filter_ctx filter)
{
	/* A binary search; and no mitigation against foreign code in this process, which would
	 * slow down all of it on kernels before 5.16; and the kernel's own errno. What cannot be
	 * had of these is done without; but it must be all threads at once. */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	return seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
}

int
syscall_filter_load(const struct syscall_filter_needs *needs, struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int rc;

	if (filter == NULL)
		return err_set(err, ENOMEM, "no memory left for the filter of system calls");
	rc = add_rules(filter, needs);
	if (rc == 0)
		rc = set_attributes(filter);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	if (rc == 0)
		return 0;
	return err_set(err, -rc,
			"this kernel does not limit the system calls of a process (%s); 'privileges.seccomp: false' does without",
			strerror(-rc));
}
