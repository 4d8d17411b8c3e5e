/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Whether what must hold of the worker's pipeline does (pipeline/invariant.h): looked at in
 * debug builds only, a bounded step after each burst and each time that timers have run out.
 * What does not hold is counted, and the first of it kept for the control thread to tell.
 */

#ifndef APP_WORKER_SELF_CHECK_H
#define APP_WORKER_SELF_CHECK_H

#include <stdbool.h>

struct worker;

/* Any thread: what the worker has found to be broken first; false: nothing yet. */
struct invariant_breach;
bool self_check_breach(const struct worker *worker, struct invariant_breach *breach);

#ifdef SYNWIRE_DEBUG
void self_check(struct worker *worker);
#else
static inline void
self_check(struct worker *worker)
{
	(void)worker;
}
#endif

#endif /* APP_WORKER_SELF_CHECK_H */
