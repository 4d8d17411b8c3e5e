/* SPDX-License-Identifier: Apache-2.0 */

#include "config/config_fixed.h"
#include "config_fixture.h"

static size_t
changes(const struct config *running, struct scratch *scratch)
{
	size_t count;

	scratch->errors = (struct err_list){ 0 };
	count = config_fixed_changes(running, &scratch->config, &scratch->errors);
	assert_int_equal(count, scratch->errors.count + scratch->errors.more);
	assert_int_equal(config_fixed_changes(running, &scratch->config, NULL), count);
	return count;
}

static void
the_same_configuration_needs_no_restart(void **state)
{
	struct scratch *scratch = *state;
	struct config running;

	move_all_off_default(&scratch->config);
	running = scratch->config;
	assert_int_equal(changes(&running, scratch), 0);
}

static void
what_is_live_needs_no_restart(void **state)
{
	struct scratch *scratch = *state;
	struct config running;

	assert_loaded(scratch, "wires: [{ ports: [a] }]\n");
	running = scratch->config;
	assert_loaded(scratch,
			"mode: bypass\n"
			"wires: [{ ports: [a], link_propagation: false }]\n"
			"outputs: [{ type: stdout }, { type: file, path: b }]\n"
			"timeouts: { reset: 1s }\n"
			"workers: { idle: poll }\n");
	assert_int_equal(changes(&running, scratch), 0);
}

static void
each_key_that_is_not_is_told_with_both_values(void **state)
{
	struct scratch *scratch = *state;
	struct config running;

	assert_loaded(scratch, "wires: [{ ports: [a] }]\n");
	running = scratch->config;
	assert_loaded(scratch,
			"wires: [{ ports: [a, b], mtu: 1500 }]\n"
			"flow: { slots: 2048 }\n"
			"control: { socket: x y, socket_mode: 0666 }\n");
	assert_int_equal(changes(&running, scratch), 5);
	assert_string_equal(scratch->errors.errs[0].text,
			"wires[0].ports: needs a restart to change from [a] to [a, b]");
	assert_string_equal(scratch->errors.errs[1].text,
			"wires[0].mtu: needs a restart to change from 0 to 1500");
	assert_string_equal(scratch->errors.errs[2].text,
			"control.socket: needs a restart to change from /run/synwire/control.sock "
			"to \"x y\"");
	assert_string_equal(scratch->errors.errs[3].text,
			"control.socket_mode: needs a restart to change from 0600 to 0666");
	assert_string_equal(scratch->errors.errs[4].text,
			"flow.slots: needs a restart to change from 1048576 to 2048");
}

static void
another_number_of_wires_is_told_once(void **state)
{
	struct scratch *scratch = *state;
	struct config running;

	assert_loaded(scratch, "wires: [{ ports: [a] }, { ports: [b] }]\n");
	running = scratch->config;
	assert_loaded(scratch, "wires: [{ ports: [b] }]\n");
	assert_int_equal(changes(&running, scratch), 1);
	assert_string_equal(scratch->errors.errs[0].text,
			"wires: needs a restart to change from 2 to 1 in number");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SCRATCH(the_same_configuration_needs_no_restart),
		WITH_SCRATCH(what_is_live_needs_no_restart),
		WITH_SCRATCH(each_key_that_is_not_is_told_with_both_values),
		WITH_SCRATCH(another_number_of_wires_is_told_once),
	};

	return cmocka_run_group_tests_name("config_fixed", tests, NULL, NULL);
}
