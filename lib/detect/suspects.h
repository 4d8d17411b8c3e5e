/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Where the SYNs to victims under suspicion come from, summed over the workers, before and
 * while there is an alarm. Bounded: the one not heard of for longest gives way.
 */

#ifndef DETECT_SUSPECTS_H
#define DETECT_SUSPECTS_H

#include "detect/report.h"

#include <stdbool.h>
#include <stdint.h>

#define SUSPECTS_MAX 64

/* A suspicion may be older than the attack: so many ticks, so often, are kept one by one. */
#define SUSPECT_STRETCH_TICKS 4
#define SUSPECT_STRETCHES 8

struct suspect_stretch {
	uint64_t number; /* of its ticks, divided; UINT64_MAX: none */
	struct sources sources;
};

struct suspect {
	struct victim_key key;
	bool is_used;
	uint64_t since_tick;
	uint64_t tick; /* the last that brought anything */
	uint64_t syn; /* SYNs to it in that time */
	uint64_t resolved; /* handshakes that completed, were refused or broken off */
	struct sources sources; /* in all that time */
	struct suspect_stretch stretches[SUSPECT_STRETCHES]; /* the latest, by number modulo */
};

/* Zero-initialise. */
struct suspects {
	struct suspect suspect[SUSPECTS_MAX];
};

/** Take what one worker reports of one victim's sources. */
void suspects_take(struct suspects *suspects, const struct report_victim *victim,
		const struct sources *sources, uint64_t tick);

/** NULL: nothing is known of its sources. */
const struct suspect *suspects_find(const struct suspects *suspects, const struct victim_key *key);

/** Whether what is known of its sources is of now, not of an attack before. */
bool suspects_is_current(const struct suspect *suspect, uint64_t tick);

/** Forget those that nothing was heard of for a while. */
void suspects_rest(struct suspects *suspects, uint64_t tick);

/** Forget all of them. */
void suspects_forget_all(struct suspects *suspects);

/** Add the sources that came since a tick, or up to a stretch before it. */
void suspects_add_since(
		const struct suspect *suspect, uint64_t since_tick, struct sources *sources);

/** Whether hardly anybody but one source leaves handshakes with it open. */
bool suspects_is_one_source(const struct suspect *suspect);

#endif /* DETECT_SUSPECTS_H */
