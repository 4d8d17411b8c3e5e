/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * All that was found out about the settings, and how it is told.
 */

#ifndef APP_ADVISE_ADVICE_H
#define APP_ADVISE_ADVICE_H

#include "app/advise/choice.h"
#include "app/advise/cluster.h"
#include "app/advise/grid.h"
#include "app/advise/score.h"
#include "app/advise/true_floods.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct advice {
	uint64_t first_us; /* of all frames */
	uint32_t count;
	struct setting settings[GRID_MAX]; /* the present one first */
	struct score scores[GRID_MAX];
	const struct sightings *sightings; /* of each setting */
	bool is_default; /* the present setting */
	uint32_t best;
	struct true_floods floods;
	struct clusters clusters; /* of all that is not true, once judged */
};

/** Judge what the settings told, with floods->list as far as the user claims them. */
void advice_judge(struct advice *advice, struct sightings *sightings);

/** "20", "40%", "200ms": as in a configuration, but for the percent sign. */
struct alarm_text advice_value(const struct setting *setting, enum grid_key key);

/** Lines of YAML for the keys that the recommended setting changes; none changed: "". */
size_t advice_yaml(const struct advice *advice, char *out, size_t room);

/** A sentence or two: why the recommended setting is. */
size_t advice_reason(const struct advice *advice, char *out, size_t room);

/** A sentence on what was taken for the truth. */
const char *advice_truth(const struct advice *advice);

#define ADVICE_TEXT_MAX 1024

/**
 * For people.
 *
 * @return
 *   0, or -ENOMEM.
 */
int advice_print(const struct advice *advice, FILE *out);

/** For programs; a new reference, or NULL where there is no memory. */
json_t *advice_json(const struct advice *advice);

#endif /* APP_ADVISE_ADVICE_H */
