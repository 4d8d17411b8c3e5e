/* SPDX-License-Identifier: Apache-2.0 */

#include "io/capture_writer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <pcap/pcap.h>

struct fixture {
	char folder[32];
	char path[64];
};

static int
make_folder(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	strcpy(f->folder, "/tmp/capture_writer.XXXXXX");
	if (mkdtemp(f->folder) == NULL)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/out.pcap", f->folder);
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
what_is_written_reads_back_the_same(void **state)
{
	const struct fixture *f = *state;
	static const uint8_t frame[60] = { 1, 2, 3, [59] = 4 };
	const uint64_t time_us = UINT64_C(4294967295999999); /* the last that the format holds */
	char text[PCAP_ERRBUF_SIZE];
	struct capture_writer *writer;
	struct pcap_pkthdr *header;
	const u_char *data;
	pcap_t *pcap;

	assert_int_equal(capture_writer_open(f->path, &writer, NULL), 0);
	assert_int_equal(capture_writer_write(writer, frame, 60, 60, 1), 0);
	assert_int_equal(capture_writer_write(writer, frame, 14, 9000, time_us), 0);
	assert_int_equal(capture_writer_close(writer, NULL), 0);

	pcap = pcap_open_offline(f->path, text);
	assert_non_null(pcap);
	assert_int_equal(pcap_datalink(pcap), DLT_EN10MB);
	assert_int_equal(pcap_next_ex(pcap, &header, &data), 1);
	assert_int_equal(header->caplen, 60);
	assert_int_equal(header->len, 60);
	assert_int_equal(header->ts.tv_sec, 0);
	assert_int_equal(header->ts.tv_usec, 1);
	assert_memory_equal(data, frame, 60);
	assert_int_equal(pcap_next_ex(pcap, &header, &data), 1);
	assert_int_equal(header->caplen, 14);
	assert_int_equal(header->len, 9000);
	assert_int_equal((uint32_t)header->ts.tv_sec, UINT32_MAX);
	assert_int_equal(header->ts.tv_usec, 999999);
	assert_int_equal(pcap_next_ex(pcap, &header, &data), PCAP_ERROR_BREAK);
	pcap_close(pcap);
}

static void
a_file_without_frames_is_a_capture_too(void **state)
{
	const struct fixture *f = *state;
	char text[PCAP_ERRBUF_SIZE];
	struct capture_writer *writer;
	pcap_t *pcap;

	assert_int_equal(capture_writer_open(f->path, &writer, NULL), 0);
	assert_int_equal(capture_writer_close(writer, NULL), 0);
	pcap = pcap_open_offline(f->path, text);
	assert_non_null(pcap);
	pcap_close(pcap);
}

static void
a_folder_that_is_not_there_is_told_by_the_file_s_name(void **state)
{
	struct capture_writer *writer;
	struct err err;

	(void)state;

	assert_int_equal(capture_writer_open("/nowhere/out.pcap", &writer, &err), -ENOENT);
	assert_null(writer);
	assert_non_null(strstr(err.text, "/nowhere/out.pcap"));
	assert_non_null(strstr(err.text, strerror(ENOENT)));
}

static void
a_full_disk_is_told_at_the_close(void **state)
{
	static const uint8_t frame[60];
	struct capture_writer *writer;
	struct err err;

	(void)state;

	assert_int_equal(capture_writer_open("/dev/full", &writer, NULL), 0);
	assert_int_equal(capture_writer_write(writer, frame, 60, 60, 0), 0);
	assert_int_equal(capture_writer_close(writer, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "/dev/full"));
	assert_non_null(strstr(err.text, strerror(ENOSPC)));
}

static void
after_a_failed_write_every_write_fails_alike(void **state)
{
	static const uint8_t frame[60000];
	struct capture_writer *writer;
	int rc = 0;

	(void)state;

	assert_int_equal(capture_writer_open("/dev/full", &writer, NULL), 0);
	for (int i = 0; i < 1000 && rc == 0; i++)
		rc = capture_writer_write(writer, frame, sizeof(frame), sizeof(frame), 0);
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(capture_writer_write(writer, frame, 60, 60, 0), -ENOSPC);
	assert_int_equal(capture_writer_close(writer, NULL), -ENOSPC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
				what_is_written_reads_back_the_same, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
				a_file_without_frames_is_a_capture_too, make_folder, remove_folder),
		cmocka_unit_test(a_folder_that_is_not_there_is_told_by_the_file_s_name),
		cmocka_unit_test(a_full_disk_is_told_at_the_close),
		cmocka_unit_test(after_a_failed_write_every_write_fails_alike),
	};

	return cmocka_run_group_tests_name("capture_writer", tests, NULL, NULL);
}
