/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/outputs.h"
#include "base/compiler.h"
#include "base/usec.h"
#include "tests/unit/line_output_fixture.h"
#include "tests/unit/status_fixture.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#define NOW_US FIXTURE_NOW_US
#define EVENTS_OF_CONNECTIONS \
	(CONFIG_EVENT_INCOMPLETE_HANDSHAKE | CONFIG_EVENT_RST | CONFIG_EVENT_CONNECTION)
#define EVENTS_ALL (EVENTS_OF_CONNECTIONS | CONFIG_EVENT_WIRE | CONFIG_EVENT_STATS)

struct fixture {
	struct output_fixture *folder;
	struct config config;
	struct outputs *outputs;
	struct err_list errors;
	struct status_fixture status; /* to write a stats event of */
	struct status described;
};

/*
 * There are no threads to be had, so that all is done when a call returns: each output writes where
 * it is. What its thread does is in test_output_thread.c.
 */
int
pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *context)
{
	(void)thread;
	(void)attr;
	(void)start;
	(void)context;
	return EAGAIN;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL || output_setup((void **)&f->folder) != 0)
		return -1;
	fixture_init(&f->status);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	outputs_close(f->outputs);
	output_teardown((void **)&f->folder);
	free(f);
	return 0;
}

/* "a" in the folder of this test. */
static const char *
path_of(const struct fixture *f, const char *name, char path[static 64])
{
	snprintf(path, 64, "%s/%s", f->folder->folder, name);
	return path;
}

static struct config_outputs *
list(struct fixture *f, enum config_output type, const char *name, uint64_t events)
{
	struct config_outputs *output = &f->config.outputs[f->config.output_count++];
	char path[64];

	*output = (struct config_outputs){ .type = type, .events = events, .rotate_keep = 5 };
	strcpy(output->path, path_of(f, name, path));
	return output;
}

/* Go on with what is listed. */
static int
open_all(struct fixture *f)
{
	struct outputs *outputs;
	const int rc = outputs_open(&f->config, f->outputs, &outputs, &f->errors);

	if (rc == 0)
		f->outputs = outputs;
	else
		assert_null(outputs);
	return rc;
}

static void
open_well(struct fixture *f)
{
	if (open_all(f) != 0)
		fail_msg("%s", f->errors.errs[0].text);
}

/* An event of each kind. */
static void
put_all(struct fixture *f)
{
	const struct record record = { .ip_version = 4, .rst = { .verdict = RST_MID_CONNECTION } };
	const struct wire_event wire = { .what = WIRE_STARTED, .worker = WIRE_NO_WORKER };

	for (uint32_t kind = 1; kind <= EVENT_HANDSHAKE; kind <<= 1)
		outputs_event(f->outputs, &record, (enum event_kind)kind, NOW_US);
	outputs_wire_event(f->outputs, &wire, NOW_US);
	outputs_stats(f->outputs, &f->status.status);
}

static uint32_t
count_of(const char *text, const char *what)
{
	uint32_t count = 0;

	for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
		count++;
	return count;
}

/* How many lines of the file have these characters. */
static uint32_t
count_in(const struct fixture *f, const char *name, const char *what)
{
	char path[64];
	size_t len;
	char *text = output_read(path_of(f, name, path), &len);
	const uint32_t count = count_of(text, what);

	free(text);
	return count;
}

static const struct status_output *
described(struct fixture *f, uint32_t n)
{
	memset(&f->described, 0xa5, sizeof(f->described));
	outputs_describe(f->outputs, &f->described);
	assert_int_equal(f->described.output_count, f->config.output_count);
	return &f->described.outputs[n];
}

static void
an_event_goes_to_the_outputs_that_want_its_kind(void **state)
{
	static const char *const types[] = { "incomplete_handshake", "rst", "connection", "wire",
		"stats" };
	struct fixture *f = *state;
	char name[2] = "a", what[64];

	for (uint32_t n = 0; n < ARRAY_LEN(types); n++, name[0]++)
		list(f, CONFIG_OUTPUT_FILE, name, UINT64_C(1) << n);
	list(f, CONFIG_OUTPUT_FILE, name, EVENTS_ALL);
	open_well(f);
	put_all(f);
	outputs_flush(f->outputs, NOW_US);
	name[0] = 'a';
	for (uint32_t n = 0; n < ARRAY_LEN(types); n++, name[0]++) {
		snprintf(what, sizeof(what), "\"event_type\":\"%s\"", types[n]);
		assert_int_equal(count_in(f, name, "\n"), 1);
		assert_int_equal(count_in(f, name, what), 1);
		assert_int_equal(count_in(f, "f", what), 1);
	}
	assert_int_equal(count_in(f, "f", "\n"), ARRAY_LEN(types));
}

static void
without_outputs_an_event_goes_nowhere(void **state)
{
	struct fixture *f = *state;

	open_well(f);
	put_all(f);
	outputs_flush(f->outputs, NOW_US);
	assert_false(outputs_are_waiting(f->outputs));
}

static void
an_output_that_is_listed_again_goes_on_with_its_counts(void **state)
{
	struct fixture *f = *state;

	list(f, CONFIG_OUTPUT_FILE, "a", CONFIG_EVENT_WIRE);
	list(f, CONFIG_OUTPUT_FILE, "b", CONFIG_EVENT_WIRE);
	open_well(f);
	put_all(f); /* waits, and is taken over */
	f->config.outputs[0] = f->config.outputs[1]; /* "b" is the first now, */
	f->config.output_count = 1;
	list(f, CONFIG_OUTPUT_FILE, "c", CONFIG_EVENT_WIRE);
	f->config.outputs[0].events = EVENTS_ALL; /* and gets other events */
	open_well(f);
	put_all(f);
	outputs_flush(f->outputs, NOW_US);
	assert_int_equal(described(f, 0)->lines, 1 + 5);
	assert_int_equal(described(f, 1)->lines, 1);
	assert_int_equal(count_in(f, "b", "\n"), 6);
	assert_int_equal(count_in(f, "c", "\n"), 1);
}

static void
an_output_that_is_listed_no_more_gets_what_waits_for_it_and_no_more(void **state)
{
	struct fixture *f = *state;

	list(f, CONFIG_OUTPUT_FILE, "a", CONFIG_EVENT_CONNECTION);
	open_well(f);
	put_all(f);
	f->config.output_count = 0;
	list(f, CONFIG_OUTPUT_FILE, "b", CONFIG_EVENT_CONNECTION);
	open_well(f);
	put_all(f);
	outputs_flush(f->outputs, NOW_US);
	assert_int_equal(count_in(f, "a", "\n"), 1);
	assert_int_equal(count_in(f, "b", "\n"), 1);
}

static void
an_output_that_is_to_be_rotated_otherwise_is_opened_anew(void **state)
{
	struct fixture *f = *state;

	list(f, CONFIG_OUTPUT_FILE, "a", CONFIG_EVENT_CONNECTION);
	open_well(f);
	put_all(f);
	outputs_flush(f->outputs, NOW_US);
	f->config.outputs[0].rotate_keep = 6;
	open_well(f);
	assert_int_equal(described(f, 0)->lines, 0);
	put_all(f);
	f->config.outputs[0].rotate_size = 4096;
	open_well(f);
	assert_int_equal(described(f, 0)->lines, 0);
	put_all(f);
	outputs_flush(f->outputs, NOW_US);
	assert_int_equal(described(f, 0)->lines, 1);
	assert_int_equal(count_in(f, "a", "\n"), 3);
}

static void
a_path_of_another_type_is_another_output(void **state)
{
	struct fixture *f = *state;

	list(f, CONFIG_OUTPUT_UNIX_STREAM, "a", CONFIG_EVENT_CONNECTION);
	open_well(f);
	f->config.outputs[0].type = CONFIG_OUTPUT_FILE;
	open_well(f);
	put_all(f);
	outputs_flush(f->outputs, NOW_US);
	assert_int_equal(count_in(f, "a", "\n"), 1);
}

static void
outputs_that_cannot_be_opened_are_all_told_and_leave_the_set_as_it_was(void **state)
{
	struct fixture *f = *state;

	list(f, CONFIG_OUTPUT_FILE, "a", CONFIG_EVENT_CONNECTION);
	open_well(f);
	put_all(f);
	f->config.outputs[0].events = CONFIG_EVENT_RST; /* not taken either */
	list(f, CONFIG_OUTPUT_FILE, "no/where", EVENTS_ALL);
	list(f, CONFIG_OUTPUT_FILE, "b", EVENTS_ALL);
	list(f, CONFIG_OUTPUT_FILE, "no/where/else", EVENTS_ALL);
	assert_true(open_all(f) < 0);
	assert_int_equal(f->errors.count, 2);
	assert_memory_equal(f->errors.errs[0].text, "outputs[1]: ", 12);
	assert_non_null(strstr(f->errors.errs[0].text, "no/where: "));
	assert_memory_equal(f->errors.errs[1].text, "outputs[3]: ", 12);
	f->config.output_count = 1;
	put_all(f);
	outputs_flush(f->outputs, NOW_US);
	assert_int_equal(described(f, 0)->lines, 2);
	assert_int_equal(count_in(f, "a", "\"event_type\":\"connection\""), 2);
	assert_int_equal(count_in(f, "b", "\n"), 0);
}

static void
at_the_start_an_output_that_cannot_be_opened_leaves_none(void **state)
{
	struct fixture *f = *state;

	list(f, CONFIG_OUTPUT_FILE, "a", EVENTS_ALL);
	list(f, CONFIG_OUTPUT_FILE, "no/where", EVENTS_ALL);
	assert_true(open_all(f) < 0);
	assert_int_equal(f->errors.count, 1);
	assert_null(f->outputs);
}

static void
times_follow_the_wall_s_clock_over_a_change_of_outputs(void **state)
{
	struct fixture *f = *state;

	list(f, CONFIG_OUTPUT_FILE, "a", CONFIG_EVENT_WIRE | CONFIG_EVENT_CONNECTION);
	open_well(f);
	put_all(f);
	outputs_set_clock(f->outputs, 3600 * USEC_PER_SEC);
	put_all(f);
	f->config.outputs[0].rotate_keep = 6;
	open_well(f);
	put_all(f);
	outputs_set_clock(f->outputs, 0);
	put_all(f);
	outputs_flush(f->outputs, NOW_US);
	/* NOW_US is 16:09:32 of a day in March; the others are an hour later. */
	assert_int_equal(count_in(f, "a", "\"timestamp\":\"2021-03-20T16:09:32"), 4);
	assert_int_equal(count_in(f, "a", "\"timestamp\":\"2021-03-20T17:09:32"), 4);
}

static void
a_reader_that_is_not_there_has_its_lines_kept(void **state)
{
	struct fixture *f = *state;
	const struct status_output *output;

	list(f, CONFIG_OUTPUT_UNIX_STREAM, "socket", CONFIG_EVENT_WIRE);
	list(f, CONFIG_OUTPUT_FILE, "a", CONFIG_EVENT_WIRE);
	open_well(f);
	assert_false(outputs_are_waiting(f->outputs));
	put_all(f);
	outputs_flush(f->outputs, NOW_US);
	assert_true(outputs_are_waiting(f->outputs));
	output = described(f, 0);
	assert_string_equal(output->type, "unix_stream");
	assert_string_equal(output->path, f->config.outputs[0].path);
	assert_false(output->is_ready);
	assert_string_not_equal(output->trouble, "");
	assert_int_equal(output->lines, 0);
	assert_int_equal(output->lines_lost, 0);
	output = described(f, 1);
	assert_string_equal(output->type, "file");
	assert_true(output->is_ready);
	assert_string_equal(output->trouble, "");
	assert_int_equal(output->lines, 1);
}

static void
put_many(struct fixture *f, uint32_t count)
{
	const struct wire_event event = { .what = WIRE_LINK_UP, .worker = WIRE_NO_WORKER };

	for (uint32_t i = 0; i < count; i++)
		outputs_wire_event(f->outputs, &event, NOW_US);
}

/* A socket that datagrams come to. */
static int
bind_reader(const struct fixture *f, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int reader = socket(AF_UNIX, SOCK_DGRAM, 0);

	path_of(f, name, address.sun_path);
	assert_int_equal(bind(reader, (struct sockaddr *)&address, sizeof(address)), 0);
	return reader;
}

static void
read_one(int reader)
{
	char line[4096];

	assert_true(recv(reader, line, sizeof(line), MSG_DONTWAIT) > 0);
}

/* Whether a change is to be told after so many milliseconds. */
static bool
changes_after(struct fixture *f, uint64_t ms, struct outputs_change *change)
{
	outputs_flush(f->outputs, NOW_US + ms * USEC_PER_MSEC);
	return outputs_next_change(f->outputs, change);
}

static void
a_reader_has_failed_when_it_took_nothing_for_a_second(void **state)
{
	struct fixture *f = *state;
	struct outputs_change change;
	const int reader = bind_reader(f, "socket");

	list(f, CONFIG_OUTPUT_UNIX_DGRAM, "socket", CONFIG_EVENT_WIRE);
	open_well(f);
	put_many(f, 10000); /* more than its queue takes */
	assert_false(changes_after(f, 0, &change));
	assert_false(changes_after(f, 500, &change));
	read_one(reader);
	assert_false(changes_after(f, 900, &change));
	assert_false(changes_after(f, 1899, &change));
	assert_true(changes_after(f, 1900, &change));
	assert_false(change.is_ready);
	assert_string_equal(change.name, f->config.outputs[0].path);
	assert_string_not_equal(change.trouble, "");
	assert_false(changes_after(f, 2000, &change));
	read_one(reader);
	assert_true(changes_after(f, 2100, &change));
	assert_true(change.is_ready);
	assert_int_equal(change.since_us, NOW_US + 900 * USEC_PER_MSEC);
	assert_false(changes_after(f, 2200, &change));
	close(reader);
}

static void
what_was_told_of_an_output_is_not_told_again_after_a_change_of_outputs(void **state)
{
	struct fixture *f = *state;
	struct outputs_change change;

	list(f, CONFIG_OUTPUT_UNIX_STREAM, "socket", CONFIG_EVENT_WIRE);
	open_well(f);
	assert_true(changes_after(f, 0, &change)); /* it never was ready */
	assert_false(change.is_ready);
	open_well(f);
	assert_false(changes_after(f, 5000, &change));
}

static void
a_file_that_was_moved_is_opened_by_its_name_again(void **state)
{
	struct fixture *f = *state;
	char from[64], to[64];

	list(f, CONFIG_OUTPUT_FILE, "a", CONFIG_EVENT_WIRE);
	open_well(f);
	put_all(f);
	outputs_flush(f->outputs, NOW_US);
	assert_int_equal(rename(path_of(f, "a", from), path_of(f, "moved", to)), 0);
	outputs_reopen(f->outputs);
	outputs_flush(f->outputs, NOW_US);
	put_all(f);
	outputs_flush(f->outputs, NOW_US);
	assert_int_equal(count_in(f, "moved", "\n"), 1);
	assert_int_equal(count_in(f, "a", "\n"), 1);
}

static void
lines_are_handed_over_before_the_buffer_is_full(void **state)
{
	struct fixture *f = *state;
	const uint32_t count = 100000;

	list(f, CONFIG_OUTPUT_FILE, "a", CONFIG_EVENT_WIRE);
	open_well(f);
	put_many(f, count);
	assert_int_equal(described(f, 0)->lines_lost, 0);
	outputs_flush(f->outputs, NOW_US);
	assert_int_equal(described(f, 0)->lines, count);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_event_goes_to_the_outputs_that_want_its_kind),
		TEST(without_outputs_an_event_goes_nowhere),
		TEST(an_output_that_is_listed_again_goes_on_with_its_counts),
		TEST(an_output_that_is_listed_no_more_gets_what_waits_for_it_and_no_more),
		TEST(an_output_that_is_to_be_rotated_otherwise_is_opened_anew),
		TEST(a_path_of_another_type_is_another_output),
		TEST(outputs_that_cannot_be_opened_are_all_told_and_leave_the_set_as_it_was),
		TEST(at_the_start_an_output_that_cannot_be_opened_leaves_none),
		TEST(times_follow_the_wall_s_clock_over_a_change_of_outputs),
		TEST(a_reader_that_is_not_there_has_its_lines_kept),
		TEST(a_reader_has_failed_when_it_took_nothing_for_a_second),
		TEST(what_was_told_of_an_output_is_not_told_again_after_a_change_of_outputs),
		TEST(a_file_that_was_moved_is_opened_by_its_name_again),
		TEST(lines_are_handed_over_before_the_buffer_is_full),
	};

	return cmocka_run_group_tests_name("outputs", tests, NULL, NULL);
}
