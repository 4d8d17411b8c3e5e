/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Usage: pause_thread THREAD [HOLD-MS FREE-MS]
 *
 * Holds one thread of a running program still, as a busy or broken machine might, while the
 * others of its process go on. Says "held" once it stands still, and lets it go when standard
 * input ends; with two times, it is let go and held again in turns until then. Should this
 * program die, the kernel lets the thread go.
 *
 * Exit status: 0, or 1 after a message.
 */

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int
complain(const char *what)
{
	fprintf(stderr, "pause_thread: %s: %s\n", what, strerror(errno));
	return EXIT_FAILURE;
}

/* Until the thread stands still; signals that come to it meanwhile are passed on. */
static bool
hold(pid_t thread)
{
	int status;

	if (ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) < 0)
		return false;
	while (waitpid(thread, &status, __WALL) == thread && WIFSTOPPED(status)) {
		if (status >> 16 == PTRACE_EVENT_STOP)
			return true;
		ptrace(PTRACE_CONT, thread, NULL, (void *)(long)WSTOPSIG(status));
	}
	errno = ESRCH;
	return false;
}

static bool
let_go(pid_t thread)
{
	return ptrace(PTRACE_CONT, thread, NULL, NULL) == 0;
}

/* Nothing is ever written to it, so that it is readable means that it has ended. */
static bool
input_ends_within(int ms)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&input, 1, ms) > 0;
}

static int
hold_in_turns(pid_t thread, int hold_ms, int free_ms)
{
	while (!input_ends_within(hold_ms)) {
		if (!let_go(thread))
			return complain("it cannot be let go");
		if (input_ends_within(free_ms))
			return EXIT_SUCCESS;
		if (!hold(thread))
			return complain("it cannot be held");
	}
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	const pid_t thread = argc == 2 || argc == 4 ? atoi(argv[1]) : 0;
	int status = EXIT_SUCCESS;

	if (thread <= 0) {
		fputs("Usage: pause_thread THREAD [HOLD-MS FREE-MS]\n", stderr);
		return EXIT_FAILURE;
	}
	if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) < 0 || !hold(thread))
		return complain("it cannot be held");
	puts("held");
	fflush(stdout);
	if (argc == 4)
		status = hold_in_turns(thread, atoi(argv[2]), atoi(argv[3]));
	else
		input_ends_within(-1);
	ptrace(PTRACE_DETACH, thread, NULL, NULL); /* if it is not held, the end does it */
	return status;
}
