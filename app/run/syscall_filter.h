/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * System calls that this process will not make any more, in none of its threads.
 *
 * A list of what is denied, not of what is allowed: what a port needs depends on its
 * driver, on libraries below that and on the kernel, and a call that nobody thought of
 * would take the wire down in the night. What a packet processor never needs is known, and
 * it is what someone who took it over would begin with: run a program, look into another
 * process, mount, change namespaces, load code into the kernel.
 *
 * A denied call fails with EPERM, it does not end the process: the wire goes on.
 *
 * Where the operator has a program run, running programs cannot be denied; all the rest is, to
 * that program as well.
 */

#ifndef APP_RUN_SYSCALL_FILTER_H
#define APP_RUN_SYSCALL_FILTER_H

#include "base/err.h"

#include <stdbool.h>

/* What this process still needs. */
struct syscall_filter_needs {
	bool programs; /* to run a program; what that does is held to the rest of the list, too */
};

/**
 * Deny the calls from here on; there is no way back. Needs no_new_privs or root, and open
 * ports: a net_af_xdp port calls bpf() to open, though not to close.
 *
 * @return
 *   0, or -errno with a sentence: this kernel cannot, and nothing is denied.
 */
int syscall_filter_load(const struct syscall_filter_needs *needs, struct err *err);

#endif /* APP_RUN_SYSCALL_FILTER_H */
