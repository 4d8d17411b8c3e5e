/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The input is text, each line a packet as tcpdump prints it. A line that is taken makes a
 * frame that the parser knows; one that is refused leaves the reader as it was.
 */

#include "../scenario/tcpdump_line.h"
#include "fuzz.h"
#include "packet/parse.h"

#define BASE "base "
#define LINES_MAX 200
#define LINE_MAX_LEN 1024

static void
check_frame(const struct tcpdump_line *line)
{
	static uint8_t bytes[2 * BUILD_FRAME_MAX];
	struct segment segment;
	struct frame frame = { .time_us = line->time_us };
	size_t wire_len;
	const size_t len = tcpdump_line_frame(line, bytes, sizeof(bytes), &wire_len);

	if (len == 0)
		return;
	FUZZ_REQUIRE(len <= sizeof(bytes) && wire_len >= len);
	frame.data = fuzz_copy(bytes, len);
	frame.len = (uint32_t)len;
	frame.wire_len = (uint32_t)wire_len;
	parse_frame(&frame, &segment);
	if (segment.kind == PACKET_TCP && !line->is_icmp) {
		FUZZ_REQUIRE(segment.seq == line->tcp.seq);
		FUZZ_REQUIRE(segment.tcp_flags == line->tcp.tcp_flags);
		FUZZ_REQUIRE(segment.src_port == line->tcp.src_port);
		FUZZ_REQUIRE(memcmp(segment.dst_addr, line->tcp.dst_addr, 16) == 0);
	}
	free(frame.data);
}

static void
read_line(struct tcpdump_reader *reader, const uint8_t *bytes, size_t len, unsigned number)
{
	static struct conversation before[LINES_MAX];
	const uint32_t count = reader->count;
	char *text = (char *)fuzz_copy(bytes, len);
	struct tcpdump_line line;
	struct err err = { "" };
	int rc;

	memcpy(before, reader->conversations, count * sizeof(before[0]));
	(void)tcpdump_line_starts(text, len);
	(void)tcpdump_line_goes_on(text, len);
	if (len > strlen(BASE) && memcmp(text, BASE, strlen(BASE)) == 0) {
		rc = tcpdump_base_read(
				reader, text + strlen(BASE), len - strlen(BASE), number, &err);
	} else {
		rc = tcpdump_line_read(reader, text, len, number, &line, &err);
		if (rc == 0)
			check_frame(&line);
	}
	if (rc != 0) {
		FUZZ_REQUIRE(err.text[0] != '\0' && reader->count == count);
		FUZZ_REQUIRE(memcmp(before, reader->conversations, count * sizeof(before[0])) == 0);
	}
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tcpdump_reader reader;
	const uint8_t *end = data + size;

	tcpdump_reader_init(&reader, "input");
	reader.absolute = size != 0 && data[0] == '\n';
	for (unsigned number = 1; data < end && number <= LINES_MAX; number++) {
		const uint8_t *newline = memchr(data, '\n', (size_t)(end - data));
		const uint8_t *line_end = newline != NULL ? newline : end;
		const size_t len = (size_t)(line_end - data);

		read_line(&reader, data, len < LINE_MAX_LEN ? len : LINE_MAX_LEN, number);
		data = newline != NULL ? newline + 1 : end;
	}
	return 0;
}
