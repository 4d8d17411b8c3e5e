/* SPDX-License-Identifier: Apache-2.0 */

#include "base/usec.h"
#include "detect/meter_place.h"
#include "detect/meter_watch.h"

/* How much a step takes. */
#define VICTIMS_A_STEP 64
#define SCANNERS_A_STEP 16

/* A year or so: all is forgotten long before. */
#define PASS_MAX (UINT32_C(1) << 28)

static void
pass_ticks(struct meter *meter, uint64_t tick)
{
	uint64_t ticks = usec_since(meter->report.tick, tick);
	uint32_t beats = ticks < PASS_MAX ? (uint32_t)ticks : PASS_MAX;

	/* How long ago the first count was, nobody knows. */
	if (meter->report.tick == 0)
		beats = 1;
	meter->report.tick = tick;
	for (uint32_t level = 0; level < VICTIM_LEVELS; level++)
		heavy_set_pass(&meter->victims[level].set, beats);
	heavy_set_pass(&meter->scanners.set, beats);
	meter_watch_pass(meter, beats);
}

void
meter_report_begin(struct meter *meter, struct detect_report *report, uint64_t tick)
{
	report->tick = tick;
	report->victim_count = 0;
	report->sources_count = 0;
	report->scanner_count = 0;
	report->is_blind = false;
	report->unfollowed = (struct victim_counts){ 0 };
	pass_ticks(meter, tick);
	meter->report.stage = VICTIM_SERVICE;
	meter->report.next = 0;
	victim_table_begin_take(&meter->victims[VICTIM_SERVICE]);
	scanner_table_begin_take(&meter->scanners);
}

/* The index that its sources will have in the report. */
static uint8_t
tell_sources(struct meter *meter, struct detect_report *report, const struct victim_entry *entry)
{
	if (entry->own.index == REPORT_NO_SOURCES || report->sources_count == METER_SOURCES)
		return REPORT_NO_SOURCES;
	meter->report.told[report->sources_count] = entry->own;
	return (uint8_t)report->sources_count++;
}

/* What goes into a report and is counted nowhere else any more. */
static void
note_told(struct meter *meter, const struct victim_counts *counts)
{
	meter->report.half_open += (uint64_t)counts->syn - victim_ended(counts);
}

static void
take_victim(struct meter *meter, struct detect_report *report, struct victim_entry *entry)
{
	struct report_victim *row = &report->victims[report->victim_count++];
	const struct victim_entry *parent = NULL;

	if (entry->key.level != VICTIM_PREFIX)
		parent = meter_place_roll_up(meter, &entry->key, &entry->counts);
	meter_watch_take(meter, entry, parent);
	row->key = entry->key;
	row->counts = entry->counts;
	if (entry->key.level == VICTIM_PREFIX)
		note_told(meter, &entry->counts);
	row->sources = tell_sources(meter, report, entry);
	entry->counts = (struct victim_counts){ 0 };
}

static void
step_victims(struct meter *meter, struct detect_report *report)
{
	struct victim_table *table = &meter->victims[meter->report.stage];

	for (uint32_t n = 0; n < VICTIMS_A_STEP; n++) {
		struct victim_entry *entry = victim_table_take(table);

		if (entry == NULL) {
			heavy_set_survey(&table->set);
			/* All that goes up to the next level is there. */
			if (++meter->report.stage < VICTIM_LEVELS)
				victim_table_begin_take(&meter->victims[meter->report.stage]);
			return;
		}
		take_victim(meter, report, entry);
	}
}

static void
step_scanners(struct meter *meter, struct detect_report *report)
{
	for (uint32_t n = 0; n < SCANNERS_A_STEP; n++) {
		if (!scanner_table_take(
				    &meter->scanners, &report->scanners[report->scanner_count])) {
			heavy_set_survey(&meter->scanners.set);
			meter->report.stage++;
			return;
		}
		report->scanner_count++;
	}
}

/* A victim that has lost its block meanwhile is told without sources. */
static bool
step_sources(struct meter *meter, struct detect_report *report)
{
	uint32_t next = meter->report.next++;
	struct sources *sources;

	if (next == report->sources_count) {
		report->unfollowed = meter->unfollowed;
		note_told(meter, &meter->unfollowed);
		meter->unfollowed = (struct victim_counts){ 0 };
		return true;
	}
	sources = meter_watch_sources(meter, &meter->report.told[next]);
	if (sources != NULL) {
		report->sources[next] = *sources;
		sources_begin_tick(sources);
	} else {
		sources_reset(&report->sources[next]);
	}
	return false;
}

bool
meter_report_step(struct meter *meter, struct detect_report *report)
{
	if (meter->report.stage < VICTIM_LEVELS) {
		step_victims(meter, report);
		return false;
	}
	if (meter->report.stage == METER_STAGE_SCANNERS) {
		step_scanners(meter, report);
		return false;
	}
	return step_sources(meter, report);
}
