/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * `synwire replay`: its options, and off it goes.
 */

#include "app/command.h"
#include "app/option_error.h"
#include "app/output.h"
#include "app/replay/engine_options.h"

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

struct options {
	struct engine_options engine;
	struct replay_options replay;
	bool help;
};

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
	case 'q':
		options->replay.quiet = true;
		return 0;
	case 'h':
		options->help = true;
		return 0;
	default:
		return engine_options_read(&options->engine, option, optarg);
	}
}

static int
read_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "out", required_argument, NULL, 'o' },
		{ "quiet", no_argument, NULL, 'q' },
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

static int
replay(struct options *options)
{
	int status;

	if (options->help)
		return output_text("synwire replay", usage);
	status = engine_options_load(&options->engine, &options->replay);
	return status == 0 ? replay_run(&options->replay, NULL) : status;
}

int
cmd_replay(int argc, char **argv)
{
	struct options options = { 0 };
	int status = engine_options_init(&options.engine, "synwire replay", argc);

	if (status == 0)
		status = read_options(argc, argv, &options);
	if (status == 0)
		status = replay(&options);
	engine_options_fini(&options.engine);
	return status;
}
