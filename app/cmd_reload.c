/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * `synwire reload`: the running appliance reads its configuration again.
 */

#include "app/ask/control_client.h"
#include "app/ask/control_options.h"
#include "app/command.h"
#include "app/option_error.h"
#include "app/output.h"

static const char usage[] =
		"Usage: synwire reload [OPTION]...\n"
		"\n"
		"Has the running appliance read its configuration again, as SIGHUP does. What can\n"
		"change while it runs is changed, all of it between two bursts of frames. If a key is\n"
		"wrong, or differs that needs a restart, each is named, and nothing is changed.\n"
		"\n"
		"  -c, --config FILE     the configuration whose control.socket is asked; without it,\n"
		"                        the default\n"
		"      --socket PATH     the control socket; wins over the configuration\n"
		"  -h, --help            this text\n"
		"\n"
		"Exit status: 0 the new configuration holds, 1 the old one does, or nobody answered,\n"
		"64 wrong usage, 78 the configuration does not say where to ask.\n";

int
cmd_reload(int argc, char **argv)
{
	struct control_options options = { .program = "synwire reload" };
	char path[CONFIG_TEXT_LEN];
	json_t *answer;
	int status = control_options_read(&options, argc, argv);

	if (status == 0 && !options.help && optind < argc)
		status = option_complain(
				options.program, "'%s' is one word too many", argv[optind]);
	if (status != 0)
		return status;
	if (options.help)
		return output_text(options.program, usage);
	status = control_options_path(&options, path);
	if (status != 0)
		return status;
	answer = control_client_run(options.program, path, json_pack("{s:s}", "command", "reload"));
	if (answer == NULL)
		return COMMAND_FAILED;
	json_decref(answer);
	return output_text(options.program, "The configuration was read again and holds now.\n");
}
