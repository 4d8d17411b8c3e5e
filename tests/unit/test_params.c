/* SPDX-License-Identifier: Apache-2.0 */

#include "app/params.h"
#include "base/compiler.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct pipeline_params
loaded(const char *const *sets, size_t n_sets)
{
	struct pipeline_params params;
	struct err_list errors = { 0 };

	if (params_load(NULL, sets, n_sets, &params, NULL, NULL, &errors) != 0)
		fail_msg("%s", errors.errs[0].text);
	return params;
}

/* The same knob has one default, whoever is asked. */
static void
the_defaults_are_those_of_the_tracker(void **state)
{
	struct pipeline_params params = loaded(NULL, 0);
	struct tracker_params tracker;

	(void)state;

	tracker_params_default(&tracker);
	assert_int_equal(params.tracker.timeouts, tracker.timeouts);
	assert_int_equal(params.tracker.syn_retries, tracker.syn_retries);
	assert_int_equal(params.tracker.syn_linear_timeouts, tracker.syn_linear_timeouts);
	assert_int_equal(params.tracker.synack_retries, tracker.synack_retries);
	assert_int_equal(params.tracker.initial_rto_us, tracker.initial_rto_us);
	assert_int_equal(params.tracker.established_us, tracker.established_us);
	assert_int_equal(params.tracker.closing_us, tracker.closing_us);
	assert_int_equal(params.tracker.time_wait_us, tracker.time_wait_us);
	assert_int_equal(params.tracker.reset_us, tracker.reset_us);
	assert_int_equal(params.tracker.rst_confirm_us, tracker.rst_confirm_us);
	assert_int_equal(params.tracker.rst_ttl_tolerance, tracker.rst_ttl_tolerance);
	assert_int_equal(params.tracker.rst_events_all, tracker.rst_events_all);
	assert_int_equal(params.worker, 0);
}

static void
each_key_reaches_the_module_that_it_is_for(void **state)
{
	static const char *const sets[] = { "tcp.syn_retries=3", "tcp.syn_linear_timeouts=0",
		"tcp.synack_retries=2", "tcp.initial_rto=250ms", "timeouts.established=1h",
		"timeouts.closing=7s", "timeouts.time_wait=8s", "timeouts.reset=9s",
		"rst.ttl_tolerance=255", "rst.confirm=50ms", "events.rst=all", "flow.slots=2048",
		"flow.vlan_in_key=true", "tracker.verify_checksum=true" };
	struct pipeline_params params = loaded(sets, ARRAY_LEN(sets));

	(void)state;

	assert_int_equal(params.tracker.syn_retries, 3);
	assert_int_equal(params.tracker.syn_linear_timeouts, 0);
	assert_int_equal(params.tracker.synack_retries, 2);
	assert_int_equal(params.tracker.initial_rto_us, 250000);
	assert_int_equal(params.tracker.established_us, 3600000000);
	assert_int_equal(params.tracker.closing_us, 7000000);
	assert_int_equal(params.tracker.time_wait_us, 8000000);
	assert_int_equal(params.tracker.reset_us, 9000000);
	assert_int_equal(params.tracker.rst_ttl_tolerance, 255);
	assert_int_equal(params.tracker.rst_confirm_us, 50000);
	assert_true(params.tracker.rst_events_all);
	assert_int_equal(params.flow_slots, 2048);
	assert_true(params.vlan_in_key);
	assert_true(params.verify_checksum);
}

static void
each_key_of_detection_reaches_the_detector_in_its_unit(void **state)
{
	static const char *const sets[] = { "flood.min_syn_pps=900", "flood.min_slow_syn_pps=30",
		"flood.max_completion=45", "flood.window=300ms", "flood.hold=4s", "flood.update=2s",
		"flood.prefix_ipv4=22", "flood.prefix_ipv6=48", "scan.min_targets=9",
		"storm.min_pps=77" };
	struct pipeline_params pipeline;
	struct detector_params detector;
	struct err_list errors = { 0 };

	(void)state;

	assert_int_equal(params_load(NULL, sets, ARRAY_LEN(sets), &pipeline, &detector, NULL,
					 &errors),
			0);
	assert_true(pipeline.detect);
	assert_int_equal(pipeline.meter.prefixes.ipv4, 22);
	assert_int_equal(pipeline.meter.prefixes.ipv6, 48);
	assert_int_equal(detector.prefixes.ipv4, 22);
	assert_int_equal(detector.prefixes.ipv6, 48);
	assert_int_equal(detector.min_syn_pps, 900);
	assert_int_equal(detector.min_slow_syn_pps, 30);
	assert_true(detector.max_completion > 0.449 && detector.max_completion < 0.451);
	assert_int_equal(detector.window_ticks, 3);
	assert_int_equal(detector.hold_ticks, 40);
	assert_int_equal(detector.update_ticks, 20);
	assert_int_equal(detector.scan_min_targets, 9);
	assert_int_equal(detector.storm_min_pps, 77);
}

/* The same knob has one default, whoever is asked. */
static void
the_defaults_of_detection_are_those_of_the_detector(void **state)
{
	struct pipeline_params pipeline;
	struct detector_params detector, standard;
	struct err_list errors = { 0 };

	(void)state;

	detector_params_default(&standard);
	assert_int_equal(params_load(NULL, NULL, 0, &pipeline, &detector, NULL, &errors), 0);
	assert_int_equal(detector.prefixes.ipv4, standard.prefixes.ipv4);
	assert_int_equal(detector.prefixes.ipv6, standard.prefixes.ipv6);
	assert_int_equal(detector.min_syn_pps, standard.min_syn_pps);
	assert_int_equal(detector.min_slow_syn_pps, standard.min_slow_syn_pps);
	assert_true(detector.max_completion - standard.max_completion < 1e-9 &&
			standard.max_completion - detector.max_completion < 1e-9);
	assert_int_equal(detector.window_ticks, standard.window_ticks);
	assert_int_equal(detector.hold_ticks, standard.hold_ticks);
	assert_int_equal(detector.update_ticks, standard.update_ticks);
	assert_int_equal(detector.scan_min_targets, standard.scan_min_targets);
	assert_int_equal(detector.storm_min_pps, standard.storm_min_pps);
}

static void
a_capture_is_always_counted_with_the_same_keys(void **state)
{
	struct pipeline_params first = loaded(NULL, 0);
	struct pipeline_params second = loaded(NULL, 0);

	(void)state;

	assert_memory_not_equal(first.meter.key, second.meter.key, sizeof(first.meter.key));
	params_make_repeatable(&first);
	params_make_repeatable(&second);
	assert_memory_equal(first.hash_key, second.hash_key, sizeof(first.hash_key));
	assert_memory_equal(first.meter.key, second.meter.key, sizeof(first.meter.key));
}

/* That two random keys of 32 bytes are the same does not happen. */
static void
each_start_has_a_hash_key_of_its_own(void **state)
{
	struct pipeline_params first = loaded(NULL, 0);
	struct pipeline_params second = loaded(NULL, 0);

	(void)state;

	assert_memory_not_equal(first.hash_key, second.hash_key, sizeof(first.hash_key));
}

static void
each_wrong_setting_is_told_as_it_was_written(void **state)
{
	static const char *const sets[] = { "tcp.syn_retries=none", "tcp.synack_retries=3",
		"tcp.colour=red" };
	struct pipeline_params params;
	struct err_list errors = { 0 };

	(void)state;

	assert_int_equal(params_load(NULL, sets, ARRAY_LEN(sets), &params, NULL, NULL, &errors),
			-EINVAL);
	assert_int_equal(errors.count, 2);
	assert_string_equal(errors.errs[0].text,
			"--set tcp.syn_retries: must be a number from 1 to 127, got none");
	assert_string_equal(errors.errs[1].text,
			"--set tcp.colour: unknown key; 'synwire check' lists all");
}

static void
settings_that_do_not_go_together_are_told(void **state)
{
	static const char *const sets[] = { "workers.count=3", "workers.cores=2,3" };
	struct pipeline_params params;
	struct err_list errors = { 0 };

	(void)state;

	assert_int_equal(params_load(NULL, sets, ARRAY_LEN(sets), &params, NULL, NULL, &errors),
			-EINVAL);
	assert_string_equal(errors.errs[0].text,
			"workers.cores: must name a core for each of workers.count: 3, got 2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_are_those_of_the_tracker),
		cmocka_unit_test(each_key_reaches_the_module_that_it_is_for),
		cmocka_unit_test(each_key_of_detection_reaches_the_detector_in_its_unit),
		cmocka_unit_test(the_defaults_of_detection_are_those_of_the_detector),
		cmocka_unit_test(a_capture_is_always_counted_with_the_same_keys),
		cmocka_unit_test(each_start_has_a_hash_key_of_its_own),
		cmocka_unit_test(each_wrong_setting_is_told_as_it_was_written),
		cmocka_unit_test(settings_that_do_not_go_together_are_told),
	};

	return cmocka_run_group_tests_name("params", tests, NULL, NULL);
}
