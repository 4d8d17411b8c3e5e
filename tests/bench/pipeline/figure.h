/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What is measured and what is said of it: rounds of a work, and of another in turn with it,
 * the nanoseconds that a packet took in each, and the ratios of figures.
 */

#ifndef BENCH_FIGURE_H
#define BENCH_FIGURE_H

#include "tests/bench/pipeline/work.h"

#include <stdio.h>

#define FIGURE_ROUNDS_MAX 101
#define FIGURES_MAX 256

struct figure {
	const char *stage;
	const char *traffic; /* NULL: it is of a table alone */
	uint32_t flows;
	uint32_t rounds;
	uint64_t packets;
	double ns[FIGURE_ROUNDS_MAX]; /* a packet; sorted, once all are there */
};

struct figures {
	uint32_t count;
	struct figure figure[FIGURES_MAX];
};

static inline double
figure_median(const struct figure *figure)
{
	return figure->ns[figure->rounds / 2];
}

/**
 * Do a work's rounds, each for so many seconds at least, and those of the one beside it in
 * turn. A first round of each warms up and does not count.
 *
 * @return
 *   0, with a figure for each; negative with the count that was wrong, and no figure.
 */
int figure_measure(const struct work *work, uint32_t rounds, double seconds,
		struct figures *figures, struct err *err);

/** Lines for people, as they come. */
void figure_print_head(FILE *out);
void figure_print(const struct figure *figure, FILE *out);
void figure_print_ratios(const struct figures *figures, FILE *out);

/** All at once, for programs. */
void figure_print_json(const struct figures *figures, const char *pages, FILE *out);

#endif /* BENCH_FIGURE_H */
