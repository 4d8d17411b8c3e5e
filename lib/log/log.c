/* SPDX-License-Identifier: Apache-2.0 */

#include "log/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_MAX_LEN 1024

void
log_line(enum log_weight weight, const char *format, ...)
{
	char line[LINE_MAX_LEN];
	int len = 0;
	va_list args;

	if (getenv("JOURNAL_STREAM") != NULL)
		len = snprintf(line, sizeof(line), "<%d>", weight);
	len += snprintf(line + len, sizeof(line) - (size_t)len, "synwire: ");
	va_start(args, format);
	len += vsnprintf(line + len, sizeof(line) - (size_t)len, format, args);
	va_end(args);
	if (len > LINE_MAX_LEN - 1)
		len = LINE_MAX_LEN - 1;
	line[len] = '\n';
	if (write(STDERR_FILENO, line, (size_t)len + 1) < 0)
		return; /* there is nobody left to tell */
}
