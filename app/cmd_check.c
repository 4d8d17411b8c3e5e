/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * `synwire check`: says what is wrong with a configuration, or prints it whole.
 */

#include "app/command.h"
#include "app/option_error.h"
#include "app/output.h"
#include "app/run/hook.h"
#include "app/settings.h"
#include "config/config_dump.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
		"Usage: synwire check [-c FILE] [--set KEY=VALUE]...\n"
		"\n"
		"Reads a configuration and prints it whole, defaults filled in, or says all that is\n"
		"wrong with it and on which line.\n"
		"\n"
		"  -c, --config FILE     the configuration; without it, the defaults are printed\n"
		"      --set KEY=VALUE   set a key, such as tcp.syn_retries=3; wins over the file\n"
		"      --document        print the reference of all keys, docs/configuration.md\n"
		"  -h, --help            this text\n"
		"\n"
		"Exit status: 0 the configuration is fine, 1 it could not be printed, 64 wrong usage,\n"
		"78 the configuration is wrong.\n";

struct options {
	const char *config_path;
	const char **sets; /* argc of them at most */
	size_t n_sets;
	bool document;
	bool help;
};

/* 0, or COMMAND_USAGE after a message. */
static int
read_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "set", required_argument, NULL, 's' },
		{ "document", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct err err;
	int option;

	while ((option = getopt_long(argc, argv, ":c:h", known, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->config_path = optarg;
			break;
		case 's':
			options->sets[options->n_sets++] = optarg;
			break;
		case 'd':
			options->document = true;
			break;
		case 'h':
			options->help = true;
			break;
		default:
			option_error(option, argv, known, &err);
			return option_complain("synwire check", "%s", err.text);
		}
	}
	if (optind < argc)
		return option_complain("synwire check", "what is '%s'? A file is given with -c",
				argv[optind]);
	return 0;
}

/* What is wrong in itself, and a program that is not there. */
static int
load(const struct options *options, struct config *config, struct err_list *errors)
{
	int rc = settings_load(
			options->config_path, options->sets, options->n_sets, config, errors);
	struct err err;

	if (rc == 0 && hook_check(&config->flood.on_flood, &err) < 0)
		rc = err_list_add(errors, EINVAL, "%s", err.text);
	return rc;
}

static int
check(const struct options *options)
{
	struct config config;
	struct err_list errors = { 0 };

	if (options->help) {
		fputs(usage, stdout);
	} else if (options->document) {
		config_dump_markdown(stdout);
	} else if (load(options, &config, &errors) != 0) {
		err_list_print(&errors, "synwire check", stderr);
		return COMMAND_CONFIG;
	} else {
		config_dump_yaml(&config, stdout);
	}
	return output_finish("synwire check");
}

int
cmd_check(int argc, char **argv)
{
	struct options options = { .sets = calloc((size_t)argc, sizeof(*options.sets)) };
	int status;

	if (options.sets == NULL) {
		fputs("synwire check: out of memory\n", stderr);
		return COMMAND_FAILED;
	}
	status = read_options(argc, argv, &options);
	if (status == 0)
		status = check(&options);
	free(options.sets);
	return status;
}
