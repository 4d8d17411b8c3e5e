/* SPDX-License-Identifier: Apache-2.0 */

/* The input is a capture file. Its frames are read to their last byte. */

#include "fuzz.h"
#include "io/capture_file.h"
#include "memory_file.h"
#include "packet/checksum.h"
#include "packet/parse.h"

#define FRAMES_MAX 100000

static void
read_frames(struct capture_file *file)
{
	enum capture_end end = CAPTURE_END_NOT_YET;
	uint64_t frames = 0;
	struct frame frame;

	while (frames < FRAMES_MAX) {
		struct segment segment;

		end = capture_file_next(file, &frame);
		if (end != CAPTURE_END_NOT_YET)
			break;
		frames++;
		FUZZ_REQUIRE(frame.wire_len >= frame.len);
		(void)checksum_finish(checksum_add(0, frame.data, frame.len));
		parse_frame(&frame, &segment);
	}
	FUZZ_REQUIRE(capture_file_frames(file) == frames);
	if (end == CAPTURE_END_NOT_YET)
		return;
	FUZZ_REQUIRE((end == CAPTURE_END_WHOLE) == (capture_file_end_text(file)[0] == '\0'));
	FUZZ_REQUIRE(capture_file_next(file, &frame) == end);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct capture_file *file;
	struct err err = { "" };
	const int rc = capture_file_open(memory_file(data, size), &file, &err);

	FUZZ_REQUIRE((rc == 0) == (file != NULL));
	FUZZ_REQUIRE(rc == 0 || err.text[0] != '\0');
	if (rc == 0) {
		FUZZ_REQUIRE(capture_file_size(file) == size);
		read_frames(file);
	}
	capture_file_close(file);
	return 0;
}
