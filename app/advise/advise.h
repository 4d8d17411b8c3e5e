/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Captures through the engine once, and what it reports to a detector for each setting.
 */

#ifndef APP_ADVISE_ADVISE_H
#define APP_ADVISE_ADVISE_H

#include "app/advise/target.h"
#include "app/replay/replay.h"

#include <stdbool.h>
#include <stdint.h>

#define ADVISE_CLAIMS_MAX 1024

struct advise_options {
	struct replay_options replay; /* the detector's parameters are the present setting */
	const struct claim *claims; /* the floods in the captures */
	uint32_t claim_count;
	bool are_claimed; /* they are all, be it none; else settings vote */
	bool json; /* for programs */
};

/**
 * Replay, judge, and print the advice to standard output.
 *
 * Whatever the user must know besides goes to standard error, a sentence a line.
 *
 * @return
 *   An enum command_status.
 */
int advise_run(struct advise_options *options);

#endif /* APP_ADVISE_ADVISE_H */
