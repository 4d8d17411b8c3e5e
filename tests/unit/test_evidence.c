/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The control thread's side, with workers that the test plays: each has a ring of headers and
 * follows its letters when it is told to.
 */

#include "app/run/evidence.h"
#include "base/usec.h"
#include "tests/unit/folder_fixture.h"
#include "tests/unit/header_fixture.h"

#include <pcap/pcap.h>

#define WORKERS 2
#define BOX_ROOM 64
#define START_US (UINT64_C(1795657273) * USEC_PER_SEC)
#define NAME_1 "flood-1-20261126T014113Z.pcap"

struct desk {
	struct folder *folder;
	struct evidence_params params;
	struct evidence *evidence;
	struct header_ring *rings[WORKERS];
	struct mail *box[WORKERS][BOX_ROOM];
	uint32_t posted[WORKERS]; /* so far */
	uint32_t room; /* of a box */
	uint32_t told[WIRE_WHAT_COUNT];
	uint64_t told_since_us;
	char told_text[512];
	uint32_t written;
	uint32_t written_id;
	char written_path[256];
};

static bool
post(void *context, uint32_t worker, struct mail *mail)
{
	struct desk *desk = context;

	assert_int_equal(mail->kind, MAIL_EVIDENCE);
	if (desk->posted[worker] == desk->room)
		return false;
	evidence_request_begin(desk->rings[worker], mail->evidence);
	desk->box[worker][desk->posted[worker]++] = mail;
	return true;
}

static void
note_written(void *context, uint32_t alarm_id, const char *path)
{
	struct desk *desk = context;

	desk->written++;
	desk->written_id = alarm_id;
	strcpy(desk->written_path, path);
}

static void
note_told(void *context, const struct wire_event *event)
{
	struct desk *desk = context;

	desk->told[event->what]++;
	desk->told_since_us = event->since_us;
	assert_string_equal(event->output, desk->params.folder);
	if (event->detail != NULL)
		strcpy(desk->told_text, event->detail);
}

static void
open_desk(struct desk *desk, const char *folder)
{
	evidence_destroy(desk->evidence);
	strcpy(desk->params.folder, folder);
	desk->evidence = evidence_create(&desk->params);
	assert_non_null(desk->evidence);
}

static int
setup(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	void *folder;

	if (desk == NULL || folder_make(&folder) < 0)
		return -1;
	desk->folder = folder;
	desk->room = BOX_ROOM;
	desk->params = (struct evidence_params){ .packets = 10,
		.bytes = 1000000,
		.hold_us = 10 * USEC_PER_SEC,
		.prefixes = { .ipv4 = 24, .ipv6 = 64 },
		.workers = WORKERS,
		.post = post,
		.written = note_written,
		.tell = note_told,
		.context = desk };
	for (uint32_t w = 0; w < WORKERS; w++)
		desk->rings[w] = header_ring_make(64);
	open_desk(desk, desk->folder->path);
	*state = desk;
	return 0;
}

static int
teardown(void **state)
{
	struct desk *desk = *state;
	void *folder = desk->folder;

	evidence_finish(desk->evidence);
	evidence_destroy(desk->evidence);
	for (uint32_t w = 0; w < WORKERS; w++)
		header_ring_free(desk->rings[w]);
	folder_remove(&folder);
	free(desk);
	return 0;
}

/* The turns of all workers at this time. */
static void
work(struct desk *desk, uint64_t now_us)
{
	for (uint32_t w = 0; w < WORKERS; w++)
		for (uint32_t i = 0; i < desk->posted[w]; i++) {
			struct mail *mail = desk->box[w][i];

			if (mail != NULL &&
					evidence_request_step(desk->rings[w], mail->evidence,
							UINT32_MAX, now_us)) {
				desk->box[w][i] = NULL;
				mail_send_back(mail);
			}
		}
}

static void
push_syns(struct desk *desk, uint32_t worker, uint32_t count, uint64_t first_us, uint64_t step_us)
{
	const struct build_tcp syn = header_syn(worker);

	for (uint32_t i = 0; i < count; i++)
		header_push(desk->rings[worker], &syn, first_us + i * step_us);
}

static void
notice(struct desk *desk, uint32_t id, enum alarm_phase phase, uint64_t time_us)
{
	static struct alarm alarm;
	uint8_t addr[16];

	alarm = (struct alarm){ .id = id, .phase = phase, .time_us = time_us };
	alarm.victim = (struct victim_key){ .port = 80, .level = VICTIM_SERVICE };
	build_ipv4_mapped(HEADER_VICTIM, addr);
	memcpy(alarm.victim.addr, addr, sizeof(addr));
	evidence_notice(desk->evidence, &alarm);
}

/* The times in a file, from START_US on; gives their number. */
static uint32_t
read_times(const char *path, int64_t *times, uint32_t room)
{
	char text[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, text);
	struct pcap_pkthdr *header;
	const u_char *data;
	uint32_t count = 0;

	assert_non_null(pcap);
	while (pcap_next_ex(pcap, &header, &data) == 1) {
		struct frame frame = { .len = header->caplen, .wire_len = header->len };
		uint8_t bytes[HEADER_RING_SNAP];
		struct segment segment;

		assert_true(count < room);
		memcpy(bytes, data, header->caplen);
		frame.data = bytes;
		parse_frame(&frame, &segment);
		assert_int_equal(segment.kind, PACKET_TCP);
		assert_int_equal(segment.dst_port, 80);
		times[count++] = header->ts.tv_sec * (int64_t)USEC_PER_SEC + header->ts.tv_usec -
				(int64_t)START_US;
	}
	pcap_close(pcap);
	return count;
}

static void
a_file_has_what_all_workers_saw_in_the_order_of_time(void **state)
{
	struct desk *desk = *state;
	char path[256];
	int64_t times[64];

	push_syns(desk, 0, 3, START_US - 6, 2); /* -6, -4, -2 */
	push_syns(desk, 1, 3, START_US - 5, 2); /* -5, -3, -1 */
	notice(desk, 1, ALARM_START, START_US);
	work(desk, START_US);
	push_syns(desk, 0, 4, START_US + 1, 2); /* 1, 3, 5, 7 */
	push_syns(desk, 1, 8, START_US + 2, 2); /* 2, ..., 16 */
	work(desk, START_US + 20);
	evidence_collect(desk->evidence, START_US + 20);
	assert_int_equal(desk->written, 0); /* both have room left */
	work(desk, START_US + 21);
	evidence_collect(desk->evidence, START_US + 21);
	assert_int_equal(desk->written, 1);
	assert_int_equal(desk->written_id, 1);
	assert_string_equal(desk->written_path, folder_path(desk->folder, NAME_1, path));
	assert_int_equal(read_times(path, times, 64), 6 + 10);
	for (int i = 0; i < 6; i++)
		assert_int_equal(times[i], i - 6);
	for (int i = 0; i < 8; i++)
		assert_int_equal(times[6 + i], 1 + i);
	assert_int_equal(times[14], 10);
	assert_int_equal(times[15], 12);
	assert_int_equal(evidence_counters(desk->evidence)->written, 1);
}

static void
of_before_the_last_are_in_the_file(void **state)
{
	struct desk *desk = *state;
	int64_t times[64];
	char path[256];

	push_syns(desk, 0, 20, START_US - 40, 2);
	push_syns(desk, 1, 20, START_US - 39, 2);
	notice(desk, 1, ALARM_START, START_US);
	work(desk, START_US + 6 * USEC_PER_SEC);
	evidence_collect(desk->evidence, START_US + 6 * USEC_PER_SEC);
	assert_int_equal(read_times(folder_path(desk->folder, NAME_1, path), times, 64), 10);
	for (int i = 0; i < 10; i++)
		assert_int_equal(times[i], i - 10);
}

static void
a_slow_flood_is_written_when_time_is_over(void **state)
{
	struct desk *desk = *state;

	notice(desk, 1, ALARM_START, START_US);
	work(desk, START_US);
	push_syns(desk, 0, 2, START_US + 1, 1);
	work(desk, START_US + 5 * USEC_PER_SEC);
	evidence_collect(desk->evidence, START_US + 5 * USEC_PER_SEC);
	assert_int_equal(desk->written, 0);
	work(desk, START_US + 5 * USEC_PER_SEC + 1);
	evidence_collect(desk->evidence, START_US + 5 * USEC_PER_SEC + 1);
	assert_int_equal(desk->written, 1);
}

static void
it_is_written_before_the_shortest_flood_ends(void **state)
{
	struct desk *desk = *state;

	desk->params.hold_us = USEC_PER_SEC;
	evidence_retune(desk->evidence, &desk->params);
	push_syns(desk, 0, 2, START_US - 9, 1);
	notice(desk, 1, ALARM_START, START_US);
	work(desk, START_US + USEC_PER_SEC);
	evidence_collect(desk->evidence, START_US + USEC_PER_SEC);
	assert_int_equal(desk->written, 1);
}

static void
the_end_of_an_alarm_ends_the_gathering(void **state)
{
	struct desk *desk = *state;

	push_syns(desk, 0, 2, START_US - 9, 1);
	notice(desk, 1, ALARM_START, START_US);
	work(desk, START_US);
	notice(desk, 1, ALARM_UPDATE, START_US + 1);
	work(desk, START_US + 1);
	evidence_collect(desk->evidence, START_US + 1);
	assert_int_equal(desk->written, 0);
	notice(desk, 1, ALARM_END, START_US + 2);
	work(desk, START_US + 2);
	evidence_collect(desk->evidence, START_US + 2);
	assert_int_equal(desk->written, 1);
}

static void
at_the_end_of_the_run_what_there_is_is_written(void **state)
{
	struct desk *desk = *state;

	push_syns(desk, 0, 2, START_US - 9, 1);
	notice(desk, 1, ALARM_START, START_US);
	work(desk, START_US);
	evidence_finish(desk->evidence);
	assert_int_equal(desk->written, 1);
}

static void
of_an_alarm_without_frames_no_file_is_made(void **state)
{
	struct desk *desk = *state;

	notice(desk, 1, ALARM_START, START_US);
	work(desk, START_US + 6 * USEC_PER_SEC);
	evidence_collect(desk->evidence, START_US + 6 * USEC_PER_SEC);
	assert_int_equal(desk->written, 0);
	assert_int_equal(evidence_counters(desk->evidence)->empty, 1);
	assert_int_equal(folder_count(desk->folder->path, false), 0);
}

static void
sixteen_at_once_get_a_file_each(void **state)
{
	struct desk *desk = *state;

	push_syns(desk, 0, 2, START_US - 9, 1);
	for (uint32_t id = 1; id <= 16; id++)
		notice(desk, id, ALARM_START, START_US);
	assert_int_equal(desk->posted[0], MAIL_EVIDENCE_MAX);
	for (uint32_t round = 1; round <= 4; round++) {
		work(desk, START_US + round * 6 * USEC_PER_SEC);
		evidence_collect(desk->evidence, START_US + round * 6 * USEC_PER_SEC);
		assert_int_equal(desk->written, 4 * round);
	}
	assert_int_equal(folder_count(desk->folder->path, false), 16);
	assert_int_equal(evidence_counters(desk->evidence)->missed, 0);
}

static void
one_that_ends_while_it_waits_is_counted(void **state)
{
	struct desk *desk = *state;

	for (uint32_t id = 1; id <= 6; id++)
		notice(desk, id, ALARM_START, START_US);
	notice(desk, 5, ALARM_END, START_US);
	assert_int_equal(evidence_counters(desk->evidence)->missed, 1);
	work(desk, START_US + 6 * USEC_PER_SEC);
	evidence_collect(desk->evidence, START_US + 6 * USEC_PER_SEC);
	assert_int_equal(desk->posted[0], MAIL_EVIDENCE_MAX + 1);
}

static void
a_worker_that_reads_no_letters_is_done_without(void **state)
{
	struct desk *desk = *state;

	desk->room = 0;
	notice(desk, 1, ALARM_START, START_US);
	evidence_collect(desk->evidence, START_US);
	assert_int_equal(evidence_counters(desk->evidence)->empty, 1);
}

/* An alarm of which a frame is found, from its start to its file. */
static void
capture_one(struct desk *desk, uint32_t id)
{
	push_syns(desk, 0, 1, START_US, 1);
	notice(desk, id, ALARM_START, START_US);
	work(desk, START_US + 6 * USEC_PER_SEC);
	evidence_collect(desk->evidence, START_US + 6 * USEC_PER_SEC);
}

static void
a_missing_folder_is_told_once_and_once_when_it_is_back(void **state)
{
	struct desk *desk = *state;
	char missing[256];

	folder_path(desk->folder, "missing", missing);
	open_desk(desk, missing);
	evidence_check(desk->evidence);
	assert_int_equal(desk->told[WIRE_CAPTURE_FAILED], 1);
	assert_non_null(strstr(desk->told_text, missing));
	for (uint32_t id = 1; id <= 3; id++)
		capture_one(desk, id);
	assert_int_equal(desk->told[WIRE_CAPTURE_FAILED], 1);
	assert_int_equal(desk->told[WIRE_CAPTURE_RECOVERED], 0);
	assert_int_equal(evidence_counters(desk->evidence)->failed, 3);
	assert_int_equal(desk->written, 0);
	assert_int_equal(mkdir(missing, 0700), 0);
	capture_one(desk, 4);
	capture_one(desk, 5);
	assert_int_equal(desk->told[WIRE_CAPTURE_RECOVERED], 1);
	assert_int_equal(desk->written, 2);
	assert_int_equal(folder_count(missing, true), 2);
	assert_int_equal(rmdir(missing), 0);
	capture_one(desk, 6);
	assert_int_equal(desk->told[WIRE_CAPTURE_FAILED], 2);
	open_desk(desk, desk->folder->path);
}

static void
a_good_folder_is_not_told(void **state)
{
	struct desk *desk = *state;

	evidence_check(desk->evidence);
	capture_one(desk, 1);
	assert_int_equal(desk->told[WIRE_CAPTURE_FAILED], 0);
	assert_int_equal(desk->told[WIRE_CAPTURE_RECOVERED], 0);
}

static void
the_folder_never_takes_more_than_its_room(void **state)
{
	struct desk *desk = *state;
	struct stat st;
	off_t all = 0;

	desk->params.bytes = 500;
	evidence_retune(desk->evidence, &desk->params);
	push_syns(desk, 0, 10, START_US - 20, 1);
	for (uint32_t id = 1; id <= 5; id++) {
		capture_one(desk, id);
		assert_int_equal(folder_count(desk->folder->path, false), 1);
		assert_int_equal(stat(desk->written_path, &st), 0);
		all += st.st_size;
		assert_true(st.st_size <= 500);
		assert_true(st.st_size > 24); /* of what does not fit, the beginning */
	}
	assert_true(all > 500);
	assert_false(folder_has(desk->folder, NAME_1));
}

static void
a_scan_is_not_captured(void **state)
{
	struct desk *desk = *state;
	const struct alarm alarm = { .id = 1, .type = ALARM_SCAN, .time_us = START_US };

	evidence_notice(desk->evidence, &alarm);
	assert_int_equal(desk->posted[0], 0);
}

static void
what_the_clock_was_set_by_is_in_name_and_times(void **state)
{
	struct desk *desk = *state;
	int64_t times[64];
	char path[256];

	evidence_set_clock(desk->evidence, 2 * USEC_PER_SEC);
	capture_one(desk, 1);
	folder_path(desk->folder, "flood-1-20261126T014115Z.pcap", path);
	assert_int_equal(read_times(path, times, 64), 1);
	assert_int_equal(times[0], 2 * USEC_PER_SEC);
}

static void
without_a_folder_all_calls_do_nothing(void **state)
{
	const struct alarm alarm = { .id = 1 };

	(void)state;
	evidence_check(NULL);
	evidence_retune(NULL, NULL);
	evidence_set_clock(NULL, 1);
	evidence_notice(NULL, &alarm);
	evidence_collect(NULL, 1);
	evidence_finish(NULL);
	assert_null(evidence_counters(NULL));
	evidence_destroy(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_has_what_all_workers_saw_in_the_order_of_time),
		TEST(of_before_the_last_are_in_the_file),
		TEST(a_slow_flood_is_written_when_time_is_over),
		TEST(it_is_written_before_the_shortest_flood_ends),
		TEST(the_end_of_an_alarm_ends_the_gathering),
		TEST(at_the_end_of_the_run_what_there_is_is_written),
		TEST(of_an_alarm_without_frames_no_file_is_made),
		TEST(sixteen_at_once_get_a_file_each),
		TEST(one_that_ends_while_it_waits_is_counted),
		TEST(a_worker_that_reads_no_letters_is_done_without),
		TEST(a_missing_folder_is_told_once_and_once_when_it_is_back),
		TEST(a_good_folder_is_not_told),
		TEST(the_folder_never_takes_more_than_its_room),
		TEST(a_scan_is_not_captured),
		TEST(what_the_clock_was_set_by_is_in_name_and_times),
		cmocka_unit_test(without_a_folder_all_calls_do_nothing),
	};

	return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
