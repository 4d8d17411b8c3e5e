/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/options.h"

#include "app/generate/cast.h"
#include "app/generate/option_value.h"
#include "app/option_error.h"
#include "base/usec.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <string.h>

#define DURATION_MAX_S 1e7
#define COUNT_MAX UINT32_C(1000000000)
#define RATE_MAX UINT32_C(1000000000)
#define BASELINE_MAX 1000000
#define EXCHANGES_MAX 1000000
#define TIMES_MAX 100000
#define VICTIMS_MAX 256
#define PORT_MAX 65535
#define RTT_MAX_MS 60000
#define LOSS_MAX 25 /* of four segments, at most one is lost */
#define SURGE_MAX 1000000
#define CLIENTS_MAX 100000
#define START_DEFAULT_US (UINT64_C(1767225600) * USEC_PER_SEC) /* 2026-01-01T00:00:00Z */
#define BASELINE_DEFAULT 100
#define ONSET_DEFAULT_US (5 * USEC_PER_SEC)
#define LENGTH_DEFAULT_US (5 * USEC_PER_SEC)
#define PAUSE_US (15 * USEC_PER_SEC) /* after a wave, where nothing else is said */
#define SURGE_DEFAULT 9

static const struct generator_kind *const kinds[] = {
	&synflood_kind,
	&handshakes_kind,
	&established_kind,
	&flashcrowd_kind,
	&scan_kind,
	&mixed_kind,
	&attack_kind,
	&outage_kind,
	&demo_kind,
};

/* X(word, option, least, most): which options only some kinds take, and their numbers. */
#define NUMBERS(X) \
	X(count, GENERATOR_COUNT, 1, COUNT_MAX) \
	X(rate, GENERATOR_RATE, 1, RATE_MAX) \
	X(flood, GENERATOR_FLOOD, 0, COUNT_MAX) \
	X(rst, GENERATOR_RST, 0, COUNT_MAX) \
	X(answered, GENERATOR_ANSWERED, 0, 100) \
	X(exchanges, GENERATOR_EXCHANGES, 1, EXCHANGES_MAX) \
	X(baseline, GENERATOR_BASELINE, 0, BASELINE_MAX) \
	X(times, GENERATOR_WAVES, 1, TIMES_MAX) \
	X(spoofed, GENERATOR_SPOOFED, 0, 100) \
	X(sources, GENERATOR_SOURCES, 1, CAST_SOURCES) \
	X(victims, GENERATOR_VICTIMS, 1, VICTIMS_MAX) \
	X(ports, GENERATOR_PORTS, 1, PORT_MAX) \
	X(down, GENERATOR_DOWN, 0, 100) \
	X(refused, GENERATOR_DOWN, 0, 100) \
	X(rtt, GENERATOR_RTT, 1, RTT_MAX_MS) \
	X(loss, GENERATOR_LOSS, 0, LOSS_MAX) \
	X(surge, GENERATOR_SURGE, 1, SURGE_MAX) \
	X(clients, GENERATOR_CLIENTS, 1, CLIENTS_MAX)

/* X(word, option, most): the same, with seconds. */
#define TIMES(X) \
	X(duration, GENERATOR_DURATION, DURATION_MAX_S) \
	X(onset, GENERATOR_WAVES, DURATION_MAX_S) \
	X(length, GENERATOR_WAVES, DURATION_MAX_S) \
	X(every, GENERATOR_WAVES, DURATION_MAX_S)

/* What was said, and what was not: unset is UINT64_MAX. */
struct words {
#define X(word, ...) uint64_t word;
	NUMBERS(X)
	TIMES(X)
#undef X
	uint64_t seed;
	uint64_t start;
	const char *victim;
	const char *with;
	bool ipv6;
};

#define UNSET UINT64_MAX

enum option_letter {
	OPTION_WITH = 256,
	OPTION_TRUTH,
	OPTION_VICTIM,
	OPTION_IPV6,
	OPTION_VLAN,
	OPTION_SEED,
	OPTION_START,
#define X(word, ...) OPTION_##word,
	NUMBERS(X) TIMES(X)
#undef X
};

/* clang-format off */
static const struct option known[] = {
	{ "out", required_argument, NULL, 'o' },
	{ "connections", required_argument, NULL, OPTION_count },
	{ "with", required_argument, NULL, OPTION_WITH },
	{ "truth", required_argument, NULL, OPTION_TRUTH },
	{ "victim", required_argument, NULL, OPTION_VICTIM },
	{ "ipv6", no_argument, NULL, OPTION_IPV6 },
	{ "vlan", required_argument, NULL, OPTION_VLAN },
	{ "seed", required_argument, NULL, OPTION_SEED },
	{ "start", required_argument, NULL, OPTION_START },
	{ "help", no_argument, NULL, 'h' },
#define X(word, ...) { #word, required_argument, NULL, OPTION_##word },
	NUMBERS(X) TIMES(X)
#undef X
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

#define X(word, bit, ...) { "--" #word, bit, offsetof(struct words, word) },
static const struct {
	const char *name;
	uint32_t option;
	size_t word;
} special[] = { NUMBERS(X) TIMES(X) };
#undef X

static int
read_option(int option, struct words *words, struct options *options, char **argv, struct err *err)
{
	switch (option) {
#define X(word, bit, least, most) \
	case OPTION_##word: \
		return option_value_number("--" #word, optarg, least, most, &words->word, err);
		NUMBERS(X)
#undef X
#define X(word, bit, most) \
	case OPTION_##word: \
		return option_value_seconds("--" #word, optarg, most, &words->word, err);
		TIMES(X)
#undef X
	case 'o':
		options->out = optarg;
		return 0;
	case OPTION_WITH:
		words->with = optarg;
		return option_value_with(optarg, &options->params.with, err);
	case OPTION_TRUTH:
		options->truth = optarg;
		return 0;
	case OPTION_VICTIM:
		words->victim = optarg;
		return 0;
	case OPTION_IPV6:
		words->ipv6 = true;
		return 0;
	case OPTION_VLAN:
		return option_value_vlan(optarg, &options->params, err);
	case OPTION_SEED:
		return option_value_number("--seed", optarg, 0, UNSET - 1, &words->seed, err);
	case OPTION_START:
		return option_value_start(optarg, &words->start, err);
	case 'h':
		options->help = true;
		return 0;
	default:
		return option_error(option, argv, known, err);
	}
}

static int
choose_victim(const struct words *words, struct generator_params *params, struct err *err)
{
	const char *victim = words->victim;
	int rc;

	if (victim == NULL)
		victim = words->ipv6 ? "2001:db8::80" : "192.0.2.80";
	rc = option_value_victim(victim, params, err);
	if (rc == 0 && words->ipv6 && params->ip_version == 4)
		rc = err_set(err, EINVAL, "--ipv6 and an IPv4 --victim do not go together");
	return rc;
}

static int
check_special(const struct words *words, const struct options *options, struct err *err)
{
	const struct generator_kind *kind = options->params.kind;
	const char *name = NULL;

	for (size_t i = 0; i < ARRAY_LEN(special); i++) {
		uint64_t word;

		memcpy(&word, (const char *)words + special[i].word, sizeof(word));
		if (word != UNSET && (kind->takes & special[i].option) == 0)
			name = special[i].name;
	}
	if (words->with != NULL && (kind->takes & GENERATOR_WITH) == 0)
		name = "--with";
	if (options->truth != NULL && (kind->takes & GENERATOR_TRUTH) == 0)
		name = "--truth";
	if (name != NULL)
		return err_set(err, EINVAL, "'%s' does not take %s", kind->name, name);
	if (kind->takes & GENERATOR_RATE && words->count != UNSET && words->rate != UNSET &&
			words->duration != UNSET)
		return err_set(err, EINVAL,
				"two of --count, --rate and --duration say the third: give two");
	return 0;
}

static uint64_t
either(uint64_t word, uint64_t otherwise)
{
	return word != UNSET ? word : otherwise;
}

/* How long is said by the duration, or by the waves; how much of a flood, by rate and length. */
static int
choose_waves(const struct words *words, struct generator_params *params, struct err *err)
{
	struct generator_waves *waves = &params->waves;
	double flood;

	waves->onset_us = either(words->onset, ONSET_DEFAULT_US);
	waves->length_us = either(words->length, LENGTH_DEFAULT_US);
	waves->every_us = either(words->every, waves->length_us + PAUSE_US);
	waves->times = (uint32_t)either(words->times, 1);
	params->duration_us = either(
			words->duration, waves->onset_us + waves->times * waves->every_us);
	flood = (double)either(words->rate, params->kind->rate) * (double)waves->length_us /
			(double)USEC_PER_SEC;
	if (waves->every_us < waves->length_us)
		return err_set(err, EINVAL,
				"--every is from one onset to the next, so it cannot "
				"be less than --length");
	if (flood * waves->times > COUNT_MAX)
		return err_set(err, EINVAL, "--rate times --length times --times is %u at most",
				COUNT_MAX);
	params->flood = (uint32_t)flood;
	params->baseline = (uint32_t)either(words->baseline, BASELINE_DEFAULT);
	params->sources = (uint32_t)either(words->sources, params->with == SYN_ACK ? 1 : 0);
	return 0;
}

/* Two of count, rate and duration say the third. */
static int
choose_count(const struct words *words, struct generator_params *params, struct err *err)
{
	const struct generator_kind *kind = params->kind;
	uint64_t rate = either(words->rate, kind->rate);
	double count = (double)either(words->count, kind->count);
	double duration_us = (double)either(words->duration, kind->duration_ms * USEC_PER_MSEC);

	if (words->duration != UNSET && words->rate != UNSET)
		count = (double)rate * duration_us / (double)USEC_PER_SEC;
	else if (words->duration == UNSET && rate != 0)
		duration_us = count * (double)USEC_PER_SEC / (double)rate;
	if (count > COUNT_MAX || (count < 1 && kind->count != 0))
		return err_set(err, EINVAL, "--rate times --duration must be from 1 to %u",
				COUNT_MAX);
	params->count = (uint32_t)count;
	params->duration_us = (uint64_t)duration_us;
	return 0;
}

static int
choose_amount(const struct words *words, struct generator_params *params, struct err *err)
{
	if (params->kind->takes & GENERATOR_WAVES)
		return choose_waves(words, params, err);
	return choose_count(words, params, err);
}

static int
choose_rest(const struct words *words, struct generator_params *params, struct err *err)
{
	const struct generator_kind *kind = params->kind;

	if ((kind->takes & GENERATOR_WAVES) == 0)
		params->flood = (uint32_t)either(words->flood, kind->flood);
	params->rst = (uint32_t)either(
			words->rst, kind->rst < params->count ? kind->rst : params->count);
	params->answered_percent = (uint32_t)either(words->answered, kind->answered_percent);
	params->exchanges = (uint32_t)either(words->exchanges, kind->exchanges);
	params->spoofed_percent = (uint32_t)either(words->spoofed, 100);
	params->victims = (uint32_t)either(words->victims, 1);
	params->ports = (uint32_t)either(words->ports, 1);
	params->down_percent = (uint32_t)either(words->down, kind->down_percent);
	params->refused_percent = (uint32_t)either(words->refused, 0);
	params->round_trip_us = (uint32_t)(either(words->rtt, 0) * USEC_PER_MSEC);
	params->has_loss = words->loss != UNSET;
	params->loss_percent = (uint32_t)either(words->loss, 0);
	params->surge = (uint32_t)either(words->surge, SURGE_DEFAULT);
	params->clients = (uint32_t)either(words->clients, 0);
	params->seed = either(words->seed, 1);
	params->start_us = either(words->start, START_DEFAULT_US);
	if (params->rst > params->count)
		return err_set(err, EINVAL, "--rst %u is more than the %u connections there are",
				params->rst, params->count);
	if (params->start_us + params->duration_us >= CAPTURE_END_US)
		return err_set(err, EINVAL,
				"the capture would end after 2106, which pcap cannot say");
	return 0;
}

static int
choose_kind(int argc, char **argv, struct options *options, struct err *err)
{
	if (optind == argc)
		return err_set(err, EINVAL, "which KIND of traffic?");
	if (optind + 1 < argc)
		return err_set(err, EINVAL, "one KIND at a time, not also '%s'", argv[optind + 1]);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(argv[optind], kinds[i]->name) == 0)
			options->params.kind = kinds[i];
	if (options->params.kind == NULL)
		return err_set(err, EINVAL, "no KIND '%s'", argv[optind]);
	if (options->out == NULL)
		return err_set(err, EINVAL, "where to? -o FILE, or -o - for standard output");
	return 0;
}

int
options_read(int argc, char **argv, struct options *options, struct err *err)
{
	struct words words;
	int option, rc = 0;

	*options = (struct options){ 0 };
	memset(&words, 0xff, sizeof(words)); /* UNSET, in every number */
	words.victim = NULL;
	words.with = NULL;
	options->params.with = SYN;
	words.ipv6 = false;
	opterr = 0;
	while (rc == 0 && (option = getopt_long(argc, argv, ":o:h", known, NULL)) != -1)
		rc = read_option(option, &words, options, argv, err);
	if (rc < 0 || options->help)
		return rc;
	if ((rc = choose_kind(argc, argv, options, err)) < 0 ||
			(rc = check_special(&words, options, err)) < 0 ||
			(rc = choose_victim(&words, &options->params, err)) < 0 ||
			(rc = choose_amount(&words, &options->params, err)) < 0)
		return rc;
	return choose_rest(&words, &options->params, err);
}
