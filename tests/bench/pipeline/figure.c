/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/bench/pipeline/figure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAIR 2

static int
by_size(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;

	return (first > second) - (first < second);
}

static int
one_round(struct work *work, double seconds, struct round *round, struct err *err)
{
	*round = (struct round){ 0 };
	do {
		if (work->stage->round(work, round, err) < 0)
			return -1;
	} while (round->ns < seconds * 1e9);
	return 0;
}

/* Who is first changes, so that it does not matter. */
static int
all_rounds(struct work *works, uint32_t count, uint32_t rounds, double seconds,
		struct figure *figures, struct err *err)
{
	for (uint32_t n = 0; n <= rounds; n++)
		for (uint32_t i = 0; i < count; i++) {
			uint32_t at = (n + i) % count;
			struct round round;

			if (one_round(&works[at], n == 0 ? 0 : seconds, &round, err) < 0)
				return -1;
			if (n == 0)
				continue;
			figures[at].packets += round.packets;
			figures[at].ns[n - 1] = round.ns / (double)round.packets;
		}
	for (uint32_t i = 0; i < count; i++)
		qsort(figures[i].ns, rounds, sizeof(figures[i].ns[0]), by_size);
	return 0;
}

static struct figure
blank(const struct work *work, uint32_t rounds)
{
	bool is_table = work->stage->traffics == WORK_TRAFFIC_NONE;

	return (struct figure){
		.stage = work->stage->name,
		.traffic = is_table ? NULL : traffic_name(work->traffic),
		.flows = work->flows,
		.rounds = rounds,
	};
}

int
figure_measure(const struct work *work, uint32_t rounds, double seconds, struct figures *figures,
		struct err *err)
{
	struct work works[PAIR] = { *work, *work };
	struct figure *figure = &figures->figure[figures->count];
	uint32_t wanted = work->stage->beside != NULL ? PAIR : 1, made = 0;
	int rc = 0;

	if (figures->count + wanted > FIGURES_MAX)
		return err_set(err, ENOSPC, "too many figures at once");
	works[1].stage = work->stage->beside;
	for (; made < wanted && rc == 0; made += rc == 0) {
		rc = works[made].stage->init(&works[made], err);
		figure[made] = blank(&works[made], rounds);
	}
	if (rc == 0)
		rc = all_rounds(works, wanted, rounds, seconds, figure, err);
	for (uint32_t i = 0; i < made; i++)
		works[i].stage->fini(&works[i]);
	if (rc == 0)
		figures->count += wanted;
	return rc;
}
