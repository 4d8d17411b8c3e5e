/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/unit/line_output_fixture.h"

static const struct line_output_params plain = { .kind = LINE_OUTPUT_FILE };

static void
lines_arrive_in_order_and_more_than_the_buffer_holds(void **state)
{
	struct output_fixture *f = *state;

	output_open(f, plain);
	while (f->put < 50000) {
		output_put(f, 1);
		if (line_output_is_half_full(f->out))
			output_flush(f);
	}
	assert_true(output_flush(f)->is_ready);
	assert_string_equal(f->state.trouble, "");
	output_assert_all_written(f);
}

static void
its_file_is_for_the_owner_to_write_and_the_group_to_read(void **state)
{
	struct output_fixture *f = *state;
	const mode_t mask = umask(0);
	struct stat st;

	output_open(f, plain);
	umask(mask);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void
a_file_that_is_there_is_appended_to(void **state)
{
	struct output_fixture *f = *state;

	output_write(f->path, "old\n");
	output_open(f, plain);
	line_output_put(f->out, "new\n", 4);
	line_output_flush(f->out, f->now_us);
	output_assert_holds(f->path, "old\nnew\n");
}

static void
a_line_that_a_killed_run_left_torn_gets_its_newline_first(void **state)
{
	struct output_fixture *f = *state;

	output_write(f->path, "old\n{\"torn\":");
	output_open(f, plain);
	line_output_flush(f->out, f->now_us);
	output_assert_holds(f->path, "old\n{\"torn\":"); /* nothing to say, nothing to mend */
	line_output_put(f->out, "new\n", 4);
	line_output_put(f->out, "newer\n", 6);
	line_output_flush(f->out, f->now_us);
	output_assert_holds(f->path, "old\n{\"torn\":\nnew\nnewer\n");
}

static void
a_torn_line_that_another_has_removed_needs_no_newline(void **state)
{
	struct output_fixture *f = *state;

	output_write(f->path, "torn");
	output_open(f, plain);
	assert_int_equal(truncate(f->path, 0), 0);
	for (int i = 0; i < 2; i++) {
		line_output_put(f->out, "new\n", 4);
		line_output_flush(f->out, f->now_us);
	}
	output_assert_holds(f->path, "new\nnew\n");
}

static void
a_file_that_cannot_be_opened_is_an_error_at_the_start(void **state)
{
	struct output_fixture *f = *state;
	struct line_output_params params = { .kind = LINE_OUTPUT_FILE, .path = "/nowhere/out" };
	struct line_output *out;
	struct err err;

	assert_int_equal(line_output_open(&params, &out, &err), -ENOENT);
	assert_null(out);
	assert_non_null(strstr(err.text, "/nowhere/out: cannot be written"));
	params.path = f->folder;
	assert_int_equal(line_output_open(&params, &out, NULL), -EISDIR);
}

static void
a_pipe_with_a_name_waits_for_no_reader(void **state)
{
	struct output_fixture *f = *state;
	const struct line_output_params params = { .kind = LINE_OUTPUT_FILE, .path = f->path };
	struct line_output *out;
	uint32_t next = 0;
	char *bytes;
	ssize_t n;
	int reader;

	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_int_equal(line_output_open(&params, &out, NULL), -ENXIO);
	reader = open(f->path, O_RDONLY | O_NONBLOCK);
	output_open(f, plain);
	output_fill(f);
	assert_true(output_flush(f)->lines > 0);
	assert_false(output_flush(f)->is_ready); /* it is full */
	bytes = malloc(1 << 20);
	n = read(reader, bytes, 1 << 20);
	assert_true(n > 0);
	assert_int_equal(output_check(bytes, (size_t)n, &next), f->state.lines);
	free(bytes);
	close(reader);
}

static void
a_file_that_was_moved_is_made_again_and_no_line_missed(void **state)
{
	struct output_fixture *f = *state;
	uint32_t next = 0;
	char moved[80];

	snprintf(moved, sizeof(moved), "%s.moved", f->path);
	output_open(f, plain);
	output_put(f, 100);
	output_flush(f);
	assert_int_equal(rename(f->path, moved), 0);
	output_put(f, 100);
	output_flush(f);
	line_output_reopen(f->out);
	output_put(f, 100);
	output_flush(f);
	assert_int_equal(output_check_file(moved, &next), 200);
	assert_int_equal(output_check_file(f->path, &next), 100);
	unlink(f->path);
	output_flush_later(f);
	assert_int_not_equal(access(f->path, F_OK), 0); /* said once, done once */
}

static void
a_file_that_cannot_be_made_again_is_told_and_the_old_one_written_on(void **state)
{
	struct output_fixture *f = *state;
	uint32_t next = 0;
	char moved[80];

	snprintf(moved, sizeof(moved), "%s.moved", f->path);
	output_open(f, plain);
	output_put(f, 100);
	output_flush(f);
	rename(f->path, moved);
	mkdir(f->path, 0700);
	line_output_reopen(f->out);
	output_put(f, 100);
	assert_true(output_flush(f)->is_ready);
	assert_non_null(strstr(f->state.trouble, "cannot be opened again"));
	rmdir(f->path);
	output_put(f, 100);
	assert_non_null(strstr(output_flush(f)->trouble, "cannot be opened again"));
	assert_int_equal(output_check_file(moved, &next), 300);
	assert_string_equal(output_flush_later(f)->trouble, "");
	output_put(f, 100);
	output_flush(f);
	assert_int_equal(output_check_file(f->path, &next), 100);
}

static void
to_open_it_again_is_tried_whenever_it_is_asked_for(void **state)
{
	struct output_fixture *f = *state;

	output_open(f, plain);
	unlink(f->path);
	mkdir(f->path, 0700);
	line_output_reopen(f->out);
	assert_non_null(strstr(output_flush(f)->trouble, "cannot be opened again"));
	rmdir(f->path);
	line_output_reopen(f->out);
	assert_string_equal(output_flush(f)->trouble, "");
}

static void
a_file_that_another_has_emptied_is_written_from_its_beginning(void **state)
{
	struct output_fixture *f = *state;
	struct line_output_params params = plain;
	uint32_t next = 0;

	params.rotate_size = 1000000;
	params.rotate_keep = 1;
	output_open(f, params);
	output_put(f, 2000);
	output_flush(f);
	assert_int_equal(truncate(f->path, 0), 0);
	output_put(f, 2000);
	assert_int_equal(output_flush(f)->rotations, 0); /* by what it holds, not what it held */
	assert_int_equal(output_check_file(f->path, &next), 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		output_test(lines_arrive_in_order_and_more_than_the_buffer_holds),
		output_test(its_file_is_for_the_owner_to_write_and_the_group_to_read),
		output_test(a_file_that_is_there_is_appended_to),
		output_test(a_line_that_a_killed_run_left_torn_gets_its_newline_first),
		output_test(a_torn_line_that_another_has_removed_needs_no_newline),
		output_test(a_file_that_cannot_be_opened_is_an_error_at_the_start),
		output_test(a_pipe_with_a_name_waits_for_no_reader),
		output_test(a_file_that_was_moved_is_made_again_and_no_line_missed),
		output_test(a_file_that_cannot_be_made_again_is_told_and_the_old_one_written_on),
		output_test(to_open_it_again_is_tried_whenever_it_is_asked_for),
		output_test(a_file_that_another_has_emptied_is_written_from_its_beginning),
	};

	return cmocka_run_group_tests_name("line_output_file", tests, NULL, NULL);
}
