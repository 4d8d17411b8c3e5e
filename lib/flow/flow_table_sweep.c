/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The sweep goes over the table in passes. A pass goes by the time at which it began; it
 * enters only groups of buckets whose bound has passed, and finds a new bound for each on
 * its way. So idle flows cost two bytes for each thousand, and any step little.
 */

#include "flow/flow_due.h"
#include "flow/flow_table.h"

/* Idle groups that one step of a sweep passes over: two cache lines of their bounds. */
#define SWEEP_GROUPS 64

/* Captures are not always in order to the microsecond: nothing new is due then. */
static bool
steps_back_a_little(const struct flow_table *table, uint64_t now_us)
{
	return now_us < table->sweep.done_us &&
			table->sweep.done_us - now_us < UINT64_C(1) << FLOW_TABLE_DUE_SHIFT;
}

/* Begin a new pass, if time has moved on since the last. */
static bool
sweep_begin(struct flow_table *table, uint64_t now_us)
{
	if (now_us == table->sweep.done_us || steps_back_a_little(table, now_us))
		return false;
	table->sweep.under_way = true;
	table->sweep.began_us = now_us;
	/* Bounds wrap: after a long gap, or a step back, they say nothing. */
	table->sweep.all = table->sweep.all_next || now_us < table->sweep.done_us ||
			(now_us - table->sweep.done_us) >> FLOW_TABLE_DUE_SHIFT >=
					FLOW_TABLE_DUE_RANGE / 2;
	table->sweep.all_next = false;
	return true;
}

void
flow_table_sweep_all(struct flow_table *table)
{
	table->sweep.all_next = true;
}

/* Look at one bucket: which of its flows may be due, and the bound of the others. */
static int
sweep_bucket(struct flow_table *table, uint32_t bucket, uint32_t slots[FLOW_TABLE_WAYS])
{
	const struct flow_bucket *line = &table->buckets[bucket];
	uint16_t now = flow_due_unit(table->sweep.began_us);
	int count = 0;

	for (uint32_t way = 0; way < FLOW_TABLE_WAYS; way++) {
		if (line->tag[way] == 0)
			continue;
		if (table->sweep.all || flow_due_ahead(line->due[way], now) <= 0)
			slots[count++] = bucket * FLOW_TABLE_WAYS + way;
		else if (flow_due_ahead(line->due[way], now) <
				flow_due_ahead(table->sweep.group_due, now))
			table->sweep.group_due = line->due[way];
	}
	return count;
}

/* The group under way is done: its new bound is that of the flows that were not given. */
static void
sweep_end_group(struct flow_table *table)
{
	uint16_t now = flow_due_unit(table->sweep.began_us);
	uint16_t *group = &table->group_due[table->sweep.group];

	/* Those that were given set their own bound, in flow_table_set_due(). */
	if (flow_due_ahead(table->sweep.group_due, now) < flow_due_ahead(*group, now))
		*group = table->sweep.group_due;
	table->sweep.bucket = FLOW_TABLE_GROUP;
	table->sweep.group++;
}

static void
sweep_end_pass(struct flow_table *table)
{
	table->sweep.group = 0;
	table->sweep.under_way = false;
	table->sweep.done_us = table->sweep.began_us;
}

/* Enter the next group that may hold a due flow, passing over idle ones; false: not found yet. */
static bool
sweep_next_group(struct flow_table *table)
{
	uint16_t now = flow_due_unit(table->sweep.began_us);

	for (uint32_t n = 0; n < SWEEP_GROUPS && table->sweep.group < table->groups; n++) {
		if (table->sweep.all ||
				flow_due_ahead(table->group_due[table->sweep.group], now) <= 0) {
			table->sweep.bucket = 0;
			table->sweep.group_due = (uint16_t)(now + FLOW_TABLE_DUE_RANGE);
			table->group_due[table->sweep.group] = table->sweep.group_due;
			return true;
		}
		table->sweep.group++;
	}
	return false;
}

int
flow_table_sweep(struct flow_table *table, uint64_t now_us, uint32_t slots[FLOW_TABLE_WAYS])
{
	uint32_t in_group = table->bucket_mask + 1 < FLOW_TABLE_GROUP ? table->bucket_mask + 1
								      : FLOW_TABLE_GROUP;
	uint32_t bucket;
	int count;

	if (!table->sweep.under_way && !sweep_begin(table, now_us))
		return -1;
	if (table->sweep.bucket == FLOW_TABLE_GROUP && !sweep_next_group(table)) {
		if (table->sweep.group < table->groups)
			return 0;
		sweep_end_pass(table);
		return now_us <= table->sweep.done_us ? -1 : 0;
	}
	bucket = table->sweep.group * FLOW_TABLE_GROUP + table->sweep.bucket;
	count = sweep_bucket(table, bucket, slots);
	if (++table->sweep.bucket >= in_group)
		sweep_end_group(table);
	return count;
}
