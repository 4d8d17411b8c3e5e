/* SPDX-License-Identifier: Apache-2.0 */

/* A configuration that changes under an appliance of which only the letters' boxes are there. */

#include "app/run/control.h"
#include "app/run/control_floods.h"
#include "app/run/reload.h"
#include "app/run/tracking.h"
#include "app/settings.h"
#include "base/usec.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define WORKERS 2

struct fixture {
	struct control control;
	struct appliance appliance;
	struct worker workers[WORKERS];
	struct err_list errors;
	char folder[32];
	char config[64];
	bool box_is_full[WORKERS];
	struct mail *mail[WORKERS];
	uint32_t letters;
	uint32_t told;
	enum wire_what what; /* told last */
	char detail[512];
	uint32_t bypass_calls;
	bool bypassed;
	uint32_t retuned; /* the detector, how often */
	uint64_t min_syn_pps; /* with which configuration */
	bool is_reloading; /* as the service manager was told */
	char service[64];
};

static struct fixture *fixture;

/* In the place of app/run/appliance.c, control.c, control_floods.c and service.c. */
bool
appliance_post(struct appliance *appliance, uint32_t worker, struct mail *mail)
{
	assert_ptr_equal(appliance, &fixture->appliance);
	if (fixture->box_is_full[worker])
		return false;
	fixture->letters++;
	fixture->mail[worker] = mail;
	return true;
}

uint64_t
appliance_now_us(const struct appliance *appliance)
{
	return appliance->clock_offset_us + 1000;
}

void
control_tell(struct control *control, const struct wire_event *event)
{
	assert_ptr_equal(control, &fixture->control);
	fixture->told++;
	fixture->what = event->what;
	snprintf(fixture->detail, sizeof(fixture->detail), "%s",
			event->detail != NULL ? event->detail : "");
}

void
tracking_set_bypass(struct control *control, bool bypassed)
{
	assert_ptr_equal(control, &fixture->control);
	fixture->bypass_calls++;
	fixture->bypassed = bypassed;
}

void
control_floods_retune(struct control *control)
{
	assert_ptr_equal(control, &fixture->control);
	fixture->retuned++;
	fixture->min_syn_pps = control->config.flood.min_syn_pps;
}

void
service_reloading(struct service_watch *service, uint64_t monotonic_us)
{
	(void)service;
	assert_int_equal(monotonic_us, 1000);
	fixture->is_reloading = true;
}

void
service_ready(struct service_watch *service, const char *status)
{
	(void)service;
	fixture->is_reloading = false;
	snprintf(fixture->service, sizeof(fixture->service), "%s", status);
}

/* The configuration: two workers, a wire, an output, and what else a test wants. */
static void
write_config(struct fixture *f, const char *rest)
{
	FILE *file = fopen(f->config, "w");

	assert_non_null(file);
	fprintf(file,
			"wires:\n"
			"- ports: [net_null0, net_null1]\n"
			"%s",
			rest);
	fclose(file);
}

#define START_CONFIG \
	"workers: { count: 2 }\n" \
	"timeouts: { established: 1h }\n"

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err_list errors = { .count = 0 };

	if (f == NULL)
		return -1;
	strcpy(f->folder, "/tmp/reload.XXXXXX");
	if (mkdtemp(f->folder) == NULL)
		return -1;
	snprintf(f->config, sizeof(f->config), "%s/synwire.yaml", f->folder);
	write_config(f, START_CONFIG);
	f->control.source.path = f->config;
	f->control.appliance = &f->appliance;
	f->control.stats_us = 12345;
	f->appliance.clock_offset_us = 777;
	f->appliance.layout.worker_count = WORKERS;
	f->appliance.workers = f->workers;
	fixture = f;
	*state = f;
	if (settings_load(f->config, NULL, 0, &f->control.config, &errors) != 0)
		return -1;
	return outputs_open(&f->control.config, NULL, &f->control.outputs, &errors);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	letters_fini(&f->control.letters);
	outputs_close(f->control.outputs);
	unlink(f->config);
	rmdir(f->folder);
	free(f);
	return 0;
}

/* With these lines instead of START_CONFIG; 0 or what reload() gave. */
static int
reload_with(struct fixture *f, const char *rest)
{
	const int rc = (write_config(f, rest), reload(&f->control, &f->errors));

	assert_false(f->is_reloading);
	return rc;
}

/* Nothing is other than before, and it was said so. */
static void
assert_refused(const struct fixture *f, const char *first)
{
	assert_int_equal(f->letters, 0);
	assert_int_equal(f->bypass_calls, 0);
	assert_int_equal(f->control.config.workers.count, 2);
	assert_int_equal(f->control.config.timeouts.established_us, 3600 * USEC_PER_SEC);
	assert_int_equal(f->control.stats_us, 12345);
	assert_int_equal(f->retuned, 0);
	assert_int_equal(f->told, 1);
	assert_int_equal(f->what, WIRE_RELOAD_REFUSED);
	assert_string_equal(f->detail, f->errors.errs[0].text);
	assert_string_equal(f->service, "running; the last reload was refused");
	if (strstr(f->errors.errs[0].text, first) == NULL)
		fail_msg("'%s' is not in: %s", first, f->errors.errs[0].text);
}

static void
a_configuration_is_taken_by_all_workers(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(reload_with(f,
					 "workers: { count: 2, idle: sleep }\n"
					 "timeouts: { established: 30m }\n"
					 "flood: { min_syn_pps: 500 }\n"
					 "tracker: { verify_checksum: true }\n"),
			0);
	assert_int_equal(f->retuned, 1);
	assert_int_equal(f->min_syn_pps, 500);
	assert_int_equal(f->letters, WORKERS);
	for (uint32_t w = 0; w < WORKERS; w++) {
		const struct mail *mail = f->mail[w];

		assert_int_equal(mail->kind, MAIL_RETUNE);
		assert_int_equal(mail->retune.tracker.established_us, 1800 * USEC_PER_SEC);
		assert_true(mail->retune.tracker.timeouts);
		assert_true(mail->retune.verify_checksum);
		assert_int_equal(f->workers[w].idle.mode, IDLE_SLEEP);
	}
	assert_int_equal(f->control.config.timeouts.established_us, 1800 * USEC_PER_SEC);
	assert_int_equal(f->control.stats_us, 0); /* the interval begins anew */
	assert_int_equal(f->bypass_calls, 0);
	assert_int_equal(f->told, 1);
	assert_int_equal(f->what, WIRE_RELOADED);
	assert_string_equal(f->detail, "");
	assert_string_equal(f->service, "running");
}

static void
a_configuration_with_mistakes_is_refused_with_all_of_them(void **state)
{
	struct fixture *f = *state;

	assert_true(reload_with(f,
				    "workers: { count: 2 }\n"
				    "timeouts: { established: never }\n"
				    "stats: { interval: 10 apples }\n") < 0);
	assert_int_equal(f->errors.count, 2);
	assert_refused(f, "timeouts.established");
}

static void
a_file_that_is_gone_is_refused(void **state)
{
	struct fixture *f = *state;

	unlink(f->config);
	assert_true(reload(&f->control, &f->errors) < 0);
	assert_refused(f, f->config);
}

static void
a_configuration_without_wires_is_refused(void **state)
{
	struct fixture *f = *state;
	FILE *file = fopen(f->config, "w");

	assert_non_null(file);
	fputs(START_CONFIG, file);
	fclose(file);
	assert_true(reload(&f->control, &f->errors) < 0);
	assert_refused(f, "wires: must name at least one wire");
}

static void
each_key_that_needs_a_restart_is_told(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(reload_with(f,
					 "workers: { count: 3 }\n"
					 "timeouts: { established: 30m }\n"
					 "flow: { slots: 2048 }\n"),
			-EINVAL);
	assert_int_equal(f->errors.count, 2);
	assert_refused(f, "workers.count");
}

static void
a_configuration_whose_output_cannot_be_opened_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct outputs *before = f->control.outputs;

	assert_true(reload_with(f,
				    "workers: { count: 2 }\n"
				    "timeouts: { established: 30m }\n"
				    "outputs:\n"
				    "- { type: file, path: /dev/null/events }\n") < 0);
	assert_int_equal(f->errors.count, 1);
	assert_refused(f, "/dev/null/events");
	assert_ptr_equal(f->control.outputs, before);
}

static void
outputs_change_with_the_configuration(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(reload_with(f,
					 "workers: { count: 2 }\n"
					 "outputs:\n"
					 "- { type: unix_dgram, path: /dev/null/events }\n"),
			0);
	outputs_describe(f->control.outputs, &f->control.status);
	assert_int_equal(f->control.status.output_count, 1);
	assert_string_equal(f->control.status.outputs[0].type, "unix_dgram");
}

static void
what_was_set_on_the_command_line_wins_over_the_file_again(void **state)
{
	static const char *const sets[] = { "timeouts.established=2h" };
	struct fixture *f = *state;

	f->control.source.sets = sets;
	f->control.source.n_sets = 1;
	assert_int_equal(reload_with(f,
					 "workers: { count: 2 }\n"
					 "timeouts: { established: 30m }\n"),
			0);
	assert_int_equal(f->mail[0]->retune.tracker.established_us, 7200 * USEC_PER_SEC);
}

static void
a_mode_that_has_changed_and_no_other_sets_the_bypass(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(reload_with(f, "mode: bypass\nworkers: { count: 2 }\n"), 0);
	assert_int_equal(f->bypass_calls, 1);
	assert_true(f->bypassed);
	assert_int_equal(reload_with(f, "mode: bypass\nworkers: { count: 2 }\n"), 0);
	assert_int_equal(f->bypass_calls, 1);
	assert_int_equal(reload_with(f, START_CONFIG), 0);
	assert_int_equal(f->bypass_calls, 2);
	assert_false(f->bypassed);
}

static void
a_worker_that_reads_no_letters_does_not_keep_them_from_the_others(void **state)
{
	struct fixture *f = *state;

	f->box_is_full[0] = true;
	assert_int_equal(reload_with(f, START_CONFIG), 0);
	assert_int_equal(f->letters, 1);
	assert_null(f->mail[0]);
	assert_non_null(f->mail[1]);
	assert_int_equal(f->what, WIRE_RELOADED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_configuration_is_taken_by_all_workers),
		TEST(a_configuration_with_mistakes_is_refused_with_all_of_them),
		TEST(a_file_that_is_gone_is_refused),
		TEST(a_configuration_without_wires_is_refused),
		TEST(each_key_that_needs_a_restart_is_told),
		TEST(a_configuration_whose_output_cannot_be_opened_is_refused),
		TEST(outputs_change_with_the_configuration),
		TEST(what_was_set_on_the_command_line_wins_over_the_file_again),
		TEST(a_mode_that_has_changed_and_no_other_sets_the_bypass),
		TEST(a_worker_that_reads_no_letters_does_not_keep_them_from_the_others),
	};

	return cmocka_run_group_tests_name("reload", tests, NULL, NULL);
}
