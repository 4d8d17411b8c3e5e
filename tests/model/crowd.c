/* SPDX-License-Identifier: Apache-2.0 */

#include "crowd.h"

#include "engine.h"
#include "flow/flow_table.h"
#include "random.h"
#include "traffic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRAFFICS 40

static int
by_time(const void *a, const void *b)
{
	const struct step *first = a, *second = b;

	return (first->time_us > second->time_us) - (first->time_us < second->time_us);
}

/* Hosts of their own for each traffic, so that conversations do not mix. */
static void
move_hosts(struct step *step, uint32_t n)
{
	step->tcp.src_addr[13] = step->tcp.dst_addr[13] = (uint8_t)n;
}

/* No two steps at one moment: a connection's key and start then name it. */
static void
spread(struct sequence *sequence)
{
	qsort(sequence->steps, sequence->count, sizeof(*sequence->steps), by_time);
	for (size_t i = 1; i < sequence->count; i++)
		if (sequence->steps[i].time_us <= sequence->steps[i - 1].time_us)
			sequence->steps[i].time_us = sequence->steps[i - 1].time_us + 1;
	sequence->end_us = sequence->steps[sequence->count - 1].time_us + 1;
}

static void
make_crowd(uint64_t seed, struct traffic *crowd)
{
	struct random random = { .state = seed };

	*crowd = (struct traffic){ 0 };
	for (uint32_t n = 0; n < TRAFFICS; n++) {
		struct traffic traffic;

		traffic_make(random_next(&random), &traffic);
		for (size_t i = 0; i < traffic.sequence.count; i++) {
			move_hosts(&traffic.sequence.steps[i], n);
			sequence_add(&crowd->sequence, &traffic.sequence.steps[i]);
		}
		crowd->params = traffic.params;
		sequence_free(&traffic.sequence);
	}
	spread(&crowd->sequence);
}

static bool
holds(bool condition, const char *what, uint64_t seed)
{
	if (!condition)
		printf("seed %" PRIu64 ": does not hold: %s\n", seed, what);
	return condition;
}

static uint64_t
count_segments(const struct sequence *sequence)
{
	uint64_t count = 0;

	for (size_t i = 0; i < sequence->count; i++)
		count += !sequence->steps[i].is_icmp;
	return count;
}

static bool
counters_hold(const struct traffic *crowd, const struct engine_totals *totals, uint64_t seed)
{
	bool all = true;

	all &= holds(totals->frames == crowd->sequence.count, "every frame is counted", seed);
	all &= holds(totals->all_forwarded, "every frame is forwarded", seed);
	all &= holds(totals->unchanged, "every frame is left as it came", seed);
	all &= holds(totals->in_use_max <= flow_table_slots(1), "no more flows than slots", seed);
	all &= holds(totals->opened == totals->closed, "what is opened is closed", seed);
	all &= holds(totals->metered_all, "what is metered is reported", seed);
	all &= holds(totals->metered == totals->metered_ended, "what is metered ends once", seed);
	all &= holds(totals->invariants_hold, "the invariants", seed);
	all &= holds(totals->evicted != 0, "something was evicted at all", seed);
	return all;
}

static bool
is_same_connection(const struct record *a, const struct record *b)
{
	return a->start_us == b->start_us && a->ip_version == b->ip_version &&
			memcmp(a->side[0].addr, b->side[0].addr, sizeof(a->side[0].addr)) == 0 &&
			memcmp(a->side[1].addr, b->side[1].addr, sizeof(a->side[1].addr)) == 0 &&
			a->side[0].port == b->side[0].port && a->side[1].port == b->side[1].port;
}

static bool
was_said_before(const struct said_list *said, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (said->said[i].kind == EVENT_CONNECTION &&
				is_same_connection(&said->said[i].record, &said->said[n].record))
			return true;
	return false;
}

static bool
events_hold(const struct traffic *crowd, const struct engine_totals *totals,
		const struct said_list *said, uint64_t seed)
{
	uint64_t connections = 0, segments = totals->untracked, early = 0, twice = 0;
	bool all = true;

	for (size_t i = 0; i < said->count; i++) {
		const struct record *record = &said->said[i].record;

		if (said->said[i].kind != EVENT_CONNECTION)
			continue;
		connections++;
		segments += record->side[0].pkts + record->side[1].pkts;
		early += record->handshake.complete && record->end == END_EVICTED;
		twice += was_said_before(said, i);
	}
	all &= holds(connections == totals->closed, "each is reported", seed);
	all &= holds(twice == 0, "none is reported twice", seed);
	all &= holds(early == 0, "none that was established is evicted", seed);
	all &= holds(segments == count_segments(&crowd->sequence),
			"each segment is in one record, or untracked", seed);
	return all;
}

bool
crowd_holds(uint64_t seed)
{
	struct said_list said = { 0 };
	struct engine_totals totals;
	struct traffic crowd;
	bool all;

	make_crowd(seed, &crowd);
	engine_run(&crowd.sequence, &crowd.params, 1, seed, &said, &totals);
	all = counters_hold(&crowd, &totals, seed);
	all &= events_hold(&crowd, &totals, &said, seed);
	said_free(&said);
	sequence_free(&crowd.sequence);
	return all;
}
