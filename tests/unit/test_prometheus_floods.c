/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/prometheus_floods.h"
#include "tests/unit/alarm_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct alarm floods[DETECTOR_ALARMS];

static char *
write_page(const struct status_alarms *alarms)
{
	struct exposition text;
	char *page = NULL;
	size_t size = 0;

	text.out = open_memstream(&page, &size);
	prometheus_floods_write(&text, alarms);
	fclose(text.out);
	return page;
}

static void
check_has(const char *page, const char *line)
{
	char whole[256];

	snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (strstr(page, whole) == NULL)
		fail_msg("not there: %s in\n%s", line, page);
}

static uint32_t
count_of(const char *page, const char *part)
{
	uint32_t count = 0;

	for (; (page = strstr(page, part)) != NULL; page++)
		count++;
	return count;
}

static void
alarms_are_counted_by_type_and_floods_by_kind(void **state)
{
	const struct detector_counters counters = { .ticks = 11,
		.victims = 12,
		.alarms_missed = 13,
		.started = { [ALARM_SYN_FLOOD] = 14, [ALARM_SCAN] = 15 } };
	struct status_alarms alarms = {
		.counters = &counters, .active_count = 2, .active = { &floods[0], &floods[1] }
	};
	char *page;

	(void)state;

	floods[0] = alarm_flood(1, "198.51.100.80", 80);
	floods[1] = alarm_scan(2, "203.0.113.66");
	page = write_page(&alarms);
	check_has(page, "synwire_alarms_active{type=\"syn_flood\"} 1");
	check_has(page, "synwire_alarms_active{type=\"scan\"} 1");
	check_has(page, "synwire_alarms_active{type=\"ack_storm\"} 0");
	check_has(page, "synwire_alarms_total{type=\"syn_flood\"} 14");
	check_has(page, "synwire_alarms_total{type=\"scan\"} 15");
	check_has(page, "synwire_floods_active{kind=\"spoofed\"} 1");
	check_has(page, "synwire_floods_active{kind=\"server_down\"} 0");
	check_has(page, "synwire_detector_ticks_total 11");
	check_has(page, "synwire_detector_victims 12");
	check_has(page, "# TYPE synwire_detector_victims gauge");
	check_has(page, "synwire_detector_alarms_missed_total 13");
	free(page);
}

static void
a_flood_tells_its_numbers_by_victim(void **state)
{
	const struct detector_counters counters = { .ticks = 1 };
	struct status_alarms alarms = {
		.counters = &counters, .active_count = 1, .active = { &floods[0] }
	};
	char *page;

	(void)state;

	floods[0] = alarm_flood(1, "198.51.100.80", 80);
	page = write_page(&alarms);
	check_has(page, "synwire_flood_syn_pps{victim=\"198.51.100.80:80\"} 412000");
	check_has(page, "synwire_flood_half_open{victim=\"198.51.100.80:80\"} 90211");
	check_has(page, "synwire_flood_completion_ratio{victim=\"198.51.100.80:80\"} 0.0020");
	check_has(page, "synwire_flood_spoofed_ratio{victim=\"198.51.100.80:80\"} 0.9900");
	check_has(page, "synwire_flood_sources{victim=\"198.51.100.80:80\"} 88000");
	free(page);
	floods[0].has_sources = floods[0].has_spoofed_share = false;
	floods[0].completion_ratio = NAN;
	page = write_page(&alarms);
	assert_int_equal(count_of(page, "victim="), 2);
	free(page);
}

static void
a_storm_tells_its_rate_and_a_scan_adds_no_series(void **state)
{
	const struct detector_counters counters = { .ticks = 1 };
	struct status_alarms alarms = {
		.counters = &counters, .active_count = 2, .active = { &floods[0], &floods[1] }
	};
	char *page;

	(void)state;

	floods[0] = alarm_scan(1, "203.0.113.66");
	floods[1] = alarm_storm(2, ALARM_BACKSCATTER, "198.51.100.81");
	page = write_page(&alarms);
	check_has(page, "synwire_storm_pps{type=\"backscatter\",victim=\"198.51.100.81\"} 5000");
	assert_int_equal(count_of(page, "victim="), 1);
	free(page);
}

/* The rates go up and down, so that some come before those that they push out, some behind. */
static void
only_the_heaviest_have_series_of_their_own(void **state)
{
	const struct detector_counters counters = { .ticks = 1 };
	struct status_alarms alarms = { .counters = &counters, .active_count = DETECTOR_ALARMS };
	char *page, line[128];

	(void)state;

	for (uint32_t i = 0; i < DETECTOR_ALARMS; i++) {
		floods[i] = alarm_flood(1 + i, "198.51.100.80", (uint16_t)(1 + i));
		floods[i].pps = 1000 + i * 37 % DETECTOR_ALARMS;
		alarms.active[i] = &floods[i];
	}
	page = write_page(&alarms);
	assert_int_equal(count_of(page, "synwire_flood_syn_pps{"), PROMETHEUS_FLOODS);
	for (uint32_t i = 0; i < DETECTOR_ALARMS; i++) {
		snprintf(line, sizeof(line),
				"synwire_flood_syn_pps{victim=\"198.51.100.80:%u\"} %u", 1 + i,
				floods[i].pps);
		assert_int_equal(count_of(page, line),
				floods[i].pps >= 1000 + DETECTOR_ALARMS - PROMETHEUS_FLOODS);
	}
	check_has(page, "synwire_alarms_active{type=\"syn_flood\"} 128");
	free(page);
}

static void
a_victim_has_each_series_once(void **state)
{
	const struct detector_counters counters = { .ticks = 1 };
	struct status_alarms alarms = { .counters = &counters,
		.active_count = 3,
		.active = { &floods[0], &floods[1], &floods[2] } };
	char *page;

	(void)state;

	for (uint32_t i = 0; i < 2; i++)
		floods[i] = alarm_flood(1 + i, "198.51.100.80", 80);
	floods[2] = alarm_storm(3, ALARM_ACK_STORM, "198.51.100.80");
	page = write_page(&alarms);
	assert_int_equal(count_of(page, "synwire_flood_syn_pps{"), 1);
	assert_int_equal(count_of(page, "synwire_storm_pps{"), 1);
	free(page);
}

static void
where_nothing_is_detected_nothing_is_told(void **state)
{
	const struct status_alarms alarms = { .counters = NULL };
	char *page = write_page(&alarms);

	(void)state;

	assert_string_equal(page, "");
	free(page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alarms_are_counted_by_type_and_floods_by_kind),
		cmocka_unit_test(a_flood_tells_its_numbers_by_victim),
		cmocka_unit_test(a_storm_tells_its_rate_and_a_scan_adds_no_series),
		cmocka_unit_test(only_the_heaviest_have_series_of_their_own),
		cmocka_unit_test(a_victim_has_each_series_once),
		cmocka_unit_test(where_nothing_is_detected_nothing_is_told),
	};

	return cmocka_run_group_tests_name("prometheus_floods", tests, NULL, NULL);
}
