/* SPDX-License-Identifier: Apache-2.0 */

/* A disk that is full, and has room again later. */

#include "tests/unit/line_output_fixture.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

static const struct line_output_params plain = { .kind = LINE_OUTPUT_FILE };

static void
no_room_at_all_is_told_and_lines_wait_then_are_lost(void **state)
{
	struct output_fixture *f = *state;
	struct line_output_params params = plain;
	struct err err;

	params.path = "/dev/full";
	output_open(f, params);
	output_put(f, 10);
	assert_false(output_flush(f)->is_ready);
	assert_non_null(strstr(f->state.trouble, strerror(ENOSPC)));
	assert_int_equal(f->state.lines_waiting, 10);
	output_fill(f);
	output_put(f, 1000);
	assert_int_equal(output_flush_later(f)->lines, 0);
	assert_true(f->state.lines_lost > 900);
	assert_int_equal(line_output_close(f->out, &err), -ENOSPC);
	f->out = NULL;
	assert_non_null(strstr(err.text, "/dev/full: "));
	assert_non_null(strstr(err.text, "lines were left unwritten"));
}

/* Lines are put until some are lost; then there is room again. */
static void
meet_the_limit(struct output_fixture *f, void (*give_room)(void))
{
	uint32_t next = 0, count;
	uint64_t lost;

	output_put(f, 2000);
	assert_false(output_flush(f)->is_ready);
	assert_true(f->state.lines > 0 && f->state.lines_waiting > 0);
	assert_int_equal(output_check_file(f->path, &next), f->state.lines);
	output_fill(f);
	output_put(f, 1000);
	output_flush_later(f);
	lost = f->state.lines_lost;
	assert_true(lost > 0);

	give_room();
	assert_false(output_flush(f)->is_ready); /* tried once a second */
	assert_true(output_flush_later(f)->is_ready);
	assert_string_equal(f->state.trouble, "");
	output_put(f, 100);
	assert_int_equal(output_flush(f)->lines_waiting, 0);
	assert_int_equal(f->state.lines_lost, lost);
	next = 0;
	count = output_check_file(f->path, &next);
	assert_int_equal(count, f->state.lines);
	assert_int_equal(next, f->put);
}

static void
set_file_limit(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void
lift_file_limit(void)
{
	set_file_limit(RLIM_INFINITY);
}

static void
a_file_that_may_not_grow_ends_whole_and_goes_on_when_it_may(void **state)
{
	struct output_fixture *f = *state;

	output_open(f, plain);
	set_file_limit(100001);
	meet_the_limit(f, lift_file_limit);
}

static int
output_teardown_limit(void **state)
{
	lift_file_limit();
	return output_teardown(state);
}

static char disk[32];

static void
make_room(void)
{
	char ballast[48];

	snprintf(ballast, sizeof(ballast), "%s/ballast", disk);
	assert_int_equal(unlink(ballast), 0);
}

/* In a mount namespace of this process's own: nobody else sees the disk. */
static bool
mount_small_disk(const char *folder)
{
	return unshare(CLONE_NEWNS) == 0 &&
			mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
			mount("none", folder, "tmpfs", 0, "size=16m") == 0;
}

static void
fill_disk(void)
{
	static const char zeros[1 << 16];
	char ballast[48];
	size_t left = (16 << 20) - (200 << 10);
	int fd;

	snprintf(ballast, sizeof(ballast), "%s/ballast", disk);
	fd = open(ballast, O_WRONLY | O_CREAT, 0600);
	for (ssize_t n = 1; left > 0 && n > 0; left -= (size_t)n)
		n = write(fd, zeros, left < sizeof(zeros) ? left : sizeof(zeros));
	close(fd);
	assert_int_equal(left, 0);
}

static void
a_full_disk_loses_what_finds_no_room_in_the_buffer_and_no_more(void **state)
{
	struct output_fixture *f = *state;

	if (!mount_small_disk(f->folder))
		skip();
	strcpy(disk, f->folder);
	fill_disk();
	output_open(f, plain);
	meet_the_limit(f, make_room);
}

static void
a_full_disk_does_not_stop_the_torn_line_of_another_run_from_being_ended(void **state)
{
	struct output_fixture *f = *state;

	output_write(f->path, "torn");
	output_open(f, plain);
	set_file_limit(4);
	line_output_put(f->out, "new\n", 4);
	line_output_flush(f->out, f->now_us);
	output_assert_holds(f->path, "torn");
	set_file_limit(5);
	line_output_flush(f->out, f->now_us + USEC_PER_SEC);
	lift_file_limit();
	output_assert_holds(f->path, "torn\n");
	line_output_flush(f->out, f->now_us + 2 * USEC_PER_SEC);
	output_assert_holds(f->path, "torn\nnew\n");
}

static int
output_teardown_disk(void **state)
{
	struct output_fixture *f = *state;

	line_output_close(f->out, NULL);
	f->out = NULL;
	if (disk[0] != '\0')
		umount2(disk, MNT_DETACH);
	return output_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		output_test(no_room_at_all_is_told_and_lines_wait_then_are_lost),
		cmocka_unit_test_setup_teardown(
				a_file_that_may_not_grow_ends_whole_and_goes_on_when_it_may,
				output_setup, output_teardown_limit),
		cmocka_unit_test_setup_teardown(
				a_full_disk_does_not_stop_the_torn_line_of_another_run_from_being_ended,
				output_setup, output_teardown_limit),
		cmocka_unit_test_setup_teardown(
				a_full_disk_loses_what_finds_no_room_in_the_buffer_and_no_more,
				output_setup, output_teardown_disk),
	};

	return cmocka_run_group_tests_name("line_output_disk", tests, NULL, NULL);
}
