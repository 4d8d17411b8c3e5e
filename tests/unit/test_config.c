/* SPDX-License-Identifier: Apache-2.0 */

/* The layer as its users see it: files, settings, dump. */

#include "base/compiler.h"
#include "config/config_dump.h"
#include "config/config_key.h"
#include "config_fixture.h"

#include <sys/stat.h>

static void
assert_default_is_taken(const struct config_key *key)
{
	char value[CONFIG_KEY_YAML] __attribute__((aligned(8)));
	struct err err = { "" };

	/* Of a list, each word; those of the defaults are one or all of the choices. */
	if (key->standard == NULL || strchr(key->standard, '#') != NULL)
		return;
	if (key->type == CONFIG_SET)
		assert_string_equal(key->standard, key->choices);
	else if (key->type == CONFIG_WORDS) /* none */
		assert_true(*key->standard == '\0' && key->min == 0);
	else if (config_key_parse(key, &key->standard, 1, value, &err) != 0)
		fail_msg("%s: %s", key->path, err.text);
}

static void
every_default_is_a_value_that_its_own_key_takes(void **state)
{
	size_t count;
	const struct config_section *sections = config_schema_sections(&count);

	(void)state;

	assert_true(count > 0);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < sections[i].key_count; k++)
			assert_default_is_taken(&sections[i].keys[k]);
}

static void
the_defaults_are_the_kernels_own(void **state)
{
	struct scratch *scratch = *state;

	assert_int_equal(scratch->config.tcp.syn_retries, 6);
	assert_int_equal(scratch->config.tcp.synack_retries, 5);
	assert_int_equal(scratch->config.tcp.initial_rto_us, USEC_PER_SEC);
	assert_int_equal(scratch->config.timeouts.established_us, 7200 * USEC_PER_SEC);
}

static void
a_file_sets_what_it_names_and_leaves_the_rest(void **state)
{
	struct scratch *scratch = *state;
	struct config expected;

	assert_int_equal(config_set(&scratch->config, "tcp.synack_retries", "2", NULL), 0);
	expected = scratch->config;
	expected.top.mode = CONFIG_MODE_BYPASS;
	expected.control.socket_mode = 0660;
	memcpy(expected.workers.cores, "2-5,8", sizeof("2-5,8"));
	memset(expected.metrics.address, 0, sizeof(expected.metrics.address));
	memcpy(expected.metrics.address, "::1", sizeof("::1"));
	expected.tcp.syn_retries = 3;
	expected.timeouts.established_us = 5400 * USEC_PER_SEC;
	expected.flow.vlan_in_key = 1;
	expected.events.rst = CONFIG_EVENTS_RST_ALL;
	assert_loaded(scratch,
			"mode: bypass\n"
			"# comment\n"
			"tcp:\n"
			"  syn_retries: 3 # fewer\n"
			"timeouts: { established: 90m }\n"
			"flow:\n"
			"  vlan_in_key: true\n"
			"events:\n"
			"  rst: \"all\"\n"
			"workers: { cores: \"2-5,8\" }\n"
			"control: { socket_mode: 0660 }\n"
			"metrics: { address: '::1' }\n");
	assert_memory_equal(&scratch->config, &expected, sizeof(expected));
}

static void
a_file_that_says_nothing_changes_nothing(void **state)
{
	static const char *const texts[] = { "", "\n", "# only a comment\n", "tcp:\n",
		"tcp:\n  # syn_retries: 3\nflow:\n", "wires:\noutputs: []\n" };
	struct scratch *scratch = *state;
	struct config before = scratch->config;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_loaded(scratch, texts[i]);
		assert_memory_equal(&scratch->config, &before, sizeof(before));
	}
}

static void
a_wrong_value_is_reported_with_its_line_and_key(void **state)
{
	struct scratch *scratch = *state;

	assert_refused(scratch, "# one\ntcp:\n  synack_retries: 2\n  syn_retries: 200\n",
			":4: tcp.syn_retries: must be a number from 1 to 127, got 200");
	assert_refused(scratch, "flow:\n  slots: 1000\n",
			":2: flow.slots: must be a power of two from 1024 to 1073741824, got 1000");
	assert_refused(scratch, "tcp:\n  syn_retries:\n",
			":2: tcp.syn_retries: must be a number from 1 to 127, got nothing");
}

static void
an_unknown_key_is_reported_with_the_one_that_was_meant(void **state)
{
	struct scratch *scratch = *state;

	assert_refused(scratch, "tcp:\n  syn_retries: 3\n  synack_retrys: 3\n",
			":3: tcp.synack_retrys: unknown key; did you mean tcp.synack_retries?");
	assert_refused(scratch, "tpc:\n  syn_retries: 3\n",
			":1: tpc: unknown key; did you mean tcp?");
	assert_refused(scratch, "syn_retries: 3\n",
			":1: syn_retries: unknown key; did you mean tcp.syn_retries?");
	assert_refused(scratch, "colour: red\n",
			":1: colour: unknown key; 'synwire check' lists all");
}

static void
a_key_in_the_wrong_place_or_shape_is_reported(void **state)
{
	struct scratch *scratch = *state;

	assert_refused(scratch, "tcp.syn_retries: 3\n",
			":1: tcp.syn_retries: must stand below its section, indented");
	assert_refused(scratch, "tcp: 3\n", ":1: tcp: must have its keys below it, indented");
	assert_refused(scratch, "tcp:\n- syn_retries\n",
			":1: tcp: must have its keys below it, indented");
	assert_refused(scratch, "tcp:\n  syn_retries: [1]\n",
			":2: tcp.syn_retries: must be a number from 1 to 127, got a list");
	assert_refused(scratch, "tcp:\n  syn_retries:\n    a: 1\n",
			":2: tcp.syn_retries: must be a number from 1 to 127, got keys below it");
	assert_refused(scratch, "mode: [bypass]\n",
			":1: mode: must be monitor or bypass, got a list");
	assert_refused(scratch, "mode: \"bypass\\0\"\n",
			":1: mode: must be monitor or bypass, got a zero byte");
	assert_refused(scratch, "- tcp\n", ":1: must hold keys and sections, such as 'tcp:'");
	assert_refused(scratch, "[a, b]: c\n", ":1: a key must be a word");
}

static void
every_mistake_is_reported_not_only_the_first(void **state)
{
	static const char *const whys[] = {
		":1: tpc: unknown key; did you mean tcp?",
		":4: flow: must have its keys below it, indented",
		":8: timeouts.reset: is on line 7 already",
		":2: fail: must be open or closed, got maybe",
		":6: timeouts.closing: must be a time from 1s to 1d, got 0",
		":10: metrics.port: must be a number from 1 to 65535, got many",
		"workers.cores: must name a core for each of workers.count: 2, got 1",
		NULL,
	};

	assert_all_refused(*state,
			"tpc: {}\n"
			"fail: maybe\n"
			"workers: { count: 2, cores: 3 }\n"
			"flow: 3\n"
			"timeouts:\n"
			"  closing: 0\n"
			"  reset: 5s\n"
			"  reset: 6s\n"
			"metrics:\n"
			"  port: many\n",
			whys);
}

static void
what_follows_from_a_mistake_is_not_reported_as_another(void **state)
{
	struct scratch *scratch = *state;

	/* Both would be wrong with the defaults of what is wrong here. */
	assert_refused(scratch, "workers: { receivers: 2, steering: softwear }\n",
			":1: workers.steering: must be rss or software, got softwear");
	assert_refused(scratch, "outputs: [{ tpye: stdout }]\n",
			":1: outputs[0].tpye: unknown key; did you mean outputs[].type?");
}

static void
more_mistakes_than_there_is_room_for_are_counted(void **state)
{
	struct scratch *scratch = *state;
	char text[4096];
	int at = 0;

	for (int i = 0; i < ERR_LIST_MAX + 5; i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at, "zzzzzzzzzz%d: 1\n", i);
	assert_int_equal(load(scratch, text), -EINVAL);
	assert_int_equal(scratch->errors.count, ERR_LIST_MAX);
	assert_int_equal(scratch->errors.more, 5);
}

static void
an_alias_is_what_it_stands_for_and_one_that_leads_back_ends(void **state)
{
	struct scratch *scratch = *state;

	assert_loaded(scratch, "timeouts: { reset: &t 5s, closing: *t }\n");
	assert_int_equal(scratch->config.timeouts.closing_us, 5 * USEC_PER_SEC);
	assert_int_equal(load(scratch, "&a { tcp: *a, wires: [ *a, *a ] }\n"), -EINVAL);
	assert_int_equal(load(scratch, "tcp: &x { syn_retries: 3 }\ntimeouts: *x\n"), -EINVAL);
	assert_int_equal(load(scratch, "wires: &x [ *x ]\n"), -EINVAL);
	config_defaults(&scratch->config);
	/* What was told of it where it stands is not told again where it is meant. */
	assert_refused(scratch, "tcp: &x { colour: red }\ntimeouts: *x\n",
			":1: tcp.colour: unknown key; 'synwire check' lists all");
}

static void
what_is_said_twice_is_reported_not_guessed(void **state)
{
	struct scratch *scratch = *state;

	assert_refused(scratch, "tcp:\n  syn_retries: 3\n  syn_retries: 4\n",
			":3: tcp.syn_retries: is on line 2 already");
	assert_refused(scratch, "tcp:\n  syn_retries: 3\n---\ntcp:\n  syn_retries: 4\n",
			":4: a second document begins; only one is read");
	assert_int_equal(load(scratch, "tcp: { syn_retries: 3, syn_retries: 4 }\n"), -EINVAL);
}

static void
what_is_not_yaml_is_reported_with_its_line(void **state)
{
	struct scratch *scratch = *state;

	assert_refused(scratch, "tcp:\n\tsyn_retries: 3\n",
			":2: not YAML: found character that cannot start any token");
	assert_refused(scratch, "tcp: \"\xff\"\n", ": invalid leading UTF-8 octet, at byte 6");
	assert_int_equal(load(scratch, "tcp: &a [*a]\nb: *c\n"), -EINVAL);
	assert_int_equal(load_bytes(scratch, "tcp:\0", 5), -EINVAL);
}

static void
a_file_that_cannot_be_read_is_named_with_the_reason(void **state)
{
	struct scratch *scratch = *state;

	assert_int_equal(config_load(&scratch->config, "/nowhere/synwire.yaml", &scratch->errors),
			-ENOENT);
	assert_string_equal(scratch->errors.errs[0].text,
			"/nowhere/synwire.yaml: No such file or directory");
	assert_int_equal(config_load(&scratch->config, "/tmp", &scratch->errors), -EINVAL);
	assert_string_equal(scratch->errors.errs[1].text,
			"/tmp: is a directory; must be a regular file");
	assert_int_equal(config_load(&scratch->config, "/tmp", NULL), -EINVAL);
}

static void
what_may_never_answer_or_end_is_not_read(void **state)
{
	struct scratch *scratch = *state;

	assert_int_equal(config_load(&scratch->config, "/dev/zero", &scratch->errors), -EINVAL);
	assert_string_equal(scratch->errors.errs[0].text,
			"/dev/zero: is a pipe or a device; must be a regular file");
	assert_int_equal(unlink(scratch->path), 0);
	assert_int_equal(mkfifo(scratch->path, 0600), 0);
	alarm(10);
	assert_int_equal(config_load(&scratch->config, scratch->path, &scratch->errors), -EINVAL);
	alarm(0);
}

static int
peek(struct scratch *scratch, const char *text)
{
	load(scratch, text);
	config_defaults(&scratch->config);
	return config_peek(&scratch->config, scratch->path, "control.socket", NULL);
}

static void
assert_socket(struct scratch *scratch, const char *text, const char *socket)
{
	assert_int_equal(peek(scratch, text), 0);
	assert_string_equal(scratch->config.control.socket, socket);
}

static void
a_key_is_found_in_a_file_with_mistakes_elsewhere(void **state)
{
	struct scratch *scratch = *state;

	assert_socket(scratch, "control: { socket: /a }\nmode: monitor\n", "/a");
	assert_socket(scratch, "tpc: 1\nfail: maybe\ncontrol: { socket: /a, cores: x }\n", "/a");
	assert_socket(scratch, "fail: maybe\n", "/run/synwire/control.sock");
	assert_socket(scratch, "workers: { count: 2, cores: 3 }\ncontrol: { socket: /a }\n", "/a");
	/* No YAML from some line on. */
	assert_socket(scratch, "control:\n  socket: /a\nwires: [a\nfail: [\n", "/a");
	assert_socket(scratch, "control:\n  socket: /a\n\tcores: 1\n", "/a");
	assert_socket(scratch, "control:\n  socket: /a\nmode: 'x\n", "/a");
	assert_socket(scratch, "control:\n  socket: /a\ntimeouts: [\n\n", "/a");
	assert_socket(scratch, "control:\n  socket: /a\nb: [[[[[[[[[[[[[[[[[[[[[[\n", "/a");
}

static void
a_key_is_not_guessed_where_a_file_is_wrong_or_broken_before_it(void **state)
{
	struct scratch *scratch = *state;

	assert_int_equal(peek(scratch, "control: { socket: '' }\n"), -EINVAL);
	assert_int_equal(peek(scratch, "control: { socket: [a] }\n"), -EINVAL);
	assert_int_equal(peek(scratch, "control: { sokcet: /a }\n"), -EINVAL);
	assert_int_equal(peek(scratch, "control: /a\n"), -EINVAL);
	assert_int_equal(peek(scratch, "contrl: { socket: /a }\n"), -EINVAL);
	assert_int_equal(peek(scratch, "wires: [a\ncontrol: { socket: /a }\n"), -EINVAL);
	assert_int_equal(peek(scratch, "- a\n"), -EINVAL);
	assert_string_equal(scratch->config.control.socket, "/run/synwire/control.sock");
	assert_int_equal(config_peek(&scratch->config, "/nowhere/synwire.yaml", "control.socket",
					 NULL),
			-ENOENT);
}

static void
assert_not_set(struct scratch *scratch, const char *path, const char *text, const char *why)
{
	struct config before = scratch->config;
	struct err err;

	assert_int_equal(config_set(&scratch->config, path, text, &err), -EINVAL);
	assert_string_equal(err.text, why);
	assert_memory_equal(&scratch->config, &before, sizeof(before));
}

static void
a_setting_of_the_command_line_is_held_to_the_same_rules(void **state)
{
	struct scratch *scratch = *state;

	assert_int_equal(config_set(&scratch->config, "timeouts.reset", "3", NULL), 0);
	assert_int_equal(scratch->config.timeouts.reset_us, 3 * USEC_PER_SEC);
	assert_int_equal(config_set(&scratch->config, "mode", "bypass", NULL), 0);
	assert_int_equal(scratch->config.top.mode, CONFIG_MODE_BYPASS);
	assert_int_equal(config_set(&scratch->config, "control.socket", "c.sock", NULL), 0);
	assert_string_equal(scratch->config.control.socket, "c.sock");
	assert_not_set(scratch, "timeouts.reset", "0",
			"timeouts.reset: must be a time from 1s to 1d, got 0");
	assert_not_set(scratch, "timeouts", "3",
			"timeouts: is no key; its keys are set one at a time");
	assert_not_set(scratch, "timeouts.rest", "3",
			"timeouts.rest: unknown key; did you mean timeouts.reset?");
	assert_not_set(scratch, "wires[].mtu", "1500",
			"wires[].mtu: is in a list; only a file can set it");
}

static void
dump(const struct scratch *scratch)
{
	FILE *out = fopen(scratch->path, "w");

	assert_non_null(out);
	config_dump_yaml(&scratch->config, out);
	assert_int_equal(fclose(out), 0);
}

static void
assert_dump_is_read_back(struct scratch *scratch)
{
	struct config expected = scratch->config;

	dump(scratch);
	config_defaults(&scratch->config);
	if (config_load(&scratch->config, scratch->path, &scratch->errors) != 0)
		fail_msg("%s", scratch->errors.errs[0].text);
	assert_memory_equal(&scratch->config, &expected, sizeof(expected));
}

/* Every key is moved off its default, so that one that is not written shows. */
static void
what_is_dumped_is_loaded_as_the_same_configuration(void **state)
{
	struct scratch *scratch = *state;

	assert_dump_is_read_back(scratch);
	assert_loaded(scratch, "outputs: [{ type: stdout }]\n");
	assert_dump_is_read_back(scratch);
	move_all_off_default(&scratch->config);
	assert_dump_is_read_back(scratch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_default_is_a_value_that_its_own_key_takes),
		WITH_SCRATCH(the_defaults_are_the_kernels_own),
		WITH_SCRATCH(a_file_sets_what_it_names_and_leaves_the_rest),
		WITH_SCRATCH(a_file_that_says_nothing_changes_nothing),
		WITH_SCRATCH(a_wrong_value_is_reported_with_its_line_and_key),
		WITH_SCRATCH(an_unknown_key_is_reported_with_the_one_that_was_meant),
		WITH_SCRATCH(a_key_in_the_wrong_place_or_shape_is_reported),
		WITH_SCRATCH(every_mistake_is_reported_not_only_the_first),
		WITH_SCRATCH(what_follows_from_a_mistake_is_not_reported_as_another),
		WITH_SCRATCH(more_mistakes_than_there_is_room_for_are_counted),
		WITH_SCRATCH(an_alias_is_what_it_stands_for_and_one_that_leads_back_ends),
		WITH_SCRATCH(what_is_said_twice_is_reported_not_guessed),
		WITH_SCRATCH(what_is_not_yaml_is_reported_with_its_line),
		WITH_SCRATCH(a_file_that_cannot_be_read_is_named_with_the_reason),
		WITH_SCRATCH(what_may_never_answer_or_end_is_not_read),
		WITH_SCRATCH(a_key_is_found_in_a_file_with_mistakes_elsewhere),
		WITH_SCRATCH(a_key_is_not_guessed_where_a_file_is_wrong_or_broken_before_it),
		WITH_SCRATCH(a_setting_of_the_command_line_is_held_to_the_same_rules),
		WITH_SCRATCH(what_is_dumped_is_loaded_as_the_same_configuration),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
