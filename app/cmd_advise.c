/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * `synwire advise`: its options, and off it goes.
 */

#include "app/advise/advise.h"
#include "app/command.h"
#include "app/option_error.h"
#include "app/output.h"
#include "app/replay/engine_options.h"

#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
		"Usage: synwire advise [OPTION]... CAPTURE...\n"
		"\n"
		"Passes capture files through the engine once, and what it sees to many detectors, each\n"
		"with other thresholds: the present ones, and such as differ from them in one or two of\n"
		"flood.min_syn_pps, min_slow_syn_pps, max_completion and window. Prints for each which\n"
		"floods it finds, how soon, and its false alarms; and which one it recommends.\n"
		"\n"
		"What is in the captures (without either, what most settings tell is taken for true):\n"
		"      --flood WHOM@FROM-TO  there is this flood; may be given several times, for all of\n"
		"                        them. WHOM is ADDR, ADDR:PORT, [ADDR]:PORT or PREFIX/BITS; FROM\n"
		"                        and TO are seconds from the first frame, or times such as\n"
		"                        2026-01-01T00:00:05Z\n"
		"      --no-flood        there is none: every alarm is a false one\n"
		"\n"
		"      --json            print the advice as a line of JSON\n"
		"      --timeouts on|off let connections time out in packet time (on), or end only on\n"
		"                        the wire or with the last capture (off)\n"
		"      --flows N         room in the flow table, in connections at once\n"
		"  -c, --config FILE     a configuration, which has the present thresholds; without it,\n"
		"                        the defaults\n"
		"      --set KEY=VALUE   set a key, such as flood.min_syn_pps=100; wins over the file\n"
		"  -h, --help            this text\n"
		"\n"
		"Exit status: 0 there is advice, 1 something failed, 64 wrong usage, 78 the\n"
		"configuration is wrong.\n";

struct options {
	struct engine_options engine;
	struct advise_options advise;
	struct claim *claims; /* argc of them at most */
	bool no_flood;
	bool help;
};

/* 0, or COMMAND_USAGE after a message. */
static int
read_claim(struct options *options, const char *text)
{
	struct claim *claim = &options->claims[options->advise.claim_count];
	struct err err;

	if (options->advise.claim_count == ADVISE_CLAIMS_MAX)
		return option_complain(options->engine.program,
				"--flood may be given %d times at most", ADVISE_CLAIMS_MAX);
	if (claim_read(text, claim, &err) < 0)
		return option_complain(options->engine.program, "%s", err.text);
	options->advise.claim_count++;
	return 0;
}

static int
read_option(int option, struct options *options)
{
	switch (option) {
	case 'F':
		return read_claim(options, optarg);
	case 'n':
		options->no_flood = true;
		return 0;
	case 'j':
		options->advise.json = true;
		return 0;
	case 'h':
		options->help = true;
		return 0;
	default:
		return engine_options_read(&options->engine, option, optarg);
	}
}

/* What options say together. */
static int
finish_options(int argc, char **argv, struct options *options)
{
	struct advise_options *advise = &options->advise;

	if (options->no_flood && advise->claim_count != 0)
		return option_complain(options->engine.program,
				"--flood and --no-flood contradict each other");
	if (optind == argc)
		return option_complain(options->engine.program, "no capture is named");
	advise->claims = options->claims;
	advise->are_claimed = options->no_flood || advise->claim_count != 0;
	advise->replay.captures = argv + optind;
	advise->replay.n_captures = (uint32_t)(argc - optind);
	return 0;
}

static int
read_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "flood", required_argument, NULL, 'F' },
		{ "no-flood", no_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		ENGINE_OPTIONS,
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct err err;
	int option, status = 0;

	while (status == 0 && (option = getopt_long(argc, argv, ":c:h", known, NULL)) != -1) {
		if (option != ':' && option != '?')
			status = read_option(option, options);
		else if (option_error(option, argv, known, &err) < 0)
			status = option_complain(options->engine.program, "%s", err.text);
	}
	return status != 0 || options->help ? status : finish_options(argc, argv, options);
}

static int
advise(struct options *options)
{
	int status;

	if (options->help)
		return output_text("synwire advise", usage);
	status = engine_options_load(&options->engine, &options->advise.replay);
	return status == 0 ? advise_run(&options->advise) : status;
}

int
cmd_advise(int argc, char **argv)
{
	struct options options = { .claims = calloc((size_t)argc, sizeof(*options.claims)) };
	int status = engine_options_init(&options.engine, "synwire advise", argc);

	if (status == 0 && options.claims == NULL) {
		fputs("synwire advise: out of memory\n", stderr);
		status = COMMAND_FAILED;
	}
	if (status == 0)
		status = read_options(argc, argv, &options);
	if (status == 0)
		status = advise(&options);
	engine_options_fini(&options.engine);
	free(options.claims);
	return status;
}
