/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * `synwire generate`: makes a capture of traffic that nobody sent.
 */

#include "app/command.h"
#include "app/generate/generator.h"
#include "app/generate/options.h"
#include "app/generate/truth.h"
#include "app/output.h"
#include "base/usec.h"
#include "io/capture_writer.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
		"Usage: synwire generate KIND -o FILE [OPTION]...\n"
		"\n"
		"Makes a pcap file of Ethernet frames with valid checksums. The same options make the\n"
		"same file, byte for byte.\n"
		"\n"
		"KIND is one of\n"
		"  synflood      SYNs from spoofed sources to one server, never completed (262144)\n"
		"  handshakes    handshakes that complete, and nothing more (65536)\n"
		"  established   connections that exchange data to the end (4096)\n"
		"  flashcrowd    a rush of real clients that all complete (20000)\n"
		"  scan          one source that knocks at many ports (4096)\n"
		"  mixed         connections that complete (65536), some cut by a RST (656), and\n"
		"                a flood of SYNs among them (14564)\n"
		"  attack        a flood over servers that have honest clients, once or in waves\n"
		"  outage        servers whose clients get no service for a while, and try again\n"
		"  demo          a few hundred packets with something of everything\n"
		"\n"
		"  -o, --out FILE        where to; '-' is standard output\n"
		"      --count N         how many connections, SYNs of a flood, or ports of a scan;\n"
		"                        --connections is the same\n"
		"      --rate N          how many of them begin in a second\n"
		"      --duration S      seconds over which they begin; two of the three say the third\n"
		"      --flood N         SYNs of the flood (mixed)\n"
		"      --rst N           connections that a RST cuts (mixed)\n"
		"      --answered N      percent of a flood's segments that the victim answers\n"
		"                        (synflood, attack: 0, mixed: 50)\n"
		"      --exchanges N     requests and responses in each connection (established: 20)\n"
		"      --rtt MS          milliseconds to each client and back, instead of 4 to 90\n"
		"                        (handshakes, flashcrowd, attack, outage)\n"
		"      --clients N       addresses that the clients have (the same kinds)\n"
		"      --surge N         how many times as many come at once as before (flashcrowd: 9)\n"
		"      --loss N          percent of a handshake's segments that are lost (flashcrowd)\n"
		"      --victim ADDR:PORT  the server (192.0.2.80:80, [2001:db8::80]:80)\n"
		"      --ipv6            IPv6 instead of IPv4\n"
		"      --vlan ID         a VLAN tag; given twice, 802.1ad around 802.1Q\n"
		"      --seed N          other numbers of the same kind (1)\n"
		"      --start TIME      when it begins, as 2026-01-01T00:00:00Z, which is the default,\n"
		"                        or in seconds since 1970\n"
		"\n"
		"Attacks and outages:\n"
		"      --baseline N      honest connections a second, over all servers (100)\n"
		"      --onset S         seconds until it begins (5)\n"
		"      --length S        seconds that it lasts (5)\n"
		"      --times N         how often (1), each ...\n"
		"      --every S         ... so many seconds after the one before (length + 15)\n"
		"      --rate N          segments of the flood in a second, over all servers (2000)\n"
		"      --with WORD       what it is made of: syn, synack, ack, rst (syn)\n"
		"      --victims N       servers, from the address of --victim on, in turn (1)\n"
		"      --ports N         ports of each that are hit, in turn (1)\n"
		"      --sources N       where it comes from, in turn (each a new one; synack: 1)\n"
		"      --spoofed N       percent of the sources that do not exist (100); the others send\n"
		"                        their SYN again, or reset what answers it\n"
		"      --down N          percent of the honest clients that get no service meanwhile\n"
		"                        (attack: 0, outage: 100)\n"
		"      --refused N       percent of those that get a RST, the others nothing (0)\n"
		"      --truth FILE      write what is in it, a line of JSON for each time\n"
		"\n"
		"  -h, --help            this text\n"
		"\n"
		"Exit status: 0 the capture is whole, 1 it could not be written, 64 wrong usage.\n";

/* Beside the capture, if that goes to standard output. */
static void
report(const struct options *options, const struct generator_stats *stats)
{
	const struct generator_params *params = &options->params;
	FILE *out = strcmp(options->out, "-") == 0 ? stderr : stdout;
	uint64_t took_ms = (stats->last_us - stats->first_us) / USEC_PER_MSEC;

	fprintf(out, "%s: %llu packets, %llu bytes, %llu.%03llu s", options->out,
			(unsigned long long)stats->packets, (unsigned long long)stats->bytes,
			(unsigned long long)(took_ms / 1000), (unsigned long long)(took_ms % 1000));
	if (params->kind->takes & GENERATOR_RST)
		fprintf(out, ": %u connections, %u cut by a RST, %u SYNs of a flood", params->count,
				params->rst, params->flood);
	fputc('\n', out);
}

/* The writer's close has the sentence for what the writer could not do. */
static int
write_capture(const struct options *options, struct truth *truth, struct generator_stats *stats,
		struct err *err)
{
	struct generator generator;
	struct capture_writer *writer;
	int rc, closed;

	rc = capture_writer_open(options->out, &writer, err);
	if (rc < 0)
		return rc;
	generator_init(&generator, &options->params);
	generator.truth = truth;
	rc = generator_run(&generator, writer, stats, err);
	closed = capture_writer_close(writer, rc == 0 || err->text[0] == '\0' ? err : NULL);
	return rc == 0 ? closed : rc;
}

static int
generate(const struct options *options)
{
	struct generator_stats stats;
	struct truth *truth = NULL;
	struct err err = { 0 };
	int rc = 0, closed;

	if (options->truth != NULL &&
			(truth = truth_open(options->truth, &options->params, &err)) == NULL)
		rc = -1;
	if (rc == 0) {
		rc = write_capture(options, truth, &stats, &err);
		closed = truth_close(truth, rc == 0 ? &err : NULL);
		if (rc == 0)
			rc = closed;
	}
	if (rc < 0) {
		fprintf(stderr, "synwire generate: %s\n", err.text);
		return COMMAND_FAILED;
	}
	report(options, &stats);
	return output_finish("synwire generate");
}

int
cmd_generate(int argc, char **argv)
{
	struct options options;
	struct err err;

	if (options_read(argc, argv, &options, &err) < 0) {
		fprintf(stderr, "synwire generate: %s; 'synwire generate --help' lists the options\n",
				err.text);
		return COMMAND_USAGE;
	}
	if (options.help)
		return output_text("synwire generate", usage);
	if (strcmp(options.out, "-") == 0 && isatty(STDOUT_FILENO)) {
		fputs("synwire generate: standard output is a terminal, which no capture is for\n",
				stderr);
		return COMMAND_USAGE;
	}
	return generate(&options);
}
