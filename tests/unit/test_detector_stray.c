/* SPDX-License-Identifier: Apache-2.0 */

/* Scans, backscatter and storms: what else is told, and what of it is not. */

#include "tests/unit/detector_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECONDS(n) ((n)*USEC_PER_SEC)

#define EVERY(world, service, from_us, to_us, pps, field) \
	do { \
		for (uint64_t at_ = (from_us); at_ < (to_us); at_ += USEC_PER_SEC / (pps)) \
			WORLD_ADD(world, service, at_, field); \
	} while (0)

static void
rsts_to_nobody_are_a_storm(void **state)
{
	struct world *world = world_create();
	const struct victim_key service = world_service(80, 443);
	const struct alarm *start, *end;

	(void)state;
	EVERY(world, &service, SECONDS(10), SECONDS(20), 5000, stray_rst);
	world_run(world, 400);
	assert_int_equal(world_count(world, ALARM_RST_STORM, ALARM_START), 1);
	start = world_find(world, ALARM_RST_STORM, ALARM_START, 0);
	end = world_find(world, ALARM_RST_STORM, ALARM_END, 0);
	assert_true(victim_key_equal(&start->victim, &service));
	assert_in_range(world_time(start->time_us), SECONDS(10), SECONDS(11));
	assert_in_range(world_time(end->time_us), SECONDS(30), SECONDS(31));
	assert_int_equal(end->peak_pps, 5000);
	assert_int_equal(end->total, 50000);
	world_destroy(world);
}

static void
fewer_are_none(void **state)
{
	struct world *world = world_create();
	const struct victim_key service = world_service(80, 443);

	(void)state;
	EVERY(world, &service, SECONDS(10), SECONDS(20), 500, stray_rst);
	EVERY(world, &service, SECONDS(10), SECONDS(20), 500, stray_ack);
	world_run(world, 400);
	assert_int_equal(world->notice_count, 0);
	world_destroy(world);
}

static void
backscatter_is_told_for_the_prefix(void **state)
{
	struct world *world = world_create();
	const struct alarm *start;

	(void)state;
	for (uint32_t n = 0; n < 250; n++) {
		const struct victim_key service = world_service(n, (uint16_t)(1024 + n));

		EVERY(world, &service, SECONDS(10) + 1999 * n, SECONDS(20), 2, stray_synack);
	}
	world_run(world, 400);
	assert_int_equal(world_count(world, ALARM_BACKSCATTER, ALARM_START), 1);
	start = world_find(world, ALARM_BACKSCATTER, ALARM_START, 0);
	assert_int_equal(start->victim.level, VICTIM_PREFIX);
	assert_int_equal(start->prefix_len, 24);
	world_destroy(world);
}

static void
a_start_in_the_middle_of_traffic_is_none(void **state)
{
	struct world *world = world_create();
	const struct victim_key service = world_service(80, 443);

	(void)state;
	EVERY(world, &service, SECONDS(0), SECONDS(3), 20000, stray_ack);
	EVERY(world, &service, SECONDS(0), SECONDS(3), 15000, stray_answered);
	EVERY(world, &service, SECONDS(3), SECONDS(40), 5000, stray_ack);
	EVERY(world, &service, SECONDS(3), SECONDS(40), 5000, stray_answered);
	world_run(world, 400);
	assert_int_equal(world->notice_count, 0);
	world_destroy(world);
}

/* A scanner as a meter reports it: targets is a bit for each. */
static void
knock(struct detect_report *report, uint64_t tick, uint32_t first, uint32_t count,
		uint32_t completed)
{
	struct report_scanner *scanner = &report->scanners[0];

	report->tick = tick;
	report->scanner_count = count > 0;
	*scanner = (struct report_scanner){ .addr = { 1, 2 },
		.attempts = count,
		.completed = completed,
		.last = world_service(1, 80) };
	for (uint32_t i = first; i < first + count; i++)
		scanner->targets[i / 64 % SCAN_MAP_WORDS] |= UINT64_C(1) << i % 64;
}

static uint32_t
alarms_of_knocks(uint32_t targets_a_tick, uint32_t ticks, uint32_t completed, struct alarm *last)
{
	struct detect_report *report = calloc(1, sizeof(*report));
	struct detector_params params;
	struct detector *detector;
	struct alarm alarm;
	uint32_t starts = 0;

	detector_params_default(&params);
	detector = detector_create(&params, 7);
	for (uint32_t tick = 0; tick < 300; tick++) {
		knock(report, WORLD_START + tick, tick * targets_a_tick,
				tick < ticks ? targets_a_tick : 0, completed);
		detector_take(detector, report);
		detector_judge(detector, WORLD_START + tick);
		while (detector_next(detector, &alarm)) {
			assert_int_equal(alarm.type, ALARM_SCAN);
			starts += alarm.phase == ALARM_START;
			*last = alarm;
		}
	}
	detector_destroy(detector);
	free(report);
	return starts;
}

static void
one_that_knocks_at_many_doors_scans(void **state)
{
	struct alarm last;

	(void)state;
	assert_int_equal(alarms_of_knocks(10, 40, 0, &last), 1);
	assert_int_equal(last.phase, ALARM_END);
	assert_in_range(last.scan_targets, 360, 440);
	assert_int_equal(last.total, 400);
	assert_int_equal(last.scanner.addr[1], 2);
}

static void
one_whose_doors_open_does_not(void **state)
{
	struct alarm last;

	(void)state;
	assert_int_equal(alarms_of_knocks(10, 40, 5, &last), 0);
}

static void
one_that_knocks_at_few_doors_does_not(void **state)
{
	struct alarm last;

	(void)state;
	assert_int_equal(alarms_of_knocks(1, 50, 0, &last), 0);
}

/* However far apart two ticks are, silence between them costs nothing and ends what was. */
static void
years_of_silence_end_a_flood_at_once(void **state)
{
	struct detect_report *report = calloc(1, sizeof(*report));
	struct detector_params params;
	struct detector *detector;
	struct alarm alarm;
	uint32_t ends = 0;

	(void)state;
	detector_params_default(&params);
	detector = detector_create(&params, 7);
	for (uint32_t tick = 0; tick < 40; tick++) {
		report->tick = WORLD_START + tick;
		report->victim_count = 1;
		report->victims[0] = (struct report_victim){ .key = world_service(1, 80),
			.counts = { .syn = 1000, .synack = 1000 },
			.sources = REPORT_NO_SOURCES };
		detector_take(detector, report);
		detector_judge(detector, report->tick);
	}
	/* What comes then is of the same victim. */
	report->victims[0].counts = (struct victim_counts){ .server_silent = 40000 };
	report->tick += UINT64_C(10000000000);
	detector_take(detector, report);
	detector_judge(detector, report->tick);
	while (detector_next(detector, &alarm))
		if (alarm.phase == ALARM_END) {
			ends++;
			assert_in_range(alarm.time_us, tick_start_us(WORLD_START + 40),
					tick_end_us(WORLD_START + 160));
		}
	assert_int_equal(ends, 1);
	detector_destroy(detector);
	free(report);
}

static void
flood_of_seconds(struct detector *detector, struct detect_report *report, uint64_t first)
{
	for (uint64_t tick = first; tick < first + 40; tick++) {
		report->tick = tick;
		report->victim_count = 1;
		report->victims[0] = (struct report_victim){ .key = world_service(1, 80),
			.counts = { .syn = 1000, .synack = 1000 },
			.sources = REPORT_NO_SOURCES };
		detector_take(detector, report);
		detector_judge(detector, report->tick);
	}
}

static void
what_comes_from_an_earlier_time_is_judged_anew(void **state)
{
	struct detect_report *report = calloc(1, sizeof(*report));
	struct detector_params params;
	struct detector *detector;
	struct alarm alarm;
	uint32_t starts = 0, ends = 0;

	(void)state;
	detector_params_default(&params);
	detector = detector_create(&params, 7);
	flood_of_seconds(detector, report, WORLD_START);
	flood_of_seconds(detector, report, WORLD_START - 10000);
	detector_finish(detector);
	while (detector_next(detector, &alarm)) {
		starts += alarm.phase == ALARM_START;
		ends += alarm.phase == ALARM_END;
	}
	assert_int_equal(starts, 2);
	assert_int_equal(ends, 2);
	detector_destroy(detector);
	free(report);
}

/* The n-th of many services, each in a prefix of its own. */
static struct victim_key
far_service(uint32_t n)
{
	const uint8_t bytes[16] = {
		[10] = 0xff, [11] = 0xff, 10, (uint8_t)(n / 256), (uint8_t)n, 1
	};
	struct victim_key key = { .port = 80, .level = VICTIM_SERVICE };

	memcpy(key.addr, bytes, sizeof(bytes));
	return key;
}

/* Whenever it begins: before them, at the same time, later; and none ends that was not told. */
static void
many_light_floods_do_not_keep_a_heavy_one_from_being_told(void **state)
{
	const struct victim_key heavy = far_service(DETECTOR_ALARMS);
	struct detect_report *report = calloc(1, sizeof(*report));
	struct detector_params params;

	(void)state;
	detector_params_default(&params);
	for (uint32_t heavy_from = 0; heavy_from <= 12; heavy_from++) {
		struct detector *detector = detector_create(&params, 7);
		bool is_told[2 * DETECTOR_ALARMS] = { false };
		bool is_heavy_told = false;
		struct alarm alarm;

		for (uint32_t tick = 0; tick < 80; tick++) {
			report->tick = WORLD_START + tick;
			report->victim_count = DETECTOR_ALARMS + (tick >= heavy_from);
			for (uint32_t n = 0; n < report->victim_count; n++) {
				const uint32_t syn = n < DETECTOR_ALARMS ? 10 : 1000;

				report->victims[n] = (struct report_victim){ .key = far_service(n),
					.counts = { .syn = syn, .synack = syn },
					.sources = REPORT_NO_SOURCES };
			}
			detector_take(detector, report);
			detector_judge(detector, report->tick);
			while (detector_next(detector, &alarm)) {
				assert_true(alarm.phase == ALARM_START || is_told[alarm.id]);
				is_told[alarm.id] = true;
				is_heavy_told |= victim_key_equal(&alarm.victim, &heavy);
			}
		}
		assert_true(is_heavy_told);
		detector_destroy(detector);
	}
	free(report);
}

/* One of two workers forwards without looking: what the other sees is judged all the same. */
static void
what_one_worker_does_not_see_another_may(void **state)
{
	struct detect_report *report = calloc(1, sizeof(*report));
	struct detector_params params;
	struct detector *detector;
	struct alarm alarm;
	uint32_t starts = 0, ends = 0;

	(void)state;
	detector_params_default(&params);
	detector = detector_create(&params, 7);
	for (uint32_t tick = 0; tick < 300; tick++) {
		report->tick = WORLD_START + tick;
		report->is_blind = true;
		report->victim_count = 0;
		detector_take(detector, report);
		report->is_blind = false;
		report->victim_count = tick >= 40 && tick < 80;
		report->victims[0] = (struct report_victim){ .key = world_service(1, 80),
			.counts = { .syn = 1000, .synack = 1000 },
			.sources = REPORT_NO_SOURCES };
		detector_take(detector, report);
		detector_judge(detector, report->tick);
	}
	while (detector_next(detector, &alarm)) {
		starts += alarm.phase == ALARM_START;
		ends += alarm.phase == ALARM_END;
	}
	assert_int_equal(starts, 1);
	assert_int_equal(ends, 0);
	detector_destroy(detector);
	free(report);
}

static void
what_was_not_seen_is_no_silence(void **state)
{
	struct detect_report *report = calloc(1, sizeof(*report));
	struct detector_params params;
	struct detector *detector;
	struct alarm alarm;
	uint32_t starts = 0, ends = 0;

	(void)state;
	detector_params_default(&params);
	detector = detector_create(&params, 7);
	for (uint32_t tick = 0; tick < 300; tick++) {
		report->tick = WORLD_START + tick;
		report->is_blind = tick >= 40;
		report->victim_count = tick < 40;
		report->victims[0] = (struct report_victim){ .key = world_service(1, 80),
			.counts = { .syn = 1000, .synack = 1000 },
			.sources = REPORT_NO_SOURCES };
		detector_take(detector, report);
		detector_judge(detector, report->tick);
	}
	while (detector_next(detector, &alarm)) {
		starts += alarm.phase == ALARM_START;
		ends += alarm.phase == ALARM_END;
	}
	assert_int_equal(starts, 1);
	assert_int_equal(ends, 0);
	detector_destroy(detector);
	free(report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rsts_to_nobody_are_a_storm),
		cmocka_unit_test(fewer_are_none),
		cmocka_unit_test(backscatter_is_told_for_the_prefix),
		cmocka_unit_test(a_start_in_the_middle_of_traffic_is_none),
		cmocka_unit_test(one_that_knocks_at_many_doors_scans),
		cmocka_unit_test(one_whose_doors_open_does_not),
		cmocka_unit_test(one_that_knocks_at_few_doors_does_not),
		cmocka_unit_test(years_of_silence_end_a_flood_at_once),
		cmocka_unit_test(what_comes_from_an_earlier_time_is_judged_anew),
		cmocka_unit_test(many_light_floods_do_not_keep_a_heavy_one_from_being_told),
		cmocka_unit_test(what_one_worker_does_not_see_another_may),
		cmocka_unit_test(what_was_not_seen_is_no_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
