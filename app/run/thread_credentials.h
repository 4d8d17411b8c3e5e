/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Who each thread of this process is, as the kernel tells it in /proc/self/task.
 *
 * Credentials belong to threads: libc changes those it knows, and capabilities are kept or
 * lost one thread at a time. So the outcome is read back instead of believed.
 */

#ifndef APP_RUN_THREAD_CREDENTIALS_H
#define APP_RUN_THREAD_CREDENTIALS_H

#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

struct thread_credentials {
	uid_t uid;
	gid_t gid;
	uint64_t capabilities; /* of the calling thread; the others must have none */
};

/**
 * Hold all threads against @p wanted: real, effective, saved and file system ids, and the
 * capabilities that are permitted, which bound the effective ones.
 *
 * @return
 *   0, or -errno with a sentence that names the first thread that is someone else.
 */
int thread_credentials_check(const struct thread_credentials *wanted, struct err *err);

#endif /* APP_RUN_THREAD_CREDENTIALS_H */
