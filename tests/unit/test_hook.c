/* SPDX-License-Identifier: Apache-2.0 */

/* Programs that are run for events: real ones, most of them lines of a shell's. */

#include "app/run/hook.h"
#include "base/usec.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define TIMEOUT_US (10 * USEC_PER_SEC)
#define TEXT_MAX 65536

struct fixture {
	struct hook *hook;
	char folder[32];
	char out[64]; /* a file in it, for what programs have to say */
	char text[TEXT_MAX];
};

static uint64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	strcpy(f->folder, "/tmp/hook.XXXXXX");
	if (mkdtemp(f->folder) == NULL)
		return -1;
	snprintf(f->out, sizeof(f->out), "%s/out", f->folder);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	hook_destroy(f->hook);
	unlink(f->out);
	rmdir(f->folder);
	free(f);
	return 0;
}

/* A hook that is a shell's line, in which $0 is the file. */
static void
use_line(struct fixture *f, const char *line)
{
	struct config_words command = { .count = 4 };

	strcpy(command.word[0], "/bin/sh");
	strcpy(command.word[1], "-c");
	snprintf(command.word[2], sizeof(command.word[2]), "%s", line);
	strcpy(command.word[3], f->out);
	f->hook = hook_create(&command);
	assert_non_null(f->hook);
}

static void
use_program(struct fixture *f, const char *program)
{
	struct config_words command = { .count = 1 };

	snprintf(command.word[0], sizeof(command.word[0]), "%s", program);
	f->hook = hook_create(&command);
	assert_non_null(f->hook);
}

static void
tell(struct fixture *f, uint32_t id, enum alarm_phase phase, const char *line)
{
	const struct alarm alarm = { .id = id, .phase = phase };

	hook_tell(f->hook, &alarm, line, strlen(line));
}

/* As the control thread does it; no turn may take long. */
static void
turn(struct fixture *f, uint64_t timeout_us)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	const uint64_t before_us = now_us();

	hook_turn(f->hook, timeout_us, before_us);
	assert_true(now_us() - before_us < USEC_PER_SEC);
	nanosleep(&moment, NULL);
}

static void
finish(struct fixture *f, uint64_t timeout_us)
{
	const uint64_t until_us = now_us() + 20 * USEC_PER_SEC;

	while (hook_is_busy(f->hook)) {
		turn(f, timeout_us);
		assert_true(now_us() < until_us);
	}
}

static const char *
read_out(struct fixture *f)
{
	FILE *file = fopen(f->out, "r");
	size_t len = 0;

	if (file != NULL) {
		len = fread(f->text, 1, TEXT_MAX - 1, file);
		fclose(file);
	}
	f->text[len] = '\0';
	return f->text;
}

static void
assert_counted(const struct fixture *f, uint64_t started, uint64_t failed, uint64_t killed,
		uint64_t skipped)
{
	const struct hook_counters *counters = hook_counters(f->hook);

	assert_int_equal(counters->started, started);
	assert_int_equal(counters->failed, failed);
	assert_int_equal(counters->killed, killed);
	assert_int_equal(counters->skipped, skipped);
}

static void
the_program_reads_the_event_from_its_standard_input(void **state)
{
	struct fixture *f = *state;

	use_line(f, "cat >> $0");
	tell(f, 7, ALARM_START, "{\"flood_id\":7}\n");
	assert_true(hook_is_busy(f->hook));
	finish(f, TIMEOUT_US);
	assert_string_equal(read_out(f), "{\"flood_id\":7}\n");
	assert_counted(f, 1, 0, 0, 0);
}

static void
arguments_are_passed_as_they_are_and_no_shell_reads_them(void **state)
{
	struct fixture *f = *state;
	struct config_words command = { .count = 5 };

	strcpy(command.word[0], "/bin/sh");
	strcpy(command.word[1], "-c");
	strcpy(command.word[2], "printf %s \"$1\" > $0");
	strcpy(command.word[3], f->out);
	strcpy(command.word[4], "$(id) 'a b' ; * `x`");
	f->hook = hook_create(&command);
	tell(f, 1, ALARM_START, "x\n");
	finish(f, TIMEOUT_US);
	assert_string_equal(read_out(f), "$(id) 'a b' ; * `x`");
}

static void
a_program_that_fails_is_counted_and_the_next_event_is_told_all_the_same(void **state)
{
	struct fixture *f = *state;

	use_line(f, "cat >> $0; exit 3");
	tell(f, 1, ALARM_START, "a\n");
	tell(f, 1, ALARM_END, "b\n");
	finish(f, TIMEOUT_US);
	assert_string_equal(read_out(f), "a\nb\n");
	assert_counted(f, 2, 2, 0, 0);
}

static void
a_program_that_cannot_be_started_is_counted_as_failed(void **state)
{
	struct fixture *f = *state;

	use_program(f, "/no/such/program");
	tell(f, 1, ALARM_START, "a\n");
	tell(f, 2, ALARM_START, "b\n");
	finish(f, TIMEOUT_US);
	assert_counted(f, 0, 2, 0, 0);
}

static void
a_program_that_dies_by_a_signal_of_its_own_has_failed(void **state)
{
	struct fixture *f = *state;

	use_line(f, "kill -SEGV $$");
	tell(f, 1, ALARM_START, "a\n");
	finish(f, TIMEOUT_US);
	assert_counted(f, 1, 1, 0, 0);
}

/* Whether a process of that number runs; one that is dead and not buried yet does not. */
static bool
runs(pid_t pid)
{
	char path[64], state = 'Z';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 'Z';
	fclose(file);
	return state != 'Z' && state != 'X';
}

/* The numbers of processes that the program has written, all of which must be gone soon. */
static void
assert_all_gone(struct fixture *f, int wanted)
{
	const uint64_t until_us = now_us() + 5 * USEC_PER_SEC;
	char *rest = NULL;
	int seen = 0;

	read_out(f);
	for (char *word = strtok_r(f->text, " \n", &rest); word != NULL;
			word = strtok_r(NULL, " \n", &rest), seen++)
		while (runs((pid_t)atoi(word)))
			assert_true(now_us() < until_us);
	assert_int_equal(seen, wanted);
}

static void
a_program_that_hangs_is_killed_with_all_that_it_has_started(void **state)
{
	struct fixture *f = *state;
	const uint64_t before_us = now_us();

	use_line(f, "trap '' TERM; sleep 100 & echo $$ $! > $0; sleep 100");
	tell(f, 1, ALARM_START, "a\n");
	finish(f, 300 * USEC_PER_MSEC);
	assert_true(now_us() - before_us < 10 * USEC_PER_SEC);
	assert_counted(f, 1, 0, 1, 0);
	assert_all_gone(f, 2);
}

static void
what_a_program_leaves_behind_ends_with_it(void **state)
{
	struct fixture *f = *state;

	use_line(f, "sleep 100 & echo $! > $0");
	tell(f, 1, ALARM_START, "a\n");
	finish(f, TIMEOUT_US);
	assert_counted(f, 1, 0, 0, 0);
	assert_all_gone(f, 1);
}

static void
a_program_that_prints_without_end_does_no_harm_and_is_killed(void **state)
{
	struct fixture *f = *state;

	use_line(f, "cat /dev/zero & cat /dev/zero >&2 & exec cat /dev/zero");
	tell(f, 1, ALARM_START, "a\n");
	finish(f, 200 * USEC_PER_MSEC);
	assert_counted(f, 1, 0, 1, 0);
}

/* Its input is a file in memory, which it can only read. */
static void
a_program_cannot_write_to_its_input(void **state)
{
	struct fixture *f = *state;

	use_line(f, "(echo more >&0) 2> /dev/null && echo could > $0; cat >> $0");
	tell(f, 1, ALARM_START, "a\n");
	finish(f, TIMEOUT_US);
	assert_string_equal(read_out(f), "a\n");
}

static void
a_program_that_reads_nothing_holds_up_nobody(void **state)
{
	struct fixture *f = *state;
	static char line[4097];

	memset(line, 'x', sizeof(line) - 1);
	use_program(f, "/bin/true");
	for (uint32_t id = 1; id <= 20; id++)
		tell(f, id, ALARM_START, line);
	finish(f, TIMEOUT_US);
	assert_counted(f, 20, 0, 0, 0);
}

static void
a_program_has_no_descriptor_mask_or_handler_of_ours(void **state)
{
	struct fixture *f = *state;
	const int leak = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
	sigset_t blocked, before;

	assert_true(leak >= 0);
	sigfillset(&blocked);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	signal(SIGPIPE, SIG_IGN);
	/* Beyond the first 31, libc has two of its own. */
	use_line(f,
			"grep -E '^Sig(Blk|Ign)' /proc/self/status | while read name mask; do "
			"echo $name $((0x$mask & 0x7fffffff)); done > $0;"
			"for n in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && echo has $n >> $0; done;"
			"[ $(ps -o pgid= -p $$) -eq $$ ] && echo leads >> $0");
	tell(f, 1, ALARM_START, "a\n");
	finish(f, TIMEOUT_US);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, SIG_DFL);
	close(leak);
	assert_string_equal(read_out(f), "SigBlk: 0\nSigIgn: 0\nleads\n");
}

static void
no_more_than_a_few_run_at_a_time(void **state)
{
	struct fixture *f = *state;

	use_line(f, "echo x >> $0; sleep 100");
	for (uint32_t id = 1; id <= 10; id++)
		tell(f, id, ALARM_START, "a\n");
	for (int i = 0; i < 50; i++)
		turn(f, TIMEOUT_US);
	assert_counted(f, HOOK_CHILDREN, 0, 0, 0);
	finish(f, 100 * USEC_PER_MSEC);
	assert_counted(f, 10, 0, 10, 0);
}

static void
events_of_one_attack_are_told_one_after_another(void **state)
{
	struct fixture *f = *state;

	use_line(f, "sleep 0.05; cat >> $0");
	for (int i = 0; i < 5; i++) {
		char line[8];

		snprintf(line, sizeof(line), "%d\n", i);
		tell(f, 1, i == 0 ? ALARM_START : i == 4 ? ALARM_END : ALARM_UPDATE, line);
	}
	turn(f, TIMEOUT_US);
	assert_counted(f, 1, 0, 0, 0);
	finish(f, TIMEOUT_US);
	assert_string_equal(read_out(f), "0\n1\n2\n3\n4\n");
}

static void
thousands_of_events_are_bounded_and_those_left_out_are_counted(void **state)
{
	struct fixture *f = *state;

	use_program(f, "/bin/true");
	for (uint32_t id = 1; id <= 10000; id++)
		tell(f, id, ALARM_START, "a\n");
	finish(f, TIMEOUT_US);
	assert_counted(f, HOOK_WAITING, 0, 0, 10000 - HOOK_WAITING);
}

static void
ends_are_told_rather_than_starts_and_starts_rather_than_updates(void **state)
{
	struct fixture *f = *state;

	use_line(f, "cat >> $0");
	for (uint32_t i = 0; i < HOOK_WAITING; i++)
		tell(f, 1, ALARM_UPDATE, "update\n");
	tell(f, 1, ALARM_START, "start\n");
	for (uint32_t i = 0; i < HOOK_WAITING - 1; i++)
		tell(f, 1, ALARM_END, "end\n");
	tell(f, 1, ALARM_UPDATE, "late update\n");
	finish(f, TIMEOUT_US);
	assert_counted(f, HOOK_WAITING, 0, 0, HOOK_WAITING + 1);
	read_out(f);
	assert_int_equal(strncmp(f->text, "start\nend\nend\n", 14), 0);
	assert_null(strstr(f->text, "update"));
}

static void
a_hook_that_goes_away_takes_its_programs_with_it(void **state)
{
	struct fixture *f = *state;
	const uint64_t until_us = now_us() + 5 * USEC_PER_SEC;

	use_line(f, "echo $$ > $0; sleep 100");
	tell(f, 1, ALARM_START, "a\n");
	while (*read_out(f) == '\0' && now_us() < until_us)
		turn(f, TIMEOUT_US);
	tell(f, 2, ALARM_START, "b\n");
	hook_destroy(f->hook);
	f->hook = NULL;
	assert_all_gone(f, 1);
}

static void
what_does_not_end_in_time_is_counted(void **state)
{
	struct fixture *f = *state;

	use_line(f, "sleep 100");
	tell(f, 1, ALARM_START, "a\n");
	tell(f, 1, ALARM_END, "b\n");
	turn(f, TIMEOUT_US);
	hook_end(f->hook);
	assert_counted(f, 1, 0, 1, 1);
	finish(f, TIMEOUT_US);
	assert_counted(f, 1, 0, 1, 1);
	hook_end(NULL);
}

static void
without_a_hook_nothing_is_done(void **state)
{
	const struct alarm alarm = { .id = 1 };

	(void)state;
	hook_tell(NULL, &alarm, "a\n", 2);
	hook_turn(NULL, TIMEOUT_US, now_us());
	assert_false(hook_is_busy(NULL));
	assert_null(hook_counters(NULL));
	hook_destroy(NULL);
}

static void
assert_check(const char *program, int rc, const char *text)
{
	struct config_words command = { .count = 1 };
	struct err err = { "" };

	snprintf(command.word[0], sizeof(command.word[0]), "%s", program);
	assert_int_equal(hook_check(&command, &err), rc);
	assert_string_equal(err.text, text);
}

static void
a_program_that_is_not_there_or_may_not_be_run_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct config_words none = { .count = 0 };
	char text[128];

	assert_int_equal(hook_check(&none, NULL), 0);
	assert_check("/bin/sh", 0, "");
	assert_check("/no/such", -ENOENT, "flood.on_flood: /no/such: No such file or directory");
	assert_check("/tmp", -EACCES, "flood.on_flood: /tmp: is no program that may be run");
	close(open(f->out, O_CREAT | O_WRONLY, 0600));
	snprintf(text, sizeof(text), "flood.on_flood: %s: is no program that may be run", f->out);
	assert_check(f->out, -EACCES, text);
	chmod(f->out, 0700);
	assert_check(f->out, 0, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_program_reads_the_event_from_its_standard_input),
		TEST(arguments_are_passed_as_they_are_and_no_shell_reads_them),
		TEST(a_program_that_fails_is_counted_and_the_next_event_is_told_all_the_same),
		TEST(a_program_that_cannot_be_started_is_counted_as_failed),
		TEST(a_program_that_dies_by_a_signal_of_its_own_has_failed),
		TEST(a_program_that_hangs_is_killed_with_all_that_it_has_started),
		TEST(what_a_program_leaves_behind_ends_with_it),
		TEST(a_program_that_prints_without_end_does_no_harm_and_is_killed),
		TEST(a_program_cannot_write_to_its_input),
		TEST(a_program_that_reads_nothing_holds_up_nobody),
		TEST(a_program_has_no_descriptor_mask_or_handler_of_ours),
		TEST(no_more_than_a_few_run_at_a_time),
		TEST(events_of_one_attack_are_told_one_after_another),
		TEST(thousands_of_events_are_bounded_and_those_left_out_are_counted),
		TEST(ends_are_told_rather_than_starts_and_starts_rather_than_updates),
		TEST(a_hook_that_goes_away_takes_its_programs_with_it),
		TEST(what_does_not_end_in_time_is_counted),
		TEST(without_a_hook_nothing_is_done),
		TEST(a_program_that_is_not_there_or_may_not_be_run_is_refused),
	};

	return cmocka_run_group_tests_name("hook", tests, NULL, NULL);
}
