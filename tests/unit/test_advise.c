/* SPDX-License-Identifier: Apache-2.0 */

#include "app/advise/advice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEC USEC_PER_SEC
#define START (1000 * SEC)

/* A service at 192.0.2.N. */
static struct alarm
alarm_of(uint32_t id, uint8_t n, enum alarm_phase phase, uint64_t time_us)
{
	struct alarm alarm = { .id = id,
		.type = ALARM_SYN_FLOOD,
		.phase = phase,
		.time_us = time_us,
		.onset_us = time_us - SEC / 5,
		.ended_us = time_us,
		.victim = { .port = 80, .level = VICTIM_SERVICE } };
	const uint8_t addr[16] = { [10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = n };

	memcpy(alarm.victim.addr, addr, sizeof(addr));
	return alarm;
}

static void
note(struct sightings *sightings, uint8_t n, uint64_t from_us, uint64_t to_us)
{
	struct alarm alarm = alarm_of(sightings->count + 1, n, ALARM_START, from_us);

	sightings_note(sightings, &alarm);
	alarm = alarm_of(sightings->count, n, ALARM_END, to_us);
	sightings_note(sightings, &alarm);
}

static struct claim
claim_of(const char *text)
{
	struct claim claim;
	struct err err;

	assert_int_equal(claim_read(text, &claim, &err), 0);
	return claim;
}

static struct true_floods floods;
static struct clusters clusters;
static struct advice advice;

static void
claim_floods(const struct claim *claims, uint32_t count)
{
	assert_int_equal(
			true_floods_claimed(&floods, claims, count, START, START + 100 * SEC, NULL),
			0);
}

static void
a_claim_names_whom_and_when(void **state)
{
	struct claim claim = claim_of("192.0.2.1:80@5-10.5");

	(void)state;

	assert_string_equal(target_text(&claim.target).text, "192.0.2.1:80");
	assert_int_equal(moment_us(&claim.from, START), START + 5 * SEC);
	assert_int_equal(moment_us(&claim.to, START), START + 10 * SEC + SEC / 2);
	claim = claim_of("[2001:db8::1]:443@1970-01-01T00:00:05.25Z-1970-01-01T00:00:06Z");
	assert_string_equal(target_text(&claim.target).text, "[2001:db8::1]:443");
	assert_int_equal(moment_us(&claim.from, START), 5 * SEC + SEC / 4);
	assert_int_equal(moment_us(&claim.to, START), 6 * SEC);
	claim = claim_of("2001:db8::1@0-1");
	assert_string_equal(target_text(&claim.target).text, "2001:db8::1");
	claim = claim_of("192.0.2.77/24@0-1");
	assert_string_equal(target_text(&claim.target).text, "192.0.2.0/24");
	claim = claim_of("2001:db8::77/64@0-1");
	assert_string_equal(target_text(&claim.target).text, "2001:db8::/64");
}

static void
nonsense_is_no_claim(void **state)
{
	const char *const wrong[] = { "", "@", "192.0.2.1", "192.0.2.1@", "192.0.2.1@5",
		"192.0.2.1@5-", "192.0.2.1@-5", "192.0.2.1@10-5", "192.0.2.1@5-5",
		"192.0.2.1@5-10x", "192.0.2.1@nan-inf", "192.0.2.1@0x1-0x9", "192.0.2.1@1.2.3-9",
		"192.0.2.1@1-99999999999999999999", "192.0.2@1-2", "host@1-2", ":80@1-2",
		"192.0.2.1:@1-2", "192.0.2.1:0@1-2", "192.0.2.1:65536@1-2", "192.0.2.1:x@1-2",
		"[2001:db8::1@1-2", "[2001:db8::1]x@1-2", "[]@1-2", "192.0.2.1/33@1-2",
		"192.0.2.1/@1-2", "2001:db8::/129@1-2", "192.0.2.0/24:80@1-2",
		"192.0.2.1@2026-13-01T00:00:00Z-2026-01-01T00:00:00Z",
		"192.0.2.1@2026-01-01T00:00:00-2026-01-01T00:00:01" };

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct claim claim;
		struct err err = { 0 };

		if (claim_read(wrong[i], &claim, &err) == 0)
			fail_msg("'%s' is taken for a claim", wrong[i]);
		assert_true(err.text[0] != '\0');
	}
}

static void
a_claim_of_a_time_without_packets_is_refused(void **state)
{
	const struct claim late = claim_of("192.0.2.1@101-102");
	const struct claim early = claim_of("192.0.2.1@1970-01-01T00:00:01Z-1970-01-01T00:00:02Z");
	const struct claim twisted = claim_of("192.0.2.1@50-1970-01-01T00:17:00Z");
	struct err err;

	(void)state;

	assert_int_not_equal(
			true_floods_claimed(&floods, &late, 1, START, START + 100 * SEC, &err), 0);
	assert_int_not_equal(
			true_floods_claimed(&floods, &early, 1, START, START + 100 * SEC, &err), 0);
	assert_int_not_equal(
			true_floods_claimed(&floods, &twisted, 1, START, START + 100 * SEC, &err),
			0);
}

static void
a_target_is_related_to_its_parts_and_to_what_it_is_part_of(void **state)
{
	const struct target service = claim_of("192.0.2.1:80@0-1").target;
	const struct target other_port = claim_of("192.0.2.1:443@0-1").target;
	const struct target address = claim_of("192.0.2.1@0-1").target;
	const struct target prefix = claim_of("192.0.2.0/24@0-1").target;
	const struct target half = claim_of("192.0.2.128/25@0-1").target;
	const struct target ipv6 = claim_of("::ffff:192.0.2.1@0-1").target;

	(void)state;

	assert_true(target_is_related(&service, &address));
	assert_true(target_is_related(&prefix, &service));
	assert_true(target_is_related(&half, &prefix));
	assert_false(target_is_related(&service, &other_port));
	assert_false(target_is_related(&service, &half));
	assert_false(target_is_related(&address, &ipv6));
}

static void
the_grid_is_around_the_present_setting_and_of_what_a_configuration_may_hold(void **state)
{
	struct detector_params params;
	struct setting settings[GRID_MAX];
	uint32_t count;

	(void)state;

	detector_params_default(&params);
	count = grid_make(&params, settings);
	assert_in_range(count, 30, 60);
	assert_int_equal(settings[0].changes, 0);
	assert_int_equal(settings[0].value[GRID_MIN_SYN], params.min_syn_pps);
	for (uint32_t i = 1; i < count; i++) {
		assert_in_range(settings[i].changes, settings[i - 1].changes, 2);
		assert_true(settings[i].value[GRID_MIN_SLOW_SYN] <=
				settings[i].value[GRID_MIN_SYN]);
		for (uint32_t j = 0; j < i; j++)
			assert_memory_not_equal(settings[i].value, settings[j].value,
					sizeof(settings[i].value));
	}
	params = (struct detector_params){ .min_syn_pps = 100000000,
		.min_slow_syn_pps = 1,
		.max_completion = 0.9,
		.window_ticks = 20,
		.hold_ticks = 20 };
	count = grid_make(&params, settings);
	for (uint32_t i = 1; i < count; i++) {
		assert_in_range(settings[i].value[GRID_MIN_SYN], 1, 100000000);
		assert_in_range(settings[i].value[GRID_MIN_SLOW_SYN], 1, 100000000);
		assert_in_range(settings[i].value[GRID_COMPLETION], 1, 90);
		assert_in_range(settings[i].value[GRID_WINDOW], 1, 20);
	}
}

static void
what_more_than_half_tell_is_true(void **state)
{
	struct sightings of[4] = { 0 };

	(void)state;

	note(&of[0], 1, START + 5 * SEC, START + 10 * SEC);
	note(&of[1], 1, START + 6 * SEC, START + 11 * SEC);
	note(&of[2], 1, START + 7 * SEC, START + 12 * SEC);
	note(&of[0], 2, START + 5 * SEC, START + 10 * SEC); /* two of four */
	note(&of[1], 2, START + 5 * SEC, START + 10 * SEC);
	note(&of[3], 1, START + 50 * SEC, START + 51 * SEC); /* another time */
	note(&of[3], 1, START + 55 * SEC, START + 56 * SEC);
	note(&of[3], 1, START + 60 * SEC, START + 61 * SEC);

	clusters_make(&clusters, of, 4, SIGHTING_UNJUDGED);
	true_floods_voted(&floods, &clusters, 4);

	assert_int_equal(floods.count, 1);
	assert_int_equal(floods.list[0].votes, 3);
	assert_string_equal(target_text(&floods.list[0].target).text, "192.0.2.1:80");
	assert_int_equal(floods.list[0].from_us, START + 6 * SEC - SEC / 5);
	assert_int_equal(floods.list[0].to_us, START + 11 * SEC);
	for (uint32_t i = 0; i < 4; i++)
		sightings_free(&of[i]);
}

static void
floods_are_found_late_missed_or_imagined(void **state)
{
	const struct claim claims[] = { claim_of("192.0.2.1:80@10-20"), claim_of("192.0.2.2@10-20"),
		claim_of("192.0.2.3@10-20") };
	struct sightings sightings = { 0 };
	struct score score;

	(void)state;

	claim_floods(claims, 3);
	note(&sightings, 1, START + 11 * SEC, START + 20 * SEC);
	note(&sightings, 1, START + 21 * SEC, START + 22 * SEC); /* told twice is no error */
	note(&sightings, 2, START + 13 * SEC, START + 20 * SEC);
	note(&sightings, 4, START + 13 * SEC, START + 20 * SEC); /* another victim */
	note(&sightings, 3, START + 50 * SEC, START + 51 * SEC); /* another time */
	score_make(&score, &sightings, &floods);

	assert_int_equal(score.found, 2);
	assert_int_equal(score.missed, 1);
	assert_int_equal(score.false_alarms, 2);
	assert_int_equal(score.median_us, 1 * SEC);
	assert_int_equal(score.longest_us, 3 * SEC);
	sightings_free(&sightings);
}

static void
an_alarm_from_long_before_is_false_though_it_lasts_into_a_flood(void **state)
{
	const struct claim claim = claim_of("192.0.2.1@50-60");
	struct sightings sightings = { 0 };
	struct score score;

	(void)state;

	claim_floods(&claim, 1);
	note(&sightings, 1, START + 10 * SEC, START + 60 * SEC);
	score_make(&score, &sightings, &floods);

	assert_int_equal(score.found, 1);
	assert_int_equal(score.longest_us, 0);
	assert_int_equal(score.false_alarms, 1);
	sightings_free(&sightings);
}

static void
a_server_that_is_down_is_neither_a_flood_nor_a_false_alarm(void **state)
{
	const struct claim claim = claim_of("192.0.2.1@10-20");
	struct alarm alarm = alarm_of(1, 1, ALARM_START, START + 11 * SEC);
	struct sightings sightings = { 0 };
	struct score score;

	(void)state;

	claim_floods(&claim, 1);
	alarm.kind = FLOOD_SERVER_DOWN;
	sightings_note(&sightings, &alarm);
	score_make(&score, &sightings, &floods);
	assert_int_equal(score.found, 0);
	assert_int_equal(score.false_alarms, 0);
	assert_int_equal(score.down, 1);

	/* It is told to be a flood later. */
	alarm = alarm_of(1, 1, ALARM_UPDATE, START + 14 * SEC);
	sightings_note(&sightings, &alarm);
	score_make(&score, &sightings, &floods);
	assert_int_equal(score.found, 1);
	assert_int_equal(score.median_us, 4 * SEC);
	assert_int_equal(score.down, 0);
	sightings_free(&sightings);
}

static void
sightings_are_bounded_and_those_without_room_counted(void **state)
{
	struct sightings sightings = { 0 };

	(void)state;

	for (uint32_t i = 0; i < SIGHTINGS_MAX + 7; i++) {
		const struct alarm alarm = alarm_of(i + 1, 1, ALARM_START, START);

		sightings_note(&sightings, &alarm);
	}
	assert_int_equal(sightings.count, SIGHTINGS_MAX);
	assert_int_equal(sightings.more, 7);
	sightings_free(&sightings);
}

static void
the_present_setting_is_recommended_where_it_is_as_good(void **state)
{
	const struct setting settings[] = { { { 0 }, 0, 0 }, { { 1 }, 1, 1 }, { { 2 }, 2, 2 } };
	const struct score same[3] = { 0 };
	const struct score a_tick_later[] = {
		{ .found = 1, .median_us = SEC / 5, .longest_us = SEC / 5 },
		{ .found = 1, .median_us = SEC / 10, .longest_us = SEC / 10 },
		{ .found = 1, .median_us = SEC / 10, .longest_us = SEC / 10 },
	};

	(void)state;

	assert_int_equal(choice_make(settings, same, 3), 0);
	assert_int_equal(choice_make(settings, a_tick_later, 3), 0);
}

static void
what_errs_less_is_recommended_then_what_is_sooner_then_what_is_nearer(void **state)
{
	const struct setting settings[] = { { { 0 }, 0, 0 }, { { 1 }, 1, 1 }, { { 2 }, 1, 2 },
		{ { 3 }, 2, 2 } };
	const struct score cry_wolf[] = { { .found = 1, .false_alarms = 1 }, { .missed = 1 },
		{ .found = 1, .false_alarms = 2 }, { .found = 1 } };
	const struct score slow[] = { { .found = 1, .median_us = 5 * SEC, .longest_us = 5 * SEC },
		{ .found = 1, .median_us = SEC, .longest_us = 9 * SEC },
		{ .found = 1, .median_us = SEC, .longest_us = 2 * SEC },
		{ .found = 1, .median_us = SEC, .longest_us = 2 * SEC } };
	const struct score undecided[] = { { .found = 1, .false_alarms = 2 }, { .missed = 1 },
		{ .found = 1, .false_alarms = 1 }, { .found = 1, .false_alarms = 1 } };

	(void)state;

	assert_int_equal(choice_make(settings, cry_wolf, 4), 3);
	assert_int_equal(choice_make(settings, slow, 4), 2);
	assert_int_equal(choice_make(settings, undecided, 4), 2);
}

static void
what_is_recommended_is_yaml_of_what_changes(void **state)
{
	char text[ADVICE_TEXT_MAX];

	(void)state;

	advice = (struct advice){ .count = 2,
		.best = 1,
		.settings = { { { 40, 20, 40, 2 }, 0, 0 }, { { 80, 20, 20, 5 }, 2, 2 } } };
	advice_yaml(&advice, text, sizeof(text));
	assert_string_equal(text,
			"flood:\n  min_syn_pps: 80\n  max_completion: 20\n"
			"  window: 500ms\n");
	advice.best = 0;
	assert_int_equal(advice_yaml(&advice, text, sizeof(text)), 0);
	assert_string_equal(text, "");
}

static void
programs_are_told_the_same(void **state)
{
	struct sightings sightings[2] = { 0 };
	json_t *json, *setting;

	(void)state;

	advice = (struct advice){ .count = 2,
		.first_us = START,
		.settings = { { { 40, 20, 40, 2 }, 0, 0 }, { { 80, 20, 40, 2 }, 1, 1 } } };
	note(&sightings[0], 1, START + 5 * SEC, START + 6 * SEC);
	advice_judge(&advice, sightings);
	json = advice_json(&advice);

	assert_string_equal(json_string_value(json_object_get(json, "truth")), "claimed");
	setting = json_array_get(json_object_get(json, "settings"), 0);
	assert_int_equal(json_array_size(json_object_get(setting, "false_alarms")), 1);
	assert_true(json_is_null(json_object_get(setting, "median_delay_ms")));
	assert_true(json_is_true(json_object_get(
			json_array_get(json_object_get(json, "settings"), 1), "recommended")));
	assert_string_equal(json_string_value(json_object_get(
					    json_object_get(json, "recommended"), "yaml")),
			"flood:\n  min_syn_pps: 80\n");
	json_decref(json);
	sightings_free(&sightings[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_claim_names_whom_and_when),
		cmocka_unit_test(nonsense_is_no_claim),
		cmocka_unit_test(a_claim_of_a_time_without_packets_is_refused),
		cmocka_unit_test(a_target_is_related_to_its_parts_and_to_what_it_is_part_of),
		cmocka_unit_test(
				the_grid_is_around_the_present_setting_and_of_what_a_configuration_may_hold),
		cmocka_unit_test(what_more_than_half_tell_is_true),
		cmocka_unit_test(floods_are_found_late_missed_or_imagined),
		cmocka_unit_test(an_alarm_from_long_before_is_false_though_it_lasts_into_a_flood),
		cmocka_unit_test(a_server_that_is_down_is_neither_a_flood_nor_a_false_alarm),
		cmocka_unit_test(sightings_are_bounded_and_those_without_room_counted),
		cmocka_unit_test(the_present_setting_is_recommended_where_it_is_as_good),
		cmocka_unit_test(
				what_errs_less_is_recommended_then_what_is_sooner_then_what_is_nearer),
		cmocka_unit_test(what_is_recommended_is_yaml_of_what_changes),
		cmocka_unit_test(programs_are_told_the_same),
	};

	return cmocka_run_group_tests_name("advise", tests, NULL, NULL);
}
