/* SPDX-License-Identifier: Apache-2.0 */

#include "flow/flow_table.h"
#include "tests/unit/flow_fixture.h"

#define SEED UINT64_C(0x5357454550)
#define NOW FIXTURE_START
#define SLOTS 4096 /* 256 buckets in 4 groups */
#define FLOWS 300
#define UNIT_US (UINT64_C(1) << FLOW_TABLE_DUE_SHIFT)
#define RANGE_US ((uint64_t)FLOW_TABLE_DUE_RANGE << FLOW_TABLE_DUE_SHIFT)
#define HOUR_US (3600 * USEC_PER_SEC)
#define NEVER UINT64_MAX

static const uint8_t secret[FLOW_HASH_KEY_LEN];

/*
 * What the sweep is for: flows with a time of their own each, which the caller releases
 * when that has come. `told` is when the table was last told of it.
 */
struct fixture {
	struct flow_table table;
	void *memory;
	struct {
		uint64_t due_us;
		uint64_t told_us;
	} flow[SLOTS];
	uint32_t ids;
	uint32_t released;
	uint32_t looked_at; /* and not released */
	uint64_t earliest_us; /* how much too early a look was, at most, and not for the range */
};

static struct fixture *
make_fixture(void)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->memory = fixture_memory(flow_table_memory_size(SLOTS));
	flow_table_init(&fixture->table, fixture->memory, SLOTS, secret, false, 0);
	return fixture;
}

static void
destroy_fixture(struct fixture *fixture)
{
	free(fixture->memory);
	free(fixture);
}

static void
tell(struct fixture *fixture, uint32_t slot, uint64_t now_us)
{
	fixture->flow[slot].told_us = now_us;
	flow_table_set_due(&fixture->table, slot, fixture->flow[slot].due_us, now_us);
}

static uint32_t
add_flow(struct fixture *fixture, struct dice *dice, uint64_t due_us, uint64_t now_us)
{
	struct flow_key key = { .port = { (uint16_t)fixture->ids,
						(uint16_t)(fixture->ids >> 16) } };
	uint32_t slot = flow_table_insert(&fixture->table, dice_roll(dice), &key);

	assert_int_not_equal(slot, FLOW_TABLE_NONE);
	fixture->ids++;
	fixture->flow[slot].due_us = due_us;
	tell(fixture, slot, now_us);
	return slot;
}

/* One step, and what a caller does with the flows that it gives; false: all was given. */
static bool
step(struct fixture *fixture, uint64_t now_us)
{
	uint32_t slots[FLOW_TABLE_WAYS];
	int count = flow_table_sweep(&fixture->table, now_us, slots);

	assert_true(count <= FLOW_TABLE_WAYS);
	for (int i = 0; i < count; i++) {
		uint64_t due_us = fixture->flow[slots[i]].due_us;

		if (now_us >= due_us) {
			flow_table_remove(&fixture->table, slots[i]);
			fixture->flow[slots[i]].due_us = NEVER;
			fixture->released++;
			continue;
		}
		fixture->looked_at++;
		if (now_us - fixture->flow[slots[i]].told_us < RANGE_US - 2 * UNIT_US &&
				due_us - now_us > fixture->earliest_us)
			fixture->earliest_us = due_us - now_us;
		tell(fixture, slots[i], now_us);
	}
	return count >= 0;
}

/* All that is due, as a replay does it; the steps are as many as there are buckets, and a few. */
static void
sweep_all(struct fixture *fixture, uint64_t now_us)
{
	uint32_t steps = 0;

	while (step(fixture, now_us))
		assert_true(++steps <= 2 * (SLOTS / FLOW_TABLE_WAYS) + 2);
}

static void
assert_nothing_is_overdue(const struct fixture *fixture, uint64_t now_us)
{
	for (uint32_t slot = 0; slot < SLOTS; slot++)
		if (fixture->table.buckets[slot / FLOW_TABLE_WAYS].tag[slot % FLOW_TABLE_WAYS] !=
						0 &&
				fixture->flow[slot].due_us <= now_us)
			fail_msg("slot %u is %.3f s overdue", slot,
					(double)(now_us - fixture->flow[slot].due_us) / 1e6);
}

/* From milliseconds to hours, each magnitude alike. */
static uint64_t
some_wait(struct dice *dice, uint32_t magnitudes)
{
	uint64_t wait_us = USEC_PER_MSEC << dice_below(dice, magnitudes);

	return wait_us + dice_below(dice, wait_us);
}

static void
an_empty_table_has_nothing_due(void **state)
{
	struct fixture *fixture = make_fixture();

	(void)state;

	for (uint64_t t = NOW; t < NOW + 10 * HOUR_US; t += 600 * USEC_PER_SEC)
		sweep_all(fixture, t);
	assert_int_equal(fixture->released + fixture->looked_at, 0);
	destroy_fixture(fixture);
}

static void
a_flow_is_given_at_its_time_and_not_looked_at_in_vain(void **state)
{
	static const uint64_t waits[] = { 1, UNIT_US - 1, UNIT_US, UNIT_US + 1, USEC_PER_SEC,
		10 * USEC_PER_SEC, 63 * USEC_PER_SEC, 131 * USEC_PER_SEC, HOUR_US, 2 * HOUR_US };

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
		struct fixture *fixture = make_fixture();
		struct dice dice = { SEED + i };
		uint64_t due_us = NOW + waits[i];

		sweep_all(fixture, NOW - 1);
		add_flow(fixture, &dice, due_us, NOW);
		for (uint64_t t = NOW; t < due_us; t += waits[i] / 50 + 1)
			sweep_all(fixture, t);
		sweep_all(fixture, due_us - 1);
		assert_int_equal(fixture->released, 0);
		assert_true(fixture->earliest_us < 2 * UNIT_US);
		sweep_all(fixture, due_us);
		assert_int_equal(fixture->released, 1);
		assert_int_equal(fixture->table.used, 0);
		destroy_fixture(fixture);
	}
}

/* Rounded down twice, at the time and at the wait, a bound lies less than two units early. */
static void
every_due_flow_is_given_exactly_at_its_time(void **state)
{
	(void)state;

	for (uint32_t run = 0; run < 20; run++) {
		struct fixture *fixture = make_fixture();
		struct dice dice = { SEED + run };
		uint64_t now_us = NOW;

		print_message("seed %#llx\n", (unsigned long long)(SEED + run));
		sweep_all(fixture, now_us);
		for (uint32_t turn = 0; turn < 3000; turn++) {
			now_us += some_wait(&dice, 16);
			sweep_all(fixture, now_us);
			assert_nothing_is_overdue(fixture, now_us);
			if (fixture->table.used < FLOWS)
				add_flow(fixture, &dice, now_us + some_wait(&dice, 24), now_us);
		}
		assert_true(fixture->released > 1000);
		assert_true(fixture->earliest_us < 2 * UNIT_US);
		destroy_fixture(fixture);
	}
}

static void
a_wait_beyond_the_range_is_looked_at_in_between_and_kept(void **state)
{
	struct fixture *fixture = make_fixture();
	struct dice dice = { SEED };
	uint64_t due_us = NOW + 30 * HOUR_US;

	(void)state;

	sweep_all(fixture, NOW - 1);
	add_flow(fixture, &dice, due_us, NOW);
	for (uint64_t t = NOW; t < due_us; t += 97 * USEC_PER_SEC)
		sweep_all(fixture, t);
	assert_int_equal(fixture->released, 0);
	assert_in_range(fixture->looked_at, 30 * HOUR_US / RANGE_US, 15);
	sweep_all(fixture, due_us);
	assert_int_equal(fixture->released, 1);
	destroy_fixture(fixture);
}

/* After days without a frame the bounds have wrapped, and say nothing. */
static void
what_came_due_in_a_long_gap_is_given_behind_it(void **state)
{
	(void)state;

	for (uint32_t run = 0; run < 50; run++) {
		struct fixture *fixture = make_fixture();
		struct dice dice = { SEED + run };
		uint64_t now_us = NOW;

		sweep_all(fixture, now_us);
		for (uint32_t turn = 0; turn < 100; turn++) {
			for (uint64_t n = dice_below(&dice, 3); n != 0; n--)
				add_flow(fixture, &dice, now_us + some_wait(&dice, 28), now_us);
			/* Up to three days. */
			now_us += some_wait(&dice, 28);
			sweep_all(fixture, now_us);
			assert_nothing_is_overdue(fixture, now_us);
		}
		assert_true(fixture->released > 50);
		destroy_fixture(fixture);
	}
}

static void
gaps_of_just_the_range_and_its_multiples_lose_nothing(void **state)
{
	(void)state;

	for (uint64_t half = 1; half <= 9; half++)
		for (int64_t off = -3; off <= 3; off++) {
			struct fixture *fixture = make_fixture();
			struct dice dice = { SEED };
			uint64_t gap_us = half * (RANGE_US / 2) + (uint64_t)off * UNIT_US;

			sweep_all(fixture, NOW);
			for (uint64_t n = 0; n < 100; n++)
				add_flow(fixture, &dice, NOW + n * (gap_us / 90), NOW);
			sweep_all(fixture, NOW + gap_us);
			assert_nothing_is_overdue(fixture, NOW + gap_us);
			assert_int_equal(fixture->released, 91);
			sweep_all(fixture, NOW + 2 * gap_us);
			assert_int_equal(fixture->released, 100);
			destroy_fixture(fixture);
		}
}

/* Frames out of order by microseconds, again and again over the border of a unit. */
static void
small_steps_back_lose_no_flow(void **state)
{
	(void)state;

	for (uint32_t run = 0; run < 20; run++) {
		struct fixture *fixture = make_fixture();
		struct dice dice = { SEED + run };
		uint64_t now_us = NOW;

		print_message("seed %#llx\n", (unsigned long long)(SEED + run));
		for (uint32_t turn = 0; turn < 2000; turn++) {
			uint64_t back_us = now_us - dice_below(&dice, 2000);

			sweep_all(fixture, now_us);
			assert_nothing_is_overdue(fixture, now_us);
			sweep_all(fixture, back_us);
			if (fixture->table.used < FLOWS)
				add_flow(fixture, &dice, back_us + some_wait(&dice, 20), back_us);
			now_us += dice_below(&dice, 8) == 0 ? UNIT_US - now_us % UNIT_US
							    : some_wait(&dice, 10);
		}
		now_us += RANGE_US / 4;
		sweep_all(fixture, now_us);
		assert_nothing_is_overdue(fixture, now_us);
		destroy_fixture(fixture);
	}
}

/* The same at one spot: the pass saw an empty group; then comes a frame of a moment before. */
static void
a_flow_that_begins_a_moment_before_the_last_sweep_is_given(void **state)
{
	struct fixture *fixture = make_fixture();
	struct dice dice = { SEED };
	uint64_t border_us = (NOW / UNIT_US + 1) * UNIT_US;

	(void)state;

	sweep_all(fixture, border_us);
	add_flow(fixture, &dice, border_us + 10 * USEC_PER_SEC, border_us - 1);
	for (uint64_t t = border_us; t <= border_us + 11 * USEC_PER_SEC; t += UNIT_US / 2)
		sweep_all(fixture, t);
	assert_int_equal(fixture->released, 1);
	destroy_fixture(fixture);
}

static void
large_steps_back_lose_no_flow(void **state)
{
	(void)state;

	for (uint32_t run = 0; run < 50; run++) {
		struct fixture *fixture = make_fixture();
		struct dice dice = { SEED + run };
		uint64_t now_us = NOW;

		print_message("seed %#llx\n", (unsigned long long)(SEED + run));
		for (uint32_t turn = 0; turn < 300; turn++) {
			if (dice_below(&dice, 10) == 0)
				now_us -= UNIT_US + some_wait(&dice, 26);
			else
				now_us += some_wait(&dice, 24);
			sweep_all(fixture, now_us);
			assert_nothing_is_overdue(fixture, now_us);
			if (fixture->table.used < FLOWS)
				add_flow(fixture, &dice, now_us + some_wait(&dice, 24), now_us);
		}
		destroy_fixture(fixture);
	}
}

/* A live worker takes one step a turn, with a clock that moves between them. */
static void
one_step_a_turn_gives_each_flow_within_a_pass_of_its_time(void **state)
{
	const uint64_t turn_us = 50;
	const uint64_t pass_us = (SLOTS / FLOW_TABLE_WAYS + 2) * turn_us;
	struct fixture *fixture = make_fixture();
	struct dice dice = { SEED };
	uint64_t now_us = NOW;

	(void)state;

	sweep_all(fixture, now_us);
	for (uint32_t turn = 0; turn < 400000; turn++, now_us += turn_us) {
		step(fixture, now_us);
		if (turn % 16 == 0 && fixture->table.used < FLOWS)
			add_flow(fixture, &dice, now_us + some_wait(&dice, 14), now_us);
		if (turn % 128 == 0)
			assert_nothing_is_overdue(fixture, now_us - 2 * pass_us);
	}
	assert_true(fixture->released > 1000);
	assert_true(fixture->earliest_us < 2 * UNIT_US);
	destroy_fixture(fixture);
}

/* Idle flows cost a sweep two bytes for each group: no step of their buckets. */
static void
a_pass_over_idle_flows_takes_few_steps(void **state)
{
	struct fixture *fixture = make_fixture();
	struct dice dice = { SEED };
	uint32_t steps = 0;

	(void)state;

	sweep_all(fixture, NOW);
	for (uint32_t n = 0; n < FLOWS; n++)
		add_flow(fixture, &dice, NOW + HOUR_US, NOW);
	while (step(fixture, NOW + 10 * USEC_PER_SEC))
		steps++;
	assert_true(steps <= SLOTS / FLOW_TABLE_WAYS / FLOW_TABLE_GROUP);
	assert_int_equal(fixture->looked_at, 0);
	destroy_fixture(fixture);
}

static void
a_flow_that_is_overdue_when_it_is_told_of_is_given_next(void **state)
{
	struct fixture *fixture = make_fixture();
	struct dice dice = { SEED };

	(void)state;

	sweep_all(fixture, NOW);
	add_flow(fixture, &dice, NOW - HOUR_US, NOW + 1);
	sweep_all(fixture, NOW + 2);
	assert_int_equal(fixture->released, 1);
	destroy_fixture(fixture);
}

/* A pass goes by the time at which it began; what came due since needs another. */
static void
a_pass_under_way_does_not_hide_what_came_due_since(void **state)
{
	struct fixture *fixture = make_fixture();
	struct dice dice = { SEED };
	uint64_t now_us = NOW;

	(void)state;

	sweep_all(fixture, now_us);
	for (uint32_t turn = 0; turn < 2000; turn++) {
		if (fixture->table.used < FLOWS)
			add_flow(fixture, &dice, now_us + some_wait(&dice, 16), now_us);
		now_us += some_wait(&dice, 12);
		for (uint64_t steps = dice_below(&dice, 100); steps != 0; steps--)
			step(fixture, now_us);
		now_us += some_wait(&dice, 12);
		sweep_all(fixture, now_us);
		assert_nothing_is_overdue(fixture, now_us);
	}
	assert_true(fixture->released > 1000);
	destroy_fixture(fixture);
}

/* Of an idle table, in a pass; a look at every bound at once would be one step. */
static uint32_t
idle_steps(uint32_t slots)
{
	struct flow_table table;
	void *memory = fixture_memory(flow_table_memory_size(slots));
	uint32_t given[FLOW_TABLE_WAYS], steps = 0;

	flow_table_init(&table, memory, slots, secret, false, 0);
	while (flow_table_sweep(&table, NOW, given) >= 0)
		;
	while (flow_table_sweep(&table, NOW + USEC_PER_SEC, given) >= 0)
		steps++;
	free(memory);
	return steps;
}

static void
the_work_of_a_step_does_not_grow_with_the_table(void **state)
{
	uint32_t few = idle_steps(1 << 18), many = idle_steps(1 << 20);

	(void)state;

	assert_true(few >= 2);
	assert_in_range(many, 3 * few, 5 * few);
}

static void
all_is_given_only_once_for_one_moment(void **state)
{
	struct fixture *fixture = make_fixture();
	struct dice dice = { SEED };
	uint32_t slots[FLOW_TABLE_WAYS];

	(void)state;

	sweep_all(fixture, NOW - 1);
	add_flow(fixture, &dice, NOW, NOW - 1);
	sweep_all(fixture, NOW);
	assert_int_equal(fixture->released, 1);
	assert_int_equal(flow_table_sweep(&fixture->table, NOW, slots), -1);
	assert_int_equal(flow_table_sweep(&fixture->table, NOW, slots), -1);
	destroy_fixture(fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_table_has_nothing_due),
		cmocka_unit_test(a_flow_is_given_at_its_time_and_not_looked_at_in_vain),
		cmocka_unit_test(every_due_flow_is_given_exactly_at_its_time),
		cmocka_unit_test(a_wait_beyond_the_range_is_looked_at_in_between_and_kept),
		cmocka_unit_test(what_came_due_in_a_long_gap_is_given_behind_it),
		cmocka_unit_test(gaps_of_just_the_range_and_its_multiples_lose_nothing),
		cmocka_unit_test(small_steps_back_lose_no_flow),
		cmocka_unit_test(a_flow_that_begins_a_moment_before_the_last_sweep_is_given),
		cmocka_unit_test(large_steps_back_lose_no_flow),
		cmocka_unit_test(one_step_a_turn_gives_each_flow_within_a_pass_of_its_time),
		cmocka_unit_test(a_pass_over_idle_flows_takes_few_steps),
		cmocka_unit_test(a_flow_that_is_overdue_when_it_is_told_of_is_given_next),
		cmocka_unit_test(a_pass_under_way_does_not_hide_what_came_due_since),
		cmocka_unit_test(the_work_of_a_step_does_not_grow_with_the_table),
		cmocka_unit_test(all_is_given_only_once_for_one_moment),
	};

	return cmocka_run_group_tests_name("flow_table_sweep", tests, NULL, NULL);
}
