/* SPDX-License-Identifier: Apache-2.0 */

#include "engine.h"

#include "detect/meter_check.h"
#include "detect/tick.h"
#include "pipeline/invariant.h"
#include "pipeline/pipeline_flow.h"
#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_ROOM 2048

/* A meter is large: one run of so many has one. */
#define METER_EVERY 16

struct run {
	struct pipeline *pipeline;
	void *memory;
	struct said_list *said;
	struct engine_totals *totals;
	struct invariant_watch invariants;
};

static void
start(struct run *run, const struct tracker_params *params, uint32_t flow_slots,
		struct random *random)
{
	struct pipeline_params pipeline_params = { .worker = 0,
		.flow_slots = flow_slots,
		.tracker = *params,
		.detect = random_once_in(random, METER_EVERY),
		.meter = { .prefixes = { 24, 64 }, .key = { random_next(random) } } };
	size_t size;

	for (size_t i = 0; i < sizeof(pipeline_params.hash_key); i++)
		pipeline_params.hash_key[i] = (uint8_t)random_next(random);
	size = pipeline_memory_size(&pipeline_params);
	run->memory = aligned_alloc(64, (size + 63) / 64 * 64);
	if (run->memory == NULL)
		abort();
	memset(run->memory, 0, size);
	run->pipeline = pipeline_init(run->memory, &pipeline_params);
}

static void
collect(struct run *run)
{
	struct event_batch *batch = pipeline_events(run->pipeline);

	for (uint32_t i = 0; i < batch->count; i++) {
		const struct event *event = &batch->events[i];
		struct record record;

		event_to_record(event, &record);
		for (unsigned kind = EVENT_INCOMPLETE_HANDSHAKE; kind <= EVENT_CONNECTION;
				kind <<= 1)
			if ((event->kinds & kind) != 0)
				said_add(run->said, (enum event_kind)kind, event->time_us, &record);
	}
	batch->count = 0;
}

/* A step after each call, all of it now and then. */
static void
check_invariants(struct run *run, bool whole)
{
	struct invariant_breach breach;
	char text[INVARIANT_TEXT_MAX];

	if (!run->totals->invariants_hold ||
			(invariant_step(run->pipeline, &run->invariants, &breach) &&
					(!whole || invariant_all_hold(run->pipeline, &breach))))
		return;
	run->totals->invariants_hold = false;
	invariant_text(&breach, text);
	printf("does not hold: %s\n", text);
}

static void
make_frame(const struct step *step, uint8_t *bytes, struct frame *frame)
{
	struct build_icmp icmp = { .hop_limit = 60,
		.type = step->icmp_type,
		.code = step->icmp_code,
		.quoted = &step->tcp };
	size_t len;

	memcpy(icmp.src_addr, step->tcp.dst_addr, sizeof(icmp.src_addr));
	len = step->is_icmp ? build_icmp_frame(&icmp, bytes, FRAME_ROOM)
			    : build_tcp_frame(&step->tcp, bytes, FRAME_ROOM);
	if (len == 0)
		abort();
	*frame = (struct frame){ .data = bytes,
		.len = (uint32_t)len,
		.wire_len = (uint32_t)len,
		.time_us = step->time_us };
}

static void
read_counters(struct run *run)
{
	const struct counters *counters = pipeline_counters(run->pipeline);
	struct engine_totals *totals = run->totals;

	totals->frames = counter_read(&counters->frames);
	totals->opened = counter_read(&counters->flows_opened);
	totals->closed = counter_read(&counters->flows_closed);
	totals->evicted = counter_read(&counters->flows_evicted);
	totals->untracked = counter_read(&counters->flows_untracked);
	if (totals->opened - totals->closed > totals->in_use_max)
		totals->in_use_max = totals->opened - totals->closed;
}

/* What the reports tell is what the meter says of itself, and so of the table: see invariant.h. */
static void
read_meter(struct run *run, uint64_t now_us)
{
	static struct detect_report report;
	struct meter *meter = pipeline_meter(run->pipeline);
	struct victim_counts sum;

	if (meter == NULL)
		return;
	meter_report_begin(meter, &report, tick_of(now_us));
	while (!meter_report_step(meter, &report))
		continue;
	sum = report.unfollowed;
	for (uint32_t i = 0; i < report.victim_count; i++)
		if (report.victims[i].key.level == VICTIM_PREFIX)
			victim_counts_add(&sum, &report.victims[i].counts);
	run->totals->metered += sum.syn;
	run->totals->metered_ended += victim_ended(&sum);
	run->totals->metered_all &= run->totals->metered - run->totals->metered_ended ==
			meter_check_half_open(meter);
}

static void
burst(struct run *run, const struct step *steps, uint32_t count)
{
	static uint8_t bytes[PIPELINE_BURST_MAX][FRAME_ROOM];
	static uint8_t before[PIPELINE_BURST_MAX][FRAME_ROOM];
	struct frame frames[PIPELINE_BURST_MAX] = { 0 };
	uint8_t verdicts[PIPELINE_BURST_MAX];

	for (uint32_t i = 0; i < count; i++) {
		make_frame(&steps[i], bytes[i], &frames[i]);
		memcpy(before[i], bytes[i], frames[i].len);
		verdicts[i] = UINT8_MAX;
	}
	pipeline_burst(run->pipeline, frames, count, verdicts);
	collect(run);
	read_counters(run);
	check_invariants(run, false);
	for (uint32_t i = 0; i < count; i++) {
		run->totals->all_forwarded &= verdicts[i] == PIPELINE_FORWARD;
		run->totals->unchanged &= memcmp(before[i], bytes[i], frames[i].len) == 0;
	}
}

/* Small bursts are worth as much as large ones. */
static uint32_t
some_burst(struct random *random, size_t left)
{
	uint32_t count = 1 + random_below(random, PIPELINE_BURST_MAX);

	if (random_once_in(random, 2))
		count = 1 + count % 3;
	return count < left ? count : (uint32_t)left;
}

/* Somewhere between two frames, some steps of the sweep; it may or may not get to its end. */
static void
tick(struct run *run, struct random *random, uint64_t from_us, uint64_t to_us)
{
	uint64_t now_us = random_once_in(random, 3)
			? to_us
			: from_us + random_next(random) % (to_us - from_us + 1);
	uint32_t turns = random_below(random, 64);
	bool done = false;

	while (turns-- != 0 && !done) {
		done = pipeline_tick(run->pipeline, now_us);
		collect(run);
		check_invariants(run, false);
	}
}

void
engine_run(const struct sequence *sequence, const struct tracker_params *params,
		uint32_t flow_slots, uint64_t schedule, struct said_list *said,
		struct engine_totals *totals)
{
	struct random random = { .state = schedule };
	struct run run = { .said = said, .totals = totals };
	size_t at = 0;
	bool done = false;

	*totals = (struct engine_totals){ .metered_all = true,
		.invariants_hold = true,
		.all_forwarded = true,
		.unchanged = true };
	start(&run, params, flow_slots, &random);
	while (at < sequence->count) {
		uint32_t count = some_burst(&random, sequence->count - at);
		uint64_t next_us;

		burst(&run, sequence->steps + at, count);
		at += count;
		next_us = at < sequence->count ? sequence->steps[at].time_us : sequence->end_us;
		if (!random_once_in(&random, 3))
			tick(&run, &random, sequence->steps[at - 1].time_us, next_us);
		if (random_once_in(&random, 8)) {
			read_meter(&run, sequence->steps[at - 1].time_us);
			check_invariants(&run, true);
		}
	}
	while (!done) {
		done = pipeline_finish(run.pipeline, sequence->end_us);
		collect(&run);
	}
	read_counters(&run);
	read_meter(&run, sequence->end_us);
	check_invariants(&run, true);
	free(run.memory);
}
