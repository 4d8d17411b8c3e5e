/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Frames into a capture file: pcap, little or big endian as the machine is, times in
 * microseconds, Ethernet.
 *
 * Invariant: what cannot be written is told. The first error sticks: later frames are
 * refused with it, and capture_writer_close() gives its sentence, so that a caller with
 * nothing to unwind may look at the close only. A file that was not closed without an
 * error must not be taken for whole.
 *
 * One owner at a time; nothing here needs the EAL.
 */

#ifndef IO_CAPTURE_WRITER_H
#define IO_CAPTURE_WRITER_H

#include "base/err.h"

#include <stdint.h>

struct capture_writer;

/**
 * Create the file, or empty it, and write the file header.
 *
 * @param path
 *   The file's name; "-" is standard output, which stays open behind the writer.
 * @param[out] writer
 *   The writer; NULL after an error.
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int capture_writer_open(const char *path, struct capture_writer **writer, struct err *err);

/**
 * The same with a file that is open for writing, and empty.
 *
 * @param fd
 *   The writer's from now on, also after an error.
 * @param name
 *   What sentences call it.
 */
int capture_writer_adopt(int fd, const char *name, struct capture_writer **writer, struct err *err);

/**
 * Append one frame.
 *
 * @param len
 *   Bytes at @p data, which are written.
 * @param wire_len
 *   Bytes the frame had on the wire; @p len or more.
 * @param time_us
 *   Since the epoch. The file format ends in the year 2106.
 * @return
 *   0, or -errno of the first write that failed. The file is buffered: an error may
 *   show some frames later.
 */
int capture_writer_write(struct capture_writer *writer, const uint8_t *data, uint32_t len,
		uint32_t wire_len, uint64_t time_us);

/**
 * Write out what is buffered.
 *
 * @return
 *   0, or -errno with the sentence in @p err.
 */
int capture_writer_flush(struct capture_writer *writer, struct err *err);

/**
 * Flush, close and free; @p writer may be NULL.
 *
 * @return
 *   0 if every frame of this writer reached the file; otherwise -errno with the
 *   sentence in @p err. The writer is gone in either case.
 */
int capture_writer_close(struct capture_writer *writer, struct err *err);

#endif /* IO_CAPTURE_WRITER_H */
