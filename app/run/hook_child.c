/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/hook_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
fill(int fd, const char *text, size_t len)
{
	return write(fd, text, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0 &&
			fcntl(fd, F_ADD_SEALS,
					F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) ==
			0;
}

/* To be read only: whoever wrote to it would fill the memory. */
static int
make_input(const char *text, size_t len)
{
	const int fd = memfd_create("event", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int code;

	if (fd < 0)
		return -errno;
	if (fill(fd, text, len))
		return fd;
	code = errno;
	close(fd);
	return -code;
}

static int
arrange_files(posix_spawn_file_actions_t *files, int input)
{
	int rc = posix_spawn_file_actions_adddup2(files, input, STDIN_FILENO);

	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(
				files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(files, STDOUT_FILENO, STDERR_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
	return rc;
}

static int
arrange_process(posix_spawnattr_t *process)
{
	sigset_t none, all;
	int rc = posix_spawnattr_setflags(process,
			POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

	sigemptyset(&none);
	sigfillset(&all);
	sigdelset(&all, SIGKILL);
	sigdelset(&all, SIGSTOP);
	if (rc == 0)
		rc = posix_spawnattr_setpgroup(process, 0);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(process, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(process, &all);
	return rc;
}

static pid_t
spawn(char *const *argv, int input)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t process;
	pid_t child;
	int rc;

	if (posix_spawn_file_actions_init(&files) != 0)
		return -ENOMEM;
	if (posix_spawnattr_init(&process) != 0) {
		posix_spawn_file_actions_destroy(&files);
		return -ENOMEM;
	}
	rc = arrange_files(&files, input);
	if (rc == 0)
		rc = arrange_process(&process);
	if (rc == 0)
		rc = posix_spawn(&child, argv[0], &files, &process, argv, environ);
	posix_spawnattr_destroy(&process);
	posix_spawn_file_actions_destroy(&files);
	return rc == 0 ? child : -rc;
}

pid_t
hook_child_start(char *const *argv, const char *text, size_t len)
{
	const int input = make_input(text, len);
	pid_t child;

	if (input < 0)
		return input;
	child = spawn(argv, input);
	close(input);
	return child;
}

enum hook_child_state
hook_child_look(pid_t child)
{
	siginfo_t info = { .si_pid = 0 };
	int status = 0;

	/* It is left in its grave until the others of its group, whose name it keeps, are gone. */
	if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
		return HOOK_CHILD_FAILED; /* somebody else has buried it */
	if (info.si_pid == 0)
		return HOOK_CHILD_RUNS;
	hook_child_kill(child);
	waitpid(child, &status, WNOHANG);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? HOOK_CHILD_FINE : HOOK_CHILD_FAILED;
}

void
hook_child_kill(pid_t child)
{
	kill(-child, SIGKILL);
}
