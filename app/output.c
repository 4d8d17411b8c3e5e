/* SPDX-License-Identifier: Apache-2.0 */

#include "app/output.h"

#include "app/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int
output_finish(const char *program)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return COMMAND_FINE;
	fprintf(stderr, "%s: standard output: %s\n", program,
			errno == EPIPE ? "its reader has gone" : strerror(errno));
	return COMMAND_FAILED;
}

int
output_text(const char *program, const char *text)
{
	fputs(text, stdout);
	return output_finish(program);
}
