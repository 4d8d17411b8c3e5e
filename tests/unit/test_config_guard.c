/* SPDX-License-Identifier: Apache-2.0 */

/* Files that would keep a parser busy: each is refused, or read, in little processor time. */

#include "config/config_file.h"
#include "config_fixture.h"

#include <time.h>

/* Wide, for sanitizers and busy machines; without the guard the first takes about a minute. */
#define SOON_SEC 8

#define TOO_DEEP "nested too deeply; a configuration has no more than 3 levels"

static double
cpu_sec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A file of the largest size: @p head, then @p unit over and over. */
static int
load_repeated(struct scratch *scratch, const char *head, const char *unit)
{
	char *text = malloc(CONFIG_FILE_MAX);
	size_t at = strlen(head);
	double before;
	int ret;

	assert_non_null(text);
	memcpy(text, head, at);
	for (; at + strlen(unit) <= CONFIG_FILE_MAX; at += strlen(unit))
		memcpy(text + at, unit, strlen(unit));
	before = cpu_sec();
	ret = load_bytes(scratch, text, at);
	before = cpu_sec() - before;
	free(text);
	if (before > SOON_SEC)
		fail_msg("%s%s...: %f s", head, unit, before);
	return ret;
}

/* A file of the largest size: @p format over and over, each with its number. */
static int
load_numbered(struct scratch *scratch, const char *head, const char *before, const char *after)
{
	char *text = malloc(CONFIG_FILE_MAX + 64);
	size_t at = (size_t)sprintf(text, "%s", head);
	double start;
	int ret;

	for (int i = 0; at < CONFIG_FILE_MAX - 64; i++)
		at += (size_t)sprintf(text + at, "%s%d%s", before, i, after);
	start = cpu_sec();
	ret = load_bytes(scratch, text, at);
	start = cpu_sec() - start;
	free(text);
	if (start > SOON_SEC)
		fail_msg("%s%s0%s...: %f s", head, before, after, start);
	return ret;
}

static void
assert_told(const struct scratch *scratch, unsigned int line, const char *why)
{
	char told[256];

	snprintf(told, sizeof(told), "%s:%u: %s", scratch->path, line, why);
	assert_string_equal(scratch->errors.errs[0].text, told);
	assert_int_equal(scratch->errors.count, 1);
}

static void
what_is_nested_without_end_is_refused_at_once(void **state)
{
	static const char *const units[] = { "[", "{", "{a: ", "- ", "? ", "[? ", "&a [", "- ? " };
	struct scratch *scratch = *state;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		assert_int_equal(load_repeated(scratch, "", units[i]), -EINVAL);
		assert_told(scratch, 1, TOO_DEEP);
	}
}

static void
a_ladder_of_indents_is_refused_at_once(void **state)
{
	struct scratch *scratch = *state;
	char *text = malloc(CONFIG_FILE_MAX);
	size_t at = 0;
	double before;

	assert_non_null(text);
	for (int i = 0; at + (size_t)i + 3 < CONFIG_FILE_MAX; i++)
		at += (size_t)sprintf(text + at, "%*sa:\n", i, "");
	before = cpu_sec();
	assert_int_equal(load_bytes(scratch, text, at), -EINVAL);
	assert_true(cpu_sec() - before < SOON_SEC);
	free(text);
	assert_told(scratch, 17, TOO_DEEP);
}

static void
levels_that_are_closed_are_not_counted(void **state)
{
	struct scratch *scratch = *state;

	assert_loaded(scratch,
			"tcp: {}\nflow: {}\nrst: {}\nstats: {}\nwires: []\nworkers: {}\n"
			"outputs: [{type: stdout}, {type: stdout}, {type: stdout}]\n"
			"control:\n  cores: 1\nmemory:\n  hugepages: true\n"
			"events:\n  rst: all\ntracker:\n  verify_checksum: true\n"
			"metrics:\n  port: 1\ntelemetry:\n  enabled: true\n");
}

static void
anchors_and_directives_without_end_are_refused_at_once(void **state)
{
	struct scratch *scratch = *state;

	assert_int_equal(load_numbered(scratch, "", "&a", " a:\n"), -EINVAL);
	assert_told(scratch, 65, "too many anchors; a configuration needs none");
	assert_int_equal(load_numbered(scratch, "", "%TAG !a", "! b\n"), -EINVAL);
	assert_told(scratch, 9, "too many directives; a configuration needs none");
}

static void
aliases_of_aliases_are_not_unfolded(void **state)
{
	struct scratch *scratch = *state;

	load_repeated(scratch, "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [", "*c, ");
	load_repeated(scratch, "&a [", "*a,");
	load_repeated(scratch, "wires: [&a {ports: [a, b]}, ", "*a, ");
	assert_int_equal(scratch->errors.count, 1);
}

static void
what_is_long_is_refused_at_once(void **state)
{
	static const char *const heads[] = { "", "\"", "mode: ", "mode: \"", "mode: |\n  ", "# ",
		"&", "tcp:\n", "- ", "wires: [{name: a, ports: [", "!" };
	static const char *const units[] = { "a", "a ", "a\n", "a\n  ", "\n", ": ", "a: 1\n", "a,",
		"#", "  a: 1\n", "--- a\n", "[],", "%a\n", "\\n", "mode: |\n", "- \n", "'a'\n",
		"{},", "? a\n" };
	struct scratch *scratch = *state;

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		for (size_t j = 0; j < sizeof(units) / sizeof(units[0]); j++)
			load_repeated(scratch, heads[i], units[j]);
}

static void
many_mistakes_are_counted_soon(void **state)
{
	struct scratch *scratch = *state;

	assert_int_equal(load_numbered(scratch, "", "k", ": 1\n"), -EINVAL);
	assert_int_equal(scratch->errors.count, ERR_LIST_MAX);
	assert_true(scratch->errors.more > 5000);
	assert_int_equal(load_numbered(scratch, "", "timeouts.establishment", ": 1\n"), -EINVAL);
	assert_int_equal(load_numbered(scratch, "tcp:\n", "  syn_retries", ": 1\n"), -EINVAL);
	assert_int_equal(load_repeated(scratch, "", "mode: monitor\n"), -EINVAL);
	assert_int_equal(load_repeated(scratch, "", "mode: {}\n"), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SCRATCH(what_is_nested_without_end_is_refused_at_once),
		WITH_SCRATCH(a_ladder_of_indents_is_refused_at_once),
		WITH_SCRATCH(levels_that_are_closed_are_not_counted),
		WITH_SCRATCH(anchors_and_directives_without_end_are_refused_at_once),
		WITH_SCRATCH(aliases_of_aliases_are_not_unfolded),
		WITH_SCRATCH(what_is_long_is_refused_at_once),
		WITH_SCRATCH(many_mistakes_are_counted_soon),
	};

	return cmocka_run_group_tests_name("config_guard", tests, NULL, NULL);
}
