/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * `synwire bypass`: the running appliance stops tracking, or goes on with it.
 */

#include "app/ask/control_client.h"
#include "app/ask/control_options.h"
#include "app/command.h"
#include "app/option_error.h"
#include "app/output.h"

#include <string.h>

static const char usage[] =
		"Usage: synwire bypass [OPTION]... on|off\n"
		"\n"
		"Has the running appliance forward frames without tracking them (on), or track them\n"
		"again (off). That holds until it is asked again, or restarts; 'mode' in the\n"
		"configuration is how it starts.\n"
		"\n"
		"  -c, --config FILE     the configuration whose control.socket is asked; without it,\n"
		"                        the default\n"
		"      --socket PATH     the control socket; wins over the configuration\n"
		"  -h, --help            this text\n"
		"\n"
		"Exit status: 0 it is so now, 1 it is not, or nobody answered, 64 wrong usage, 78 the\n"
		"configuration does not say where to ask.\n";

static int
read_word(const struct control_options *options, int argc, char **argv, bool *on)
{
	const char *word = argv[optind];

	if (optind == argc)
		return option_complain(options->program, "on or off?");
	if (optind + 1 < argc)
		return option_complain(
				options->program, "'%s' is one word too many", argv[optind + 1]);
	*on = strcmp(word, "on") == 0;
	if (*on || strcmp(word, "off") == 0)
		return 0;
	return option_complain(options->program, "bypass is 'on' or 'off', not '%s'", word);
}

static int
set_bypass(const struct control_options *options, bool on)
{
	char path[CONFIG_TEXT_LEN];
	json_t *answer;
	const int status = control_options_path(options, path);

	if (status != 0)
		return status;
	answer = control_client_run(options->program, path,
			json_pack("{s:s, s:b}", "command", "bypass", "on", on));
	if (answer == NULL)
		return COMMAND_FAILED;
	json_decref(answer);
	return output_text(options->program,
			on ? "Frames are forwarded without being tracked.\n"
			   : "Frames are tracked.\n");
}

int
cmd_bypass(int argc, char **argv)
{
	struct control_options options = { .program = "synwire bypass" };
	bool on = false;
	int status = control_options_read(&options, argc, argv);

	if (status == 0 && options.help)
		return output_text(options.program, usage);
	if (status == 0)
		status = read_word(&options, argc, argv, &on);
	return status != 0 ? status : set_bypass(&options, on);
}
