/* SPDX-License-Identifier: Apache-2.0 */

#include "app/ask/control_options.h"

#include "app/command.h"
#include "app/option_error.h"

#include <stdio.h>

void
control_options_take(struct control_options *options, int option)
{
	if (option == 'c')
		options->config = optarg;
	else if (option == 's')
		options->socket = optarg;
	else
		options->help = true;
}

int
control_options_read(struct control_options *options, int argc, char **argv)
{
	static const struct option known[] = {
		CONTROL_OPTIONS_LONG,
		{ NULL, 0, NULL, 0 },
	};
	struct err err;
	int option;

	while ((option = getopt_long(argc, argv, CONTROL_OPTIONS_SHORT, known, NULL)) != -1) {
		if (option != ':' && option != '?')
			control_options_take(options, option);
		else if (option_error(option, argv, known, &err) < 0)
			return option_complain(options->program, "%s", err.text);
	}
	return 0;
}

/*
 * Without a configuration its default holds, which is the default of an appliance too. What else
 * is wrong with one the appliance says, and writes down, once it is asked to read it.
 */
int
control_options_path(const struct control_options *options, char path[CONFIG_TEXT_LEN])
{
	struct err_list errors = { 0 };
	struct config config;

	if (options->socket != NULL) {
		snprintf(path, CONFIG_TEXT_LEN, "%s", options->socket);
		return 0;
	}
	config_defaults(&config);
	if (options->config != NULL &&
			config_peek(&config, options->config, "control.socket", &errors) != 0) {
		err_list_print(&errors, options->program, stderr);
		return COMMAND_CONFIG;
	}
	snprintf(path, CONFIG_TEXT_LEN, "%s", config.control.socket);
	return 0;
}
