/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What the commands that ask a running appliance have in common on their command lines: where
 * it answers, by --socket or by the configuration that it runs with.
 */

#ifndef APP_ASK_CONTROL_OPTIONS_H
#define APP_ASK_CONTROL_OPTIONS_H

#include "base/compiler.h"
#include "config/config.h"

#include <getopt.h>
#include <stdbool.h>

#define CONTROL_OPTIONS_SHORT ":c:h"

/* Rows of a table for getopt_long(). */
/* clang-format off */
#define CONTROL_OPTIONS_LONG \
	{ "config", required_argument, NULL, 'c' }, \
	{ "socket", required_argument, NULL, 's' }, \
	{ "help", no_argument, NULL, 'h' }
/* clang-format on */

struct control_options {
	const char *program; /* "synwire COMMAND" */
	const char *config; /* NULL: none is named */
	const char *socket; /* the same; wins over the configuration */
	bool help;
};

/** Take one of the options above, with its value in optarg. */
void control_options_take(struct control_options *options, int option);

/** Read a command line that has these options alone; 0, or COMMAND_USAGE after a message. */
int control_options_read(struct control_options *options, int argc, char **argv);

/**
 * Where the appliance answers.
 *
 * @return
 *   0, or COMMAND_CONFIG after a message for each mistake of a configuration that does not say.
 */
int control_options_path(const struct control_options *options, char path[CONFIG_TEXT_LEN]);

#endif /* APP_ASK_CONTROL_OPTIONS_H */
