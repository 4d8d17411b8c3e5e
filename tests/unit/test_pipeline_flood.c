/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The worst case at full size: a flood of sources that were never seen before, a hundred times
 * as many SYNs as the flow table has slots, over a table in which 50,000 connections are
 * established; and honest clients that come meanwhile.
 *
 * An eighth of the default table, and an eighth of a flood of 1.6 million SYNs a second: a
 * handshake keeps its place for as long as the flood needs to fill what the established
 * connections leave, here about 400 ms.
 *
 * All of it with the detection of floods, whose counts must be the pipeline's to the last one.
 */

#include "detect/meter.h"
#include "detect/tick.h"
#include "packet/bytes.h"
#include "tests/unit/detect_fixture.h"
#include "tests/unit/pipeline_fixture.h"

#define SLOTS 131072
#define ESTABLISHED 50000
#define SYNS (100 * SLOTS)
#define SYN_GAP_US 5
#define FLOOD_NET UINT32_C(0x2d000000) /* 45.0.0.0, and as many addresses from there as it takes */
#define SRC_ADDR_OFFSET 26 /* in an Ethernet frame with an IPv4 packet */
#define SRC_PORT_OFFSET 34

/* An honest client every 5 ms: its SYN, the answer after 300 us, the end after another 50 ms. */
#define HONEST_FIRST 100000
#define HONEST_EVERY 1000
#define ANSWER_AFTER 60
#define ACK_AFTER 10060
#define HONEST ((SYNS - 1 - ACK_AFTER) / HONEST_EVERY + 1)

#define HONEST_SYNS ((SYNS - 1) / HONEST_EVERY + 1) /* the last of them have no time to end */

struct outcome {
	uint32_t established; /* those that were there before, and ended as they should */
	uint32_t honest; /* those that came meanwhile, and were recorded as complete */
	uint32_t lost; /* established ones that ended in any other way */
	uint32_t evicted; /* of the flood */
	struct victim_counts metered; /* of all victims */
	uint64_t tick; /* the last that was reported */
};

static struct detect_report report;

static bool
is_of_flood(const struct record *record)
{
	return record->side[FLOW_CLIENT].addr[12] != 10;
}

static uint32_t
client_of(const struct record *record)
{
	return (bytes_load32(record->side[FLOW_CLIENT].addr + 12) - UINT32_C(0x0a000001)) * 60000 +
			record->side[FLOW_CLIENT].port - 1024;
}

static void
judge(struct outcome *outcome, const struct record *record)
{
	bool is_complete = record->handshake.result == HANDSHAKE_COMPLETE;

	if (is_of_flood(record)) {
		assert_false(is_complete);
		outcome->evicted += record->end == END_EVICTED;
	} else if (client_of(record) >= HONEST_FIRST) {
		outcome->honest += is_complete;
	} else if (is_complete && record->end == END_FIN_BOTH) {
		outcome->established++;
	} else {
		outcome->lost++;
	}
}

/* Look at what was told so far and forget it: of all there is too much to keep. */
static void
judge_all(struct pipe *pipe, struct outcome *outcome)
{
	for (uint32_t i = 0; i < pipe->count; i++) {
		struct record record = pipe_record(pipe, i);

		if (pipe->events[i].kinds & EVENT_CONNECTION)
			judge(outcome, &record);
	}
	pipe->count = 0;
}

static void
take_report(struct pipe *pipe, struct outcome *outcome, uint64_t tick)
{
	detect_report(pipeline_meter(pipe->pipeline), &report, tick);
	detect_sum(&report, &outcome->metered);
	outcome->tick = tick;
}

/* The same SYN each time, from elsewhere: nobody verifies its checksums. */
static void
flood_syn(struct pipe *pipe, uint8_t *bytes, uint32_t len, uint32_t number)
{
	bytes_store32(bytes + SRC_ADDR_OFFSET, FLOOD_NET + number);
	bytes_store16(bytes + SRC_PORT_OFFSET, (uint16_t)(1024 + number % 60000));
	pipe_bytes(pipe, bytes, len, len);
}

static void
send_honest(struct pipe *pipe, uint32_t number)
{
	uint32_t id = HONEST_FIRST + number / HONEST_EVERY;

	if (number % HONEST_EVERY == 0)
		pipe_syn(pipe, id);
	else if (number % HONEST_EVERY == ANSWER_AFTER)
		pipe_synack(pipe, id);
	if (number % HONEST_EVERY == ACK_AFTER % HONEST_EVERY && number >= ACK_AFTER)
		pipe_send(pipe, id - ACK_AFTER / HONEST_EVERY, FLOW_CLIENT, TCP_ACK,
				FIXTURE_CLIENT_ISN + 1, FIXTURE_SERVER_ISN + 1, 0);
}

static void
flood(struct pipe *pipe, struct outcome *outcome)
{
	struct build_tcp syn = pipe_spec(0, FLOW_CLIENT, TCP_SYN, FIXTURE_CLIENT_ISN, 0, 0);
	uint8_t bytes[PIPE_FRAME_ROOM];
	uint32_t len = (uint32_t)build_tcp_frame(&syn, bytes, sizeof(bytes));

	pipe->burst = PIPELINE_BURST_MAX;
	for (uint32_t number = 0; number < SYNS; number++) {
		pipe->now_us += SYN_GAP_US;
		send_honest(pipe, number);
		flood_syn(pipe, bytes, len, number);
		if (pipe->queued == 0) {
			pipeline_tick(pipe->pipeline, pipe->now_us);
			pipe_drain(pipe);
			judge_all(pipe, outcome);
			if (tick_of(pipe->now_us) > outcome->tick + 1)
				take_report(pipe, outcome, tick_of(pipe->now_us) - 1);
		}
	}
	pipe_flush(pipe);
}

static void
close_established(struct pipe *pipe, struct outcome *outcome)
{
	for (uint32_t id = 0; id < ESTABLISHED; id++)
		assert_int_equal(pipe_state(pipe, id), HS_ESTABLISHED);
	for (uint32_t id = 0; id < ESTABLISHED; id++) {
		pipe_close(pipe, id);
		judge_all(pipe, outcome);
	}
	pipe_finish(pipe);
	judge_all(pipe, outcome);
}

/*
 * What was metered is what the pipeline counted. The answer to an honest SYN that had to go
 * opens a connection, too.
 */
static void
check_metered(const struct pipe *pipe, const struct victim_counts *metered)
{
	const uint32_t strays = metered->stray_synack + metered->stray_ack + metered->stray_rst;

	assert_int_equal(metered->syn, SYNS + HONEST_SYNS + ESTABLISHED);
	assert_int_equal(metered->syn + strays, PIPE_COUNTER(pipe, flows_opened));
	assert_int_equal(victim_ended(metered), metered->syn);
	assert_int_equal(metered->completed, PIPE_COUNTER(pipe, handshakes[HANDSHAKE_COMPLETE]));
	assert_int_equal(metered->evicted, PIPE_COUNTER(pipe, handshakes[HANDSHAKE_EVICTED]));
	assert_int_equal(metered->syn_retransmits, PIPE_COUNTER(pipe, syn_retransmits));
}

static void
a_flood_of_100_tables_costs_no_connection_and_hardly_a_handshake(void **state)
{
	struct pipeline_params params = pipe_params(SLOTS);
	struct outcome outcome = { 0 };
	struct pipe *pipe;

	(void)state;

	params.detect = true;
	params.meter.prefixes = (struct victim_prefixes){ 24, 64 };
	memcpy(params.meter.key, detect_key, sizeof(detect_key));
	pipe = pipe_make(&params);
	for (uint32_t id = 0; id < ESTABLISHED; id++)
		pipe_establish(pipe, id);
	assert_int_equal(PIPE_COUNTER(pipe, flows_untracked), 0);
	take_report(pipe, &outcome, tick_of(pipe->now_us));
	flood(pipe, &outcome);
	pipe->burst = 1;
	close_established(pipe, &outcome);
	take_report(pipe, &outcome, tick_of(pipe->now_us));
	print_message("%u of %u honest handshakes are recorded as complete\n", outcome.honest,
			HONEST);
	assert_int_equal(outcome.established, ESTABLISHED);
	assert_int_equal(outcome.lost, 0);
	assert_true(outcome.honest >= HONEST - HONEST / 100);
	assert_true(outcome.evicted > 98 * SLOTS);
	check_metered(pipe, &outcome.metered);
	pipe_destroy(pipe);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_of_100_tables_costs_no_connection_and_hardly_a_handshake),
	};

	return cmocka_run_group_tests_name("pipeline_flood", tests, NULL, NULL);
}
