/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A few pairs of hosts who talk TCP, as the input says: what a fuzzer makes of bytes are whole
 * conversations then, with a fault here and there, and not only frames that no port would take.
 *
 * They remember what they have sent, so that an input without any fault is a faultless
 * conversation, and each fault is one byte away from it.
 */

#ifndef FUZZ_HOSTS_H
#define FUZZ_HOSTS_H

#include "fuzz.h"
#include "packet/build.h"
#include "packet/frame.h"

#include <stdint.h>

#define HOSTS_PAIRS 8
#define HOSTS_START_US UINT64_C(1616244573192719)

struct hosts_pair {
	struct build_tcp
			from[2]; /* what each would send next; seq is the number of its next byte */
	uint32_t isn[2];
	uint32_t last_len[2]; /* of its last data */
};

struct hosts {
	uint64_t now_us;
	uint16_t next_port; /* of clients that come once */
	struct hosts_pair pair[HOSTS_PAIRS];
};

void hosts_init(struct hosts *hosts);

/**
 * The next frame that the input says.
 *
 * @param[out] frame
 *   Its bytes are the caller's to free, and no longer than the frame.
 */
void hosts_say(struct hosts *hosts, struct fuzz_input *input, struct frame *frame);

/** A frame that the input holds as it is; a byte for each length before it. */
void hosts_raw(const struct hosts *hosts, struct fuzz_input *input, struct frame *frame);

/** The SYN of a client that was not seen before, to the first pair's server. */
void hosts_knock(struct hosts *hosts, struct frame *frame);

/** Time passes, as the input says: a power of two, or backwards by a small one. */
void hosts_wait(struct hosts *hosts, struct fuzz_input *input);

#endif /* FUZZ_HOSTS_H */
