/* SPDX-License-Identifier: Apache-2.0 */

/*
 * An output whose disk hangs, for as long as the test wants: the calls below stand before the C
 * library's, and wait like a disk does.
 */

#include "app/run/output_thread.h"
#include "io/line_buffer.h"
#include "tests/unit/line_output_fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>

/* Far above what anything here takes, and waited for only where something is wrong. */
#define PATIENCE_S 60

/* What may be waited for a disk that hangs, at the most, and then some. */
#define BOUND_S 10

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool hangs;
	atomic_bool is_slow; /* each write takes 5 ms */
	uint32_t waiting; /* calls */
} disk = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void
wait_for_disk(void)
{
	pthread_mutex_lock(&disk.lock);
	disk.waiting++;
	pthread_cond_broadcast(&disk.changed);
	while (disk.hangs)
		pthread_cond_wait(&disk.changed, &disk.lock);
	disk.waiting--;
	pthread_mutex_unlock(&disk.lock);
}

static void
let_hang(bool hangs)
{
	pthread_mutex_lock(&disk.lock);
	disk.hangs = hangs;
	pthread_cond_broadcast(&disk.changed);
	pthread_mutex_unlock(&disk.lock);
}

/* Until a thread is held up by the disk. */
static void
wait_until_held_up(void)
{
	pthread_mutex_lock(&disk.lock);
	while (disk.waiting == 0)
		pthread_cond_wait(&disk.changed, &disk.lock);
	pthread_mutex_unlock(&disk.lock);
}

ssize_t
write(int fd, const void *bytes, size_t len)
{
	const struct timespec slow = { .tv_nsec = 5000000 };

	if (fd > STDERR_FILENO)
		wait_for_disk();
	if (disk.is_slow)
		nanosleep(&slow, NULL);
	return syscall(SYS_write, fd, bytes, len);
}

int
open(const char *path, int flags, ...)
{
	wait_for_disk();
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0640);
}

struct fixture {
	struct output_fixture *folder;
	struct output_thread *output;
	uint32_t put; /* lines so far, and the number of the next */
	uint64_t now_us;
	struct line_output_state state; /* of the last look */
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL || output_setup((void **)&f->folder) != 0)
		return -1;
	f->now_us = f->folder->now_us;
	alarm(2 * PATIENCE_S);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	let_hang(false);
	output_thread_close(f->output, NULL);
	output_teardown((void **)&f->folder);
	alarm(0);
	free(f);
	return 0;
}

static void
open_file(struct fixture *f, bool is_running)
{
	const struct line_output_params params = { .kind = LINE_OUTPUT_FILE,
		.path = f->folder->path };
	struct err err;

	if (output_thread_open(&params, is_running, &f->output, &err) != 0)
		fail_msg("%s", err.text);
}

static void
put(struct fixture *f, uint32_t count)
{
	char line[FIXTURE_LINE_MAX];

	for (uint32_t i = 0; i < count; i++)
		output_thread_put(f->output, line, output_line(f->put++, line));
}

/* What became of each line is told at any time. */
static const struct line_output_state *
look(struct fixture *f)
{
	output_thread_state(f->output, &f->state);
	assert_int_equal(f->state.lines + f->state.lines_lost + f->state.lines_waiting, f->put);
	return &f->state;
}

static void
flush(struct fixture *f)
{
	f->now_us += USEC_PER_MSEC;
	output_thread_flush(f->output, f->now_us);
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
wait_a_moment(void)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	nanosleep(&moment, NULL);
}

static void
flush_all(struct fixture *f)
{
	const double until = seconds() + PATIENCE_S;

	while (look(f)->lines_waiting > 0 && seconds() < until) {
		flush(f);
		wait_a_moment();
	}
	assert_int_equal(f->state.lines_waiting, 0);
}

static uint32_t
count_in_file(const struct fixture *f)
{
	uint32_t next = 0;

	return output_check_file(f->folder->path, &next);
}

/* The thread is held up, with some lines. */
static void
hang(struct fixture *f)
{
	put(f, 10);
	let_hang(true);
	flush(f);
	wait_until_held_up();
}

static void
lines_are_written_in_order_by_another_thread(void **state)
{
	struct fixture *f = *state;

	open_file(f, false);
	for (int i = 0; i < 200; i++) {
		put(f, 50);
		flush(f);
	}
	flush_all(f);
	assert_true(look(f)->is_ready);
	assert_int_equal(look(f)->lines, 10000);
	assert_int_equal(count_in_file(f), 10000);
}

/* More than there is room for, each time at once: it is waited for. */
static void
a_disk_that_is_slow_loses_nothing(void **state)
{
	struct fixture *f = *state;

	open_file(f, false);
	disk.is_slow = true;
	for (int i = 0; i < 4; i++) {
		put(f, LINE_BUFFER_SIZE / 250);
		flush(f);
	}
	disk.is_slow = false;
	flush_all(f);
	assert_int_equal(look(f)->lines_lost, 0);
	assert_int_equal(count_in_file(f), f->put);
}

static void
a_disk_that_hangs_holds_nobody_up_and_loses_what_finds_no_room(void **state)
{
	struct fixture *f = *state;
	double begun;
	uint64_t kept;

	open_file(f, false);
	hang(f);
	begun = seconds();
	while (look(f)->lines_lost == 0)
		put(f, 1);
	put(f, 1000);
	flush(f);
	assert_true(seconds() < begun + BOUND_S);
	assert_in_range(look(f)->lines_lost, 950, 1001);
	assert_int_equal(look(f)->lines, 0);
	kept = f->state.lines_waiting;
	assert_in_range(f->state.lines_waiting, LINE_BUFFER_SIZE / FIXTURE_LINE_MAX,
			LINE_BUFFER_SIZE / 300);
	let_hang(false);
	flush_all(f);
	assert_true(look(f)->is_ready);
	assert_string_equal(f->state.trouble, "");
	assert_int_equal(f->state.lines, kept);
	assert_int_equal(count_in_file(f), kept);
}

static void
a_disk_that_is_told_to_hang_is_not_waited_for_in_each_turn(void **state)
{
	struct fixture *f = *state;
	double begun;

	open_file(f, false);
	hang(f);
	f->now_us += 500 * USEC_PER_MSEC;
	flush(f);
	while (look(f)->lines_lost == 0)
		put(f, 1);
	begun = seconds();
	/* A tenth of a second in each would be twice as long as the bound. */
	for (uint32_t turn = 0; turn < 20 * BOUND_S; turn++) {
		flush(f);
		put(f, 1);
	}
	assert_true(seconds() < begun + BOUND_S);
	assert_in_range(look(f)->lines_lost, 19 * BOUND_S, 20 * BOUND_S + 1);
	let_hang(false);
	flush_all(f);
	put(f, 1);
	flush_all(f);
	assert_int_equal(count_in_file(f), f->put - look(f)->lines_lost);
}

static void
that_a_disk_hangs_is_told_after_half_a_second_and_no_more_when_it_works(void **state)
{
	struct fixture *f = *state;

	open_file(f, false);
	hang(f);
	f->now_us += 400 * USEC_PER_MSEC;
	flush(f);
	assert_true(look(f)->is_ready);
	f->now_us += 100 * USEC_PER_MSEC;
	flush(f);
	assert_false(look(f)->is_ready);
	assert_string_equal(f->state.trouble, "its disk hangs");
	let_hang(false);
	flush_all(f);
	assert_true(look(f)->is_ready);
	assert_string_equal(f->state.trouble, "");
}

static void
closing_does_not_wait_for_a_disk_that_hangs_and_what_waits_is_written_when_it_works(void **state)
{
	struct fixture *f = *state;
	const double until = seconds() + PATIENCE_S;
	struct err err = { "" };

	open_file(f, false);
	hang(f);
	put(f, 5);
	assert_int_equal(output_thread_close(f->output, &err), -ETIMEDOUT);
	f->output = NULL;
	assert_true(seconds() < until - PATIENCE_S + BOUND_S);
	assert_non_null(strstr(err.text, f->folder->path));
	assert_non_null(strstr(err.text, "hangs: 15 lines wait for it"));
	let_hang(false);
	while (count_in_file(f) < 15 && seconds() < until)
		wait_a_moment();
	assert_int_equal(count_in_file(f), 15);
}

static void
a_file_on_a_disk_that_hangs_cannot_be_opened(void **state)
{
	struct fixture *f = *state;
	const struct line_output_params params = { .kind = LINE_OUTPUT_FILE,
		.path = f->folder->path };
	const double begun = seconds();
	struct output_thread *output;
	struct err err = { "" };

	let_hang(true);
	assert_int_equal(output_thread_open(&params, true, &output, &err), -ETIMEDOUT);
	assert_null(output);
	assert_true(seconds() < begun + BOUND_S);
	assert_non_null(strstr(err.text, "its disk does not answer"));
	let_hang(false);
	open_file(f, true);
	put(f, 3);
	assert_int_equal(output_thread_close(f->output, &err), 0);
	f->output = NULL;
	assert_int_equal(count_in_file(f), 3);
}

static void
a_file_that_cannot_be_opened_says_why_whoever_opens_it(void **state)
{
	const struct line_output_params params = { .kind = LINE_OUTPUT_FILE, .path = "/no/where" };
	struct output_thread *output;
	struct err err;

	(void)state;
	for (int is_running = 0; is_running < 2; is_running++) {
		assert_int_equal(output_thread_open(&params, is_running, &output, &err), -ENOENT);
		assert_null(output);
		assert_non_null(strstr(err.text, "/no/where: cannot be written: "));
	}
}

/* It was moved while the disk hung. */
static void
a_file_is_opened_by_its_name_again_when_the_disk_works(void **state)
{
	struct fixture *f = *state;
	char moved[80];
	uint32_t next = 0;

	open_file(f, false);
	hang(f);
	assert_int_equal(rename(f->folder->path, output_numbered(f->folder, 1, moved)), 0);
	output_thread_reopen(f->output);
	flush(f);
	put(f, 7);
	let_hang(false);
	flush_all(f);
	assert_int_equal(output_check_file(moved, &next), 10);
	assert_int_equal(output_check_file(f->folder->path, &next), 7);
}

/* Those that were gathered meanwhile as well. */
static void
what_a_full_disk_does_not_take_is_told_at_the_end(void **state)
{
	const struct line_output_params params = { .kind = LINE_OUTPUT_FILE, .path = "/dev/full" };
	struct fixture *f = *state;
	struct err err;

	assert_int_equal(output_thread_open(&params, false, &f->output, &err), 0);
	while (f->put == 0 || look(f)->lines_lost == 0) {
		put(f, 100);
		flush(f);
	}
	assert_int_equal(output_thread_close(f->output, &err), -ENOSPC);
	f->output = NULL;
	assert_int_equal(strtoul(err.text + strlen("/dev/full: "), NULL, 10),
			f->state.lines_waiting);
	assert_non_null(strstr(err.text, " lines were left unwritten: "));
}

static void
nothing_to_close_is_no_error(void **state)
{
	(void)state;
	assert_int_equal(output_thread_close(NULL, NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_are_written_in_order_by_another_thread),
		TEST(a_disk_that_is_slow_loses_nothing),
		TEST(a_disk_that_hangs_holds_nobody_up_and_loses_what_finds_no_room),
		TEST(a_disk_that_is_told_to_hang_is_not_waited_for_in_each_turn),
		TEST(that_a_disk_hangs_is_told_after_half_a_second_and_no_more_when_it_works),
		TEST(closing_does_not_wait_for_a_disk_that_hangs_and_what_waits_is_written_when_it_works),
		TEST(a_file_on_a_disk_that_hangs_cannot_be_opened),
		TEST(a_file_that_cannot_be_opened_says_why_whoever_opens_it),
		TEST(a_file_is_opened_by_its_name_again_when_the_disk_works),
		TEST(what_a_full_disk_does_not_take_is_told_at_the_end),
		cmocka_unit_test(nothing_to_close_is_no_error),
	};

	return cmocka_run_group_tests_name("output_thread", tests, NULL, NULL);
}
