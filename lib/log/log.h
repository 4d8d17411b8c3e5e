/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A line about the process, for the operator: on standard error, and so in systemd's journal,
 * which learns its weight from a prefix (sd-daemon(3)).
 *
 * What is about traffic is an event, everything else a counter; nothing that a packet passes
 * through may include this. Each line is one write, whole among those of other threads.
 *
 * Invariant: nobody waits for who reads the log. What finds no room is lost, and the next line that
 * finds some says how many were.
 */

#ifndef LOG_LOG_H
#define LOG_LOG_H

#include "base/compiler.h"

/* As syslog(3) numbers them. */
enum log_weight {
	LOG_WEIGHT_ERROR = 3, /* something is not done that was asked for */
	LOG_WEIGHT_WARNING = 4, /* all is done, but the operator should know */
	LOG_WEIGHT_INFO = 6,
};

/** A sentence without its newline. */
void log_line(enum log_weight weight, const char *format, ...) PRINTF_LIKE(2, 3);

#endif /* LOG_LOG_H */
