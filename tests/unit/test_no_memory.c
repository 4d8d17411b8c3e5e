/* SPDX-License-Identifier: Apache-2.0 */

/*
 * No memory: each thing that allocates is made again and again, and each time another of its
 * allocations fails, those of the libraries below included. It says so, and keeps nothing.
 *
 * malloc() and its kin are this file's, so that all of the process passes here; therefore
 * there is no such test under a sanitizer, which wants them for itself.
 */

#include "base/compiler.h"
#include "config/config.h"
#include "detect/detector.h"
#include "io/capture_file.h"
#include "io/capture_writer.h"
#include "io/line_output.h"
#include "io/line_writer.h"
#include "observe/alarm_json.h"
#include "observe/conversation_text.h"
#include "observe/json_value.h"
#include "observe/services.h"
#include "observe/show_text.h"
#include "observe/status_json.h"
#include "observe/summary.h"
#include "observe/text_table.h"
#include "packet/build.h"
#include "packet/parse.h"
#include "tests/unit/alarm_fixture.h"
#include "tests/unit/status_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define TRIES_MAX 5000

/* The C library's own, by the names under which it keeps them for such as this file. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void __libc_free(void *block);

static FILE *sink; /* where text goes that nobody reads */

static bool is_armed;
static int until_failure; /* allocations that still succeed */
static long living; /* blocks made since it was armed, less those given back */

static bool
fails(void)
{
	return is_armed && until_failure-- == 0;
}

void *
malloc(size_t size)
{
	void *block = fails() ? NULL : __libc_malloc(size);

	living += is_armed && block != NULL;
	if (block == NULL)
		errno = ENOMEM;
	return block;
}

void *
calloc(size_t count, size_t size)
{
	void *block = fails() ? NULL : __libc_calloc(count, size);

	living += is_armed && block != NULL;
	if (block == NULL)
		errno = ENOMEM;
	return block;
}

void *
realloc(void *block, size_t size)
{
	void *larger = fails() ? NULL : __libc_realloc(block, size);

	living += is_armed && block == NULL && larger != NULL;
	if (larger == NULL)
		errno = ENOMEM;
	return larger;
}

void
free(void *block)
{
	living -= is_armed && block != NULL;
	__libc_free(block);
}

/* Makes something and takes it down again; whether all of it could be had. */
typedef bool make_fn(void);

static void
try_each(make_fn *make)
{
	int tries = 0;
	bool all = false;

	assert_true(make()); /* what is made once for the life of the process */
	for (; !all && tries < TRIES_MAX; tries++) {
		living = 0;
		until_failure = tries;
		is_armed = true;
		all = make();
		is_armed = false;
		if (living != 0)
			fail_msg("%ld blocks are kept after allocation %d failed", living, tries);
		/* Whoever can do without may go on; but then the failure was reached. */
		if (all && until_failure < 0)
			all = false;
	}
	assert_true(all);
	assert_true(tries > 1);
}

static const char *
file_with(const void *bytes, size_t len)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("no_memory", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, bytes, len, 0), len);
	return path;
}

static bool
make_config(void)
{
	static const char text[] = "wires:\n  - name: a\n    ports: [net_null0, net_null1]\n"
				   "tcp: {syn_retries: 3}\ntimeouts:\n  reset: 5s\n";
	static struct config config;
	static struct err_list errors;
	int rc;

	errors = (struct err_list){ 0 };
	config_defaults(&config);
	rc = config_load(&config, file_with(text, sizeof(text) - 1), &errors);
	assert_true(rc == 0 || errors.count != 0);
	return rc == 0;
}

static bool
make_capture(void)
{
	static const uint32_t head[] = { 0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1 };
	struct capture_file *file;
	struct err err = { "" };
	const int rc = capture_file_open(file_with(head, sizeof(head)), &file, &err);

	assert_true(rc == 0 || (file == NULL && err.text[0] != '\0'));
	capture_file_close(file);
	return rc == 0;
}

static bool
make_capture_writer(void)
{
	struct capture_writer *writer;
	struct err err = { "" };
	int rc = capture_writer_open("/dev/null", &writer, &err);

	assert_true(rc == 0 || (writer == NULL && err.text[0] != '\0'));
	if (rc == 0)
		rc = capture_writer_close(writer, &err);
	return rc == 0;
}

static bool
make_line_writer(void)
{
	struct line_writer *writer;
	struct err err = { "" };
	int rc = line_writer_open("/dev/null", &writer, &err);

	assert_true(rc == 0 || (writer == NULL && err.text[0] != '\0'));
	if (rc == 0)
		rc = line_writer_close(writer, &err);
	return rc == 0;
}

static bool
make_detector(void)
{
	struct detector_params params;
	struct detector *detector;

	detector_params_default(&params);
	detector = detector_create(&params, 1);
	detector_destroy(detector);
	return detector != NULL;
}

static bool
make_services(void)
{
	struct services *services = services_create(1);

	services_destroy(services);
	return services != NULL;
}

static bool
make_summary(void)
{
	struct summary *summary = summary_create(1);

	summary_destroy(summary);
	return summary != NULL;
}

static bool
make_table(void)
{
	static const struct text_column columns[] = { { "name", false }, { "count", true } };
	struct text_table *table = text_table_create(columns, ARRAY_LEN(columns));
	int rc = -ENOMEM;

	for (int i = 0; i < 40 && table != NULL; i++)
		text_table_cell(table, "cell");
	if (table != NULL)
		rc = text_table_print(table, sink);
	text_table_destroy(table);
	return rc == 0;
}

static bool
make_line_output(void)
{
	static const struct line_output_params params = { .kind = LINE_OUTPUT_FILE,
		.path = "/dev/null" };
	struct line_output *out;
	struct err err = { "" };
	const int rc = line_output_open(&params, &out, &err);

	assert_true(rc == 0 || (out == NULL && err.text[0] != '\0'));
	if (rc == 0)
		(void)line_output_close(out, &err);
	return rc == 0;
}

/* Of so many segments that the last of them are kept apart. */
static bool
make_drawing(void)
{
	static uint8_t bytes[256];
	struct build_tcp tcp = {
		.ip_version = 4, .src_port = 1, .dst_port = 2, .tcp_flags = TCP_SYN
	};
	const struct record record = { .ip_version = 4 };
	struct frame frame = { .data = bytes };
	struct conversation *conversation = conversation_create();
	struct ladder ladder;
	struct segment segment;
	int rc = conversation != NULL ? 0 : -ENOMEM;

	build_ipv4_mapped(1, tcp.src_addr);
	build_ipv4_mapped(2, tcp.dst_addr);
	frame.len = frame.wire_len = (uint32_t)build_tcp_frame(&tcp, bytes, sizeof(bytes));
	parse_frame(&frame, &segment);
	for (uint64_t n = 1; rc == 0 && n <= CONVERSATION_HALF + 10; n++)
		rc = conversation_add(conversation, &frame, &segment, n, NULL);
	if (rc == 0) {
		conversation_finish(conversation, &record);
		rc = conversation_ladder_make(conversation, 1, true, &ladder);
		if (rc == 0)
			conversation_ladder_free(&ladder);
	}
	conversation_destroy(conversation);
	return rc == 0;
}

static bool
make_name(void)
{
	json_t *value = json_value_text("a\xff");
	const bool is_there = value != NULL;

	json_decref(value);
	return is_there;
}

static bool
make_alarm(void)
{
	static struct event_json json;
	static char line[ALARM_JSON_LINE_MAX];
	const struct alarm alarm = alarm_flood(1, "192.0.2.1", 80);

	return alarm_json_write(&json, &alarm, line) != 0;
}

static struct status_fixture fixture;
static json_t *stats, *wires;

static bool
make_stats(void)
{
	json_t *reply = status_json_stats(&fixture.status);
	const bool is_there = reply != NULL;

	json_decref(reply);
	return is_there;
}

static bool
make_stats_text(void)
{
	return show_text_stats(stats, sink) == 0;
}

static bool
make_wires_text(void)
{
	return show_text_wires(wires, sink) == 0;
}

#define EACH(X) \
	X(config) \
	X(capture) \
	X(capture_writer) \
	X(line_writer) \
	X(line_output) \
	X(detector) \
	X(services) \
	X(summary) \
	X(table) \
	X(drawing) \
	X(name) \
	X(alarm) \
	X(stats) \
	X(stats_text) \
	X(wires_text)

#define X(name) \
	static void no_memory_for_##name##_is_told_and_nothing_is_kept(void **state) \
	{ \
		(void)state; \
		try_each(make_##name); \
	}
EACH(X)
#undef X

static int
set_up(void **state)
{
	(void)state;
	sink = fopen("/dev/null", "w");
	fixture_init(&fixture);
	stats = status_json_stats(&fixture.status);
	wires = status_json_wires(&fixture.status);
	return sink == NULL || stats == NULL || wires == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	json_decref(stats);
	json_decref(wires);
	return fclose(sink);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test(no_memory_for_##name##_is_told_and_nothing_is_kept),
		EACH(X)
#undef X
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
