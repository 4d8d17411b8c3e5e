/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The room that capture files may take in their folder: which files are ours, and which of
 * them go first.
 *
 * Ours is what has a name as capture_folder_room_name() makes it, or is the unfinished form of
 * one, and is a regular file. Everything else is somebody else's, and is neither counted nor
 * removed.
 */

#ifndef IO_CAPTURE_FOLDER_ROOM_H
#define IO_CAPTURE_FOLDER_ROOM_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* "flood-4294967295-20261126T014113Z.pcap", with its end. */
#define CAPTURE_FOLDER_ROOM_NAME 40

/* While it is written: hidden, and of another name. */
#define CAPTURE_FOLDER_ROOM_UNFINISHED (CAPTURE_FOLDER_ROOM_NAME + 6)

/** The name of a capture: ids begin anew with each start, so the time is in it, to the second, UTC. */
void capture_folder_room_name(uint32_t id, uint64_t time_us, char name[CAPTURE_FOLDER_ROOM_NAME]);

/** The name that it has until it is whole. */
void capture_folder_room_unfinished(
		const char *name, char unfinished[CAPTURE_FOLDER_ROOM_UNFINISHED]);

bool capture_folder_room_is_ours(const char *name);

/**
 * Remove the oldest of our files until @p bytes more are no more than @p bytes_max.
 *
 * @param folder
 *   Its descriptor.
 * @param path
 *   What a sentence calls it.
 * @return
 *   0, or -errno with a sentence: a file could not be removed.
 */
int capture_folder_room_make(
		int folder, const char *path, uint64_t bytes, uint64_t bytes_max, struct err *err);

#endif /* IO_CAPTURE_FOLDER_ROOM_H */
