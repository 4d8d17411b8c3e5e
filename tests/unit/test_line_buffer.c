/* SPDX-License-Identifier: Apache-2.0 */

#include "io/line_buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int
make(void **state)
{
	struct line_buffer *buffer = malloc(sizeof(*buffer));

	*state = buffer;
	return buffer != NULL ? line_buffer_init(buffer) : -1;
}

static int
destroy(void **state)
{
	line_buffer_fini(*state);
	free(*state);
	return 0;
}

static void
assert_waits(const struct line_buffer *buffer, const char *text, uint64_t lines)
{
	const char *bytes;

	assert_int_equal(line_buffer_waiting(buffer), strlen(text));
	assert_int_equal(line_buffer_peek(buffer, &bytes), strlen(text));
	assert_memory_equal(bytes, text, strlen(text));
	assert_int_equal(buffer->lines, lines);
}

static void
a_line_counts_when_its_last_byte_is_taken(void **state)
{
	struct line_buffer *buffer = *state;

	line_buffer_put(buffer, "ab\n", 3);
	line_buffer_put(buffer, "\n", 1);
	line_buffer_put(buffer, "cd\n", 3);
	assert_int_equal(line_buffer_take(buffer, 2), 0);
	assert_waits(buffer, "\n\ncd\n", 3);
	assert_int_equal(line_buffer_take(buffer, 3), 2);
	assert_waits(buffer, "d\n", 1);
	assert_int_equal(line_buffer_take(buffer, 2), 1);
	assert_waits(buffer, "", 0);
}

static void
a_line_that_was_taken_in_part_can_be_taken_again(void **state)
{
	struct line_buffer *buffer = *state;

	line_buffer_put(buffer, "ab\n", 3);
	line_buffer_put(buffer, "cd\n", 3);
	line_buffer_take(buffer, 4);
	line_buffer_rewind(buffer);
	assert_waits(buffer, "cd\n", 1);
	line_buffer_rewind(buffer);
	assert_waits(buffer, "cd\n", 1);
}

static void
the_first_line_can_be_dropped_whatever_was_taken_of_it(void **state)
{
	struct line_buffer *buffer = *state;

	line_buffer_put(buffer, "ab\n", 3);
	line_buffer_put(buffer, "cd\n", 3);
	line_buffer_take(buffer, 1);
	line_buffer_drop(buffer);
	assert_waits(buffer, "cd\n", 1);
	line_buffer_drop(buffer);
	assert_waits(buffer, "", 0);
}

static void
it_takes_lines_up_to_its_size_and_no_byte_more(void **state)
{
	static char line[LINE_BUFFER_SIZE + 1];
	struct line_buffer *buffer = *state;

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	assert_false(line_buffer_put(buffer, line, sizeof(line)));
	assert_true(line_buffer_put(buffer, line + 2, sizeof(line) - 2));
	assert_false(line_buffer_put(buffer, line + sizeof(line) - 2, 2));
	assert_true(line_buffer_put(buffer, line + sizeof(line) - 1, 1));
	assert_int_equal(line_buffer_waiting(buffer), LINE_BUFFER_SIZE);
	line_buffer_take(buffer, 100); /* of the first line: it stays */
	assert_false(line_buffer_put(buffer, "\n", 1));
}

/* A line is so many letters, by its number. */
static size_t
line_of(uint32_t number, char line[static 64])
{
	const size_t len = number * 31 % 63;

	memset(line, 'a' + (int)(number % 26), len);
	line[len] = '\n';
	return len + 1;
}

/* Far more than fits goes through it, in steps of all sizes, some of them back. */
static void
what_comes_out_is_what_went_in(void **state)
{
	struct line_buffer *buffer = *state;
	uint32_t in = 0, out = 0;
	unsigned int seed = 7;
	char line[64];

	while (out < 4000000) {
		const char *bytes;
		size_t n;

		for (int i = rand_r(&seed) % 40000; i > 0; i--)
			in += line_buffer_put(buffer, line, line_of(in, line));
		assert_int_equal(buffer->lines, in - out);
		n = line_buffer_peek(buffer, &bytes);
		if (n == 0)
			continue;
		n = (size_t)rand_r(&seed) % (n + 1);
		line_buffer_take(buffer, n / 2);
		if (rand_r(&seed) % 2 == 0)
			line_buffer_rewind(buffer);
		n = (size_t)rand_r(&seed) % (line_buffer_peek(buffer, &bytes) + 1);
		line_buffer_take(buffer, n);
		line_buffer_rewind(buffer);
		out = in - (uint32_t)buffer->lines;
		if (line_buffer_peek(buffer, &bytes) > 0)
			assert_memory_equal(bytes, line, line_of(out, line));
	}
}

static void
lines_move_behind_others_as_many_as_find_room(void **state)
{
	static char line[LINE_BUFFER_SIZE];
	struct line_buffer *buffer = *state, other;

	assert_int_equal(line_buffer_init(&other), 0);
	line_buffer_put(&other, "ab\n", 3);
	assert_int_equal(line_buffer_move(&other, buffer), 1); /* there were none */
	assert_waits(buffer, "ab\n", 1);
	assert_waits(&other, "", 0);
	line_buffer_take(buffer, 1);
	memset(line, 'x', sizeof(line));
	line_buffer_put(&other, "cd\n", 3);
	line_buffer_put(&other, "e\n", 2);
	assert_int_equal(line_buffer_move(&other, buffer), 2);
	assert_waits(buffer, "b\ncd\ne\n", 3);
	/* Eight bytes are there: behind the long line there is room for one. */
	line[sizeof(line) - 10] = '\n';
	line_buffer_put(&other, line, sizeof(line) - 9);
	line_buffer_put(&other, "f\n", 2);
	assert_int_equal(line_buffer_move(&other, buffer), 1);
	assert_waits(&other, "f\n", 1);
	assert_int_equal(line_buffer_waiting(buffer), LINE_BUFFER_SIZE - 2);
	line_buffer_drop(buffer);
	assert_int_equal(line_buffer_move(&other, buffer), 1);
	assert_waits(&other, "", 0);
	line_buffer_fini(&other);
}

#define buffer_test(name) cmocka_unit_test_setup_teardown(name, make, destroy)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		buffer_test(a_line_counts_when_its_last_byte_is_taken),
		buffer_test(a_line_that_was_taken_in_part_can_be_taken_again),
		buffer_test(the_first_line_can_be_dropped_whatever_was_taken_of_it),
		buffer_test(it_takes_lines_up_to_its_size_and_no_byte_more),
		buffer_test(what_comes_out_is_what_went_in),
		buffer_test(lines_move_behind_others_as_many_as_find_room),
	};

	return cmocka_run_group_tests_name("line_buffer", tests, NULL, NULL);
}
