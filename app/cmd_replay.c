/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * `synwire replay`: its options, its signals, and off it goes.
 */

#include "app/command.h"
#include "app/option_error.h"
#include "app/output.h"
#include "app/params.h"
#include "app/replay/replay.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
		"Usage: synwire replay [OPTION]... CAPTURE...\n"
		"\n"
		"Passes capture files through the engine, one after another as one stretch of traffic,\n"
		"in packet time, and ends with a summary. Captures are pcap or pcapng files of Ethernet\n"
		"frames. Needs no root, no hugepages and no network card.\n"
		"\n"
		"      --json FILE       write the events as JSON lines, as docs/output.md tells\n"
		"      --out FILE        write the frames that leave the wire as a pcap file\n"
		"      --timeouts on|off let connections time out in packet time (on), or end only on\n"
		"                        the wire or with the last capture (off)\n"
		"      --flows N         room in the flow table, in connections at once; a power of two, or\n"
		"                        rounded up to one, of which about an eighth may not be usable\n"
		"      --quiet           print no summary\n"
		"  -c, --config FILE     a configuration; without it, the defaults hold\n"
		"      --set KEY=VALUE   set a key, such as tcp.syn_retries=3; wins over the file\n"
		"  -h, --help            this text\n"
		"\n"
		"FILE may be '-' for standard output; the summary then goes to standard error.\n"
		"A capture that is cut off in the middle of a packet is replayed up to there, which is\n"
		"said and is no failure. A frame that the capture had cut short leaves as short as it\n"
		"was kept, and times leave in microseconds.\n"
		"\n"
		"Exit status: 0 all was replayed and written, 1 something failed, 64 wrong usage,\n"
		"78 the configuration is wrong.\n";

#define FLOWS_MAX (UINT32_C(1) << 30)

struct options {
	struct replay_options replay;
	const char *config_path;
	const char **sets; /* argc of them at most */
	size_t n_sets;
	uint32_t flows; /* 0: as configured */
	bool timeouts;
	bool help;
};

static atomic_bool interrupted;

static int
read_timeouts(const char *word, bool *timeouts)
{
	*timeouts = strcmp(word, "on") == 0;
	if (*timeouts || strcmp(word, "off") == 0)
		return 0;
	return option_complain("synwire replay", "--timeouts is 'on' or 'off', not '%s'", word);
}

static int
read_flows(const char *word, uint32_t *flows)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(word, &end, 10);
	if (word[0] < '0' || word[0] > '9' || *end != '\0' || errno != 0 || number == 0 ||
			number > FLOWS_MAX)
		return option_complain("synwire replay",
				"--flows is a number from 1 to %u, not '%s'", FLOWS_MAX, word);
	*flows = (uint32_t)number;
	return 0;
}

/* 0, or COMMAND_USAGE after a message. */
static int
read_option(int option, struct options *options)
{
	switch (option) {
	case 'j':
		options->replay.json = optarg;
		return 0;
	case 'o':
		options->replay.out = optarg;
		return 0;
	case 't':
		return read_timeouts(optarg, &options->timeouts);
	case 'f':
		return read_flows(optarg, &options->flows);
	case 'q':
		options->replay.quiet = true;
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
read_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "out", required_argument, NULL, 'o' },
		{ "timeouts", required_argument, NULL, 't' },
		{ "flows", required_argument, NULL, 'f' },
		{ "quiet", no_argument, NULL, 'q' },
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
			status = option_complain("synwire replay", "%s", err.text);
	}
	if (status != 0 || options->help)
		return status;
	if (optind == argc)
		return option_complain("synwire replay", "no capture is named");
	options->replay.captures = argv + optind;
	options->replay.n_captures = (uint32_t)(argc - optind);
	return 0;
}

static void
interrupt(int signal)
{
	(void)signal;
	atomic_store_explicit(&interrupted, true, memory_order_relaxed);
}

/* The first signal ends the replay in order, the second as ever. */
static void
catch_signals(void)
{
	/* A write that the signal meets goes on: what it writes is asked for. */
	struct sigaction action = { .sa_handler = interrupt,
		.sa_flags = (int)(SA_RESETHAND | SA_RESTART) };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int
replay(struct options *options)
{
	struct pipeline_params *params = &options->replay.pipeline;
	struct err_list errors = { 0 };

	if (options->help)
		return output_text("synwire replay", usage);
	if (params_load(options->config_path, options->sets, options->n_sets, params,
			    &options->replay.detector, &options->replay.evidence, &errors) != 0) {
		err_list_print(&errors, "synwire replay", stderr);
		return COMMAND_CONFIG;
	}
	options->replay.config = options->config_path;
	if (options->flows != 0)
		params->flow_slots = options->flows;
	params->tracker.timeouts = options->timeouts;
	catch_signals();
	return replay_run(&options->replay);
}

int
cmd_replay(int argc, char **argv)
{
	struct options options = {
		.sets = calloc((size_t)argc, sizeof(*options.sets)),
		.timeouts = true,
		.replay = { .interrupt = &interrupted },
	};
	int status;

	if (options.sets == NULL) {
		fputs("synwire replay: out of memory\n", stderr);
		return COMMAND_FAILED;
	}
	status = read_options(argc, argv, &options);
	if (status == 0)
		status = replay(&options);
	free(options.sets);
	return status;
}
