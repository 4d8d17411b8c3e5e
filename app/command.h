/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a subcommand is: app/cmd_<name>.c holds one each.
 */

#ifndef APP_COMMAND_H
#define APP_COMMAND_H

/* Exit statuses; the last two are those of sysexits.h. */
enum command_status {
	COMMAND_FINE = 0,
	COMMAND_FAILED = 1,
	COMMAND_USAGE = 64, /* the command line is wrong */
	COMMAND_CONFIG = 78, /* the configuration is wrong */
};

struct command {
	const char *name;
	const char *purpose; /* half a line, for the list of commands */
	int (*run)(int argc,
			char **argv); /* argv[0] is the command's name; gives the exit status */
};

int cmd_advise(int argc, char **argv);
int cmd_bypass(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_generate(int argc, char **argv);
int cmd_reload(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_show(int argc, char **argv);

#endif /* APP_COMMAND_H */
