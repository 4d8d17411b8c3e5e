/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a running process gives up once its ports, files and sockets are open.
 *
 * privileges_prepare() comes first of all, while there is one thread: what it takes away
 * there (ever gaining a privilege by running a program) no later thread has either, and
 * it costs nothing that is needed to start. privileges_drop() comes last, from the control
 * thread: every thread becomes the user, and none but the calling one keeps a capability.
 * That is read back from the kernel thread by thread, so 0 means that it is so.
 *
 * A thread that the control thread makes afterwards has the control thread's capabilities, until it
 * gives them up itself; one that another thread makes has none.
 */

#ifndef APP_RUN_PRIVILEGES_H
#define APP_RUN_PRIVILEGES_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A set of capabilities: of CAP_NET_ADMIN and its like, or-ed. */
#define PRIVILEGES_BIT(capability) (UINT64_C(1) << (capability))

struct privileges {
	bool drop; /* there is another user to become */
	uid_t uid; /* the user in the end: to whom files, sockets and folders must belong */
	gid_t gid;
};

/**
 * Find the user, and let no thread of this process gain privileges by execve().
 *
 * @param user
 *   A name; "" to stay who we are.
 * @return
 *   0, or -errno with a sentence: no such user, it is root, or we are not.
 */
int privileges_prepare(struct privileges *privileges, const char *user, struct err *err);

/**
 * Become the user in all threads; does nothing if there is none to become.
 *
 * @param kept
 *   Capabilities that the calling thread keeps.
 * @return
 *   0, or -errno with a sentence; then the process may be anything between root and user,
 *   and should end.
 */
int privileges_drop(const struct privileges *privileges, uint64_t kept, struct err *err);

/** Of the calling thread, made later: keep no capability, unless the process has stayed root. */
void privileges_give_up_inherited(void);

#endif /* APP_RUN_PRIVILEGES_H */
