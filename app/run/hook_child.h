/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * One program that is run with a text on its standard input, without a shell.
 *
 * Nothing of it can hold up who started it: its input is a file in memory, whole from the
 * start; what it prints goes to /dev/null; it inherits no other descriptor, no signal mask and
 * no handler; it and all that it starts are a process group, which is killed as one: when it
 * takes too long, and what is left of it when its first process ends. (A process that leaves
 * the group, by setsid(), is its own master.)
 *
 * It is started as vfork() does: no page table is copied, and no worker's page is
 * write-protected for it.
 */

#ifndef APP_RUN_HOOK_CHILD_H
#define APP_RUN_HOOK_CHILD_H

#include <stddef.h>
#include <sys/types.h>

enum hook_child_state {
	HOOK_CHILD_RUNS,
	HOOK_CHILD_FINE, /* it has ended, with status 0 */
	HOOK_CHILD_FAILED, /* otherwise */
};

/**
 * @param argv
 *   The path of the program and its arguments, and NULL.
 * @return
 *   Its process, or -errno.
 */
pid_t hook_child_start(char *const *argv, const char *text, size_t len);

/** Whether it runs; if not, nothing is left of it, and it may not be asked again. */
enum hook_child_state hook_child_look(pid_t child);

/** Kill it and all of its group; it must still be looked after. */
void hook_child_kill(pid_t child);

#endif /* APP_RUN_HOOK_CHILD_H */
