/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A capture that hosts.c makes of the input, drawn by `synwire explain`: one of its
 * connections, as text, as a picture and as lines. The first byte says which.
 */

#include "app/explain/explain_scan.h"
#include "hosts.h"
#include "memory_file.h"
#include "observe/connection_list.h"
#include "observe/conversation_text.h"

#include <ctype.h>

#define FRAMES_MAX 3000
#define FLOW_SLOTS 64
#define CAPTURE_MAX ((size_t)4 << 20)

struct capture {
	uint8_t bytes[CAPTURE_MAX];
	size_t len;
	uint32_t frames;
};

struct picked {
	uint64_t number;
	struct conversation *conversation;
	bool is_over;
	struct connection_row row;
};

static void
put(struct capture *capture, const void *bytes, size_t len)
{
	FUZZ_REQUIRE(len <= sizeof(capture->bytes) - capture->len);
	memcpy(capture->bytes + capture->len, bytes, len);
	capture->len += len;
}

static void
put_frame(struct capture *capture, const struct frame *frame)
{
	const uint32_t head[] = { (uint32_t)(frame->time_us / 1000000),
		(uint32_t)(frame->time_us % 1000000), frame->len, frame->wire_len };

	put(capture, head, sizeof(head));
	put(capture, frame->data, frame->len);
	capture->frames++;
}

static void
fill(struct capture *capture, struct fuzz_input *input)
{
	const uint32_t head[] = { 0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1 };
	struct hosts hosts;

	capture->len = 0;
	capture->frames = 0;
	put(capture, head, sizeof(head));
	hosts_init(&hosts);
	while (!fuzz_is_over(input) && capture->frames < FRAMES_MAX) {
		struct frame frame;

		switch (fuzz_byte(input) % 16) {
		case 14:
			hosts_wait(&hosts, input);
			continue;
		case 15:
			hosts_raw(&hosts, input, &frame);
			break;
		default:
			hosts_say(&hosts, input, &frame);
		}
		if (capture->len + frame.len + 64 < sizeof(capture->bytes))
			put_frame(capture, &frame);
		free(frame.data);
	}
}

static int
take_segment(void *context, const struct explain_segment *segment)
{
	struct picked *picked = context;

	if (segment->connection != picked->number)
		return 0;
	FUZZ_REQUIRE(!picked->is_over);
	return conversation_add(picked->conversation, segment->frame, segment->segment,
			segment->number, segment->now);
}

static void
lose_syn(void *context, uint64_t connection, uint32_t seq)
{
	struct picked *picked = context;

	if (connection == picked->number)
		conversation_give_syn(picked->conversation, seq);
}

static int
take_connection(void *context, uint64_t number, const struct record *record)
{
	struct picked *picked = context;

	if (number != picked->number)
		return 0;
	FUZZ_REQUIRE(!picked->is_over);
	picked->is_over = true;
	picked->row = (struct connection_row){ .number = number, .record = *record };
	conversation_finish(picked->conversation, record);
	return 0;
}

/* Printable, and no line longer than the page. */
static void
check_text(const char *text, size_t len)
{
	size_t column = 0;

	for (size_t i = 0; i < len; i++) {
		column = text[i] == '\n' ? 0 : column + 1;
		FUZZ_REQUIRE(text[i] == '\n' || isprint((unsigned char)text[i]));
		FUZZ_REQUIRE(column <= LADDER_COLUMNS);
	}
}

static void
write_out(const struct picked *picked, const struct ladder *ladder)
{
	const struct ladder_look plain = { 0 }, rich = { .utf8 = true, .colour = true };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	FUZZ_REQUIRE(out != NULL);
	ladder_text(ladder, &plain, out);
	connection_list_print(&picked->row, 1, 0, out);
	FUZZ_REQUIRE(fflush(out) == 0);
	check_text(text, len);
	conversation_packets_print(picked->conversation, out);
	ladder_text(ladder, &rich, out);
	ladder_svg(ladder, out);
	FUZZ_REQUIRE(fclose(out) == 0);
	free(text);
}

static void
draw(const struct picked *picked, uint64_t until_us, bool all)
{
	char verdict[CONVERSATION_VERDICT_MAX];
	struct ladder ladder;

	FUZZ_REQUIRE(conversation_ladder_make(picked->conversation, picked->number, all, &ladder) ==
			0);
	conversation_verdict_write(picked->conversation, until_us, verdict);
	FUZZ_REQUIRE(strlen(verdict) < sizeof(verdict) - 1);
	ladder.verdict = verdict;
	write_out(picked, &ladder);
	conversation_ladder_free(&ladder);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct capture capture;
	struct fuzz_input input = { data, data + size };
	const uint8_t which = fuzz_byte(&input);
	struct picked picked = { .number = 1 + which / 2 % 8,
		.conversation = conversation_create() };
	const struct explain_visitor visitor = { .context = &picked,
		.segment = take_segment,
		.connection = take_connection,
		.lost_syn = lose_syn };
	struct pipeline_params params = { .flow_slots = FLOW_SLOTS };
	struct explain_scan scan;
	struct err err;

	FUZZ_REQUIRE(picked.conversation != NULL);
	tracker_params_default(&params.tracker);
	fill(&capture, &input);
	FUZZ_REQUIRE(explain_scan_run(memory_file(capture.bytes, capture.len), &params, &visitor,
				     &scan, &err) == 0);
	FUZZ_REQUIRE(scan.frames == capture.frames && scan.end == CAPTURE_END_WHOLE);
	FUZZ_REQUIRE(picked.is_over == (picked.number <= scan.connections));
	if (picked.is_over)
		draw(&picked, scan.last_us, (which & 1) != 0);
	conversation_destroy(picked.conversation);
	return 0;
}
