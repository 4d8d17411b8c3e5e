/* SPDX-License-Identifier: Apache-2.0 */

/* The layer as its users see it: files, settings, dump. */

#include "base/compiler.h"
#include "config/config.h"
#include "config/config_dump.h"
#include "config/config_schema.h"
#include "config/config_value.h"

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

struct scratch {
	char path[64];
	struct config config;
	struct err err;
};

static int
set_up(void **state)
{
	struct scratch *scratch = calloc(1, sizeof(*scratch));
	int fd;

	snprintf(scratch->path, sizeof(scratch->path), "/tmp/synwire-config-XXXXXX");
	fd = mkstemp(scratch->path);
	if (fd < 0)
		return -1;
	close(fd);
	config_defaults(&scratch->config);
	*state = scratch;
	return 0;
}

static int
tear_down(void **state)
{
	struct scratch *scratch = *state;

	unlink(scratch->path);
	free(scratch);
	return 0;
}

static int
load_bytes(struct scratch *scratch, const void *bytes, size_t len)
{
	FILE *file = fopen(scratch->path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	return config_load(&scratch->config, scratch->path, &scratch->err);
}

static int
load(struct scratch *scratch, const char *text)
{
	return load_bytes(scratch, text, strlen(text));
}

/* @p why follows the file's name in the message. */
static void
assert_refused(struct scratch *scratch, const char *text, const char *why)
{
	struct config before = scratch->config;

	assert_int_equal(load(scratch, text), -EINVAL);
	assert_int_equal(strncmp(scratch->err.text, scratch->path, strlen(scratch->path)), 0);
	assert_string_equal(scratch->err.text + strlen(scratch->path), why);
	assert_memory_equal(&scratch->config, &before, sizeof(before));
}

static void
every_default_is_a_value_that_its_own_key_takes(void **state)
{
	size_t count;
	const struct config_section *sections = config_schema_sections(&count);

	(void)state;

	assert_true(count > 0);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < sections[i].key_count; k++) {
			const struct config_key *key = &sections[i].keys[k];
			struct err err = { "" };
			uint64_t value;

			if (config_value_parse(key, key->standard, &value, &err) != 0)
				fail_msg("%s: %s", key->path, err.text);
		}
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
	expected.tcp.syn_retries = 3;
	expected.timeouts.established_us = 5400 * USEC_PER_SEC;
	expected.flow.vlan_in_key = 1;
	expected.events.rst = CONFIG_EVENTS_RST_ALL;
	assert_int_equal(load(scratch,
					 "# comment\n"
					 "tcp:\n"
					 "  syn_retries: 3 # fewer\n"
					 "timeouts: { established: 90m }\n"
					 "flow:\n"
					 "  vlan_in_key: true\n"
					 "events:\n"
					 "  rst: \"all\"\n"),
			0);
	assert_memory_equal(&scratch->config, &expected, sizeof(expected));
}

static void
a_file_that_says_nothing_changes_nothing(void **state)
{
	static const char *const texts[] = { "", "\n", "# only a comment\n", "tcp:\n",
		"tcp:\n  # syn_retries: 3\nflow:\n" };
	struct scratch *scratch = *state;
	struct config before = scratch->config;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(load(scratch, texts[i]), 0);
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
			":2: tcp.syn_retries: must be a single value");
	assert_refused(scratch, "tcp:\n  syn_retries:\n    a: 1\n",
			":2: tcp.syn_retries: must be a single value");
	assert_refused(scratch, "- tcp\n", ":1: must hold sections, such as 'tcp:'");
	assert_refused(scratch, "[a, b]: c\n", ":1: a key must be a word");
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

	assert_int_equal(config_load(&scratch->config, "/nowhere/synwire.yaml", &scratch->err),
			-ENOENT);
	assert_string_equal(scratch->err.text, "/nowhere/synwire.yaml: No such file or directory");
	assert_int_equal(config_load(&scratch->config, "/tmp", &scratch->err), -EIO);
	assert_string_equal(scratch->err.text, "/tmp: Is a directory");
}

static void
a_file_without_end_is_not_read_to_the_end(void **state)
{
	struct scratch *scratch = *state;

	assert_int_equal(config_load(&scratch->config, "/dev/zero", &scratch->err), -EINVAL);
}

static void
a_setting_of_the_command_line_is_held_to_the_same_rules(void **state)
{
	struct scratch *scratch = *state;

	assert_int_equal(config_set(&scratch->config, "timeouts.reset", "3", &scratch->err), 0);
	assert_int_equal(scratch->config.timeouts.reset_us, 3 * USEC_PER_SEC);
	assert_int_equal(config_set(&scratch->config, "timeouts.reset", "0", &scratch->err),
			-EINVAL);
	assert_string_equal(
			scratch->err.text, "timeouts.reset: must be a time from 1s to 1d, got 0");
	assert_int_equal(config_set(&scratch->config, "timeouts", "3", &scratch->err), -EINVAL);
	assert_int_equal(
			config_set(&scratch->config, "timeouts.rest", "3", &scratch->err), -EINVAL);
	assert_string_equal(scratch->err.text,
			"timeouts.rest: unknown key; did you mean timeouts.reset?");
	assert_int_equal(scratch->config.timeouts.reset_us, 3 * USEC_PER_SEC);
}

static void
dump(const struct scratch *scratch)
{
	FILE *out = fopen(scratch->path, "w");

	assert_non_null(out);
	config_dump_yaml(&scratch->config, out);
	assert_int_equal(fclose(out), 0);
}

/* Every key is moved off its default, so that one that is not written shows. */
static void
what_is_dumped_is_loaded_as_the_same_configuration(void **state)
{
	struct scratch *scratch = *state;
	struct config expected;
	size_t count;
	const struct config_section *sections = config_schema_sections(&count);

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < sections[i].key_count; k++) {
			const struct config_key *key = &sections[i].keys[k];
			uint64_t *value = (uint64_t *)((char *)&scratch->config + key->offset);

			*value = *value == key->max ? key->min : key->max;
		}
	expected = scratch->config;
	dump(scratch);
	config_defaults(&scratch->config);
	assert_int_equal(config_load(&scratch->config, scratch->path, &scratch->err), 0);
	assert_memory_equal(&scratch->config, &expected, sizeof(expected));
}

#define WITH_SCRATCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

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
		WITH_SCRATCH(what_is_said_twice_is_reported_not_guessed),
		WITH_SCRATCH(what_is_not_yaml_is_reported_with_its_line),
		WITH_SCRATCH(a_file_that_cannot_be_read_is_named_with_the_reason),
		WITH_SCRATCH(a_file_without_end_is_not_read_to_the_end),
		WITH_SCRATCH(a_setting_of_the_command_line_is_held_to_the_same_rules),
		WITH_SCRATCH(what_is_dumped_is_loaded_as_the_same_configuration),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
