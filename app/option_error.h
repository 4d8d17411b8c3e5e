/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What is wrong with a command line, by what getopt_long() says of it.
 */

#ifndef APP_OPTION_ERROR_H
#define APP_OPTION_ERROR_H

#include "base/err.h"

#include <getopt.h>

/**
 * Name the option that getopt_long() refused, right after it did.
 *
 * @param option
 *   What it returned: ':' or '?'. Its short options must begin with ':'.
 * @param known
 *   The long options it was given, ended by zeros.
 * @return
 *   -EINVAL with half a sentence in @p err.
 */
int option_error(int option, char *const *argv, const struct option *known, struct err *err);

/**
 * Say on standard error what is wrong with a command line.
 *
 * @param program
 *   "synwire COMMAND".
 * @return
 *   COMMAND_USAGE.
 */
int option_complain(const char *program, const char *format, ...) PRINTF_LIKE(2, 3);

#endif /* APP_OPTION_ERROR_H */
