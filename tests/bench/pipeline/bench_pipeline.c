/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a packet costs, in whole and in parts; docs/performance.md tells what each figure means.
 *
 * First the gate: generated traffic must come out exactly, or nothing is measured. Then every
 * work is made, done in rounds, held to its counts after each, and given back.
 */

#include "tests/bench/pipeline/bench_options.h"
#include "tests/bench/pipeline/figure.h"
#include "tests/bench/pipeline/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define WRONG_USAGE 64

static void
fail(const char *what, const struct err *err)
{
	fprintf(stderr, "bench_pipeline: %s%s%s\n", what, *what != '\0' ? ": " : "", err->text);
}

static uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static int
measure(const struct stage *stage, enum traffic_kind kind, uint32_t flows,
		const struct bench_options *options, struct figures *figures)
{
	struct work work = { .stage = stage, .traffic = kind, .flows = flows };
	uint32_t before = figures->count;
	struct err err = { "" };

	if (figure_measure(&work, options->rounds, options->seconds, figures, &err) < 0) {
		char what[128];

		snprintf(what, sizeof(what), "%s, %s, %u flows", stage->name, traffic_name(kind),
				flows);
		fail(what, &err);
		return EXIT_FAILURE;
	}
	for (uint32_t i = before; i < figures->count && !options->json; i++)
		figure_print(&figures->figure[i], stdout);
	return EXIT_SUCCESS;
}

/* A work that takes no more flows than so many is done once, whatever the sizes wanted. */
static int
measure_stage(const struct stage *stage, const struct bench_options *options,
		struct figures *figures)
{
	uint32_t done_with = 0;
	int status = EXIT_SUCCESS;

	for (uint32_t i = 0; i < options->n_flows; i++) {
		uint32_t flows = options->flows[i];

		if (stage->flows_max != 0)
			flows = least(flows, stage->flows_max);
		if (flows == done_with)
			continue;
		done_with = flows;
		for (uint32_t kind = 0; kind < TRAFFIC_KIND_COUNT; kind++)
			if ((stage->traffics >> kind & 1) != 0 &&
					(stage->traffics == WORK_TRAFFIC_NONE ||
							(options->traffics >> kind & 1) != 0))
				status |= measure(stage, (enum traffic_kind)kind, flows, options,
						figures);
	}
	return status;
}

static int
measure_all(const struct bench_options *options)
{
	static struct figures figures;
	int status = EXIT_SUCCESS;

	if (!options->json)
		figure_print_head(stdout);
	for (uint32_t i = 0; i < n_bench_stages; i++)
		if ((options->stages >> i & 1) != 0)
			status |= measure_stage(bench_stages[i], options, &figures);
	if (options->json)
		figure_print_json(&figures, options->small_pages ? "small" : "huge", stdout);
	else
		figure_print_ratios(&figures, stdout);
	return status;
}

int
main(int argc, char **argv)
{
	struct bench_options options;
	struct err err = { "" };

	if (bench_options_read(argc, argv, &options, &err) < 0) {
		fail("", &err);
		return WRONG_USAGE;
	}
	if (options.help) {
		bench_options_usage();
		return EXIT_SUCCESS;
	}
	if (options.small_pages)
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	if (gate_pass(&err) < 0) {
		fail("", &err);
		return EXIT_FAILURE;
	}
	return measure_all(&options);
}
