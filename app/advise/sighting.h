/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The floods that one setting tells of, and whether they are any.
 */

#ifndef APP_ADVISE_SIGHTING_H
#define APP_ADVISE_SIGHTING_H

#include "app/advise/target.h"
#include "base/usec.h"

#include <stdbool.h>
#include <stdint.h>

/* Further ones of a setting are counted, and not looked at. */
#define SIGHTINGS_MAX 1024

/* Who says when a flood was is not exact, and the last packets are told of after they came. */
#define SIGHTING_TOLERANCE_US (2 * USEC_PER_SEC)

enum sighting_verdict {
	SIGHTING_UNJUDGED,
	SIGHTING_TRUE,
	SIGHTING_FALSE,
};

struct sighting {
	uint32_t id; /* of the alarm */
	struct target target;
	uint64_t onset_us;
	uint64_t told_us; /* that it is a flood; while is_down that the server is down */
	uint64_t ended_us; /* UINT64_MAX: it is under way */
	bool is_down; /* it was never called anything but server_down */
	enum sighting_verdict verdict;
};

struct sightings {
	uint32_t count;
	uint32_t room;
	uint32_t more; /* for which there was no room */
	struct sighting *list;
};

/** Take a notice of a SYN flood. */
void sightings_note(struct sightings *sightings, const struct alarm *alarm);

void sightings_free(struct sightings *sightings);

#endif /* APP_ADVISE_SIGHTING_H */
