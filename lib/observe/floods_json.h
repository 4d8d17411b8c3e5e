/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The alarms of a running appliance as jansson's objects: those that last and the last that are
 * over, for `show floods`; and how many of each type, for `stats`.
 *
 * Each function gives a new reference, NULL when there is no memory.
 */

#ifndef OBSERVE_FLOODS_JSON_H
#define OBSERVE_FLOODS_JSON_H

#include "observe/status.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Which of them, and what of each. */
struct floods_json_wish {
	bool only_active;
	bool without_series; /* no rates second by second */
	uint32_t limit; /* so many at most */
};

/**
 * `show floods`: {"timestamp": now, "detect": whether anything is looked for, "active": how many
 * last, "ended": how many of those over are kept, "floods": [as in events, the lasting ones
 * first]}, and "more": true where the limit cut the list.
 */
json_t *floods_json_reply(const struct status *status, const struct floods_json_wish *wish);

/** What stands behind "alarms" in `stats`; only of an appliance that detects. */
json_t *floods_json_stats(const struct status_alarms *alarms);

#endif /* OBSERVE_FLOODS_JSON_H */
