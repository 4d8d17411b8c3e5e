/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * flood.on_flood: a program of the operator's is run for each event of an attack, with the
 * event's line on its standard input.
 *
 * At most HOOK_CHILDREN run at a time, each for a bounded time, and those for the events of one
 * attack one after another, so that the end is not told before the start. Other events wait.
 * When too many wait, updates give way first, then starts, and ends last, of each the oldest:
 * what was switched on for a flood should be switched off again.
 *
 * The control thread's, which never waits for any of it.
 */

#ifndef APP_RUN_HOOK_H
#define APP_RUN_HOOK_H

#include "base/err.h"
#include "config/config.h"
#include "detect/alarm.h"
#include "observe/hook_counters.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOOK_CHILDREN 4
#define HOOK_WAITING 64

struct hook;

/** Whether there is such a program: 0, or -errno with the sentence; also where none is named. */
int hook_check(const struct config_words *command, struct err *err);

/** NULL when there is no memory. */
struct hook *hook_create(const struct config_words *command);

/**
 * An event.
 *
 * @param hook
 *   NULL: there is no program, and nothing is done.
 * @param line
 *   @p len bytes, which are copied.
 */
void hook_tell(struct hook *hook, const struct alarm *alarm, const char *line, size_t len);

/**
 * Start what can be started, look after what runs; to be called often while hook_is_busy().
 *
 * @param hook
 *   NULL: nothing is done.
 * @param timeout_us
 *   For so long a program may run.
 */
void hook_turn(struct hook *hook, uint64_t timeout_us, uint64_t now_us);

/** Whether any program runs or event waits. */
bool hook_is_busy(const struct hook *hook);

/** The end: what still runs is killed, what waits is skipped, and both are counted. */
void hook_end(struct hook *hook);

/** NULL: there is no program. */
const struct hook_counters *hook_counters(const struct hook *hook);

/** Kill what runs; @p hook may be NULL. */
void hook_destroy(struct hook *hook);

#endif /* APP_RUN_HOOK_H */
