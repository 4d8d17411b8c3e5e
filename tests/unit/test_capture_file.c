/* SPDX-License-Identifier: Apache-2.0 */

#include "io/capture_file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char folder[32];
	char path[64];
	uint8_t bytes[512]; /* what becomes the file */
	size_t len;
};

static int
make_folder(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	strcpy(f->folder, "/tmp/capture_file.XXXXXX");
	if (mkdtemp(f->folder) == NULL)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/a,capture=[1]", f->folder);
	*state = f;
	return 0;
}

static int
remove_folder(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static void
put_bytes(struct fixture *f, const void *bytes, size_t len)
{
	memcpy(f->bytes + f->len, bytes, len);
	f->len += len;
}

static void
put_32(struct fixture *f, uint32_t value)
{
	put_bytes(f, &value, sizeof(value));
}

static void
put_16(struct fixture *f, uint16_t value)
{
	put_bytes(f, &value, sizeof(value));
}

static void
put_header(struct fixture *f, uint32_t link_type)
{
	put_32(f, 0xa1b2c3d4);
	put_16(f, 2);
	put_16(f, 4);
	put_32(f, 0);
	put_32(f, 0);
	put_32(f, 65535);
	put_32(f, link_type);
}

static void
put_frame(struct fixture *f, uint32_t seconds, uint32_t micros, uint32_t len, uint32_t wire_len)
{
	static const uint8_t frame[64] = { 1, 2, 3 };

	put_32(f, seconds);
	put_32(f, micros);
	put_32(f, len);
	put_32(f, wire_len);
	put_bytes(f, frame, len);
}

static void
save(const struct fixture *f)
{
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(f->bytes, 1, f->len, file), f->len);
	assert_int_equal(fclose(file), 0);
}

static void
assert_refused(const struct fixture *f, int code, const char *part)
{
	struct capture_file *file;
	struct err err;

	assert_int_equal(capture_file_open(f->path, &file, &err), -code);
	assert_null(file);
	assert_ptr_equal(strstr(err.text, f->path), err.text);
	if (strstr(err.text, part) == NULL)
		fail_msg("'%s' is not in '%s'", part, err.text);
}

static struct capture_file *
open_saved(const struct fixture *f)
{
	struct capture_file *file;
	struct err err = { "" };

	save(f);
	if (capture_file_open(f->path, &file, &err) != 0)
		fail_msg("%s", err.text);
	return file;
}

static void
frames_come_with_their_times_and_lengths(void **state)
{
	struct fixture *f = *state;
	struct capture_file *file;
	struct frame frame;

	put_header(f, 1);
	put_frame(f, 1, 2, 60, 60);
	put_frame(f, 3, 999999, 54, 1514);
	file = open_saved(f);

	assert_int_equal(capture_file_next(file, &frame), CAPTURE_END_NOT_YET);
	assert_int_equal(frame.len, 60);
	assert_int_equal(frame.wire_len, 60);
	assert_int_equal(frame.time_us, 1000002);
	assert_int_equal(frame.data[2], 3);
	assert_int_equal(capture_file_next(file, &frame), CAPTURE_END_NOT_YET);
	assert_int_equal(frame.len, 54);
	assert_int_equal(frame.wire_len, 1514);
	assert_int_equal(frame.time_us, 3999999);
	assert_int_equal(capture_file_next(file, &frame), CAPTURE_END_WHOLE);
	assert_int_equal(capture_file_next(file, &frame), CAPTURE_END_WHOLE);
	assert_int_equal(capture_file_frames(file), 2);
	assert_int_equal(capture_file_size(file), f->len);
	assert_string_equal(capture_file_end_text(file), "");
	capture_file_close(file);
}

static void
time_goes_on_behind_2038(void **state)
{
	struct fixture *f = *state;
	struct capture_file *file;
	struct frame frame;

	put_header(f, 1);
	put_frame(f, 0x7fffffff, 1, 60, 60);
	put_frame(f, 0x80000000, 1, 60, 60);
	put_frame(f, 0xffffffff, 999999, 60, 60);
	file = open_saved(f);
	capture_file_next(file, &frame);
	assert_true(frame.time_us == UINT64_C(2147483647000001));
	capture_file_next(file, &frame);
	assert_true(frame.time_us == UINT64_C(2147483648000001));
	capture_file_next(file, &frame);
	assert_true(frame.time_us == UINT64_C(4294967295999999));
	capture_file_close(file);
}

static void
a_file_cut_off_in_a_packet_gives_all_packets_before_it(void **state)
{
	struct fixture *f = *state;

	put_header(f, 1);
	put_frame(f, 1, 0, 60, 60);
	put_frame(f, 2, 0, 60, 60);
	/* From the second record's first byte to the last but one. */
	for (size_t cut = 1; cut < 76; cut++) {
		struct capture_file *file;
		struct frame frame;

		f->len = 24 + 2 * 76 - cut;
		file = open_saved(f);
		assert_int_equal(capture_file_next(file, &frame), CAPTURE_END_NOT_YET);
		assert_int_equal(capture_file_next(file, &frame), CAPTURE_END_CUT);
		assert_int_equal(capture_file_frames(file), 1);
		assert_string_equal(
				capture_file_end_text(file), "cut off in the middle of a packet");
		capture_file_close(file);
	}
}

static void
a_record_that_cannot_be_is_told_as_damage(void **state)
{
	struct fixture *f = *state;
	struct capture_file *file;
	struct frame frame;

	put_header(f, 1);
	put_frame(f, 1, 0, 60, 60);
	put_32(f, 2);
	put_32(f, 0);
	put_32(f, 0x7fffffff);
	put_32(f, 0x7fffffff);
	put_frame(f, 3, 0, 60, 60);
	file = open_saved(f);
	assert_int_equal(capture_file_next(file, &frame), CAPTURE_END_NOT_YET);
	assert_int_equal(capture_file_next(file, &frame), CAPTURE_END_DAMAGED);
	assert_int_equal(capture_file_next(file, &frame), CAPTURE_END_DAMAGED);
	assert_ptr_equal(strstr(capture_file_end_text(file), "damaged"),
			capture_file_end_text(file));
	capture_file_close(file);
}

static void
pcapng_is_read_as_well(void **state)
{
	struct fixture *f = *state;
	struct capture_file *file;
	struct frame frame;
	const uint64_t micros = UINT64_C(1700000000000001);

	put_32(f, 0x0a0d0d0a); /* section header */
	put_32(f, 28);
	put_32(f, 0x1a2b3c4d);
	put_16(f, 1);
	put_16(f, 0);
	put_32(f, UINT32_MAX);
	put_32(f, UINT32_MAX);
	put_32(f, 28);
	put_32(f, 1); /* interface */
	put_32(f, 20);
	put_16(f, 1);
	put_16(f, 0);
	put_32(f, 65535);
	put_32(f, 20);
	put_32(f, 6); /* enhanced packet */
	put_32(f, 36);
	put_32(f, 0);
	put_32(f, (uint32_t)(micros >> 32));
	put_32(f, (uint32_t)micros);
	put_32(f, 4);
	put_32(f, 60);
	put_bytes(f, "abcd", 4);
	put_32(f, 36);
	file = open_saved(f);
	assert_int_equal(capture_file_next(file, &frame), CAPTURE_END_NOT_YET);
	assert_int_equal(frame.len, 4);
	assert_int_equal(frame.wire_len, 60);
	assert_true(frame.time_us == micros);
	assert_int_equal(capture_file_next(file, &frame), CAPTURE_END_WHOLE);
	capture_file_close(file);
}

static void
what_is_no_capture_is_told_so(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, ENOENT, strerror(ENOENT));
	save(f);
	assert_refused(f, ENODATA, "is empty");
	put_bytes(f, "GIF89a and then some bytes that are no capture", 40);
	save(f);
	assert_refused(f, EILSEQ, "neither a pcap nor a pcapng");
	f->len = 0;
	put_header(f, 1);
	f->len = 23;
	save(f);
	assert_refused(f, EILSEQ, "cut off in the file header");
	unlink(f->path);
	assert_int_equal(mkdir(f->path, 0700), 0);
	assert_refused(f, EISDIR, "folder");
	rmdir(f->path);
}

static void
compression_is_told_with_the_tool_that_undoes_it(void **state)
{
	static const struct {
		const char *head;
		const char *tool;
	} cases[] = {
		{ "\x1f\x8b\x08\x08 and so on, for some bytes more", "gunzip" },
		{ "\x28\xb5\x2f\xfd and so on, for some bytes more", "unzstd" },
		{ "\xfd\x37\x7a\x58\x5a and so on, for some bytes more", "unxz" },
		{ "BZh91AY&SY and so on, for some bytes more", "bunzip2" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		f->len = 0;
		put_bytes(f, cases[i].head, strlen(cases[i].head));
		save(f);
		assert_refused(f, EILSEQ, cases[i].tool);
	}
}

static void
a_pipe_is_refused_without_waiting_for_its_other_end(void **state)
{
	struct fixture *f = *state;
	struct capture_file *file;
	struct err err;

	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_refused(f, EINVAL, "write it to a file first");
	assert_int_equal(capture_file_open("-", &file, &err), -EINVAL);
	assert_non_null(strstr(err.text, "write it to a file first"));
}

static void
another_link_type_is_named_with_how_to_convert_it(void **state)
{
	static const struct {
		uint32_t link_type;
		const char *part;
	} cases[] = {
		{ 113, "LINUX_SLL (" },
		{ 113, "tcprewrite --dlt=enet" },
		{ 276, "LINUX_SLL2 (" },
		{ 101, "RAW (" },
		{ 101, "tcprewrite --dlt=enet" },
		{ 189, "USB_LINUX (" },
		{ 65000, "link type 65000" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		f->len = 0;
		put_header(f, cases[i].link_type);
		save(f);
		assert_refused(f, EPROTONOSUPPORT, cases[i].part);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_come_with_their_times_and_lengths),
		TEST(time_goes_on_behind_2038),
		TEST(a_file_cut_off_in_a_packet_gives_all_packets_before_it),
		TEST(a_record_that_cannot_be_is_told_as_damage),
		TEST(pcapng_is_read_as_well),
		TEST(what_is_no_capture_is_told_so),
		TEST(compression_is_told_with_the_tool_that_undoes_it),
		TEST(a_pipe_is_refused_without_waiting_for_its_other_end),
		TEST(another_link_type_is_named_with_how_to_convert_it),
	};

	return cmocka_run_group_tests_name("capture_file", tests, NULL, NULL);
}
