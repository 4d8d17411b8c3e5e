/* SPDX-License-Identifier: Apache-2.0 */

#include "base/usec.h"
#include "io/capture_folder_room.h"
#include "tests/unit/folder_fixture.h"

#define OLD "flood-1-20261126T014113Z.pcap"
#define NEWER "flood-2-20261126T014114Z.pcap"
#define NEWEST "flood-1-20261126T014115Z.pcap"

static void
a_name_tells_the_flood_and_the_second(void **state)
{
	char name[CAPTURE_FOLDER_ROOM_NAME];

	(void)state;
	capture_folder_room_name(7, UINT64_C(1795657273) * USEC_PER_SEC + 999999, name);
	assert_string_equal(name, "flood-7-20261126T014113Z.pcap");
	capture_folder_room_name(UINT32_MAX, 0, name);
	assert_string_equal(name, "flood-4294967295-19700101T000000Z.pcap");
	assert_true(capture_folder_room_is_ours(name));
}

static void
names_that_we_make_are_ours_and_no_others_are(void **state)
{
	static const char *const foreign[] = { "", ".", "..", "flood-", "flood-7.pcap",
		"flood-7-20261126T014113Z.pcapng", "flood-7-20261126T014113Z.pcap.gz",
		"flood-7-20261126T014113.pcap", "flood-7-2026112T014113Z.pcap",
		"flood--20261126T014113Z.pcap", "flood-x-20261126T014113Z.pcap",
		"flood-12345678901-20261126T014113Z.pcap", "my-flood-7-20261126T014113Z.pcap",
		"flood-7-20261126T014113Z.pcap.part", ".flood-7-20261126T014113Z.pcap",
		".flood-7-20261126T014113Z.pcap.part~", "Flood-7-20261126T014113Z.pcap",
		"flood-7-20261126t014113Z.pcap", "flood-7-20261126T014113Z.pcap " };
	char unfinished[CAPTURE_FOLDER_ROOM_UNFINISHED];

	(void)state;
	assert_true(capture_folder_room_is_ours("flood-7-20261126T014113Z.pcap"));
	capture_folder_room_unfinished("flood-7-20261126T014113Z.pcap", unfinished);
	assert_string_equal(unfinished, ".flood-7-20261126T014113Z.pcap.part");
	assert_true(capture_folder_room_is_ours(unfinished));
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		if (capture_folder_room_is_ours(foreign[i]))
			fail_msg("'%s' is taken for ours", foreign[i]);
}

static int
make_room(const struct folder *folder, uint64_t bytes, uint64_t bytes_max, struct err *err)
{
	const int fd = open(folder->path, O_RDONLY | O_DIRECTORY);
	int rc;

	assert_true(fd >= 0);
	rc = capture_folder_room_make(fd, folder->path, bytes, bytes_max, err);
	close(fd);
	return rc;
}

static void
the_oldest_go_first_and_no_more_than_must(void **state)
{
	const struct folder *folder = *state;

	folder_put(folder, NEWEST, 1000, 300);
	folder_put(folder, OLD, 1000, 100);
	folder_put(folder, NEWER, 1000, 200);
	assert_int_equal(make_room(folder, 1000, 4000, NULL), 0);
	assert_int_equal(folder_count(folder->path, false), 3);
	assert_int_equal(make_room(folder, 1001, 4000, NULL), 0);
	assert_false(folder_has(folder, OLD));
	assert_int_equal(folder_count(folder->path, false), 2);
	assert_int_equal(make_room(folder, 4000, 4000, NULL), 0);
	assert_int_equal(folder_count(folder->path, false), 0);
}

static void
files_that_are_not_ours_are_neither_removed_nor_counted(void **state)
{
	const struct folder *folder = *state;
	char path[256];

	folder_put(folder, "notes.txt", 100000, 1);
	folder_put(folder, "flood-1-20261126T014113Z.pcap.gz", 100000, 1);
	assert_int_equal(mkdir(folder_path(folder, NEWER, path), 0700), 0);
	assert_int_equal(symlink("notes.txt", folder_path(folder, NEWEST, path)), 0);
	folder_put(folder, OLD, 1000, 500);
	assert_int_equal(make_room(folder, 1000, 2000, NULL), 0);
	assert_int_equal(folder_count(folder->path, false), 5);
	assert_int_equal(make_room(folder, 2000, 2000, NULL), 0);
	assert_false(folder_has(folder, OLD));
	assert_int_equal(folder_count(folder->path, false), 4);
}

static void
what_a_run_left_unfinished_counts_and_goes(void **state)
{
	const struct folder *folder = *state;

	folder_put(folder, "." OLD ".part", 5000, 100);
	folder_put(folder, NEWER, 1000, 200);
	assert_int_equal(make_room(folder, 1000, 5000, NULL), 0);
	assert_int_equal(folder_count(folder->path, false), 1);
	assert_true(folder_has(folder, NEWER));
}

static void
what_is_larger_than_all_the_room_is_refused_and_nothing_removed(void **state)
{
	const struct folder *folder = *state;
	struct err err;

	folder_put(folder, OLD, 1000, 100);
	assert_int_equal(make_room(folder, 2001, 2000, &err), -EFBIG);
	assert_non_null(strstr(err.text, folder->path));
	assert_true(folder_has(folder, OLD));
}

static void
of_hundreds_as_many_go_as_must(void **state)
{
	const struct folder *folder = *state;
	char name[CAPTURE_FOLDER_ROOM_NAME];

	for (uint32_t i = 0; i < 300; i++) {
		capture_folder_room_name(i, i * USEC_PER_SEC, name);
		folder_put(folder, name, 10, (time_t)1000 + i);
	}
	assert_int_equal(make_room(folder, 100, 1100, NULL), 0);
	assert_int_equal(folder_count(folder->path, false), 100);
	capture_folder_room_name(200, 200 * USEC_PER_SEC, name);
	assert_true(folder_has(folder, name));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_tells_the_flood_and_the_second),
		cmocka_unit_test(names_that_we_make_are_ours_and_no_others_are),
		TEST(the_oldest_go_first_and_no_more_than_must),
		TEST(files_that_are_not_ours_are_neither_removed_nor_counted),
		TEST(what_a_run_left_unfinished_counts_and_goes),
		TEST(what_is_larger_than_all_the_room_is_refused_and_nothing_removed),
		TEST(of_hundreds_as_many_go_as_must),
	};

	return cmocka_run_group_tests_name("capture_folder_room", tests, NULL, NULL);
}
