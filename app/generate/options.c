/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/options.h"

#include "app/option_error.h"
#include "base/usec.h"
#include "packet/build.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT_MAX UINT32_C(1000000000)
#define RATE_MAX UINT32_C(1000000000)
#define EXCHANGES_MAX 1000000
#define DURATION_MAX_S 1e7
#define VLAN_MAX 4094
#define PORT_MAX 65535
#define PORT_DEFAULT 80
#define START_DEFAULT_US (UINT64_C(1767225600) * USEC_PER_SEC) /* 2026-01-01T00:00:00Z */
#define CAPTURE_END_US ((UINT64_C(1) << 32) * USEC_PER_SEC) /* where the file format ends */

static const struct generator_kind *const kinds[] = {
	&synflood_kind,
	&handshakes_kind,
	&established_kind,
	&flashcrowd_kind,
	&scan_kind,
	&mixed_kind,
	&demo_kind,
};

/* What was said, and what was not: unset is UINT64_MAX. */
struct words {
	uint64_t count;
	uint64_t rate;
	uint64_t duration_us;
	uint64_t flood;
	uint64_t rst;
	uint64_t answered;
	uint64_t exchanges;
	uint64_t seed;
	uint64_t start_us;
	const char *victim;
	bool ipv6;
};

#define UNSET UINT64_MAX

enum option_letter {
	OPTION_COUNT = 256,
	OPTION_RATE,
	OPTION_DURATION,
	OPTION_FLOOD,
	OPTION_RST,
	OPTION_ANSWERED,
	OPTION_EXCHANGES,
	OPTION_VICTIM,
	OPTION_IPV6,
	OPTION_VLAN,
	OPTION_SEED,
	OPTION_START,
};

static const struct option known[] = {
	{ "out", required_argument, NULL, 'o' },
	{ "count", required_argument, NULL, OPTION_COUNT },
	{ "connections", required_argument, NULL, OPTION_COUNT },
	{ "rate", required_argument, NULL, OPTION_RATE },
	{ "duration", required_argument, NULL, OPTION_DURATION },
	{ "flood", required_argument, NULL, OPTION_FLOOD },
	{ "rst", required_argument, NULL, OPTION_RST },
	{ "answered", required_argument, NULL, OPTION_ANSWERED },
	{ "exchanges", required_argument, NULL, OPTION_EXCHANGES },
	{ "victim", required_argument, NULL, OPTION_VICTIM },
	{ "ipv6", no_argument, NULL, OPTION_IPV6 },
	{ "vlan", required_argument, NULL, OPTION_VLAN },
	{ "seed", required_argument, NULL, OPTION_SEED },
	{ "start", required_argument, NULL, OPTION_START },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* Which options only some kinds take. */
static const struct {
	const char *name;
	enum generator_option option;
	size_t word;
} special[] = {
	{ "--count", GENERATOR_COUNT, offsetof(struct words, count) },
	{ "--rate", GENERATOR_RATE, offsetof(struct words, rate) },
	{ "--duration", GENERATOR_DURATION, offsetof(struct words, duration_us) },
	{ "--flood", GENERATOR_FLOOD, offsetof(struct words, flood) },
	{ "--rst", GENERATOR_RST, offsetof(struct words, rst) },
	{ "--answered", GENERATOR_ANSWERED, offsetof(struct words, answered) },
	{ "--exchanges", GENERATOR_EXCHANGES, offsetof(struct words, exchanges) },
};

static int
read_number(const char *name, const char *text, uint64_t least, uint64_t most, uint64_t *number,
		struct err *err)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least ||
			value > most)
		return err_set(err, EINVAL, "%s is a number from %llu to %llu, not '%s'", name,
				(unsigned long long)least, (unsigned long long)most, text);
	*number = value;
	return 0;
}

static int
read_duration(const char *text, uint64_t *duration_us, struct err *err)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end != '\0' || !(seconds > 0 && seconds <= DURATION_MAX_S))
		return err_set(err, EINVAL, "--duration is a number of seconds, not '%s'", text);
	*duration_us = (uint64_t)(seconds * (double)USEC_PER_SEC);
	return 0;
}

/* 2026-01-01T00:00:00Z, or seconds since the epoch. */
static int
read_start(const char *text, uint64_t *start_us, struct err *err)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	time_t seconds;
	uint64_t number = 0;

	if (end != NULL && (strcmp(end, "Z") == 0 || *end == '\0')) {
		seconds = timegm(&tm);
		if (seconds >= 0 && (uint64_t)seconds < CAPTURE_END_US / USEC_PER_SEC) {
			*start_us = (uint64_t)seconds * USEC_PER_SEC;
			return 0;
		}
	} else if (read_number("", text, 0, CAPTURE_END_US / USEC_PER_SEC - 1, &number, NULL) ==
			0) {
		*start_us = number * USEC_PER_SEC;
		return 0;
	}
	return err_set(err, EINVAL,
			"--start is a time from 1970 to 2105, such as 2026-01-01T00:00:00Z, not '%s'",
			text);
}

static int
read_vlan(const char *text, struct generator_params *params, struct err *err)
{
	uint64_t id = 0;
	int rc = read_number("--vlan", text, 1, VLAN_MAX, &id, err);

	if (rc < 0)
		return rc;
	if (params->vlan_count == SEGMENT_VLANS)
		return err_set(err, EINVAL, "--vlan may be given %d times at most", SEGMENT_VLANS);
	params->vlan[params->vlan_count++] = (uint16_t)id;
	return 0;
}

static int
read_option(int option, struct words *words, struct options *options, char **argv, struct err *err)
{
	switch (option) {
	case 'o':
		options->out = optarg;
		return 0;
	case OPTION_COUNT:
		return read_number("--count", optarg, 1, COUNT_MAX, &words->count, err);
	case OPTION_RATE:
		return read_number("--rate", optarg, 1, RATE_MAX, &words->rate, err);
	case OPTION_DURATION:
		return read_duration(optarg, &words->duration_us, err);
	case OPTION_FLOOD:
		return read_number("--flood", optarg, 0, COUNT_MAX, &words->flood, err);
	case OPTION_RST:
		return read_number("--rst", optarg, 0, COUNT_MAX, &words->rst, err);
	case OPTION_ANSWERED:
		return read_number("--answered", optarg, 0, 100, &words->answered, err);
	case OPTION_EXCHANGES:
		return read_number("--exchanges", optarg, 1, EXCHANGES_MAX, &words->exchanges, err);
	case OPTION_VICTIM:
		words->victim = optarg;
		return 0;
	case OPTION_IPV6:
		words->ipv6 = true;
		return 0;
	case OPTION_VLAN:
		return read_vlan(optarg, &options->params, err);
	case OPTION_SEED:
		return read_number("--seed", optarg, 0, UNSET - 1, &words->seed, err);
	case OPTION_START:
		return read_start(optarg, &words->start_us, err);
	case 'h':
		options->help = true;
		return 0;
	default:
		return option_error(option, argv, known, err);
	}
}

/* ADDR, ADDR:PORT or [ADDR]:PORT; an IPv6 address without brackets has no port. */
static int
read_victim(const char *text, struct generator_params *params, struct err *err)
{
	char addr[64];
	const char *said = text;
	const char *port = strrchr(text, ':');
	struct in_addr ipv4;
	uint64_t number = PORT_DEFAULT;
	size_t len;

	if (text[0] == '[' && strchr(text, ']') != NULL) {
		len = strcspn(++text, "]");
		port = text[len + 1] == '\0' ? NULL : text + len + 1;
	} else {
		if (port != NULL && strchr(text, ':') != port)
			port = NULL;
		len = port != NULL ? (size_t)(port - text) : strlen(text);
	}
	if (len >= sizeof(addr) || (port != NULL && *port != ':'))
		return err_set(err, EINVAL, "--victim is ADDR:PORT or [ADDR]:PORT, not '%s'", said);
	memcpy(addr, text, len);
	addr[len] = '\0';
	if (inet_pton(AF_INET, addr, &ipv4) == 1) {
		params->ip_version = 4;
		build_ipv4_mapped(ntohl(ipv4.s_addr), params->victim_addr);
	} else if (inet_pton(AF_INET6, addr, params->victim_addr) == 1) {
		params->ip_version = 6;
	} else {
		return err_set(err, EINVAL, "--victim: '%s' is no IPv4 or IPv6 address", addr);
	}
	if (port != NULL &&
			read_number("--victim: the port", port + 1, 1, PORT_MAX, &number, err) < 0)
		return -EINVAL;
	params->victim_port = (uint16_t)number;
	return 0;
}

static int
choose_victim(const struct words *words, struct generator_params *params, struct err *err)
{
	const char *victim = words->victim;
	int rc;

	if (victim == NULL)
		victim = words->ipv6 ? "2001:db8::80" : "192.0.2.80";
	rc = read_victim(victim, params, err);
	if (rc == 0 && words->ipv6 && params->ip_version == 4)
		rc = err_set(err, EINVAL, "--ipv6 and an IPv4 --victim do not go together");
	return rc;
}

static int
check_special(const struct words *words, const struct generator_kind *kind, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(special); i++) {
		uint64_t word;

		memcpy(&word, (const char *)words + special[i].word, sizeof(word));
		if (word != UNSET && (kind->takes & special[i].option) == 0)
			return err_set(err, EINVAL, "'%s' does not take %s", kind->name,
					special[i].name);
	}
	if (kind->takes & GENERATOR_RATE && words->count != UNSET && words->rate != UNSET &&
			words->duration_us != UNSET)
		return err_set(err, EINVAL,
				"two of --count, --rate and --duration say the third: give two");
	return 0;
}

static uint64_t
either(uint64_t word, uint64_t otherwise)
{
	return word != UNSET ? word : otherwise;
}

/* Two of count, rate and duration say the third. */
static int
choose_count(const struct words *words, struct generator_params *params, struct err *err)
{
	const struct generator_kind *kind = params->kind;
	uint64_t rate = either(words->rate, kind->rate);
	double count = (double)either(words->count, kind->count);
	double duration_us = (double)either(words->duration_us, kind->duration_ms * USEC_PER_MSEC);

	if (words->duration_us != UNSET && words->rate != UNSET)
		count = (double)rate * duration_us / (double)USEC_PER_SEC;
	else if (words->duration_us == UNSET && rate != 0)
		duration_us = count * (double)USEC_PER_SEC / (double)rate;
	if (count > COUNT_MAX || (count < 1 && kind->count != 0))
		return err_set(err, EINVAL, "--rate times --duration must be from 1 to %u",
				COUNT_MAX);
	params->count = (uint32_t)count;
	params->duration_us = (uint64_t)duration_us;
	return 0;
}

static int
choose_rest(const struct words *words, struct generator_params *params, struct err *err)
{
	const struct generator_kind *kind = params->kind;

	params->flood = (uint32_t)either(words->flood, kind->flood);
	params->rst = (uint32_t)either(
			words->rst, kind->rst < params->count ? kind->rst : params->count);
	params->answered_percent = (uint32_t)either(words->answered, kind->answered_percent);
	params->exchanges = (uint32_t)either(words->exchanges, kind->exchanges);
	params->seed = either(words->seed, 1);
	params->start_us = either(words->start_us, START_DEFAULT_US);
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
	words.ipv6 = false;
	opterr = 0;
	while (rc == 0 && (option = getopt_long(argc, argv, ":o:h", known, NULL)) != -1)
		rc = read_option(option, &words, options, argv, err);
	if (rc < 0 || options->help)
		return rc;
	if ((rc = choose_kind(argc, argv, options, err)) < 0 ||
			(rc = check_special(&words, options->params.kind, err)) < 0 ||
			(rc = choose_victim(&words, &options->params, err)) < 0 ||
			(rc = choose_count(&words, &options->params, err)) < 0)
		return rc;
	return choose_rest(&words, &options->params, err);
}
