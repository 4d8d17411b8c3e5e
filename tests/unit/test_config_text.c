/* SPDX-License-Identifier: Apache-2.0 */

#include "base/compiler.h"
#include "config/config_text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct config_key any = { .type = CONFIG_TEXT, .min = 1, .max = 107, .standard = "x" };
static const struct config_key unset = {
	.type = CONFIG_TEXT, .min = 1, .max = 107, .standard = ""
};
static const struct config_key name = { .type = CONFIG_NAME, .min = 1, .max = 7, .standard = "x" };
static const struct config_key cores = { .type = CONFIG_CORES, .max = 255, .standard = "" };
static const struct config_key address = {
	.type = CONFIG_ADDRESS, .min = 1, .max = 255, .standard = "::"
};

static void
assert_taken(const struct config_key *key, const char *text)
{
	char value[CONFIG_TEXT_LEN];
	struct err err = { "" };

	if (config_text_parse(key, text, value, &err) != 0)
		fail_msg("'%s' %s", text, err.text);
	assert_string_equal(value, text);
}

static void
assert_refused(const struct config_key *key, const char *text, const char *why)
{
	char value[CONFIG_TEXT_LEN] = "before";
	struct err err;

	assert_int_equal(config_text_parse(key, text, value, &err), -EINVAL);
	assert_string_equal(err.text, why);
	assert_string_equal(value, "before");
}

static void
a_text_is_printable_and_fits(void **state)
{
	char long_text[109];

	(void)state;

	memset(long_text, 'a', sizeof(long_text) - 1);
	long_text[108] = '\0';
	assert_taken(&any, "/var/log/a b");
	assert_taken(&any, "/home/j\xc3\xbcrgen");
	assert_taken(&any, long_text + 1);
	assert_refused(&any, long_text,
			"must be a text of printable characters, at most 107, got "
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	assert_refused(&any, "",
			"must be a text of printable characters, at most 107, got nothing");
	assert_refused(&any, "a\nb",
			"must be a text of printable characters, at most 107, got a\nb");
	assert_taken(&unset, "");
}

static void
a_name_has_no_letters_that_a_file_or_a_table_would_trip_over(void **state)
{
	(void)state;

	assert_taken(&name, "wan");
	assert_taken(&name, "a.b_c-1");
	assert_refused(&name, "a/b",
			"must be a name of letters, digits, '.', '_' and '-', at most 7, got a/b");
	assert_refused(&name, "-a",
			"must be a name of letters, digits, '.', '_' and '-', at most 7, got -a");
	assert_refused(&name, "12345678",
			"must be a name of letters, digits, '.', '_' and '-', at most 7, "
			"got 12345678");
}

static void
what_is_wrong_with_a_list_of_cores_is_said(void **state)
{
	(void)state;

	assert_taken(&cores, "");
	assert_taken(&cores, "2-5,8");
	assert_refused(&cores, "5-2",
			"must be a list of cores such as 2-5,8, got 5-2: the range 5-2 runs "
			"backwards");
}

static void
an_address_is_numeric(void **state)
{
	(void)state;

	assert_taken(&address, "127.0.0.1");
	assert_taken(&address, "::1");
	assert_taken(&address, "2001:db8::80");
	assert_refused(&address, "localhost", "must be an IPv4 or IPv6 address, got localhost");
	assert_refused(&address, "127.0.0.1:80",
			"must be an IPv4 or IPv6 address, got 127.0.0.1:80");
	assert_refused(&address, "127.1", "must be an IPv4 or IPv6 address, got 127.1");
	assert_refused(&address, "", "must be an IPv4 or IPv6 address, got nothing");
}

static void
a_text_stands_in_quotes_where_yaml_would_take_it_for_more(void **state)
{
	static const struct {
		const char *text;
		const char *yaml;
	} rows[] = {
		{ "/run/synwire/control.sock", "/run/synwire/control.sock" },
		{ "2-5", "2-5" },
		{ "", "\"\"" },
		{ "2-5,8", "\"2-5,8\"" },
		{ "-", "\"-\"" },
		{ "a: b", "\"a: b\"" },
		{ "a\"b\\", "\"a\\\"b\\\\\"" },
		{ "#x", "\"#x\"" },
	};
	char yaml[CONFIG_TEXT_YAML];

	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		config_text_print(rows[i].text, yaml, sizeof(yaml));
		assert_string_equal(yaml, rows[i].yaml);
	}
}

static void
the_longest_text_has_room_in_quotes(void **state)
{
	char text[CONFIG_TEXT_LEN];
	char yaml[CONFIG_TEXT_YAML];

	(void)state;

	memset(text, '"', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	config_text_print(text, yaml, sizeof(yaml));
	assert_int_equal(strlen(yaml), 2 * (sizeof(text) - 1) + 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_printable_and_fits),
		cmocka_unit_test(a_name_has_no_letters_that_a_file_or_a_table_would_trip_over),
		cmocka_unit_test(what_is_wrong_with_a_list_of_cores_is_said),
		cmocka_unit_test(an_address_is_numeric),
		cmocka_unit_test(a_text_stands_in_quotes_where_yaml_would_take_it_for_more),
		cmocka_unit_test(the_longest_text_has_room_in_quotes),
	};

	return cmocka_run_group_tests_name("config_text", tests, NULL, NULL);
}
