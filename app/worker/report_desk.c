/* SPDX-License-Identifier: Apache-2.0 */

#include "app/worker/report_desk.h"

#include "detect/tick.h"

#include <sched.h>

#include <rte_ring.h>

/* More than packets are ever out of order: the next capture is an earlier one. */
#define STEP_BACK_US USEC_PER_SEC

void
report_desk_init(struct report_desk *desk, struct meter *meter, const struct report_rings *rings,
		struct worker_counters *counters)
{
	*desk = (struct report_desk){ .counters = counters };
	if (meter == NULL || rings == NULL || rings->full == NULL)
		return;
	desk->meter = meter;
	desk->rings = *rings;
}

static void
open_tick(struct report_desk *desk, uint64_t tick)
{
	desk->is_open = true;
	desk->tick = tick;
	desk->due_us = tick_end_us(tick);
}

/* False: none is empty. */
static bool
begin_report(struct report_desk *desk, uint64_t tick)
{
	void *report;

	if (rte_ring_sc_dequeue(desk->rings.empty, &report) != 0)
		return false;
	desk->report = report;
	meter_report_begin(desk->meter, desk->report, tick);
	desk->report->is_blind = desk->is_blind;
	desk->is_blind = false;
	return true;
}

static void
send_report(struct report_desk *desk)
{
	rte_ring_sp_enqueue(desk->rings.full, desk->report);
	desk->report = NULL;
	counter_add(&desk->counters->reports, 1);
}

/* What the ticks since the last report have brought goes into that of the newest. */
static bool
begin_newest(struct report_desk *desk, uint64_t now_us)
{
	const uint64_t now = tick_of(now_us);

	desk->due_us = tick_end_us(now);
	if (now <= desk->tick || !begin_report(desk, now - 1))
		return false;
	if (now - 1 > desk->tick)
		counter_add(&desk->counters->reports_late, now - 1 - desk->tick);
	desk->tick = now;
	return true;
}

void
report_desk_go_on(struct report_desk *desk, uint64_t now_us)
{
	if (!desk->is_open)
		open_tick(desk, tick_of(now_us));
	else if (desk->report == NULL && !begin_newest(desk, now_us))
		return;
	else if (meter_report_step(desk->meter, desk->report))
		send_report(desk);
}

bool
report_desk_is_due(struct report_desk *desk, uint64_t now_us)
{
	if (desk->meter == NULL)
		return false;
	if (!desk->is_open)
		open_tick(desk, tick_of(now_us));
	return tick_of(now_us) > desk->tick || now_us + STEP_BACK_US < tick_start_us(desk->tick);
}

static void
complete_report(struct report_desk *desk)
{
	while (!meter_report_step(desk->meter, desk->report))
		;
	send_report(desk);
}

/* Where one report goes round, until it has been judged. Control may need this very processor. */
static void
report_and_wait(struct report_desk *desk, uint64_t tick)
{
	while (!begin_report(desk, tick))
		sched_yield();
	complete_report(desk);
	while (rte_ring_empty(desk->rings.empty))
		sched_yield();
}

void
report_desk_end_tick(struct report_desk *desk)
{
	report_and_wait(desk, desk->tick);
	desk->tick++;
}

void
report_desk_begin_tick(struct report_desk *desk, uint64_t now_us)
{
	const uint64_t tick = tick_of(now_us);

	if (tick > desk->tick)
		report_and_wait(desk, tick - 1);
	open_tick(desk, tick);
}

void
report_desk_finish(struct report_desk *desk)
{
	if (desk->meter == NULL || !desk->is_open)
		return;
	if (desk->report != NULL)
		complete_report(desk);
	report_and_wait(desk, desk->tick);
	desk->is_open = false;
}
