/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A sequence of segments, as the generator makes it and both trackers get it.
 */

#ifndef MODEL_STEP_H
#define MODEL_STEP_H

#include "packet/build.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct step {
	uint64_t time_us;
	bool is_icmp; /* an ICMP error that quotes tcp, sent to its source */
	uint8_t icmp_type;
	uint8_t icmp_code;
	struct build_tcp tcp;
};

/* Times never decrease. */
struct sequence {
	struct step *steps;
	size_t count;
	size_t room;
	uint64_t end_us; /* when the run ends; not before the last step */
};

void sequence_add(struct sequence *sequence, const struct step *step);
void sequence_free(struct sequence *sequence);

/** Print one step as tcpdump would, with what tcpdump would not: all numbers absolute. */
void step_print(const struct step *step, uint64_t start_us);

#endif /* MODEL_STEP_H */
