/* SPDX-License-Identifier: Apache-2.0 */

/* The whole: everything that a worker does with a packet but for the port and the events' ring. */

#include "tests/bench/pipeline/engine.h"
#include "tests/bench/pipeline/work.h"

#include <errno.h>
#include <stdlib.h>

struct state {
	struct traffic traffic;
	struct engine engine;
};

static void
fini(struct work *work)
{
	struct state *state = work->state;

	engine_fini(&state->engine);
	traffic_fini(&state->traffic);
	free(state);
}

/* A flood's table is full with the flows there are, any other half full. */
static int
init_either(struct work *work, bool detect, struct err *err)
{
	struct state *state = calloc(1, sizeof(*state));
	uint32_t slots = work->traffic == TRAFFIC_FLOOD ? work->flows : 2 * work->flows;

	if (state == NULL)
		return err_set(err, ENOMEM, "no memory");
	work->state = state;
	if (traffic_init(&state->traffic, work->traffic, work->flows, err) < 0)
		goto no_traffic;
	if (engine_init(&state->engine, slots, detect, err) < 0)
		goto no_engine;
	if (engine_prepare(&state->engine, &state->traffic, err) < 0)
		goto not_prepared;
	return 0;

not_prepared:
	engine_fini(&state->engine);
no_engine:
	traffic_fini(&state->traffic);
no_traffic:
	free(state);
	return -1;
}

static int
init(struct work *work, struct err *err)
{
	return init_either(work, true, err);
}

static int
init_undetected(struct work *work, struct err *err)
{
	return init_either(work, false, err);
}

static int
one_round(struct work *work, struct round *round, struct err *err)
{
	struct state *state = work->state;
	double start;

	engine_renew(&state->engine, &state->traffic);
	start = clock_ns();
	engine_pass(&state->engine, &state->traffic);
	round->ns += clock_ns() - start;
	round->packets += state->traffic.count;
	return engine_check(&state->engine, &state->traffic, err);
}

const struct stage work_undetected = {
	.name = "undetected",
	.purpose = "the same without the detection of floods",
	.traffics = WORK_TRAFFIC_ALL,
	.init = init_undetected,
	.round = one_round,
	.fini = fini,
};

const struct stage work_pipeline = {
	.name = "pipeline",
	.purpose = "all that a worker does with a packet: source, parse, hash, table, tracker, timers, detection",
	.traffics = WORK_TRAFFIC_ALL,
	.beside = &work_undetected,
	.init = init,
	.round = one_round,
	.fini = fini,
};
