/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/bench/pipeline/bench_options.h"

#include "base/compiler.h"
#include "tests/bench/pipeline/figure.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLOWS_LEAST 1024
#define FLOWS_MOST (UINT32_C(1) << 23)

const struct stage *const bench_stages[] = {
	&work_source,
	&work_parse,
	&work_hash,
	&work_table_hit,
	&work_table_miss,
	&work_table_insert,
	&work_table_flood,
	&work_tracker,
	&work_pipeline,
};
const uint32_t n_bench_stages = ARRAY_LEN(bench_stages);

static const struct option known[] = {
	{ "what", required_argument, NULL, 'w' },
	{ "traffic", required_argument, NULL, 't' },
	{ "flows", required_argument, NULL, 'f' },
	{ "rounds", required_argument, NULL, 'r' },
	{ "seconds", required_argument, NULL, 's' },
	{ "small-pages", no_argument, NULL, 'p' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

void
bench_options_usage(void)
{
	printf("Usage: bench_pipeline [OPTION]...\n\n"
	       "Measures what a packet costs, in nanoseconds of one processor's time, in memory and\n"
	       "without a port. Nothing is said of work that did not come out right in every count.\n\n"
	       "  --what LIST      of the list below, with commas between (all)\n"
	       "  --traffic LIST   of the list below (all)\n"
	       "  --flows LIST     a power of two from 1024 to 8M each (64k,1M)\n"
	       "  --rounds N       of which median, least and most are told (5)\n"
	       "  --seconds S      that a round takes at least (0.5)\n"
	       "  --small-pages    4 KiB instead of what the kernel makes huge of itself\n"
	       "  --json           an object at the end instead of lines\n"
	       "  --help           this text\n\nWhat:\n");
	for (uint32_t i = 0; i < n_bench_stages; i++)
		printf("  %-14s %s\n", bench_stages[i]->name, bench_stages[i]->purpose);
	printf("\nEach table-... comes with rte_hash-..., %s, in turn with it;\n"
	       "pipeline with %s, %s.\n\nTraffic:\n",
			work_rte_hit.purpose, work_undetected.name, work_undetected.purpose);
#define X(id, name, purpose) printf("  %-14s %s\n", name, purpose);
	TRAFFIC_KINDS(X)
#undef X
}

static int
take_name(const char *name, const char *(*name_of)(uint32_t), uint32_t count, uint32_t *bits,
		struct err *err)
{
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(name, name_of(i)) == 0) {
			*bits |= UINT32_C(1) << i;
			return 0;
		}
	return err_set(err, EINVAL, "no '%s' to measure; see --help", name);
}

static const char *
stage_name(uint32_t number)
{
	return bench_stages[number]->name;
}

static const char *
kind_name(uint32_t number)
{
	return traffic_name((enum traffic_kind)number);
}

static int
take_names(char *list, const char *(*name_of)(uint32_t), uint32_t count, uint32_t *bits,
		struct err *err)
{
	char *rest = NULL;

	*bits = 0;
	for (char *name = strtok_r(list, ",", &rest); name != NULL;
			name = strtok_r(NULL, ",", &rest))
		if (take_name(name, name_of, count, bits, err) < 0)
			return -1;
	return 0;
}

static int
take_flows(char *list, struct bench_options *options, struct err *err)
{
	char *rest = NULL;

	options->n_flows = 0;
	for (char *word = strtok_r(list, ",", &rest); word != NULL;
			word = strtok_r(NULL, ",", &rest)) {
		char *end;
		unsigned long flows = strtoul(word, &end, 10);

		if (*end == 'k' || *end == 'M')
			flows <<= *end++ == 'k' ? 10 : 20;
		if (*end != '\0' || flows < FLOWS_LEAST || flows > FLOWS_MOST ||
				(flows & (flows - 1)) != 0 || options->n_flows == BENCH_FLOWS_MAX)
			return err_set(err, EINVAL, "--flows: '%s' cannot be", word);
		options->flows[options->n_flows++] = (uint32_t)flows;
	}
	return 0;
}

static int
take_number(const char *word, double least, double most, double *value, struct err *err)
{
	char *end;

	*value = strtod(word, &end);
	if (*end != '\0' || !(*value >= least && *value <= most))
		return err_set(err, EINVAL, "'%s' must be from %g to %g", word, least, most);
	return 0;
}

static int
take_option(int option, struct bench_options *options, struct err *err)
{
	double number;

	switch (option) {
	case 'w':
		return take_names(optarg, stage_name, n_bench_stages, &options->stages, err);
	case 't':
		return take_names(optarg, kind_name, TRAFFIC_KIND_COUNT, &options->traffics, err);
	case 'f':
		return take_flows(optarg, options, err);
	case 'r':
		if (take_number(optarg, 1, FIGURE_ROUNDS_MAX, &number, err) < 0)
			return -1;
		options->rounds = (uint32_t)number;
		return 0;
	case 's':
		return take_number(optarg, 0, 3600, &options->seconds, err);
	case 'p':
		options->small_pages = true;
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case 'h':
		options->help = true;
		return 0;
	default:
		return err_set(err, EINVAL, "no such option; see --help");
	}
}

int
bench_options_read(int argc, char **argv, struct bench_options *options, struct err *err)
{
	int option, rc = 0;

	*options = (struct bench_options){
		.stages = UINT32_MAX,
		.traffics = UINT32_MAX,
		.flows = { UINT32_C(1) << 16, UINT32_C(1) << 20 },
		.n_flows = 2,
		.rounds = 5,
		.seconds = 0.5,
	};
	opterr = 0;
	while (rc == 0 && (option = getopt_long(argc, argv, "h", known, NULL)) != -1)
		rc = take_option(option, options, err);
	if (rc == 0 && optind < argc)
		return err_set(err, EINVAL, "'%s' is no option", argv[optind]);
	return rc;
}
