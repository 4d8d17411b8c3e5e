/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/bench/pipeline/engine.h"

#include "base/usec.h"
#include "detect/tick.h"
#include "tests/bench/pipeline/expect.h"
#include "tests/bench/pipeline/memory.h"

#include <string.h>

#define START (UINT64_C(1616244573) * USEC_PER_SEC)
#define OPENED_AT_ONCE 10 /* connections whose three segments make a burst */
#define FILLS_MAX 16 /* passes after which a flood's table must be full */

static const uint64_t meter_key[4] = { UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344),
	UINT64_C(0xa4093822299f31d0), UINT64_C(0x082efa98ec4e6c89) };

int
engine_init(struct engine *engine, uint32_t slots, bool detect, struct err *err)
{
	void *memory;

	/* As `synwire run` has it, but for the keys, which must give the same buckets each time. */
	*engine = (struct engine){ .params = { .flow_slots = slots,
						   .tell_handshakes = true,
						   .detect = detect,
						   .meter = { .prefixes = { 24, 64 } } },
		.now_us = START,
		.tick = tick_of(START) };
	memcpy(engine->params.meter.key, meter_key, sizeof(meter_key));
	for (uint32_t i = 0; i < FLOW_HASH_KEY_LEN; i++)
		engine->params.hash_key[i] = (uint8_t)(i * 37 + 11);
	tracker_params_default(&engine->params.tracker);
	engine->size = pipeline_memory_size(&engine->params);
	memory = memory_take(engine->size, "the flow table", err);
	if (memory == NULL)
		return -ENOMEM;
	engine->pipeline = pipeline_init(memory, &engine->params);
	if (!detect)
		return 0;
	engine->report = memory_take(sizeof(*engine->report), "a report of floods", err);
	if (engine->report == NULL) {
		engine_fini(engine);
		return -ENOMEM;
	}
	return 0;
}

void
engine_fini(struct engine *engine)
{
	memory_give(engine->report, sizeof(*engine->report));
	memory_give(engine->pipeline, engine->size);
}

void
engine_clear(struct engine *engine)
{
	memset(engine->pipeline, 0, engine->size);
	engine->pipeline = pipeline_init(engine->pipeline, &engine->params);
	engine->told = (struct engine_told){ 0 };
	engine->fed = engine->fed_bytes = 0;
}

/* As whoever takes the events would, read each. */
static void
take_events(struct engine *engine)
{
	struct event_batch *batch = pipeline_events(engine->pipeline);
	struct engine_told *told = &engine->told;

	for (uint32_t i = 0; i < batch->count; i++) {
		const struct event *event = &batch->events[i];

		told->complete += (event->kinds & EVENT_HANDSHAKE) != 0;
		told->incomplete += (event->kinds & EVENT_INCOMPLETE_HANDSHAKE) != 0;
		told->rst += (event->kinds & EVENT_RST) != 0;
		if ((event->kinds & EVENT_CONNECTION) == 0)
			continue;
		told->connections++;
		for (uint32_t side = 0; side < FLOW_SIDES; side++)
			told->packets += event->flow.tally.count[side].pkts;
	}
	batch->count = 0;
}

/* As a worker does at the end of each tick. */
static void
take_report(struct engine *engine)
{
	struct meter *meter = pipeline_meter(engine->pipeline);

	meter_report_begin(meter, engine->report, engine->tick);
	while (!meter_report_step(meter, engine->report))
		continue;
	engine->tick = tick_of(engine->now_us);
}

void
engine_burst(struct engine *engine, const struct frame *frames, uint32_t count)
{
	uint8_t verdicts[PIPELINE_BURST_MAX];

	pipeline_burst(engine->pipeline, frames, count, verdicts);
	take_events(engine);
	pipeline_tick(engine->pipeline, engine->now_us);
	take_events(engine);
	engine->now_us += ENGINE_BURST_US;
	if (engine->report != NULL && tick_of(engine->now_us) != engine->tick)
		take_report(engine);
}

void
engine_pass(struct engine *engine, const struct traffic *traffic)
{
	struct frame frames[TRAFFIC_BURST];
	uint32_t count;

	for (uint32_t n = 0; n < traffic->count; n += count) {
		count = traffic_burst(traffic, n, engine->now_us, frames);
		engine_burst(engine, frames, count);
	}
	engine->fed += traffic->expect.packets;
	engine->fed_bytes += traffic->expect.bytes;
}

static void
open_some(struct engine *engine, const struct traffic *traffic, uint32_t first)
{
	uint8_t buffers[3 * OPENED_AT_ONCE][TRAFFIC_BUFFER];
	struct frame frames[3 * OPENED_AT_ONCE];
	uint32_t count = 0;

	for (uint32_t flow = first; flow < first + OPENED_AT_ONCE && flow < traffic->flows; flow++)
		for (uint32_t step = 0; step < 3; step++, count++) {
			uint32_t len = traffic_opening(traffic, flow, step, buffers[count]);

			frames[count] = (struct frame){ buffers[count], len, len, engine->now_us };
			engine->fed_bytes += len;
		}
	engine->fed += count;
	engine_burst(engine, frames, count);
}

static int
open_all(struct engine *engine, const struct traffic *traffic, struct err *err)
{
	const struct counters *counters = pipeline_counters(engine->pipeline);
	int rc;

	for (uint32_t flow = 0; flow < traffic->flows; flow += OPENED_AT_ONCE)
		open_some(engine, traffic, flow);
	rc = expect(0, "connections opened", counter_read(&counters->flows_opened), traffic->flows,
			err);
	return expect(rc, "handshakes completed", engine->told.complete, traffic->flows, err);
}

/* Until each SYN has to make room for itself. */
static int
fill(struct engine *engine, struct traffic *traffic, struct err *err)
{
	const struct counters *counters = pipeline_counters(engine->pipeline);

	for (uint32_t n = 0; n < FILLS_MAX; n++) {
		uint64_t evicted = counter_read(&counters->flows_evicted);

		engine_pass(engine, traffic);
		traffic_renew(traffic);
		if (counter_read(&counters->flows_evicted) - evicted == traffic->count)
			return 0;
	}
	return err_set(err, ERANGE, "the table is not full after %d passes", FILLS_MAX);
}

int
engine_prepare(struct engine *engine, struct traffic *traffic, struct err *err)
{
	if (traffic_is_open(traffic->kind))
		return open_all(engine, traffic, err);
	if (traffic->kind == TRAFFIC_AGAIN)
		engine_pass(engine, traffic);
	return traffic->kind == TRAFFIC_FLOOD ? fill(engine, traffic, err) : 0;
}

void
engine_renew(struct engine *engine, struct traffic *traffic)
{
	traffic_renew(traffic);
	if (traffic_begins_anew(traffic->kind))
		engine_clear(engine);
}

/* Of traffic that begins anew with each pass, the counters are those of one pass. */
static int
check_anew(struct engine *engine, const struct traffic *traffic, struct err *err)
{
	const struct counters *counters = pipeline_counters(engine->pipeline);
	const struct traffic_expect *wanted = &traffic->expect;
	int rc = expect(0, "connections opened", counter_read(&counters->flows_opened),
			wanted->opened, err);

	rc = expect(rc, "handshakes completed", engine->told.complete, wanted->complete, err);
	rc = expect(rc, "flows evicted", counter_read(&counters->flows_evicted), 0, err);
	if (rc < 0 || engine_finish(engine, err) < 0)
		return -ERANGE;
	rc = expect(rc, "handshakes complete at the end",
			counter_read(&counters->handshakes[HANDSHAKE_COMPLETE]), wanted->complete,
			err);
	rc = expect(rc, "handshakes without an answer",
			counter_read(&counters->handshakes[HANDSHAKE_SERVER_SILENT]),
			wanted->silent, err);
	rc = expect(rc, "RSTs told", engine->told.rst, wanted->cut, err);
	return expect(rc, "mid-connection RSTs",
			counter_read(&counters->rst_verdicts[RST_MID_CONNECTION]), wanted->cut,
			err);
}

static int
check_flood(struct engine *engine, struct err *err)
{
	const struct counters *counters = pipeline_counters(engine->pipeline);
	uint64_t opened = counter_read(&counters->flows_opened);
	int rc = expect(0, "connections opened", opened, engine->fed, err);

	rc = expect(rc, "connections told", engine->told.connections,
			counter_read(&counters->flows_evicted), err);
	return expect(rc, "connections in a full table",
			opened - counter_read(&counters->flows_closed),
			flow_table_slots(engine->params.flow_slots), err);
}

static int
check_again(struct engine *engine, const struct traffic *traffic, struct err *err)
{
	const struct counters *counters = pipeline_counters(engine->pipeline);
	int rc = expect(0, "connections opened", counter_read(&counters->flows_opened),
			traffic->flows, err);

	rc = expect(rc, "SYNs", counter_read(&counters->syn), engine->fed, err);
	rc = expect(rc, "SYNs sent again", counter_read(&counters->syn_retransmits),
			engine->fed - traffic->flows, err);
	return expect(rc, "connections told", engine->told.connections, 0, err);
}

static int
check_open(struct engine *engine, const struct traffic *traffic, struct err *err)
{
	const struct counters *counters = pipeline_counters(engine->pipeline);
	int rc = expect(0, "connections opened", counter_read(&counters->flows_opened),
			traffic->flows, err);

	rc = expect(rc, "connections told", engine->told.connections, 0, err);
	return expect(rc, "data sent again", counter_read(&counters->data_retransmits), 0, err);
}

int
engine_check(struct engine *engine, const struct traffic *traffic, struct err *err)
{
	const struct counters *counters = pipeline_counters(engine->pipeline);
	int rc = expect(0, "frames", counter_read(&counters->frames), engine->fed, err);

	rc = expect(rc, "bytes", counter_read(&counters->bytes), engine->fed_bytes, err);
	rc = expect(rc, "TCP segments", counter_read(&counters->packets[PACKET_TCP]), engine->fed,
			err);
	rc = expect(rc, "untracked", counter_read(&counters->flows_untracked), 0, err);
	if (rc < 0)
		return rc;
	if (traffic_begins_anew(traffic->kind))
		return check_anew(engine, traffic, err);
	if (traffic->kind == TRAFFIC_AGAIN)
		return check_again(engine, traffic, err);
	return traffic->kind == TRAFFIC_FLOOD ? check_flood(engine, err)
					      : check_open(engine, traffic, err);
}

int
engine_finish(struct engine *engine, struct err *err)
{
	const struct counters *counters = pipeline_counters(engine->pipeline);
	int rc;

	while (!pipeline_finish(engine->pipeline, engine->now_us))
		take_events(engine);
	take_events(engine);
	rc = expect(0, "connections told", engine->told.connections,
			counter_read(&counters->flows_opened), err);
	return expect(rc, "packets of all connections", engine->told.packets, engine->fed, err);
}
