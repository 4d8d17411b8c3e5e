/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What a capture holds, for whoever wants to judge a detector by it: a line of JSON for each
 * wave, with its bounds, what it is made of, and the highest rate of each victim.
 *
 * A rate is that of the busiest second, honest clients' SYNs included, where seconds may begin
 * at every tenth of one; what is sent again is not counted.
 */

#ifndef APP_GENERATE_TRUTH_H
#define APP_GENERATE_TRUTH_H

#include "app/generate/generator.h"
#include "base/err.h"

enum truth_who {
	TRUTH_HONEST,
	TRUTH_SPOOFED,
	TRUTH_REAL, /* an attacker that exists */
};

/**
 * Begin to write.
 *
 * @return
 *   NULL with the sentence in @p err.
 */
struct truth *truth_open(const char *path, const struct generator_params *params, struct err *err);

/** A dialogue begins; they come in the order of time. @p truth may be NULL. */
void truth_note(struct truth *truth, const struct dialogue *dialogue, enum truth_who who);

/** 0, or -errno with the sentence in @p err. */
int truth_close(struct truth *truth, struct err *err);

#endif /* APP_GENERATE_TRUTH_H */
