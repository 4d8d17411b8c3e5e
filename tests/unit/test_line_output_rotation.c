/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/unit/line_output_fixture.h"

#include <sys/resource.h>

static const struct line_output_params plain = { .kind = LINE_OUTPUT_FILE };

static void
a_file_that_reached_its_size_is_moved_up_between_two_lines(void **state)
{
	struct output_fixture *f = *state;
	struct line_output_params params = plain;
	uint32_t next = 0, count = 0;
	char name[80];

	params.rotate_size = 10000;
	params.rotate_keep = 1000;
	output_open(f, params);
	while (f->put < 2000) {
		output_put(f, f->put % 97 + 1);
		output_flush(f);
	}
	for (uint64_t i = f->state.rotations; i > 0; i--) {
		struct stat st;

		assert_int_equal(stat(output_numbered(f, (unsigned int)i, name), &st), 0);
		assert_in_range(st.st_size, params.rotate_size,
				params.rotate_size + FIXTURE_LINE_MAX);
		count += output_check_file(name, &next);
	}
	count += output_check_file(f->path, &next);
	assert_int_equal(count, f->put);
	assert_int_not_equal(access(output_numbered(f, (unsigned int)f->state.rotations + 1, name),
					     F_OK),
			0);
}

static void
a_file_that_reaches_its_size_to_the_byte_is_full(void **state)
{
	struct output_fixture *f = *state;
	struct line_output_params params = plain;
	char name[80];

	params.rotate_size = 8;
	params.rotate_keep = 3;
	output_open(f, params);
	line_output_put(f->out, "one\n", 4);
	line_output_put(f->out, "two\n", 4);
	line_output_put(f->out, "three\n", 6);
	line_output_flush(f->out, f->now_us);
	output_assert_holds(output_numbered(f, 1, name), "one\ntwo\n");
	output_assert_holds(f->path, "three\n");
}

static void
the_oldest_file_goes(void **state)
{
	struct output_fixture *f = *state;
	struct line_output_params params = plain;
	char name[80];

	params.rotate_size = 1;
	params.rotate_keep = 2;
	output_open(f, params);
	for (const char *line = "1\n2\n3\n4\n"; *line != '\0'; line += 2)
		line_output_put(f->out, line, 2);
	line_output_flush(f->out, f->now_us);
	output_assert_holds(output_numbered(f, 1, name), "4\n");
	output_assert_holds(output_numbered(f, 2, name), "3\n");
	assert_int_not_equal(access(output_numbered(f, 3, name), F_OK), 0);
	output_assert_holds(f->path, "");
}

static void
what_an_existing_file_holds_counts_for_its_rotation(void **state)
{
	struct output_fixture *f = *state;
	struct line_output_params params = plain;
	char name[80];

	output_write(f->path, "old\n");
	output_write(output_numbered(f, 1, name), "older\n");
	params.rotate_size = 8;
	params.rotate_keep = 5;
	output_open(f, params);
	line_output_put(f->out, "new\n", 4);
	line_output_put(f->out, "newer\n", 6);
	line_output_flush(f->out, f->now_us);
	output_assert_holds(output_numbered(f, 2, name), "older\n");
	output_assert_holds(output_numbered(f, 1, name), "old\nnew\n");
	output_assert_holds(f->path, "newer\n");
}

static void
a_gap_among_the_old_files_is_filled_before_the_oldest_goes(void **state)
{
	struct output_fixture *f = *state;
	struct line_output_params params = plain;
	char name[80];

	output_write(output_numbered(f, 1, name), "first\n");
	output_write(output_numbered(f, 3, name), "third\n");
	params.rotate_size = 1;
	params.rotate_keep = 3;
	output_open(f, params);
	line_output_put(f->out, "new\n", 4);
	line_output_flush(f->out, f->now_us);
	output_assert_holds(output_numbered(f, 1, name), "new\n");
	output_assert_holds(output_numbered(f, 2, name), "first\n");
	output_assert_holds(output_numbered(f, 3, name), "third\n");
}

static void
a_file_that_cannot_be_rotated_is_told_and_grows_until_it_can(void **state)
{
	struct output_fixture *f = *state;
	struct line_output_params params = plain;
	char name[80], inside[96];
	uint32_t next = 0;

	params.rotate_size = 1000;
	params.rotate_keep = 1;
	output_numbered(f, 1, name);
	snprintf(inside, sizeof(inside), "%s/inside", name);
	assert_int_equal(mkdir(name, 0700), 0); /* a file cannot take the place of a folder */
	output_open(f, params);
	output_put(f, 100);
	assert_true(output_flush(f)->is_ready);
	assert_non_null(strstr(f->state.trouble, "cannot be rotated"));
	output_put(f, 100);
	output_flush_later(f);
	assert_int_equal(f->state.rotations, 0);
	output_assert_all_written(f);

	rmdir(name);
	f->now_us += USEC_PER_SEC - 1;
	assert_int_equal(output_flush(f)->rotations, 0); /* tried once a second */
	f->now_us++;
	assert_int_equal(output_flush(f)->rotations, 1);
	assert_string_equal(f->state.trouble, "");
	assert_int_equal(output_check_file(name, &next), f->put);
}

static void
a_name_that_cannot_be_made_again_gets_its_file_back(void **state)
{
	struct output_fixture *f = *state;
	struct line_output_params params = plain;
	struct rlimit limit, none;
	char name[80];

	params.rotate_size = 1;
	params.rotate_keep = 3;
	output_open(f, params);
	output_put(f, 10);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = limit.rlim_max };
	setrlimit(RLIMIT_NOFILE, &none);
	line_output_flush(f->out, f->now_us);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_non_null(strstr(output_look(f)->trouble, strerror(EMFILE)));
	assert_int_not_equal(access(output_numbered(f, 1, name), F_OK), 0);
	output_assert_all_written(f);
	assert_int_equal(output_flush_later(f)->rotations, 1);
}

static void
a_file_that_was_moved_unsaid_is_made_again_when_it_is_to_be_rotated(void **state)
{
	struct output_fixture *f = *state;
	struct line_output_params params = plain;
	char moved[80];

	snprintf(moved, sizeof(moved), "%s.moved", f->path);
	params.rotate_size = 8;
	params.rotate_keep = 2;
	output_open(f, params);
	rename(f->path, moved);
	line_output_put(f->out, "one\n", 4);
	line_output_put(f->out, "two\n", 4);
	line_output_put(f->out, "three\n", 6);
	line_output_flush(f->out, f->now_us);
	output_assert_holds(moved, "one\ntwo\n");
	output_assert_holds(f->path, "three\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		output_test(a_file_that_reached_its_size_is_moved_up_between_two_lines),
		output_test(a_file_that_reaches_its_size_to_the_byte_is_full),
		output_test(the_oldest_file_goes),
		output_test(what_an_existing_file_holds_counts_for_its_rotation),
		output_test(a_gap_among_the_old_files_is_filled_before_the_oldest_goes),
		output_test(a_file_that_cannot_be_rotated_is_told_and_grows_until_it_can),
		output_test(a_name_that_cannot_be_made_again_gets_its_file_back),
		output_test(a_file_that_was_moved_unsaid_is_made_again_when_it_is_to_be_rotated),
	};

	return cmocka_run_group_tests_name("line_output_rotation", tests, NULL, NULL);
}
