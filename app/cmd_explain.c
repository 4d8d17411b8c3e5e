/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * `synwire explain`: its options.
 */

#include "app/command.h"
#include "app/explain/explain.h"
#include "app/option_error.h"
#include "app/output.h"
#include "app/params.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
		"Usage: synwire explain [OPTION]... CAPTURE\n"
		"\n"
		"Lists the TCP connections of a capture, or draws one of them as a person would: two\n"
		"lifelines, an arrow a segment, the states of both ends, and a verdict in plain words.\n"
		"\n"
		"      --flow N          draw the connection of this number in the list\n"
		"      --flow ADDR:PORT  draw the one with this client or server; [ADDR]:PORT for IPv6,\n"
		"                        ADDR:PORT-ADDR:PORT for one between the two\n"
		"      --all             draw every segment; otherwise runs of plain data and ACKs are\n"
		"                        folded into a line\n"
		"      --packets         lines like tcpdump's instead of the ladder\n"
		"      --svg FILE        write the ladder also as a picture; '-' is standard output, and\n"
		"                        then nothing else is written there\n"
		"  -c, --config FILE     a configuration; without it, the defaults hold\n"
		"      --set KEY=VALUE   set a key, such as rst.ttl_tolerance=3; wins over the file\n"
		"  -h, --help            this text\n"
		"\n"
		"Sequence numbers are relative, as tcpdump prints them, but on SYNs. Captures are pcap\n"
		"or pcapng files of Ethernet frames; one that is cut off is explained up to there.\n"
		"Connections end on the wire or with the capture, as with 'replay --timeouts off'.\n"
		"Box drawing characters need a UTF-8 locale; colours a terminal, and no NO_COLOR.\n"
		"\n"
		"Exit status: 0 fine, 1 something failed or there is no such connection, 64 wrong usage,\n"
		"78 the configuration is wrong.\n";

struct options {
	struct explain_options explain;
	struct explain_choice choice;
	const char *config_path;
	const char **sets; /* argc of them at most */
	size_t n_sets;
	bool help;
};

/* 0, or COMMAND_USAGE after a message. */
static int
read_option(int option, struct options *options)
{
	switch (option) {
	case 'f':
		if (explain_choice_read(optarg, &options->choice) != 0)
			return option_complain("synwire explain",
					"--flow is a number, ADDR:PORT, or two of these with '-' "
					"between, not '%s'",
					optarg);
		options->explain.choice = &options->choice;
		return 0;
	case 'a':
		options->explain.all = true;
		return 0;
	case 'p':
		options->explain.packets = true;
		return 0;
	case 'g':
		options->explain.svg = optarg;
		return 0;
	case 'c':
		options->config_path = optarg;
		return 0;
	case 's':
		options->sets[options->n_sets++] = optarg;
		return 0;
	default:
		options->help = true;
		return 0;
	}
}

static int
check_options(int argc, char **argv, struct options *options)
{
	const struct explain_options *explain = &options->explain;

	if (options->help)
		return 0;
	if (optind == argc)
		return option_complain("synwire explain", "which capture?");
	if (optind + 1 < argc)
		return option_complain("synwire explain",
				"one capture at a time, and '%s' is a second", argv[optind + 1]);
	if (explain->choice == NULL && (explain->all || explain->packets || explain->svg != NULL))
		return option_complain("synwire explain",
				"--all, --packets and --svg are about one connection: name it "
				"with --flow");
	options->explain.capture = argv[optind];
	return 0;
}

static int
read_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "flow", required_argument, NULL, 'f' },
		{ "all", no_argument, NULL, 'a' },
		{ "packets", no_argument, NULL, 'p' },
		{ "svg", required_argument, NULL, 'g' },
		{ "config", required_argument, NULL, 'c' },
		{ "set", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct err err;
	int option, status = 0;

	while (status == 0 && (option = getopt_long(argc, argv, ":c:h", known, NULL)) != -1) {
		if (option != ':' && option != '?')
			status = read_option(option, options);
		else if (option_error(option, argv, known, &err) < 0)
			status = option_complain("synwire explain", "%s", err.text);
	}
	return status != 0 ? status : check_options(argc, argv, options);
}

static struct ladder_look
look_of_terminal(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	struct ladder_look look = { .utf8 = false };

	if (setlocale(LC_CTYPE, "") != NULL)
		look.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	look.colour = isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0') &&
			term != NULL && strcmp(term, "dumb") != 0;
	return look;
}

static int
explain(struct options *options)
{
	struct err_list errors = { 0 };

	if (options->help)
		return output_text("synwire explain", usage);
	if (params_load(options->config_path, options->sets, options->n_sets,
			    &options->explain.pipeline, NULL, NULL, &errors) != 0) {
		err_list_print(&errors, "synwire explain", stderr);
		return COMMAND_CONFIG;
	}
	options->explain.pipeline.detect = false; /* one conversation is no flood */
	options->explain.look = look_of_terminal();
	return explain_run(&options->explain);
}

int
cmd_explain(int argc, char **argv)
{
	struct options options = { .sets = calloc((size_t)argc, sizeof(*options.sets)) };
	int status;

	if (options.sets == NULL) {
		fputs("synwire explain: out of memory\n", stderr);
		return COMMAND_FAILED;
	}
	status = read_options(argc, argv, &options);
	if (status == 0)
		status = explain(&options);
	free(options.sets);
	return status;
}
