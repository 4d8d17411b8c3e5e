/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A capture file, pcap or pcapng, read from its name on: opened with every check that
 * can be made before the first frame, then frame by frame.
 *
 * What cannot be read is said in a sentence a user can act on. Only Ethernet captures in
 * regular files are taken; a file that ends in the middle of a frame gives every frame
 * before that, and says so afterwards.
 *
 * One owner at a time; nothing here needs the EAL.
 */

#ifndef IO_CAPTURE_FILE_H
#define IO_CAPTURE_FILE_H

#include "base/err.h"
#include "packet/frame.h"

#include <stdint.h>

struct capture_file;

/* How far a file could be read; in the order of what is lost. */
enum capture_end {
	CAPTURE_END_NOT_YET, /* there may be more frames */
	CAPTURE_END_WHOLE, /* the last frame was the last */
	CAPTURE_END_CUT, /* the file stops in the middle of a frame */
	CAPTURE_END_DAMAGED, /* what follows the last frame is none */
};

/**
 * Open and check: it is a regular file, can be read, is a capture and holds Ethernet.
 *
 * @param[out] file
 *   NULL after an error.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int capture_file_open(const char *path, struct capture_file **file, struct err *err);

void capture_file_close(struct capture_file *file);

/**
 * The next frame.
 *
 * @param[out] frame
 *   Its bytes are good until the next call.
 * @return
 *   CAPTURE_END_NOT_YET with a frame; anything else is the end.
 */
enum capture_end capture_file_next(struct capture_file *file, struct frame *frame);

/** Why there is no next frame, half a sentence; "" for a file that is whole. */
const char *capture_file_end_text(const struct capture_file *file);

/** Frames read so far. */
uint64_t capture_file_frames(const struct capture_file *file);

/** Bytes of the file. */
uint64_t capture_file_size(const struct capture_file *file);

/** An open descriptor, the file's own until capture_file_close(); its offset is not. */
int capture_file_descriptor(const struct capture_file *file);

#endif /* IO_CAPTURE_FILE_H */
