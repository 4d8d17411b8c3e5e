/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The command line of bench_pipeline.
 */

#ifndef BENCH_BENCH_OPTIONS_H
#define BENCH_BENCH_OPTIONS_H

#include "tests/bench/pipeline/work.h"

#define BENCH_FLOWS_MAX 8

struct bench_options {
	uint32_t stages; /* bit n: the n-th of bench_stages */
	uint32_t traffics; /* bit n: kind n */
	uint32_t flows[BENCH_FLOWS_MAX];
	uint32_t n_flows;
	uint32_t rounds;
	double seconds;
	bool small_pages;
	bool json;
	bool help;
};

extern const struct stage *const bench_stages[];
extern const uint32_t n_bench_stages;

/** 0, or negative with the sentence. */
int bench_options_read(int argc, char **argv, struct bench_options *options, struct err *err);

void bench_options_usage(void);

#endif /* BENCH_BENCH_OPTIONS_H */
