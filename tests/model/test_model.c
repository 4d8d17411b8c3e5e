/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Random conversations through synwire and through the naive tracker: they must say the
 * same. On a difference the seed is printed, and the shortest sequence found that still
 * shows one. And crowds of conversations through a table that is too small for them: see
 * crowd.h.
 *
 *   test_model                    the fixed seeds
 *   test_model --seed N           one seed
 *   test_model --rounds N         seeds from 1, or from --seed on
 *   test_model --seconds N        the same, for so long
 *   test_model --keep-going       do not stop at the first difference
 *
 * One seed in CROWD_EVERY makes a crowd too.
 */

#include "crowd.h"
#include "shrink.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 20000
#define CROWD_EVERY 64

struct options {
	uint64_t seed;
	uint64_t rounds;
	time_t seconds; /* 0: as many as rounds */
	bool keep_going;
};

static bool
parse_number(const char *text, uint64_t *number)
{
	char *end;

	*number = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0';
}

static bool
parse_option(int c, struct options *options)
{
	uint64_t seconds = 0;
	bool good = true;

	switch (c) {
	case 's':
		return parse_number(optarg, &options->seed);
	case 'r':
		return parse_number(optarg, &options->rounds);
	case 't':
		good = parse_number(optarg, &seconds);
		options->seconds = (time_t)seconds;
		return good;
	case 'k':
		options->keep_going = true;
		return true;
	default:
		return false;
	}
}

static bool
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = { { "seed", required_argument, NULL, 's' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "seconds", required_argument, NULL, 't' },
		{ "keep-going", no_argument, NULL, 'k' }, { 0 } };
	int c;

	*options = (struct options){ .seed = 1, .rounds = ROUNDS };
	if (argc == 3)
		options->rounds = 1; /* --seed alone is one seed; --rounds says otherwise */
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1)
		if (!parse_option(c, options))
			return false;
	return optind == argc;
}

static bool
goes_on(const struct options *options, uint64_t rounds, time_t began)
{
	return options->seconds != 0 ? time(NULL) - began < options->seconds
				     : rounds < options->rounds;
}

int
main(int argc, char **argv)
{
	struct options options;
	uint64_t rounds = 0;
	uint64_t failed = 0;
	time_t began = time(NULL);

	if (!parse_options(argc, argv, &options)) {
		fprintf(stderr, "usage: %s [--seed N] [--rounds N] [--seconds N] [--keep-going]\n",
				argv[0]);
		return 64;
	}
	while (goes_on(&options, rounds, began) && (failed == 0 || options.keep_going)) {
		uint64_t seed = options.seed + rounds++;
		bool agree = shrink_unless_agreed(seed, failed == 0);
		bool holds = seed % CROWD_EVERY != 0 || crowd_holds(seed);

		if (!agree || !holds) {
			printf("seed %" PRIu64 " fails\n", seed);
			failed++;
		}
	}
	printf("%" PRIu64 " rounds from seed %" PRIu64 ": %" PRIu64 " failed\n", rounds,
			options.seed, failed);
	return failed != 0;
}
