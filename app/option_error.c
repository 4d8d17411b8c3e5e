/* SPDX-License-Identifier: Apache-2.0 */

#include "app/option_error.h"

#include "app/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/*
 * Whether the word is a long option with a value that it does not take. getopt_long() tells
 * the option's letter then, as it does of an unknown short one.
 */
static bool
has_value_in_vain(const char *word, const struct option *known)
{
	const char *equals = strchr(word, '=');
	const size_t len = equals != NULL ? (size_t)(equals - word) : 0;

	if (len <= 2 || strncmp(word, "--", 2) != 0)
		return false;
	for (; known->name != NULL; known++)
		if (known->val == optopt && known->has_arg == no_argument &&
				strncmp(word + 2, known->name, len - 2) == 0)
			return true;
	return false;
}

int
option_error(int option, char *const *argv, const struct option *known, struct err *err)
{
	const char *word = argv[optind - 1]; /* of a short option it may be any other */

	if (option == ':' && strncmp(word, "--", 2) == 0)
		return err_set(err, EINVAL, "%s needs a value", word);
	if (option == ':')
		return err_set(err, EINVAL, "-%c needs a value", optopt);
	if (has_value_in_vain(word, known))
		return err_set(err, EINVAL, "%.*s takes no value", (int)strcspn(word, "="), word);
	if (optopt != 0)
		return err_set(err, EINVAL, "unknown option '-%c'", optopt);
	return err_set(err, EINVAL, "unknown option '%s'", word);
}

int
option_complain(const char *program, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "; '%s --help' lists the options\n", program);
	return COMMAND_USAGE;
}
