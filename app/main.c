/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The program: finds the subcommand and hands over to it.
 */

#include "app/command.h"
#include "app/output.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
	{ "advise", "try thresholds for floods on captures, and say which to take", cmd_advise },
	{ "bypass", "have a running appliance forward without tracking, or track again",
			cmd_bypass },
	{ "check", "read a configuration and print it whole, or say what is wrong", cmd_check },
	{ "explain", "list a capture's connections, or draw one as a ladder", cmd_explain },
	{ "generate", "make a capture of floods, scans or ordinary connections", cmd_generate },
	{ "reload", "have a running appliance read its configuration again", cmd_reload },
	{ "replay", "pass capture files through the engine, and say what it saw", cmd_replay },
	{ "run", "be the wire between two ports, and follow what passes", cmd_run },
	{ "show", "ask a running appliance what it sees", cmd_show },
	{ NULL, NULL, NULL },
};

static void
print_usage(FILE *out)
{
	fputs("Usage: synwire COMMAND [OPTION]...\n\n"
	      "Follows the TCP handshake of every connection that passes.\n\n"
	      "Commands:\n",
			out);
	for (const struct command *command = commands; command->name != NULL; command++)
		fprintf(out, "  %-10s %s\n", command->name, command->purpose);
	fputs("\n'synwire COMMAND --help' tells all about one.\n", out);
}

static bool
is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

int
main(int argc, char **argv)
{
	/* A reader that has gone, or a file that may not grow, is an error of a write, and told. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	if (argc < 2) {
		print_usage(stderr);
		return COMMAND_USAGE;
	}
	if (is_help(argv[1])) {
		print_usage(stdout);
		return output_finish("synwire");
	}
	if (strcmp(argv[1], "--version") == 0)
		return output_text("synwire", "synwire " SYNWIRE_VERSION "\n");
	for (const struct command *command = commands; command->name != NULL; command++)
		if (strcmp(argv[1], command->name) == 0)
			return command->run(argc - 1, argv + 1);
	fprintf(stderr, "synwire: no command '%s'; 'synwire --help' lists them\n", argv[1]);
	return COMMAND_USAGE;
}
