/* SPDX-License-Identifier: Apache-2.0 */

#include "shrink.h"

#include "compare.h"
#include "traffic.h"

#include <inttypes.h>
#include <stdio.h>

/* A copy of a sequence without @p count steps from @p first on. */
static struct sequence
without(const struct sequence *sequence, size_t first, size_t count)
{
	struct sequence shorter = { .end_us = sequence->end_us };

	for (size_t i = 0; i < sequence->count; i++)
		if (i < first || i >= first + count)
			sequence_add(&shorter, &sequence->steps[i]);
	return shorter;
}

/* Drop every part of this size without which there still is a difference. */
static bool
drop_parts(struct traffic *traffic, size_t part, uint64_t schedule)
{
	struct sequence *sequence = &traffic->sequence;
	bool dropped = false;
	size_t first = 0;

	while (first + part <= sequence->count) {
		struct sequence shorter = without(sequence, first, part);

		if (compare_agree(&shorter, &traffic->params, schedule)) {
			sequence_free(&shorter);
			first += part;
		} else {
			sequence_free(sequence);
			*sequence = shorter;
			dropped = true;
		}
	}
	return dropped;
}

/* Large parts first, then single steps for as long as one can go. */
static void
shrink(struct traffic *traffic, uint64_t schedule)
{
	for (size_t part = traffic->sequence.count / 2; part > 1; part /= 2)
		drop_parts(traffic, part, schedule);
	while (drop_parts(traffic, 1, schedule))
		;
}

static void
print_params(const struct tracker_params *params)
{
	printf("timeouts %d, syn_retries %u+%u, synack_retries %u, established %" PRIu64
	       " us, rst.confirm %" PRIu64 " us, ttl_tolerance %u, rst events %s\n",
			params->timeouts, params->syn_linear_timeouts, params->syn_retries,
			params->synack_retries, params->established_us, params->rst_confirm_us,
			params->rst_ttl_tolerance, params->rst_events_all ? "all" : "default");
}

static void
explain(uint64_t seed, struct traffic *traffic)
{
	const struct sequence *sequence = &traffic->sequence;
	size_t all = sequence->count;

	shrink(traffic, seed);
	printf("seed %" PRIu64 ": synwire and the model differ; %zu of %zu steps show it:\n", seed,
			sequence->count, all);
	print_params(&traffic->params);
	for (size_t i = 0; i < sequence->count; i++)
		step_print(&sequence->steps[i], sequence->steps[0].time_us);
	printf("the run ends at %" PRIu64 " us\n", sequence->end_us - sequence->steps[0].time_us);
	compare_print(sequence, &traffic->params, seed);
}

bool
shrink_unless_agreed(uint64_t seed, bool print)
{
	struct traffic traffic;
	bool agree;

	traffic_make(seed, &traffic);
	agree = compare_agree(&traffic.sequence, &traffic.params, seed);
	if (!agree && print)
		explain(seed, &traffic);
	sequence_free(&traffic.sequence);
	return agree;
}
