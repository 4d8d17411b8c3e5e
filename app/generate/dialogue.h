/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Two hosts that play a script: turns one step after the other into a frame and the
 * time at which the wire sees it.
 */

#ifndef APP_GENERATE_DIALOGUE_H
#define APP_GENERATE_DIALOGUE_H

#include "app/generate/host.h"
#include "app/generate/random.h"
#include "app/generate/script.h"
#include "packet/segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest frame that a step can make. */
#define DIALOGUE_FRAME_MAX 9018

struct dialogue {
	uint64_t time_us; /* of the step that comes next */
	uint64_t start_us;
	uint64_t think_us; /* how long its client thinks; see THOUGHT */
	struct host host[2]; /* by enum script_side */
	const struct script *script;
	uint32_t step; /* the one that comes next */
	uint32_t rounds; /* how often the script goes back */
	uint32_t again; /* how often its client sent the SYN of now once more */
	uint32_t anew; /* how often its client began another connection */
	uint8_t ip_version;
	uint8_t vlan_count;
	uint16_t vlan[SEGMENT_VLANS];
};

/** Have the hosts, which are filled in, begin a script. */
void dialogue_begin(struct dialogue *dialogue, const struct script *script, uint64_t time_us);

/** Have them go on with another: numbers and clocks are what they have become. */
void dialogue_go_on(struct dialogue *dialogue, const struct script *script, uint64_t time_us);

/**
 * Play the step that comes next.
 *
 * @param out
 *   Room for DIALOGUE_FRAME_MAX bytes.
 * @return
 *   The frame's length; 0 if the wire does not see it.
 */
size_t dialogue_play(struct dialogue *dialogue, uint8_t *out, struct random *random);

/**
 * Go on to the next step, and set the time of it.
 *
 * @return
 *   Whether there is one.
 */
bool dialogue_advance(struct dialogue *dialogue, struct random *random);

#endif /* APP_GENERATE_DIALOGUE_H */
