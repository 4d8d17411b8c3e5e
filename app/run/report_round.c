/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/report_round.h"

#include "detect/tick.h"

void
report_round_init(struct report_round *round, uint32_t workers, uint64_t now_us)
{
	*round = (struct report_round){ .workers = workers, .tick = tick_of(now_us) };
}

void
report_round_take(struct report_round *round, uint32_t worker, const struct report_rings *rings,
		struct detector *detector)
{
	struct detect_report *report = round->held[worker];

	if (report == NULL)
		report = report_rings_take(rings);
	while (report != NULL && report->tick <= round->tick) {
		round->reported[worker] = report->tick + 1;
		detector_take(detector, report);
		report_rings_give_back(rings, report);
		report = report_rings_take(rings);
	}
	round->held[worker] = report;
}

/* A later report says that of this tick none comes any more. */
static bool
has_reported(const struct report_round *round, uint32_t worker)
{
	return round->held[worker] != NULL || round->reported[worker] > round->tick;
}

static bool
is_overdue(const struct report_round *round, uint64_t now_us)
{
	return now_us >= tick_end_us(round->tick) + ROUND_PATIENCE_US;
}

bool
report_round_is_complete(const struct report_round *round, const bool *is_stalled, uint64_t now_us)
{
	uint32_t awaited = 0;

	if (is_overdue(round, now_us))
		return true;
	for (uint32_t w = 0; w < round->workers; w++) {
		if (has_reported(round, w))
			continue;
		if (!is_stalled[w])
			return false;
		awaited++;
	}
	return awaited < round->workers; /* of none there is no hurry */
}

/* The first tick of which there is a report; UINT64_MAX: there is none. */
static uint64_t
first_held(const struct report_round *round)
{
	uint64_t first = UINT64_MAX;

	for (uint32_t w = 0; w < round->workers; w++)
		if (round->held[w] != NULL && round->held[w]->tick < first)
			first = round->held[w]->tick;
	return first;
}

void
report_round_advance(struct report_round *round, uint64_t now_us)
{
	const uint64_t overdue = tick_of(now_us - ROUND_PATIENCE_US) - 1;
	const uint64_t held = first_held(round);
	const uint64_t newest = held < overdue ? held : overdue;

	round->tick++;
	if (newest > round->tick)
		round->tick = newest;
}

bool
report_round_has_more(const struct report_round *round)
{
	for (uint32_t w = 0; w < round->workers; w++)
		if (has_reported(round, w))
			return true;
	return false;
}
