/* SPDX-License-Identifier: Apache-2.0 */

#include "engine.h"

#include "base/usec.h"
#include "detect/meter_check.h"
#include "detect/tick.h"
#include "handshake/hs_fsm.h"
#include "observe/alarm_json.h"
#include "packet/checksum.h"

#include <sys/mman.h>

#define PAGE ((size_t)4096)
#define MEMORY_MAX ((size_t)64 << 20)
#define EVENTS_A_FRAME_MAX 4
#define TOLD_READ 64 /* events that are read back */

/*
 * The pipeline's memory: zero again for each input, but only what the last one touched costs
 * anything. It ends where the page behind it cannot be read.
 */
static void *
zeroed_memory(size_t size)
{
	static uint8_t *whole;

	FUZZ_REQUIRE(size <= MEMORY_MAX);
	if (whole == NULL) {
		whole = mmap(NULL, MEMORY_MAX + PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		FUZZ_REQUIRE(whole != MAP_FAILED);
		FUZZ_REQUIRE(mprotect(whole + MEMORY_MAX, PAGE, PROT_NONE) == 0);
	}
	FUZZ_REQUIRE(madvise(whole, MEMORY_MAX, MADV_DONTNEED) == 0);
	return whole + MEMORY_MAX - (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

static void
set_timing(struct tracker_params *tracker, uint8_t settings, uint8_t timing)
{
	tracker_params_default(tracker);
	tracker->timeouts = (settings & 0x40) == 0;
	tracker->rst_events_all = (settings & 0x80) != 0;
	if ((timing & 1) != 0)
		tracker->syn_retries = 1 + (timing >> 5);
	if ((timing & 2) != 0)
		tracker->synack_retries = timing >> 5;
	if ((timing & 4) != 0)
		tracker->syn_linear_timeouts = 4;
	if ((timing & 8) != 0)
		tracker->established_us = USEC_PER_SEC << (timing >> 4);
	if ((timing & 16) != 0)
		tracker->rst_confirm_us = 16 * USEC_PER_MSEC << (timing >> 5);
}

void
engine_start(struct engine *engine, uint8_t settings, uint8_t timing, uint32_t burst_len)
{
	*engine = (struct engine){ .burst_len = burst_len };
	engine->params = (struct pipeline_params){
		.worker = 3,
		.flow_slots = FLOW_TABLE_SLOTS_MIN,
		.hash_key = { 1, 2, 3 },
		.vlan_in_key = (settings & 1) != 0,
		.tell_handshakes = (settings & 2) != 0,
		.tell_quotes = (settings & 4) != 0,
		.verify_checksum = (settings & 8) != 0,
		.kept_headers = (settings & 16) != 0 ? 16 : 0,
		.detect = (settings & 32) != 0,
		.meter = { .prefixes = { 24, 64 }, .key = { 4, 5, 6, 7 } },
	};
	set_timing(&engine->params.tracker, settings, timing);
	engine->pipeline = pipeline_init(
			zeroed_memory(pipeline_memory_size(&engine->params)), &engine->params);
}

/* What must hold of any pipeline, and of this one. */
FUZZ_UNTRACED static void
check_counters(struct engine *engine)
{
	const struct counters *counters = pipeline_counters(engine->pipeline);
	struct invariant_breach breach;

	FUZZ_REQUIRE(invariant_step(engine->pipeline, &engine->invariants, &breach));
	FUZZ_REQUIRE(counter_read(&counters->frames) == engine->frames - engine->waiting);
	FUZZ_REQUIRE(counter_read(&counters->bytes) == engine->bytes);
	FUZZ_REQUIRE(counter_read(&counters->handshakes[HANDSHAKE_UNSET]) == 0);
	FUZZ_REQUIRE(counter_read(&counters->ends[END_UNSET]) == 0);
	FUZZ_REQUIRE(engine->handshakes == counter_read(&counters->flows_closed));
}

FUZZ_UNTRACED static void
hash_line(struct engine *engine, const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		engine->told_hash = (engine->told_hash ^ (uint8_t)line[i]) *
				UINT64_C(0x100000001b3);
}

/* A line of JSON that a reader takes, whatever the connection went through. */
static void
tell(struct engine *engine, const struct event *event)
{
	char line[EVENT_JSON_LINE_MAX];
	struct record record;

	event_to_record(event, &record);
	FUZZ_REQUIRE(memchr(record.history, '\0', sizeof(record.history)) != NULL);
	FUZZ_REQUIRE(record.start_us <= record.end_us);
	for (unsigned kind = 1; kind <= EVENT_HANDSHAKE; kind <<= 1) {
		json_t *json;
		size_t len;

		if ((event->kinds & kind) == 0 || kind == EVENT_HANDSHAKE)
			continue;
		FUZZ_REQUIRE(kind != EVENT_RST || record.has_rst);
		len = event_json_write(&engine->json, &record, (enum event_kind)kind,
				event->time_us, line);
		FUZZ_REQUIRE(len > 0 && len <= EVENT_JSON_LINE_MAX / 2 && line[len - 1] == '\n');
		hash_line(engine, line, len);
		/* To read it costs more than all else, and a crowd's are alike. */
		if (engine->told++ >= TOLD_READ && engine->told % TOLD_READ != 0)
			continue;
		json = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
		FUZZ_REQUIRE(json_is_object(json));
		json_decref(json);
	}
}

static void
take_events(struct engine *engine, uint32_t most)
{
	struct event_batch *batch = pipeline_events(engine->pipeline);

	FUZZ_REQUIRE(batch->count <= most);
	for (uint32_t i = 0; i < batch->count; i++) {
		const struct event *event = &batch->events[i];

		FUZZ_REQUIRE(event->kinds != 0 && event->worker == engine->params.worker);
		if (event->kinds == EVENT_QUOTE) {
			FUZZ_REQUIRE(engine->params.tell_quotes);
			FUZZ_REQUIRE(event->quote.kind == PACKET_ICMP_TCP);
			continue;
		}
		FUZZ_REQUIRE((event->kinds & EVENT_QUOTE) == 0);
		FUZZ_REQUIRE((event->kinds & EVENT_HANDSHAKE) == 0 ||
				engine->params.tell_handshakes);
		engine->handshakes += (event->kinds & EVENT_CONNECTION) != 0;
		tell(engine, event);
	}
	batch->count = 0;
}

struct frame *
engine_room(struct engine *engine)
{
	return &engine->burst[engine->waiting];
}

void
engine_came(struct engine *engine)
{
	engine->frames++;
	if (++engine->waiting == engine->burst_len)
		engine_flush(engine);
}

void
engine_flush(struct engine *engine)
{
	const uint32_t count = engine->waiting;
	uint8_t verdicts[PIPELINE_BURST_MAX];
	uint64_t sums[PIPELINE_BURST_MAX];

	if (count == 0)
		return;
	memset(verdicts, UINT8_MAX, sizeof(verdicts));
	for (uint32_t i = 0; i < count; i++) {
		engine->bytes += engine->burst[i].wire_len;
		sums[i] = checksum_add(0, engine->burst[i].data, engine->burst[i].len);
	}
	pipeline_burst(engine->pipeline, engine->burst, count, verdicts);
	engine->waiting = 0;
	for (uint32_t i = 0; i < count; i++) {
		FUZZ_REQUIRE(verdicts[i] == PIPELINE_FORWARD);
		FUZZ_REQUIRE(sums[i] ==
				checksum_add(0, engine->burst[i].data, engine->burst[i].len));
		free(engine->burst[i].data);
	}
	take_events(engine, count * EVENTS_A_FRAME_MAX);
	check_counters(engine);
}

void
engine_tick(struct engine *engine, uint64_t now_us, uint32_t turns)
{
	bool done = false;

	while (turns-- != 0 && !done) {
		done = pipeline_tick(engine->pipeline, now_us);
		take_events(engine, EVENT_BATCH_ROOM);
	}
	check_counters(engine);
}

void
engine_retune(struct engine *engine, uint8_t settings, uint8_t timing)
{
	set_timing(&engine->params.tracker, settings, timing);
	engine->params.verify_checksum = (settings & 8) != 0;
	pipeline_retune(engine->pipeline, &engine->params);
	check_counters(engine);
}

void
engine_ask(struct engine *engine, struct pipeline_query *query)
{
	const uint32_t room = engine->pipeline->table.bucket_mask + 1;
	uint32_t found = 0;

	/* A step a bucket, and one to find the end. */
	for (uint32_t steps = 0; !query->is_over; steps++) {
		FUZZ_REQUIRE(steps <= 2 * (room + 1));
		pipeline_query_step(engine->pipeline, query, 1);
		FUZZ_REQUIRE(query->count < query->limit + FLOW_TABLE_WAYS);
		for (uint32_t i = 0; i < query->count; i++)
			FUZZ_REQUIRE(!query->has_state ||
					query->found[i].entry.state == query->state);
		found += query->count;
		query->count = 0;
	}
	FUZZ_REQUIRE(found <= engine->pipeline->table.used);
	if (!query->has_state && !query->has_address && query->port == 0)
		FUZZ_REQUIRE(found == engine->pipeline->table.used);
}

void
engine_quote(struct engine *engine, const struct segment *segment, uint64_t now_us)
{
	pipeline_take_quote(engine->pipeline, segment, now_us);
	take_events(engine, EVENTS_A_FRAME_MAX);
	check_counters(engine);
}

static void
take_alarms(struct engine *engine)
{
	char line[ALARM_JSON_LINE_MAX];
	struct alarm alarm;

	while (detector_next(engine->detector, &alarm)) {
		const size_t len = alarm_json_write(&engine->json, &alarm, line);
		json_t *json;

		FUZZ_REQUIRE(len > 0 && len <= sizeof(line));
		json = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
		FUZZ_REQUIRE(json_is_object(json));
		json_decref(json);
	}
}

/* What the reports tell is what the meter says of itself, and so of the table: see invariant.h. */
static void
check_report(struct engine *engine, const struct detect_report *report)
{
	struct victim_counts all = report->unfollowed;
	struct invariant_breach breach;

	FUZZ_REQUIRE(report->victim_count <= METER_VICTIMS);
	FUZZ_REQUIRE(report->sources_count <= METER_SOURCES);
	FUZZ_REQUIRE(report->scanner_count <= METER_SCANNERS);
	for (uint32_t i = 0; i < report->victim_count; i++)
		if (report->victims[i].key.level == VICTIM_PREFIX)
			victim_counts_add(&all, &report->victims[i].counts);
	engine->metered += all.syn;
	engine->metered_ended += victim_ended(&all);
	FUZZ_REQUIRE(engine->metered - engine->metered_ended ==
			meter_check_half_open(pipeline_meter(engine->pipeline)));
	FUZZ_REQUIRE(invariant_all_hold(engine->pipeline, &breach));
}

static const struct detect_report *
take_report(struct engine *engine, uint64_t now_us)
{
	static struct detect_report report;
	struct meter *meter = pipeline_meter(engine->pipeline);

	meter_report_begin(meter, &report, tick_of(now_us));
	while (!meter_report_step(meter, &report))
		continue;
	check_report(engine, &report);
	return &report;
}

void
engine_report(struct engine *engine, uint64_t now_us)
{
	if (engine->params.detect)
		take_report(engine, now_us);
}

void
engine_judge(struct engine *engine, uint64_t now_us)
{
	const struct detect_report *report;
	struct detector_params params;

	if (!engine->params.detect)
		return;
	report = take_report(engine, now_us);
	detector_params_default(&params);
	/* It is large, so it is made for those inputs only that ask. */
	if (engine->detector == NULL)
		engine->detector = detector_create(&params, 8);
	FUZZ_REQUIRE(engine->detector != NULL);
	detector_take(engine->detector, report);
	detector_judge(engine->detector, tick_of(now_us));
	take_alarms(engine);
}

void
engine_check_table(const struct engine *engine)
{
	const struct flow_table *table = &engine->pipeline->table;
	uint32_t slots[FLOW_TABLE_WAYS], cursor = 0, used = 0;

	for (int in_use; (in_use = flow_table_walk(table, &cursor, slots)) >= 0;)
		for (int i = 0; i < in_use; i++, used++) {
			const struct flow_entry *entry = &table->flows[slots[i]].entry;
			struct flow_key key = { .ipv6 = (entry->flags & FLOW_IPV6) != 0 };

			memcpy(key.addr, entry->addr, sizeof(key.addr));
			memcpy(key.port, entry->port, sizeof(key.port));
			if (table->vlan_in_key)
				memcpy(key.vlan, table->evidence[slots[i]].vlan, sizeof(key.vlan));
			FUZZ_REQUIRE(entry->state != HS_STATE_UNSET &&
					entry->state < HS_STATE_COUNT);
			FUZZ_REQUIRE(flow_table_find(table, flow_key_hash(&key, &table->secret),
						     &key) == slots[i]);
		}
	FUZZ_REQUIRE(used == table->used);
}

void
engine_finish(struct engine *engine, uint64_t now_us)
{
	bool done = false;

	engine_flush(engine);
	engine_check_table(engine);
	while (!done) {
		done = pipeline_finish(engine->pipeline, now_us);
		take_events(engine, EVENT_BATCH_ROOM);
	}
	check_counters(engine);
	FUZZ_REQUIRE(engine->pipeline->table.used == 0);
	engine_report(engine, now_us);
	if (engine->detector != NULL) {
		detector_finish(engine->detector);
		take_alarms(engine);
		detector_destroy(engine->detector);
	}
}
