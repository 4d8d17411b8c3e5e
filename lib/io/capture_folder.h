/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Capture files in a folder that never takes more than a given room (io/capture_folder_room.h).
 *
 * A file appears under its name when it is whole, and is for its owner and the owner's group
 * only. What could not be written is removed.
 */

#ifndef IO_CAPTURE_FOLDER_H
#define IO_CAPTURE_FOLDER_H

#include "base/err.h"

#include <stdint.h>

struct capture_folder_frame {
	const uint8_t *data;
	uint32_t len;
	uint32_t wire_len;
	uint64_t time_us;
};

/** Whether files can be made there; 0, or -errno with a sentence. */
int capture_folder_check(const char *path, struct err *err);

/** The size of the file that holds these. */
uint64_t capture_folder_bytes(const struct capture_folder_frame *frames, uint32_t count);

/**
 * Write one file.
 *
 * @param name
 *   As capture_folder_room_name() makes it. A file that has it already is replaced.
 * @param bytes_max
 *   Of all our files in the folder, this one included; the oldest are removed.
 * @return
 *   0, or -errno with a sentence.
 */
int capture_folder_write(const char *path, const char *name, uint64_t bytes_max,
		const struct capture_folder_frame *frames, uint32_t count, struct err *err);

#endif /* IO_CAPTURE_FOLDER_H */
