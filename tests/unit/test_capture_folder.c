/* SPDX-License-Identifier: Apache-2.0 */

#include "io/capture_folder.h"
#include "tests/unit/folder_fixture.h"

#include <signal.h>
#include <sys/resource.h>

#include <pcap/pcap.h>

#define NAME "flood-7-20261126T014113Z.pcap"
#define BYTES_MAX 100000

static const uint8_t bytes[60] = { 1, 2, 3, [59] = 4 };
static const struct capture_folder_frame frames[] = {
	{ .data = bytes, .len = 60, .wire_len = 1500, .time_us = UINT64_C(1795657273000001) },
	{ .data = bytes, .len = 50, .wire_len = 50, .time_us = UINT64_C(1795657273000002) },
};

static int
write_two(const char *folder, struct err *err)
{
	return capture_folder_write(folder, NAME, BYTES_MAX, frames, 2, err);
}

static void
a_file_appears_whole_under_its_name(void **state)
{
	const struct folder *folder = *state;
	char path[256], text[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *data;
	struct stat st;
	pcap_t *pcap;

	assert_int_equal(write_two(folder->path, NULL), 0);
	assert_int_equal(folder_count(folder->path, false), 1);
	assert_int_equal(stat(folder_path(folder, NAME, path), &st), 0);
	assert_int_equal(st.st_size, capture_folder_bytes(frames, 2));
	pcap = pcap_open_offline(path, text);
	assert_non_null(pcap);
	assert_int_equal(pcap_next_ex(pcap, &header, &data), 1);
	assert_int_equal(header->caplen, 60);
	assert_int_equal(header->len, 1500);
	assert_int_equal(header->ts.tv_sec, 1795657273);
	assert_int_equal(header->ts.tv_usec, 1);
	assert_memory_equal(data, bytes, 60);
	assert_int_equal(pcap_next_ex(pcap, &header, &data), 1);
	assert_int_equal(header->caplen, 50);
	assert_int_equal(pcap_next_ex(pcap, &header, &data), PCAP_ERROR_BREAK);
	pcap_close(pcap);
}

static void
a_file_is_not_for_others(void **state)
{
	const struct folder *folder = *state;
	const mode_t before = umask(0);
	char path[256];
	struct stat st;

	assert_int_equal(write_two(folder->path, NULL), 0);
	umask(before);
	assert_int_equal(stat(folder_path(folder, NAME, path), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void
a_file_of_the_same_name_is_replaced(void **state)
{
	const struct folder *folder = *state;
	char path[256];
	struct stat st;

	folder_put(folder, NAME, 9, 100);
	folder_put(folder, "." NAME ".part", 9, 100); /* of a run that was killed */
	assert_int_equal(write_two(folder->path, NULL), 0);
	assert_int_equal(folder_count(folder->path, false), 1);
	assert_int_equal(stat(folder_path(folder, NAME, path), &st), 0);
	assert_int_equal(st.st_size, capture_folder_bytes(frames, 2));
}

static void
a_link_in_the_place_of_the_file_is_replaced_and_not_followed(void **state)
{
	const struct folder *folder = *state;
	char path[256];
	struct stat st;

	folder_put(folder, "precious", 9, 100);
	assert_int_equal(symlink("precious", folder_path(folder, "." NAME ".part", path)), 0);
	assert_int_equal(symlink("precious", folder_path(folder, NAME, path)), 0);
	assert_int_equal(write_two(folder->path, NULL), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(stat(folder_path(folder, "precious", path), &st), 0);
	assert_int_equal(st.st_size, 9);
}

static void
the_oldest_makes_room_for_the_new(void **state)
{
	const struct folder *folder = *state;

	folder_put(folder, "flood-1-20261126T014113Z.pcap", BYTES_MAX / 2, 100);
	folder_put(folder, "flood-2-20261126T014113Z.pcap", BYTES_MAX / 2, 200);
	assert_int_equal(write_two(folder->path, NULL), 0);
	assert_false(folder_has(folder, "flood-1-20261126T014113Z.pcap"));
	assert_true(folder_has(folder, "flood-2-20261126T014113Z.pcap"));
	assert_true(folder_has(folder, NAME));
}

static void
a_folder_that_is_missing_is_told_by_its_name(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(write_two("/nowhere/at/all", &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nowhere/at/all"));
	assert_int_equal(capture_folder_check("/nowhere/at/all", &err), -ENOENT);
	assert_non_null(strstr(err.text, strerror(ENOENT)));
}

static void
what_is_no_folder_is_told(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(capture_folder_check("/dev/null", &err), -ENOTDIR);
	assert_non_null(strstr(err.text, "/dev/null"));
}

static void
a_folder_that_takes_no_files_is_told(void **state)
{
	struct err err;

	(void)state;
	/* Nobody makes files there, not even root. */
	assert_int_not_equal(write_two("/proc", &err), 0);
	assert_non_null(strstr(err.text, "/proc/" NAME));
}

static void
a_folder_that_takes_files_is_found_good_and_left_alone(void **state)
{
	const struct folder *folder = *state;

	assert_int_equal(capture_folder_check(folder->path, NULL), 0);
	assert_int_equal(folder_count(folder->path, false), 0);
}

/* As of a full disk: what has been written so far must not stay. */
static void
of_a_file_that_could_not_be_written_nothing_stays(void **state)
{
	const struct folder *folder = *state;
	struct rlimit before, small;
	struct err err;
	int rc;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 30;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	rc = write_two(folder->path, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(rc, -EFBIG);
	assert_non_null(strstr(err.text, NAME));
	assert_int_equal(folder_count(folder->path, false), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_appears_whole_under_its_name),
		TEST(a_file_is_not_for_others),
		TEST(a_file_of_the_same_name_is_replaced),
		TEST(a_link_in_the_place_of_the_file_is_replaced_and_not_followed),
		TEST(the_oldest_makes_room_for_the_new),
		cmocka_unit_test(a_folder_that_is_missing_is_told_by_its_name),
		cmocka_unit_test(what_is_no_folder_is_told),
		cmocka_unit_test(a_folder_that_takes_no_files_is_told),
		TEST(a_folder_that_takes_files_is_found_good_and_left_alone),
		TEST(of_a_file_that_could_not_be_written_nothing_stays),
	};

	return cmocka_run_group_tests_name("capture_folder", tests, NULL, NULL);
}
