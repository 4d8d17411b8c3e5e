/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The invariants hold whatever comes, and each of them is seen to be broken when it is: by a
 * hand that reaches into the pipeline, as a mistake in the code would.
 */

#include "detect/meter_check.h"
#include "detect/meter_state.h"
#include "pipeline/invariant.h"
#include "pipeline/pipeline_flow.h"
#include "tests/unit/detect_fixture.h"
#include "tests/unit/pipeline_fixture.h"

#define SEED UINT64_C(0x494e56)
#define SLOTS 64
#define CLIENTS 200

static struct pipe *
make(void)
{
	struct pipeline_params params = pipe_params(SLOTS);

	params.detect = true;
	params.meter.prefixes = (struct victim_prefixes){ 24, 64 };
	memcpy(params.meter.key, detect_key, sizeof(detect_key));
	return pipe_make(&params);
}

static void
some_frame(struct pipe *pipe, struct dice *dice)
{
	static const uint8_t flags[] = { TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK, TCP_FIN | TCP_ACK,
		TCP_RST, TCP_RST | TCP_ACK, TCP_SYN | TCP_FIN, 0 };
	const enum flow_side side = dice_below(dice, 2) == 0 ? FLOW_CLIENT : FLOW_SERVER;
	const uint32_t mine = side == FLOW_CLIENT ? FIXTURE_CLIENT_ISN : FIXTURE_SERVER_ISN;
	const uint32_t its = side == FLOW_CLIENT ? FIXTURE_SERVER_ISN : FIXTURE_CLIENT_ISN;

	pipe_send(pipe, (uint32_t)dice_below(dice, CLIENTS), side,
			flags[dice_below(dice, ARRAY_LEN(flags))],
			mine + (uint32_t)dice_below(dice, 3), its + (uint32_t)dice_below(dice, 3),
			(uint32_t)dice_below(dice, 2) * 10);
}

/* The fixture looks after each call; here all of it is looked at, too, and reports taken. */
static void
they_hold_through_random_traffic_that_fills_the_table(void **state)
{
	static struct detect_report report;
	struct pipe *pipe = make();
	struct dice dice = { SEED };

	(void)state;

	for (uint32_t n = 0; n < 20000; n++) {
		some_frame(pipe, &dice);
		pipe->now_us += dice_below(&dice, 200000);
		if (n % 7 == 0)
			pipe_check(pipe, true);
		if (n % 100 == 0)
			detect_report(pipeline_meter(pipe->pipeline), &report,
					tick_of(pipe->now_us));
		if (n % 1000 == 999)
			pipe_tick_all(pipe, pipe->now_us);
	}
	assert_true(PIPE_COUNTER(pipe, flows_evicted) > 100);
	pipe_finish(pipe);
	pipe_destroy(pipe);
}

/* A table with a bit of everything in it. */
static struct pipe *
make_lively(void)
{
	struct pipe *pipe = make();
	struct dice dice = { SEED };

	for (uint32_t id = 0; id < 8; id++)
		pipe_establish(pipe, id);
	for (uint32_t n = 0; n < 2000; n++)
		some_frame(pipe, &dice);
	pipe_syn(pipe, 7000);
	return pipe;
}

static uint32_t
slot_of_last(const struct pipe *pipe)
{
	const struct flow_table *table = &pipe->pipeline->table;

	for (uint32_t slot = 0; slot < SLOTS; slot++)
		if (table->buckets[slot / FLOW_TABLE_WAYS].tag[slot % FLOW_TABLE_WAYS] != 0 &&
				(table->flows[slot].entry.flags & FLOW_METERED) != 0)
			return slot;
	fail();
	return 0;
}

/* What somebody forgot, or did once too often. */
static void
spoil(struct pipe *pipe, enum invariant what)
{
	struct pipeline *pipeline = pipe->pipeline;
	struct flow_table *table = &pipeline->table;
	const uint32_t slot = slot_of_last(pipe);
	static const struct victim_counts one = { .syn = 1 };

	switch (what) {
	case INVARIANT_FRAMES:
		counter_add(&pipeline->counters.frames, 1);
		break;
	case INVARIANT_IN_USE:
		table->used--;
		break;
	case INVARIANT_RESULTS:
		counter_add(&pipeline->counters.handshakes[HANDSHAKE_COMPLETE], 1);
		break;
	case INVARIANT_ENDS:
		counter_add(&pipeline->counters.ends[END_OPEN], 1);
		break;
	case INVARIANT_EVICTED:
		atomic_store(&pipeline->counters.flows_evicted.value, 0);
		break;
	case INVARIANT_TAGS:
		table->used--;
		counter_add(&pipeline->counters.flows_closed, 1);
		counter_add(&pipeline->counters.ends[END_OPEN], 1);
		counter_add(&pipeline->counters.handshakes[HANDSHAKE_COMPLETE], 1);
		break;
	case INVARIANT_STATE:
		table->flows[slot].entry.state = HS_STATE_COUNT;
		break;
	case INVARIANT_FOUND:
		table->flows[slot].entry.port[0] ^= 1;
		break;
	case INVARIANT_SENT_AWAY:
		table->sent_away[0]++;
		break;
	case INVARIANT_METERED:
		table->flows[slot].entry.flags &= ~(uint32_t)FLOW_METERED;
		break;
	case INVARIANT_HALF_OPEN:
		victim_counts_add(&pipeline->meter->unfollowed, &one);
		break;
	default:
		fail();
	}
}

static void
each_is_seen_when_it_is_broken(void **state)
{
	(void)state;

	for (enum invariant what = 0; what < INVARIANT_COUNT; what++) {
		struct invariant_breach breach;
		char text[INVARIANT_TEXT_MAX];
		struct pipe *pipe;

		if (what == INVARIANT_NEVER_LESS)
			continue; /* of two moments: see below */
		pipe = make_lively();
		assert_true(invariant_all_hold(pipe->pipeline, &breach));
		spoil(pipe, what);
		assert_false(invariant_all_hold(pipe->pipeline, &breach));
		invariant_text(&breach, text);
		if (breach.what != what)
			fail_msg("%d was broken, and it says: %s", (int)what, text);
		assert_true(strlen(text) > 20 && strlen(text) < INVARIANT_TEXT_MAX - 1);
		/* Without the fixture, which would see it, too. */
		free(pipe->events);
		free(pipe->memory);
		free(pipe);
	}
}

static void
a_counter_that_goes_down_is_seen(void **state)
{
	struct pipe *pipe = make_lively();
	struct invariant_watch watch = { 0 };
	struct invariant_breach breach;
	struct counter *counter = &pipe->pipeline->counters.syn;
	const uint64_t was = counter_read(counter);

	(void)state;

	assert_true(invariant_step(pipe->pipeline, &watch, &breach));
	atomic_store(&counter->value, was - 3);
	assert_false(invariant_step(pipe->pipeline, &watch, &breach));
	assert_int_equal(breach.what, INVARIANT_NEVER_LESS);
	assert_int_equal(breach.right, 3);
	/* Told once: it is compared with what it is by now. */
	assert_true(invariant_step(pipe->pipeline, &watch, &breach));
	atomic_store(&counter->value, was);
	pipe_destroy(pipe);
}

static void
steps_come_round_to_every_bucket(void **state)
{
	struct pipe *pipe = make_lively();
	const uint32_t slot = slot_of_last(pipe);
	struct invariant_watch watch = { 0 };
	struct invariant_breach breach;
	uint32_t steps = 0;

	(void)state;

	pipe->pipeline->table.flows[slot].entry.port[1] ^= 1;
	while (invariant_step(pipe->pipeline, &watch, &breach))
		assert_true(++steps < SLOTS);
	assert_int_equal(breach.what, INVARIANT_FOUND);
	assert_int_equal(breach.slot, slot);
	pipe->pipeline->table.flows[slot].entry.port[1] ^= 1;
	pipe_destroy(pipe);
}

/* Each victim's own sums, by the reports, and the table's half-open flows to it. */
static void
what_is_half_open_at_each_victim_agrees_with_the_table(void **state)
{
	static struct detect_report report;
	uint32_t half_open[4] = { 0 }, in_table[4] = { 0 };
	struct pipe *pipe = make();
	struct dice dice = { SEED };
	uint32_t slots[FLOW_TABLE_WAYS], cursor = 0;

	(void)state;

	for (uint32_t n = 0; n < 5000; n++) {
		struct build_tcp tcp = pipe_spec((uint32_t)dice_below(&dice, 40), FLOW_CLIENT,
				dice_below(&dice, 3) == 0 ? TCP_RST : TCP_SYN, FIXTURE_CLIENT_ISN,
				0, 0);

		tcp.dst_port = (uint16_t)(1 + dice_below(&dice, ARRAY_LEN(half_open)));
		pipe_tcp(pipe, &tcp);
		pipe->now_us += 10000;
		if (n % 10 != 9)
			continue;
		detect_report(pipeline_meter(pipe->pipeline), &report, tick_of(pipe->now_us));
		for (uint16_t i = 0; i < ARRAY_LEN(half_open); i++) {
			const struct victim_key key = detect_service(
					FIXTURE_SERVER_ADDR, (uint16_t)(i + 1));
			const struct report_victim *row = detect_row(&report, &key);

			if (row != NULL)
				half_open[i] += row->counts.syn - victim_ended(&row->counts);
		}
	}
	for (int count; (count = flow_table_walk(&pipe->pipeline->table, &cursor, slots)) >= 0;)
		for (int i = 0; i < count; i++) {
			const struct flow_entry *entry = &pipe->pipeline->table.flows[slots[i]]
									  .entry;
			const bool client_second = (entry->flags & FLOW_CLIENT_IS_SECOND) != 0;

			in_table[entry->port[!client_second] -
					1] += (entry->flags & FLOW_METERED) != 0;
		}
	assert_memory_equal(half_open, in_table, sizeof(half_open));
	assert_int_equal(meter_check_half_open(pipeline_meter(pipe->pipeline)),
			half_open[0] + half_open[1] + half_open[2] + half_open[3]);
	assert_true(half_open[0] > 0);
	pipe_destroy(pipe);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_hold_through_random_traffic_that_fills_the_table),
		cmocka_unit_test(each_is_seen_when_it_is_broken),
		cmocka_unit_test(a_counter_that_goes_down_is_seen),
		cmocka_unit_test(steps_come_round_to_every_bucket),
		cmocka_unit_test(what_is_half_open_at_each_victim_agrees_with_the_table),
	};

	return cmocka_run_group_tests_name("invariant", tests, NULL, NULL);
}
