/* SPDX-License-Identifier: Apache-2.0 */

#include "log/log.h"

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_MAX_LEN 1024

/* Since the last line that found room. */
static atomic_uint_least64_t lost;

/* Gives the length of the line, which is cut where it is too long. */
static size_t
compose(char line[static LINE_MAX_LEN], enum log_weight weight, const char *format, va_list args)
{
	int len = 0;

	if (getenv("JOURNAL_STREAM") != NULL)
		len = snprintf(line, LINE_MAX_LEN, "<%d>", weight);
	len += snprintf(line + len, LINE_MAX_LEN - (size_t)len, "synwire: ");
	len += vsnprintf(line + len, LINE_MAX_LEN - (size_t)len, format, args);
	if (len > LINE_MAX_LEN - 1)
		len = LINE_MAX_LEN - 1;
	line[len] = '\n';
	return (size_t)len + 1;
}

/*
 * False: there is no room. A pipe, socket or terminal that has any takes a line whole, so nobody
 * waits here for a reader that has stopped. One that has gone is no reader: nobody is left to tell.
 */
static bool
put(enum log_weight weight, const char *format, va_list args)
{
	struct pollfd asked = { .fd = STDERR_FILENO, .events = POLLOUT };
	char line[LINE_MAX_LEN];
	const size_t len = compose(line, weight, format, args);

	if (poll(&asked, 1, 0) == 0)
		return false;
	(void)!write(STDERR_FILENO, line, len);
	return true;
}

PRINTF_LIKE(1, 2) static bool warn(const char *format, ...)
{
	va_list args;
	bool is_put;

	va_start(args, format);
	is_put = put(LOG_WEIGHT_WARNING, format, args);
	va_end(args);
	return is_put;
}

static void
tell_lost(void)
{
	const uint64_t count = atomic_exchange(&lost, 0);

	if (count > 0 && !warn("%" PRIu64 " lines are missing here: nobody read the log", count))
		atomic_fetch_add(&lost, count);
}

void
log_line(enum log_weight weight, const char *format, ...)
{
	va_list args;

	tell_lost();
	va_start(args, format);
	if (!put(weight, format, args))
		atomic_fetch_add(&lost, 1);
	va_end(args);
}
