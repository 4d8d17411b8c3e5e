/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/ladder.h"

#include "base/usec.h"

#include <inttypes.h>
#include <string.h>

size_t
ladder_wrap(const char *text, size_t width, const char **next)
{
	size_t len = strlen(text);
	size_t fits = len;

	if (len > width) {
		fits = width;
		while (fits > 0 && text[fits] != ' ')
			fits--;
		if (fits == 0) /* one word longer than the line */
			fits = width;
	}
	*next = text + fits;
	while (**next == ' ')
		(*next)++;
	return fits;
}

void
ladder_time(uint64_t time_us, char *out, size_t room)
{
	snprintf(out, room, "%" PRIu64 ".%06" PRIu64, time_us / USEC_PER_SEC,
			time_us % USEC_PER_SEC);
}
